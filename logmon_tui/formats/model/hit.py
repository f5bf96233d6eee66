"""Hit: one parsed line, as a line parser returns it."""

from enum import StrEnum
from typing import NamedTuple

NONE = b"-"
"""What logs write in place of a missing text."""

UNKNOWN = -1
"""The value of a measure that is missing in a line whose format has it."""


NO_RESOLUTION = 0
"""The resolution of times whose precision is not known."""


def finest(*resolutions: int) -> int:
    """Return the finest known one of several resolutions, in microseconds."""
    return min((each for each in resolutions if each), default=NO_RESOLUTION)


class Dimension(StrEnum):
    """What hits are counted by."""

    SECTION = "section"
    PATH = "path"
    HOST = "host"
    USER = "user"
    METHOD = "method"
    USER_AGENT = "user_agent"
    REFERRER = "referrer"
    VIRTUAL_HOST = "virtual_host"
    TLS = "tls"
    ROUTE = "route"
    SOURCE = "source"
    SERVER = "server"
    SITE = "site"
    OWN_1 = "own_1"
    OWN_2 = "own_2"
    OWN_3 = "own_3"
    OWN_4 = "own_4"


OWN_DIMENSIONS = (Dimension.OWN_1, Dimension.OWN_2, Dimension.OWN_3, Dimension.OWN_4)
"""The dimensions of the fields that the user's own panels count, in the order of the settings."""


class Measure(StrEnum):
    """The numbers that only some formats have: times in microseconds, bytes received."""

    RESPONSE_TIME = "response_time"
    UPSTREAM_TIME = "upstream_time"
    BYTES_IN = "bytes_in"


class Hit(NamedTuple):
    """One parsed line. A field that its format lacks is `NONE` or `UNKNOWN`.

    `second` is a UTC epoch second, `status` the status code (0 if the server sent no response),
    `size` the bytes sent. A format has the whole `request` line, or `method` and `target`.
    """

    second: int
    status: int
    size: int
    host: bytes = NONE
    user: bytes = NONE
    request: bytes = NONE
    referrer: bytes = NONE
    user_agent: bytes = NONE
    method: bytes = NONE
    target: bytes = NONE
    virtual_host: bytes = NONE
    tls: bytes = NONE
    own_1: bytes = NONE
    own_2: bytes = NONE
    own_3: bytes = NONE
    own_4: bytes = NONE
    response_time: int = UNKNOWN
    upstream_time: int = UNKNOWN
    bytes_in: int = UNKNOWN

"""One hit on its own, as a line parser finds it."""

from enum import StrEnum
from typing import NamedTuple

NONE = b"-"
"""What logs write for a text that there is not."""

UNKNOWN = -1
"""The value of a measure that a line does not tell, though its format does."""


NO_RESOLUTION = 0
"""The resolution of times where nothing tells it."""


def finest(*resolutions: int) -> int:
    """Return the finest of several resolutions, in microseconds, of those that are known."""
    return min((each for each in resolutions if each), default=NO_RESOLUTION)


class Measure(StrEnum):
    """What some formats tell of a hit in numbers: times in microseconds, bytes received."""

    RESPONSE_TIME = "response_time"
    UPSTREAM_TIME = "upstream_time"
    BYTES_IN = "bytes_in"


class Hit(NamedTuple):
    """One parsed line. What its format does not have is `NONE` or `UNKNOWN`.

    `second` is a UTC epoch second, `status` the code (0 where the server has sent none), `size`
    bytes sent; a format has the whole `request` line, or `method` and `target`.
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
    response_time: int = UNKNOWN
    upstream_time: int = UNKNOWN
    bytes_in: int = UNKNOWN

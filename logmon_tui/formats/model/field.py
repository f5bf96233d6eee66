"""Field: the meaning of a field of a log line."""

from enum import StrEnum

from logmon_tui.formats.model.hit import Measure


class Field(StrEnum):
    """The meaning of a field; a field that is `OTHER` is skipped.

    A line has its time in `TIME`, or in `DATE` and `CLOCK`. It has the request line as a whole in
    `REQUEST`, or split in `METHOD` and `TARGET`.
    """

    HOST = "host"
    USER = "user"
    TIME = "time"
    DATE = "date"
    CLOCK = "time of day"
    REQUEST = "request"
    METHOD = "method"
    TARGET = "path"
    STATUS = "status"
    SIZE = "size"
    REFERRER = "referrer"
    USER_AGENT = "user agent"
    VIRTUAL_HOST = "virtual host"
    TLS = "TLS version"
    RESPONSE_TIME = "response time"
    UPSTREAM_TIME = "upstream time"
    BYTES_IN = "bytes received"
    OWN_1 = "own field 1"
    OWN_2 = "own field 2"
    OWN_3 = "own field 3"
    OWN_4 = "own field 4"
    OTHER = "other"


TEXTS: dict[Field, str] = {
    Field.HOST: "host",
    Field.USER: "user",
    Field.REQUEST: "request",
    Field.METHOD: "method",
    Field.TARGET: "target",
    Field.REFERRER: "referrer",
    Field.USER_AGENT: "user_agent",
    Field.VIRTUAL_HOST: "virtual_host",
    Field.TLS: "tls",
    Field.OWN_1: "own_1",
    Field.OWN_2: "own_2",
    Field.OWN_3: "own_3",
    Field.OWN_4: "own_4",
}
"""The fields that are texts, each with the attribute of `Hit` that holds it."""

OWN_FIELDS = (Field.OWN_1, Field.OWN_2, Field.OWN_3, Field.OWN_4)
"""The fields that the user's own panels count, in the order of the settings."""

MEASURES: dict[Field, Measure] = {
    Field.RESPONSE_TIME: Measure.RESPONSE_TIME,
    Field.UPSTREAM_TIME: Measure.UPSTREAM_TIME,
    Field.BYTES_IN: Measure.BYTES_IN,
}
"""The fields that are measures; the value of a measure is the name of its `Hit` attribute."""

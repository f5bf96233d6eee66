"""What the fields of a log line can mean."""

from enum import StrEnum

from logmon_tui.formats.model.hit import Measure


class Field(StrEnum):
    """What a field of a line means; `OTHER` is passed over.

    A line tells its time by `TIME`, or by `DATE` and `CLOCK`; what was asked for by `REQUEST`, the
    whole request line, or by `METHOD` and `TARGET`.
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
}
"""The fields that are texts, with the names of the attributes of a `Hit` that hold them."""

MEASURES: dict[Field, Measure] = {
    Field.RESPONSE_TIME: Measure.RESPONSE_TIME,
    Field.UPSTREAM_TIME: Measure.UPSTREAM_TIME,
    Field.BYTES_IN: Measure.BYTES_IN,
}
"""The fields that are measures; a `Hit` has attributes of the measures' names."""

"""Metric: what an alert measures, and in which unit. Data only, and light to import."""

from enum import StrEnum


class Metric(StrEnum):
    """What is measured in the window."""

    RATE = "rate"  # hits / seconds of the window
    HITS = "hits"
    SHARE = "share"  # of the hits with a `status`, or that are `bad`, among all, 0 to 1
    BYTES_RATE = "bytes_rate"  # bytes sent / seconds of the window
    RESPONSE_TIME = "response_time"  # its `quantile`, in seconds
    RESPONSE_SIZE = "response_size"  # its `quantile`, in bytes
    CLIENTS = "clients"  # distinct client hosts
    PATHS = "paths"  # distinct paths, without their queries
    UNPARSED_SHARE = "unparsed_share"  # of the lines that are no hits among all, 0 to 1
    CHANGE = "change"  # rate / rate before
    FIRST_SEEN = "first_seen"  # hits of a new subject since its first one
    FIRING = "firing"  # how many of the rules in `all` fire; see evaluation.together
    SILENCE = "silence"  # seconds since a server was heard; counts no hits, see evaluation.silence


class Unit(StrEnum):
    """The unit of a value."""

    RATE = "req/s"
    SHARE = "share"  # 0 to 1
    HITS = "hits"
    BYTES_RATE = "B/s"
    SECONDS = "s"
    BYTES = "B"
    CLIENTS = "clients"
    PATHS = "paths"
    RATIO = "×"
    DEVIATIONS = "deviations"
    RULES = "rules"


UNITS = {
    Metric.RATE: Unit.RATE,
    Metric.HITS: Unit.HITS,
    Metric.SHARE: Unit.SHARE,
    Metric.BYTES_RATE: Unit.BYTES_RATE,
    Metric.RESPONSE_TIME: Unit.SECONDS,
    Metric.RESPONSE_SIZE: Unit.BYTES,
    Metric.CLIENTS: Unit.CLIENTS,
    Metric.PATHS: Unit.PATHS,
    Metric.UNPARSED_SHARE: Unit.SHARE,
    Metric.CHANGE: Unit.RATIO,
    Metric.FIRST_SEEN: Unit.HITS,
    Metric.SILENCE: Unit.SECONDS,
    Metric.FIRING: Unit.RULES,
}

RATIOS = frozenset(
    {
        Metric.SHARE,
        Metric.RESPONSE_TIME,
        Metric.RESPONSE_SIZE,
        Metric.UNPARSED_SHARE,
        Metric.CHANGE,
    }
)
"""Metrics that are undefined without a hit."""

SHOWS_BY_FEW = RATIOS - {Metric.CHANGE}
"""Metrics whose value says something about the hits there are, however few."""

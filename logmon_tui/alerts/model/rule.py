"""Rule: what an alert measures, of whom, and when it fires. Data only, and light to import.

A rule counts hits, over a window, for each subject of its scope:

- counted are the hits whose path matches `paths` and whose subject matches `match`; of these,
  unless the metric is `share`, only those with a `status`. Of the metrics of response times,
  only hits that tell one count.
- `hits` of a reading is how many were counted in the window; of `share` those of any status, of
  `unparsed_share` parsed and unparsed lines, of `change` those of the time it is compared with.
- the value is undefined ("no data") where the metric is a share, a quantile or a change and
  `hits` is 0, and for any metric where `hits` is less than `minimum_hits`.
- rules that fire `below`, and those of `change`, are judged once the log is as old as `reach`.
"""

from enum import StrEnum
from typing import Annotated

import msgspec


class Metric(StrEnum):
    """What is measured in the window."""

    RATE = "rate"  # hits / seconds of the window
    HITS = "hits"
    SHARE = "share"  # of the hits with a `status` among all, 0 to 1
    BYTES_RATE = "bytes_rate"  # bytes sent / seconds of the window
    RESPONSE_TIME = "response_time"  # its `quantile`, in seconds
    RESPONSE_SIZE = "response_size"  # its `quantile`, in bytes
    CLIENTS = "clients"  # distinct client hosts
    UNPARSED_SHARE = "unparsed_share"  # of the lines that are no hits among all, 0 to 1
    CHANGE = "change"  # rate / rate before


class Scope(StrEnum):
    """For whom it is measured: all traffic at once, or each subject of a kind on its own."""

    ALL = "all"
    SECTION = "section"
    PATH = "path"
    ROUTE = "route"
    CLIENT = "client"
    VIRTUAL_HOST = "virtual_host"
    STATUS = "status"  # the code, such as 404
    USER_AGENT = "user_agent"  # the family: Chrome, curl, Googlebot …


class When(StrEnum):
    """On which side of its thresholds a value is bad."""

    ABOVE = "above"
    BELOW = "below"


class NoData(StrEnum):
    """What a value that is undefined counts as."""

    OK = "ok"
    KEEP = "keep"  # whatever it was before
    ALERT = "alert"


class Against(StrEnum):
    """With what the metric `change` compares the window."""

    WINDOW = "window"  # the window of the same length just before
    BASELINE = "baseline"  # the `baseline` seconds before it


class Severity(StrEnum):
    """How bad an incident is."""

    WARNING = "warning"
    CRITICAL = "critical"


class Unit(StrEnum):
    """What a value measures."""

    RATE = "req/s"
    SHARE = "share"  # 0 to 1
    HITS = "hits"
    BYTES_RATE = "B/s"
    SECONDS = "s"
    BYTES = "B"
    CLIENTS = "clients"
    RATIO = "×"


UNITS = {
    Metric.RATE: Unit.RATE,
    Metric.HITS: Unit.HITS,
    Metric.SHARE: Unit.SHARE,
    Metric.BYTES_RATE: Unit.BYTES_RATE,
    Metric.RESPONSE_TIME: Unit.SECONDS,
    Metric.RESPONSE_SIZE: Unit.BYTES,
    Metric.CLIENTS: Unit.CLIENTS,
    Metric.UNPARSED_SHARE: Unit.SHARE,
    Metric.CHANGE: Unit.RATIO,
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
"""Metrics that say nothing without a hit."""

_Seconds = Annotated[int, msgspec.Meta(ge=1, le=86_400)]
_Duration = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
_Threshold = Annotated[float, msgspec.Meta(ge=0)]


class Limit(msgspec.Struct, frozen=True):
    """A severity, the threshold beyond which it begins, and the one up to which it ends."""

    severity: Severity
    threshold: float
    recovery: float


class Rule(msgspec.Struct, frozen=True, kw_only=True, rename={"for_": "for"}):
    """One rule. Times are whole seconds of log time.

    It fires with a severity once values have been beyond its threshold for `for_` seconds, and
    that severity ends once they have not been beyond its recovery threshold for
    `keep_firing_for`. While one fires, or is about to end, the recovery threshold decides.
    `renotify` is how often whoever is notified hears of it again, and at the shortest apart.
    `match` and `paths` are shell patterns (`*`, `?`, `[…]`); one of them must fit. `status` are
    codes (`404`) and classes (`5xx`). In `message` and `recovery` stand `{subject}` and the other
    words of `messages.WORDS`; an empty one makes a sentence of `title`.
    """

    name: str
    title: str
    metric: Metric
    scope: Scope = Scope.ALL
    match: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    quantile: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.95
    window: _Seconds = 120
    against: Against = Against.WINDOW
    baseline: _Seconds = 3_600
    when: When = When.ABOVE
    warning: _Threshold | None = None
    critical: _Threshold | None = None
    warning_recovery: _Threshold | None = None
    critical_recovery: _Threshold | None = None
    for_: _Duration = 0
    keep_firing_for: _Duration = 0
    minimum_hits: Annotated[int, msgspec.Meta(ge=0)] = 0
    no_data: NoData = NoData.OK
    renotify: _Seconds = 900
    max_incidents: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 100
    labels: dict[str, str] = {}
    message: str = ""
    recovery: str = ""
    enabled: bool = True

    @property
    def unit(self) -> Unit:
        """What its values measure."""
        return UNITS[self.metric]

    @property
    def limits(self) -> tuple[Limit, ...]:
        """Its severities, the mildest first: one or two."""
        return tuple(
            Limit(severity, threshold, threshold if recovery is None else recovery)
            for severity, threshold, recovery in (
                (Severity.WARNING, self.warning, self.warning_recovery),
                (Severity.CRITICAL, self.critical, self.critical_recovery),
            )
            if threshold is not None
        )

    @property
    def reference(self) -> int:
        """The seconds before the window that the metric `change` compares it with, else 0."""
        if self.metric is not Metric.CHANGE:
            return 0
        return self.window if self.against is Against.WINDOW else self.baseline

    @property
    def reach(self) -> int:
        """For how many seconds hits matter to it."""
        return self.window + self.reference

    def beyond(self, value: float, threshold: float) -> bool:
        """Tell whether `value` is on the bad side of `threshold`."""
        return value > threshold if self.when is When.ABOVE else value < threshold

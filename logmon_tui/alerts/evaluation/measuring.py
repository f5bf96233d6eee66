"""Compute a rule's value from its counts. Pure arithmetic."""

import math
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import cast

import msgspec
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.counts import Counts, Part
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.metric import RATIOS, Metric
from logmon_tui.alerts.model.rule import DISTINCT, NoData, Rule, When
from logmon_tui.formats.model.hit import NO_RESOLUTION
from logmon_tui.metrics.histogram import Bins, Histogram, to_resolution

_MICROSECONDS = 1e6


_NEEDS_HITS = frozenset({Metric.RATE, Metric.HITS, Metric.FIRST_SEEN, *DISTINCT})
"""Metrics whose threshold says how many hits it takes to be above it."""

_OF_HITS = frozenset({Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE, Metric.CHANGE})
"""Metrics that have no value without a hit, not even one to show."""


class _Counted(msgspec.Struct, frozen=True):
    """The counts of one subject; `before` are the hits of the time that it is compared with.

    `resolution` is that of response times (µs, 0 if not known).
    """

    rule: Rule
    hits: int
    amount: int
    parts: Mapping[Part, int]
    before: int
    resolution: int
    distinct: int

    def share(self) -> float:
        """Return amount / hits, 0 without hits."""
        return self.amount / self.hits if self.hits else 0.0

    def quantile(self) -> float:
        """Return the rule's quantile of the parts, which are histogram bins."""
        bins = cast("Bins", self.parts)  # a check would take as long as the rest of the function
        return Histogram(bins).quantiles(self.rule.quantile)[0]


_VALUES: dict[Metric, Callable[[_Counted], float]] = {
    Metric.RATE: lambda counted: counted.hits / counted.rule.window,
    Metric.HITS: lambda counted: float(counted.hits),
    Metric.FIRST_SEEN: lambda counted: float(counted.hits),
    Metric.SHARE: lambda counted: counted.share(),
    Metric.UNPARSED_SHARE: lambda counted: counted.share(),
    Metric.BYTES_RATE: lambda counted: counted.amount / counted.rule.window,
    Metric.RESPONSE_TIME: lambda counted: (
        to_resolution(counted.quantile(), counted.resolution) / _MICROSECONDS
    ),
    Metric.RESPONSE_SIZE: lambda counted: counted.quantile(),
    Metric.CLIENTS: lambda counted: float(counted.distinct),
    Metric.PATHS: lambda counted: float(counted.distinct),
    Metric.CHANGE: lambda counted: (
        counted.hits * counted.rule.reference / (counted.before * counted.rule.window)
    ),
}


def measurement_of(
    rule: Rule, subject: Subject, now: Counts, before: Counts, resolution: int = NO_RESOLUTION
) -> Measurement:
    """Return the measurement of one subject, given the counts `now` of the rule's window.

    `before` are the counts that the metric `change` compares with; other metrics ignore it.
    Response times are rounded to the log's `resolution` (µs) if that is known.
    """
    counted = _Counted(
        rule,
        now.hits.get(subject, 0),
        now.amounts.get(subject, 0),
        now.parts.get(subject, {}),
        before.hits.get(subject, 0),
        resolution,
        now.distinct(subject) if rule.metric in DISTINCT else 0,
    )
    if rule.of_novelty and not counted.amount:  # its first hit is older than the window
        counted = replace(counted, hits=0)
    hits = counted.before if rule.metric is Metric.CHANGE else counted.hits
    if not hits and rule.metric in _OF_HITS:
        return Measurement(None, hits)
    enough = hits >= max(rule.minimum_hits, rule.metric in RATIOS)
    return Measurement(_VALUES[rule.metric](counted), hits, enough)


_HITS, _AMOUNTS = "hits", "amounts"
_SUMS = {
    Metric.RATE: _HITS,
    Metric.HITS: _HITS,
    Metric.RESPONSE_TIME: _HITS,
    Metric.RESPONSE_SIZE: _HITS,
    Metric.SHARE: _AMOUNTS,
    Metric.UNPARSED_SHARE: _AMOUNTS,
    Metric.BYTES_RATE: _AMOUNTS,
}
"""The sum that bounds each metric from above: if it is small, so is the value."""

_ROUNDING = 1 - 1e-9

_FEW = 32
"""Distinct things that every window counts exactly."""

_MAX_HITS, _MAX_AMOUNT = 1 << 48, 1 << 62
"""Bounds that no subject reaches. They keep huge thresholds within numpy's 64-bit integers."""


def least_hits(rule: Rule) -> int:
    """Return the minimum hits with which a subject can be beyond a threshold, 1 at least.

    They are those of the window, or of the time that it is compared with. Many distinct things
    are estimated, so that fewer hits than things may do.
    """
    if rule.no_data is NoData.ALERT:
        return 1
    least = 1
    if rule.when is When.ABOVE and rule.metric in _NEEDS_HITS:
        threshold, seconds = rule.limits[0].threshold, 1
        if rule.metric is Metric.RATE:
            seconds = rule.window
        elif rule.metric in DISTINCT and threshold > _FEW:
            threshold /= 2
        least = math.ceil(min(threshold * seconds * _ROUNDING, _MAX_HITS))
        least += not rule.beyond(least / seconds, threshold)
    return max(1, rule.minimum_hits, least)


def least_amount(rule: Rule) -> int:
    """Return the minimum of the amounts with which a value can be above a threshold.

    It is for rules of a share, or of bytes, that fire above a threshold.
    """
    times = rule.window if rule.metric is Metric.BYTES_RATE else least_hits(rule)
    least = min(rule.limits[0].threshold * times * _ROUNDING, _MAX_AMOUNT)
    return max(1, math.ceil(least))


def suspects(rule: Rule, subjects: AbstractSet[Subject], now: Counts) -> AbstractSet[Subject]:
    """Return the `subjects` whose values may be beyond a threshold.

    This is a cheap test that spares measuring the others. `now` are the counts of the window.
    """
    sums = _SUMS.get(rule.metric)
    if sums is None or rule.when is When.BELOW or rule.no_data is NoData.ALERT:
        return subjects
    counted: Mapping[Subject, int] = getattr(now, sums)
    least = max(1.0, _least(rule) * _ROUNDING)
    return {each for each in subjects if counted.get(each, 0) >= least}


def _least(rule: Rule) -> float:
    """Return the minimum of the bounding sum with which a value can pass the mildest threshold."""
    threshold = rule.limits[0].threshold
    if rule.metric in {Metric.RATE, Metric.BYTES_RATE}:
        return threshold * rule.window
    if rule.metric is Metric.HITS:
        return threshold
    return float(rule.minimum_hits) if _SUMS[rule.metric] == _HITS else 1.0

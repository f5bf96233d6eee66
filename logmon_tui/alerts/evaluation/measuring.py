"""From counts to what a rule measures. Pure arithmetic."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple, cast

from logmon_tui.alerts.evaluation.counts import Counts, Part
from logmon_tui.alerts.evaluation.subject_state import Reading
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import RATIOS, Metric, NoData, Rule, When
from logmon_tui.formats.model.hit import NO_RESOLUTION
from logmon_tui.metrics.histogram import Bins, Histogram, to_resolution

_MICROSECONDS = 1e6


_OF_HITS = frozenset({Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE, Metric.CHANGE})
"""Metrics that without a hit have no value at all."""


class _Counted(NamedTuple):
    """What was counted of one subject; `before` are the hits that its hits are compared with.

    `resolution` is that of response times in microseconds, 0 if not known.
    """

    rule: Rule
    hits: int
    amount: int
    parts: Mapping[Part, int]
    before: int
    resolution: int

    def share(self) -> float:
        """Return the share that the amount is of the hits, of no hits none."""
        return self.amount / self.hits if self.hits else 0.0

    def quantile(self) -> float:
        """Return the rule's quantile of the parts, which are bins."""
        bins = cast("Bins", self.parts)  # to make sure of it takes as long as all the rest
        return Histogram(bins).quantiles(self.rule.quantile)[0]


_VALUES: dict[Metric, Callable[[_Counted], float]] = {
    Metric.RATE: lambda counted: counted.hits / counted.rule.window,
    Metric.HITS: lambda counted: float(counted.hits),
    Metric.SHARE: lambda counted: counted.share(),
    Metric.UNPARSED_SHARE: lambda counted: counted.share(),
    Metric.BYTES_RATE: lambda counted: counted.amount / counted.rule.window,
    Metric.RESPONSE_TIME: lambda counted: (
        to_resolution(counted.quantile(), counted.resolution) / _MICROSECONDS
    ),
    Metric.RESPONSE_SIZE: lambda counted: counted.quantile(),
    Metric.CLIENTS: lambda counted: float(len(counted.parts)),
    Metric.CHANGE: lambda counted: (
        counted.hits * counted.rule.reference / (counted.before * counted.rule.window)
    ),
}


def reading_of(
    rule: Rule, subject: Subject, now: Counts, before: Counts, resolution: int = NO_RESOLUTION
) -> Reading:
    """Return what `rule` measures of a subject, given the counts of its window.

    `before` are those of the time it is compared with, for the metric `change` only. Response
    times are rounded to the log's `resolution` (µs), if it is known.
    """
    counted = _Counted(
        rule,
        now.hits.get(subject, 0),
        now.amounts.get(subject, 0),
        now.parts.get(subject, {}),
        before.hits.get(subject, 0),
        resolution,
    )
    hits = counted.before if rule.metric is Metric.CHANGE else counted.hits
    if not hits and rule.metric in _OF_HITS:
        return Reading(None, hits)
    enough = hits >= max(rule.minimum_hits, rule.metric in RATIOS)
    return Reading(_VALUES[rule.metric](counted), hits, enough)


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
"""What tells that a metric is low for sure."""

_ROUNDING = 1 - 1e-9


def suspects(rule: Rule, subjects: AbstractSet[Subject], now: Counts) -> AbstractSet[Subject]:
    """Return those of `subjects` whose value may be beyond a threshold, at little cost for each.

    `now` are the counts of the rule's window.
    """
    sums = _SUMS.get(rule.metric)
    if sums is None or rule.when is When.BELOW or rule.no_data is NoData.ALERT:
        return subjects
    counted: Mapping[Subject, int] = getattr(now, sums)
    least = max(1.0, _least(rule) * _ROUNDING)
    return {each for each in subjects if counted.get(each, 0) >= least}


def _least(rule: Rule) -> float:
    """Return what the sum must come to for a value beyond the mildest threshold."""
    threshold = rule.limits[0].threshold
    if rule.metric in {Metric.RATE, Metric.BYTES_RATE}:
        return threshold * rule.window
    if rule.metric is Metric.HITS:
        return threshold
    return float(rule.minimum_hits) if _SUMS[rule.metric] == _HITS else 1.0

"""What is usual: the present value against the same hour of former days. Pure.

The usual value is the median of the recorded hours at this hour of the day (UTC). How much these
differ is told by their median absolute deviation, MAD = median(|value - median|). Both are robust:
they bear any values in up to half of the hours, such as those of an outage. 1.4826 × MAD estimates
the standard deviation if values are normally distributed, as 1 / 1.4826 is the upper quartile of
that distribution (Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", Journal of
the American Statistical Association 88, 1993).

    deviations = (present value - median) / max(1.4826 × MAD, 0.05 × median, floor)

The two lower bounds keep a site that is always quiet, or always the same, from firing at trifles.
The present value is that of the last whole minutes, as many as the rule's window has.

A rule has no value before `minimum_days` of its last `days` days are recorded. An hour is recorded
if it has hits, and if all of it was counted.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from logmon_tui.alerts.evaluation.long_counts import HOUR, MINUTE, LongCounts, Passage
from logmon_tui.alerts.evaluation.series import Floats, Ints, Series
from logmon_tui.alerts.model.metric import UNITS, Metric
from logmon_tui.alerts.model.rule import Direction, Rule
from logmon_tui.alerts.rules.messages import value_text

TO_SIGMA = 1.4826
RELATIVE_FLOOR = 0.05
FLOORS = {Metric.RATE: 0.1, Metric.SHARE: 0.01, Metric.BYTES_RATE: 10_000.0}
"""The default of `floor` in the unit of each metric that can be compared with the usual."""


class Usual(NamedTuple):
    """The usual value of an hour and its deviation, of `days` recorded days."""

    value: float
    deviation: float
    days: int


def usual_of(rule: Rule, counts: LongCounts, hour: int) -> Usual | None:
    """Return what is usual in an hour (numbered since 1970); None if no day of it is recorded."""
    former = counts.hours(hour - 24 * np.arange(1, rule.days + 1))
    values = _values(rule.metric, former.hits, former.amounts, HOUR)[former.recorded]
    if not len(values):
        return None
    median = float(np.median(values))
    spread = TO_SIGMA * float(np.median(np.abs(values - median)))
    floor = FLOORS[rule.metric] if rule.floor is None else rule.floor
    return Usual(median, max(spread, RELATIVE_FLOOR * median, floor), len(values))


def usual_series(rule: Rule, counts: LongCounts, passage: Passage, ends: Ints) -> Series:
    """Return by how many deviations the value is beyond the usual one, at seconds of one hour.

    There is no value with fewer hits in the window than `minimum_hits`, of a share none without
    hits, and none while too few days are recorded.
    """
    hits, amounts = passage.sums_of_whole_minutes(ends, rule.window // MINUTE)
    present = _values(rule.metric, hits, amounts, rule.window)
    usual = usual_of(rule, counts, int(ends[0]) // HOUR)
    days = 0 if usual is None else usual.days
    if usual is None or days < rule.minimum_days:
        text = f"{days} of {rule.minimum_days} days recorded"
        return Series(np.full(len(ends), np.nan), hits, lambda _: text)
    deviations = _DIRECTIONS[rule.direction]((present - usual.value) / usual.deviation)
    least = max(rule.minimum_hits, int(rule.metric is Metric.SHARE))
    unit = UNITS[rule.metric]
    usually = f"usually {value_text(unit, usual.value)} (of {usual.days} days)"

    def basis(place: int) -> str:
        return f"{value_text(unit, float(present[place]))}, {usually}"

    return Series(np.where(hits >= least, deviations, np.nan), hits, basis)


_DIRECTIONS: dict[Direction, Callable[[Floats], Floats]] = {
    Direction.ABOVE: lambda deviations: deviations,
    Direction.BELOW: lambda deviations: -deviations,
    Direction.BOTH: np.abs,
}


def _values(metric: Metric, hits: Ints, amounts: Ints, seconds: int) -> Floats:
    """Return the metric of windows that last `seconds`."""
    if metric is Metric.SHARE:
        return amounts / np.maximum(hits, 1)
    values: Floats = (hits if metric is Metric.RATE else amounts) / seconds
    return values

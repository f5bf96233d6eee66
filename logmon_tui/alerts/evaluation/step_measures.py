"""Compare a rule's values with its thresholds at many steps at once.

This is enough for the verdict. A value that is shown comes from `measurement_of` instead.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.evaluation.measuring import least_amount, least_hits, measurement_of
from logmon_tui.alerts.evaluation.slotted import NumberedRows, is_constant
from logmon_tui.alerts.evaluation.steps import Ints, Span, SummedRows
from logmon_tui.alerts.evaluation.subject_state import Measurement
from logmon_tui.alerts.model.metric import RATIOS, Metric
from logmon_tui.alerts.model.rule import NoData, Rule, When
from logmon_tui.metrics.histogram import BINS

Mask = NDArray[np.bool_]

QUANTILES = frozenset({Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE})
"""Metrics whose rows hold one hit each, with the histogram bin of its value."""

_BY_HITS = frozenset({Metric.RATE, Metric.HITS, Metric.CHANGE})
"""Metrics that are computed from hits alone."""

_CELLS_A_ROW = 4
"""Maximum table cells (slots × subjects) per row for summing rows in a table."""

_CELLS = 1_000_000
"""Maximum sums (subjects × stretches) computed to find subjects that may breach."""

_NEVER = 1 << 62
"""A slot later than any other."""

_Side = Literal["left", "right"]


class Levels(msgspec.Struct, frozen=True):
    """How each step compares with the thresholds; both arrays have the shape (steps,).

    Steps with equal `levels` are beyond the same thresholds, or have no data; where too few hits
    count for what fires, also of the hits there are. `breaches` marks steps beyond the
    mildest threshold, which give a state to a subject that had none.
    """

    levels: NDArray[np.int8]
    breaches: Mask


class Measure:
    """Computes a rule's values from sums of rows: hits, and amounts if its metric has any.

    Slots are `bucket_size` seconds long. A rule with other thresholds needs another Measure.
    """

    def __init__(self, rule: Rule, bucket_size: int) -> None:
        self.rule = rule
        self.thresholds = sorted(
            {each for limit in rule.limits for each in (limit.threshold, limit.recovery)}
        )
        slots = max(1, rule.window // bucket_size)
        self.spans: tuple[Span, ...] = (Span(0, slots),)
        if rule.reference:
            self.spans += (Span(slots, max(1, rule.reference // bucket_size)),)
        self.reach = sum(span.slots for span in self.spans)

    @property
    def sums(self) -> int:
        """How many sums of the rows it needs."""
        return 1 if self.rule.metric in _BY_HITS else 2

    def summed_rows(self, rows: NumberedRows) -> SummedRows:
        """Return the rows with the sums that the rule needs."""
        return _summed(rows, (rows.hits, rows.amounts)[: self.sums])

    def least(self) -> int:
        """Return the minimum hits in a window with which a subject can breach the rule."""
        return least_hits(self.rule)

    def _least_amount(self) -> tuple[int, int]:
        """Return the number of a second sum, and the minimum that it must reach as well."""
        rule = self.rule
        if rule.when is When.BELOW or rule.metric in _BY_HITS:
            return 0, 0
        return 1, least_amount(rule)

    def may_breach(self, old: SummedRows, new: SummedRows, subjects: int) -> Mask:
        """Tell which subjects may reach values beyond a threshold, shape (subjects,).

        Hits are summed over stretches as long as the window. Any window lies within two
        neighbours, so the sum of both is an upper bound.
        """
        length = self.spans[-1].slots
        first = min(int(each.slots.min(initial=_NEVER)) for each in (old, new))
        last = max(int(each.slots.max(initial=first)) for each in (old, new))
        stretches = (last - first) // length + 1
        if stretches * subjects > _CELLS:
            stretches, length = 1, last - first + 1
        number, least = self._least_amount()
        totals = np.zeros((number + 1, (stretches + 1) * subjects), dtype=np.int64)
        for rows in (old, new):
            table = (rows.slots - first) // length * subjects + rows.numbers
            for total, counts in zip(totals, rows.sums, strict=False):
                np.add.at(total, table, counts)
        sums = totals.reshape(-1, stretches + 1, subjects)
        hits, amounts = sums[0], sums[number]
        enough = hits[:-1] + hits[1:] >= self.least()
        may: Mask = np.any(enough & (amounts[:-1] + amounts[1:] >= least), axis=0)
        return may

    def levels(self, sums: Ints) -> Levels:
        """Compare the sums of each step with the thresholds."""
        rule = self.rule
        beyond = self._beyond(sums)
        defined = self._defined(sums)
        passed = beyond.sum(axis=0)
        undefined = np.where(sums[0] > 0, -2 - passed, -1) if rule.goes_on else np.int64(-1)
        levels = np.where(defined, passed, undefined).astype(np.int8)
        mildest = beyond[self.thresholds.index(rule.limits[0].threshold)]
        return Levels(levels, np.where(defined, mildest, rule.no_data is NoData.ALERT))

    def _defined(self, sums: Ints) -> Mask:
        """Tell for each step whether it has enough hits for its value to be judged."""
        hits = sums[1] if self.rule.metric is Metric.CHANGE else sums[0]
        enough: Mask = hits >= max(self.rule.minimum_hits, self.rule.metric in RATIOS)
        return enough

    def _beyond(self, sums: Ints) -> Mask:
        """Tell which values are beyond which threshold, shape (thresholds, steps)."""
        values, bounds = self._values(sums), np.array(self.thresholds)[:, None]
        beyond: Mask = values > bounds if self.rule.when is When.ABOVE else values < bounds
        return beyond

    def _values(self, sums: Ints) -> NDArray[np.float64]:
        rule, above, below = self.rule, sums[-1], np.int64(1)
        if rule.metric is Metric.CHANGE:
            above, below = sums[0] * rule.reference, np.maximum(sums[1], 1) * rule.window
        elif rule.metric in {Metric.RATE, Metric.BYTES_RATE}:
            below = np.int64(rule.window)
        elif rule.metric in {Metric.SHARE, Metric.UNPARSED_SHARE}:
            below = np.maximum(sums[0], 1)
        values: NDArray[np.float64] = above / below
        return values

    def measurement(self, sums: Ints) -> Measurement:
        """Return the measurement of a step with these sums, shape (sums,)."""
        totals: list[int] = sums.tolist()
        now, before = Counts(), Counts()
        now.hits[None] = totals[0]
        if self.rule.metric is Metric.CHANGE:
            before.hits[None] = totals[1]
        elif len(totals) > 1:
            now.amounts[None] = totals[1]
        return measurement_of(self.rule, None, now, before)

    def worst(self, sums: Ints) -> int | None:
        """Return the first step with the worst value; None if no step has a value."""
        found = self.all_worst(sums)
        return int(found[0]) if len(found) else None

    def all_worst(self, sums: Ints) -> NDArray[np.intp]:
        """Return all steps with the worst value; none if no step has a value."""
        values = self._values(sums)
        if self.rule.when is When.BELOW:
            values = -values
        values = np.where(self._defined(sums), values, -np.inf)
        worst = values.max(initial=-np.inf)
        return np.flatnonzero((values == worst) & (values > -np.inf))


def _summed(rows: NumberedRows, counts: Sequence[Ints]) -> SummedRows:
    """Return the sums of `counts`, hits first, each of shape (rows,), by subject and slot.

    Where that needs too large a table, rows of the same subject and slot are left as they are.
    """
    subjects = int(rows.numbers.max(initial=-1)) + 1
    first = int(rows.slots.min(initial=_NEVER))
    size = (int(rows.slots.max(initial=first - 1)) - first + 1) * subjects
    if size > _CELLS_A_ROW * len(rows.slots):
        return SummedRows(rows.numbers, rows.slots, np.stack(counts))
    table = (rows.slots - first) * subjects + rows.numbers
    sums = np.zeros((len(counts), size), dtype=np.int64)
    for row, each in zip(sums, counts, strict=True):
        if is_constant(each):
            row[:] = each[0] * np.bincount(table, minlength=size)
        else:
            np.add.at(row, table, each)
    cells = np.flatnonzero(sums[0])
    slots, numbers = np.divmod(cells, subjects)
    return SummedRows(numbers, slots + first, sums[:, cells])


class HitBins(msgspec.Struct, frozen=True):
    """The hits of one subject: their slots, ascending, and their bins; both of shape (hits,)."""

    slots: Ints
    bins: Ints

    def between(self, slot: int, window: int) -> Ints:
        """Return the bins of the hits in the window of `window` slots that ends with `slot`."""
        begin, end = self.slots.searchsorted([slot - window, slot], side="right")
        return self.bins[begin:end]

    def above(self, limit: int, ends: Ints, window: int) -> Ints:
        """Return how many hits have bins above `limit` in each window that ends with `ends`."""
        slots = self.slots[self.bins > limit]
        up_to: Ints = slots.searchsorted(ends, side="right")
        return up_to - slots.searchsorted(ends - window, side="right")


class QuantileMeasure(Measure):
    """The Measure of a quantile: it sums hits, and hits above each threshold.

    The quantile is above a threshold if too few hits are at or below it. `resolution` is that of
    response times (µs).
    """

    def __init__(self, rule: Rule, bucket_size: int, resolution: int) -> None:
        super().__init__(rule, bucket_size)
        self.resolution = resolution
        self._bin_values = _values_of_bins(rule.metric, resolution)
        # For each threshold the last bin at or below it; for rules that fire below, just below it.
        side: _Side = "right" if rule.when is When.ABOVE else "left"
        self._limits = self._bin_values.searchsorted(self.thresholds, side=side) - 1

    @property
    def sums(self) -> int:
        """How many sums of the rows it needs."""
        return 1 + len(self.thresholds)

    def summed_rows(self, rows: NumberedRows) -> SummedRows:
        """Return the rows with the sums that the rule needs."""
        above = [rows.amounts > limit for limit in self._limits]
        return _summed(rows, (rows.hits, *(each.astype(np.int64) for each in above)))

    def _least_amount(self) -> tuple[int, int]:
        """Return the number of a second sum, and the minimum that it must reach as well.

        The more hits there are, the more of them must be above the threshold. Rounding may
        require one less.
        """
        rule, least = self.rule, self.least()
        if rule.when is When.BELOW:
            return 0, 0
        below = math.ceil(rule.quantile * least)
        return 1 + self.thresholds.index(rule.limits[0].threshold), max(1, least - below)

    def _beyond(self, sums: Ints) -> Mask:
        return self._is_beyond(sums[0], sums[1:])

    def _is_beyond(self, hits: Ints, above: Ints) -> Mask:
        """Tell whether the quantile is beyond a limit, given how many hits are above it."""
        few: Mask = hits - above < np.ceil(self.rule.quantile * hits)
        return few if self.rule.when is When.ABOVE else ~few

    def measurement_of_bins(self, hits: HitBins, slot: int) -> Measurement:
        """Return the measurement of a slot."""
        bins, counts = np.unique(hits.between(slot, self.spans[0].slots), return_counts=True)
        now = Counts()
        now.hits[None] = int(counts.sum())
        now.parts[None] = dict(zip(bins.tolist(), counts.tolist(), strict=True))
        return measurement_of(self.rule, None, now, Counts(), self.resolution)

    def worst_of_bins(self, hits: HitBins, sums: Ints, ends: Ints, peak: float) -> int | None:
        """Return the first of the steps at `ends` with the worst value, if that is beyond `peak`.

        Bisection finds it: one pass tells for all steps whether their quantiles are beyond a bin.
        """
        defined = self._defined(sums)
        bin_values, above = self._bin_values, self.rule.when is When.ABOVE

        def beyond(value: float) -> Mask:
            limit = int(bin_values.searchsorted(value, side="right" if above else "left")) - 1
            counts = hits.above(limit, ends, self.spans[0].slots)
            return defined & self._is_beyond(sums[0], counts)

        found = beyond(peak)
        if not found.any():
            return None
        # Only with the counts does numpy find these without its masked arrays, slow to import.
        values, _ = np.unique(bin_values[hits.bins], return_counts=True)
        values = values[values > peak] if above else values[values < peak][::-1]
        low, high = -1, len(values) - 1  # some step is beyond `low`, none is beyond `high`
        while high - low > 1:
            middle = (low + high) // 2
            steps = beyond(float(values[middle]))
            if steps.any():
                low, found = middle, steps
            else:
                high = middle
        return int(found.argmax())


@lru_cache(maxsize=16)
def _values_of_bins(metric: Metric, resolution: int) -> NDArray[np.float64]:
    """Return the value shown for a quantile in each bin, ascending, shape (BINS,)."""
    rule = Rule(name="", title="", metric=metric)
    values = []
    for bin_ in range(BINS):
        now = Counts()
        now.hits[None], now.parts[None] = 1, {bin_: 1}
        values.append(measurement_of(rule, None, now, Counts(), resolution).value)
    return np.array(values)

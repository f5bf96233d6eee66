"""What a rule measures at many steps at once, as far as its verdict needs it.

Where somebody looks at a value, `reading_of` tells it.
"""

import math
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.evaluation.measuring import reading_of
from logmon_tui.alerts.evaluation.slotted import NumberedRows
from logmon_tui.alerts.evaluation.steps import Ints, Moving, Span
from logmon_tui.alerts.evaluation.subject_state import Reading
from logmon_tui.alerts.model.rule import RATIOS, Metric, NoData, Rule, When
from logmon_tui.metrics.histogram import BINS

Mask = NDArray[np.bool_]

QUANTILES = frozenset({Metric.RESPONSE_TIME, Metric.RESPONSE_SIZE})
"""Metrics of which a row tells the bin of its hit."""

_BY_HITS = frozenset({Metric.RATE, Metric.HITS, Metric.CHANGE})
"""Metrics that need no other sum than hits."""

_ROUNDING = 1 - 1e-9

_CELLS = 1_000_000
"""So many sums by subject and stretch are made, at most."""

_NEVER = 1 << 62
"""Behind any slot."""

_MOST_HITS, _MOST_AMOUNT = 1 << 48, 1 << 62
"""No subject comes to so many; a threshold may be any number, and numpy's have 64 bits."""

_Side = Literal["left", "right"]


class Levels(NamedTuple):
    """How the verdict stands at each step, both of the shape (steps,).

    Where `levels` are equal, all thresholds are exceeded alike. Where a step `stirs`, it concerns
    a subject with which nothing is the matter yet.
    """

    levels: NDArray[np.int8]
    stirs: Mask


class Measure:
    """A rule as it stands, over sums of the rows: hits, and amounts where the rule has such.

    Slots are `bucket_size` seconds long.
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

    def moving(self, rows: NumberedRows) -> Moving:
        """Return what is summed up of the rows."""
        sums = np.stack((rows.hits, rows.amounts)[: self.sums])
        return Moving(rows.numbers, rows.slots, sums)

    def least(self) -> int:
        """Return how many hits a subject must at least come to, before it concerns the rule."""
        rule, least = self.rule, 1.0
        if rule.when is When.ABOVE and rule.metric in {Metric.RATE, Metric.HITS}:
            least = rule.limits[0].threshold * _ROUNDING
            least *= rule.window if rule.metric is Metric.RATE else 1
        return max(1, rule.minimum_hits, math.ceil(min(least, _MOST_HITS)))

    def _least_amount(self) -> tuple[int, int]:
        """Return a sum by its number, and what that must at least come to, too."""
        rule = self.rule
        if rule.when is When.BELOW or rule.metric in _BY_HITS:
            return 0, 0
        times = rule.window if rule.metric is Metric.BYTES_RATE else self.least()
        least = min(rule.limits[0].threshold * times * _ROUNDING, _MOST_AMOUNT)
        return 1, max(1, math.ceil(least))

    def may_stir(self, old: Moving, new: Moving, subjects: int) -> Mask:
        """Tell which of so many subjects may come to values beyond a threshold.

        Hits are summed up in stretches of a window's length: none has more than two of them.
        """
        length = self.spans[-1].slots
        first = min(int(each.slots.min(initial=_NEVER)) for each in (old, new))
        last = max(int(each.slots.max(initial=first)) for each in (old, new))
        stretches = (last - first) // length + 1
        if stretches * subjects > _CELLS:
            stretches, length = 1, last - first + 1
        number, least = self._least_amount()
        totals = np.zeros((2, (stretches + 1) * subjects), dtype=np.int64)
        for rows in (old, new):
            table = (rows.slots - first) // length * subjects + rows.numbers
            np.add.at(totals[0], table, rows.sums[0])
            np.add.at(totals[1], table, rows.sums[number])
        hits, amounts = totals.reshape(2, stretches + 1, subjects)
        enough = hits[:-1] + hits[1:] >= self.least()
        may: Mask = np.any(enough & (amounts[:-1] + amounts[1:] >= least), axis=0)
        return may

    def levels(self, sums: Ints) -> Levels:
        """Return how the verdict stands, given the sums of each step."""
        rule = self.rule
        beyond = self._beyond(sums)
        defined = self._defined(sums)
        levels = np.where(defined, beyond.sum(axis=0), -1).astype(np.int8)
        mildest = beyond[self.thresholds.index(rule.limits[0].threshold)]
        return Levels(levels, np.where(defined, mildest, rule.no_data is NoData.ALERT))

    def _defined(self, sums: Ints) -> Mask:
        """Tell whether there are hits enough for a value that is judged."""
        hits = sums[1] if self.rule.metric is Metric.CHANGE else sums[0]
        enough: Mask = hits >= max(self.rule.minimum_hits, self.rule.metric in RATIOS)
        return enough

    def _beyond(self, sums: Ints) -> Mask:
        """Tell whether values, if defined, are beyond each of the thresholds."""
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

    def reading(self, sums: Ints) -> Reading:
        """Return what the rule measures, given the sums of a step, shape (sums,)."""
        told: list[int] = sums.tolist()
        now, before = Counts(), Counts()
        now.hits[None] = told[0]
        if self.rule.metric is Metric.CHANGE:
            before.hits[None] = told[1]
        elif len(told) > 1:
            now.amounts[None] = told[1]
        return reading_of(self.rule, None, now, before)

    def worst(self, sums: Ints) -> int | None:
        """Return the first of some steps with the worst value; None if none has a value."""
        values = self._values(sums)
        if self.rule.when is When.BELOW:
            values = -values
        values = np.where(self._defined(sums), values, -np.inf)
        place = int(values.argmax())
        return place if values[place] > -np.inf else None


class HitBins(NamedTuple):
    """The hits of one subject: the slots, ascending, and bins, of the shape (n,)."""

    slots: Ints
    bins: Ints

    def between(self, slot: int, window: int) -> Ints:
        """Return the bins of the hits in the window of so many slots that ends with `slot`."""
        begin, end = self.slots.searchsorted([slot - window, slot], side="right")
        return self.bins[begin:end]

    def above(self, limit: int, ends: Ints, window: int) -> Ints:
        """Return how many hits have bins above `limit`, in the windows that end with `ends`."""
        slots = self.slots[self.bins > limit]
        up_to: Ints = slots.searchsorted(ends, side="right")
        return up_to - slots.searchsorted(ends - window, side="right")


class QuantileMeasure(Measure):
    """A rule of a quantile, over sums of hits, and of those above each threshold.

    The quantile is above a threshold when too few hits are not. `resolution` is that of response
    times, in microseconds.
    """

    def __init__(self, rule: Rule, bucket_size: int, resolution: int) -> None:
        super().__init__(rule, bucket_size)
        self.resolution = resolution
        self._told = _told_values(rule.metric, resolution)
        # Of each threshold the last bin whose value is not above it, or is below it.
        side: _Side = "right" if rule.when is When.ABOVE else "left"
        self._limits = self._told.searchsorted(self.thresholds, side=side) - 1

    @property
    def sums(self) -> int:
        """How many sums of the rows it needs."""
        return 1 + len(self.thresholds)

    def moving(self, rows: NumberedRows) -> Moving:
        """Return what is summed up of the rows."""
        above = [rows.amounts > limit for limit in self._limits]
        subjects = int(rows.numbers.max(initial=-1)) + 1
        first = int(rows.slots.min(initial=_NEVER))
        size = (int(rows.slots.max(initial=first - 1)) - first + 1) * subjects
        if size > len(rows.slots):
            return Moving(rows.numbers, rows.slots, np.stack((rows.hits, *above)))
        # Each row is of one hit. Where there are many in a slot, they are summed up first.
        table = (rows.slots - first) * subjects + rows.numbers
        counted = [np.bincount(table[each], minlength=size) for each in above]
        sums = np.stack((np.bincount(table, minlength=size), *counted))
        cells = np.flatnonzero(sums[0])
        slots, numbers = np.divmod(cells, subjects)
        return Moving(numbers, slots + first, sums[:, cells])

    def _least_amount(self) -> tuple[int, int]:
        """Return a sum by its number, and what that must at least come to, too.

        Of more hits more must be above the threshold; rounding may make that one less.
        """
        rule, least = self.rule, self.least()
        if rule.when is When.BELOW:
            return 0, 0
        below = math.ceil(rule.quantile * least)
        return 1 + self.thresholds.index(rule.limits[0].threshold), max(1, least - below)

    def _beyond(self, sums: Ints) -> Mask:
        return self._is_beyond(sums[0], sums[1:])

    def _is_beyond(self, hits: Ints, above: Ints) -> Mask:
        """Tell whether the quantile is beyond a limit that so many hits are above."""
        few: Mask = hits - above < np.ceil(self.rule.quantile * hits)
        return few if self.rule.when is When.ABOVE else ~few

    def reading_of_bins(self, hits: HitBins, slot: int) -> Reading:
        """Return what the rule measures in a slot."""
        bins, counts = np.unique(hits.between(slot, self.spans[0].slots), return_counts=True)
        now = Counts()
        now.hits[None] = int(counts.sum())
        now.parts[None] = dict(zip(bins.tolist(), counts.tolist(), strict=True))
        return reading_of(self.rule, None, now, Counts(), self.resolution)

    def worst_of_bins(self, hits: HitBins, sums: Ints, ends: Ints, peak: float) -> int | None:
        """Return the first of the steps at `ends` with the worst value, if that is beyond `peak`.

        It is found by bisection: any step tells at once whether its quantile is beyond a bin.
        """
        defined = self._defined(sums)
        told, above = self._told, self.rule.when is When.ABOVE

        def beyond(value: float) -> Mask:
            limit = int(told.searchsorted(value, side="right" if above else "left")) - 1
            counts = hits.above(limit, ends, self.spans[0].slots)
            return defined & self._is_beyond(sums[0], counts)

        found = beyond(peak)
        if not found.any():
            return None
        values = np.unique(told[hits.bins])
        values = values[values > peak] if above else values[values < peak][::-1]
        low, high = -1, len(values) - 1  # some step is beyond the one, none beyond the other
        while high - low > 1:
            middle = (low + high) // 2
            steps = beyond(float(values[middle]))
            if steps.any():
                low, found = middle, steps
            else:
                high = middle
        return int(found.argmax())


@lru_cache(maxsize=16)
def _told_values(metric: Metric, resolution: int) -> NDArray[np.float64]:
    """Return the value that a quantile in each bin has, ascending, shape (BINS,)."""
    rule = Rule(name="", title="", metric=metric)
    values = []
    for bin_ in range(BINS):
        now = Counts()
        now.hits[None], now.parts[None] = 1, {bin_: 1}
        values.append(reading_of(rule, None, now, Counts(), resolution).value)
    return np.array(values)

"""Sums by hour and by day, with unique visitors: of the hits of whole logs, or of any buckets.

Periods are in UTC. A visitor is a client with its user agent; where the log has no user agents, a
client. Memory is bounded, for a log of any length: the newest hours and days are kept apart, and
what is older is summed up.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.model.vocabulary import hashed
from logmon_tui.metrics.cells import Cells, cells_of, counted_bins
from logmon_tui.metrics.figures import ERRORS
from logmon_tui.metrics.histogram import Histogram
from logmon_tui.metrics.measuring import HitValues
from logmon_tui.metrics.sketch import Sketch
from logmon_tui.native.hits import HitCounts
from logmon_tui.native.sketches import REGISTERS, HashedColumn, Registers, sketch_pairs
from logmon_tui.native.sums import Sums, sums_by

Ints = NDArray[np.int64]
Periods: TypeAlias = "list[tuple[int, Period]]"
"""Periods with the second in which each begins, oldest first."""

HOUR, DAY = 3_600, 86_400

KEPT_HOURS = 31 * 24
"""Newest hours with hits that are kept apart; older ones are summed up by day."""

KEPT_DAYS = 3 * 366
"""Newest such days that are kept apart; older ones are summed up in one sum."""

_MOST_HOURS_AT_ONCE = 1 << 16
"""Maximum hours, with and without hits, for finding those of a batch in a table; with more, they
are sorted."""


class Period:
    """The sums over some time: `errors` are the hits with 4xx and with 5xx.

    Periods add. `times` are the response times in µs.
    """

    __slots__ = ("bytes", "errors", "hits", "times", "visitors")

    def __init__(self) -> None:
        self.hits = self.bytes = 0
        self.errors = (0, 0)
        self.times = Histogram()
        self.visitors = Sketch()

    def add(self, other: "Period") -> None:
        """Add another period's sums."""
        self.hits += other.hits
        self.bytes += other.bytes
        self.errors = self.errors[0] + other.errors[0], self.errors[1] + other.errors[1]
        self.times.add(other.times)
        self.visitors.add(other.visitors)


class PeriodCounts(msgspec.Struct, frozen=True):
    """The sums over a batch by hour: the hour number i begins at the second `hours[i] * HOUR`.

    `hours`, `hits` and `bytes` have the shape (n,), `errors` (2, n), `visitors` (n, REGISTERS).
    The owners of the cells of `times` are those numbers. Where a batch has more than `KEPT_HOURS`
    hours, an older one stands for its whole day, or for all before.
    """

    hours: Ints
    hits: Ints
    bytes: Ints
    errors: Ints
    times: Cells
    visitors: Registers

    def periods(self) -> Iterator[tuple[int, Period]]:
        """Yield each hour (since 1970) with its sums."""
        times = dict(self.times.histograms())
        rows = zip(
            self.hours.tolist(),
            self.hits.tolist(),
            self.bytes.tolist(),
            *self.errors.tolist(),
            strict=True,
        )
        for place, (hour, hits, size, client, server) in enumerate(rows):
            period = Period()
            period.hits, period.bytes, period.errors = hits, size, (client, server)
            period.times = Histogram(times.get(place))
            period.visitors = Sketch(self.visitors[place])
            yield hour, period


def counted_periods(
    batch: HitBatch, times: HitValues, bins: Ints, counted: HitCounts
) -> PeriodCounts:
    """Return the sums of `batch` by hour.

    `times` are its response times, `bins` their bins, and `counted` is what was counted of all.
    """
    hours, owners = _hours_of(batch.seconds)
    count = len(hours)
    if owners is None:  # so it is with most batches, whose sums are known
        sums = Sums(np.array([len(batch)]), np.array([counted.bytes]))
        status = counted.by_status
        errors = np.array([[status[400:500].sum()], [status[500:600].sum()]])
        cells = counted_bins(bins)
    else:
        sums = sums_by(owners, batch.sizes, count)
        errors = np.stack(
            [np.bincount(owners[counted.classes == digit], minlength=count) for digit in ERRORS]
        )
        cells = cells_of(owners[times.rows], bins)
    return PeriodCounts(
        hours, sums.hits, sums.values, errors, cells, _visitors(batch, owners, count)
    )


def _visitors(batch: HitBatch, owners: NDArray[np.int32] | None, count: int) -> Registers:
    visitors = np.zeros((count, REGISTERS), dtype=np.uint8)
    if Dimension.HOST in batch.columns:
        clients = hashed(batch.columns[Dimension.HOST])
        agents = batch.columns.get(Dimension.USER_AGENT)
        second = _no_agent(batch) if agents is None else hashed(agents)
        sketch_pairs(clients, second, visitors, owners)
    return visitors


def _no_agent(batch: HitBatch) -> HashedColumn:
    return HashedColumn(np.zeros(len(batch), dtype=np.int32), np.zeros(1, dtype=np.uint64))


def _hours_of(seconds: Ints) -> tuple[Ints, NDArray[np.int32] | None]:
    """Return the hours of some seconds, ascending, and for each second the number of its hour.

    Where there is but one hour, the numbers are None.
    """
    if not len(seconds):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    first, last = int(seconds.min()) // HOUR, int(seconds.max()) // HOUR
    if first == last:  # so it is with most batches
        return np.array([first], dtype=np.int64), None
    hours = seconds // HOUR
    if last - first < _MOST_HOURS_AT_ONCE:
        filled = np.bincount(hours - first) > 0
        found: Ints = np.flatnonzero(filled) + first
        numbers = (np.cumsum(filled) - 1)[hours - first]
    else:
        found, numbers = np.unique(hours, return_inverse=True)
    if len(found) > KEPT_HOURS:
        found, kept = np.unique(_bounded(found), return_inverse=True)
        numbers = kept[numbers]
    return found, numbers.astype(np.int32)


def _bounded(hours: Ints) -> Ints:
    """Return for each of ascending hours the one that stands for it; see PeriodCounts."""
    older = hours[:-KEPT_HOURS] // 24
    days = np.unique(older)
    if len(days) > KEPT_DAYS:
        older = np.where(older < days[-KEPT_DAYS], days[0], older)
    return np.concatenate([older * 24, hours[-KEPT_HOURS:]])


class PeriodTotals:
    """The sums of all hits so far by hour, by day for older ones, and of all before."""

    def __init__(self) -> None:
        self._hours: dict[int, Period] = {}
        self._days: dict[int, Period] = {}
        self._earlier: dict[int, Period] = {}  # all in the number 0

    def add(self, counts: PeriodCounts) -> None:
        """Add the sums of a batch."""
        for hour, period in counts.periods():
            self._hours.setdefault(hour, Period()).add(period)
        _fold(self._hours, KEPT_HOURS, 24, self._days)
        _fold(self._days, KEPT_DAYS, None, self._earlier)

    def by_hour(self) -> tuple[Periods, Period | None]:
        """Return the newest hours that have hits, and the sum of all before them, if any."""
        before = [*self._earlier.values(), *self._days.values()]
        return _started(self._hours, HOUR), _sum(before)

    def by_day(self) -> tuple[Periods, Period | None]:
        """Return the newest days that have hits, and the sum of all before them, if any."""
        days: dict[int, Period] = {}
        for day, period in self._days.items():
            days.setdefault(day, Period()).add(period)
        for hour, period in self._hours.items():
            days.setdefault(hour // 24, Period()).add(period)
        return _started(days, DAY), _sum([*self._earlier.values()])


def _fold(
    periods: dict[int, Period], kept: int, width: int | None, into: dict[int, Period]
) -> None:
    """Move all but the newest `kept` periods into periods `width` times as long (None: one)."""
    for number in sorted(periods)[: max(0, len(periods) - kept)]:
        wide = 0 if width is None else number // width
        into.setdefault(wide, Period()).add(periods.pop(number))


def _started(periods: dict[int, Period], length: int) -> Periods:
    return [(number * length, periods[number]) for number in sorted(periods)]


def _sum(periods: Sequence[Period]) -> Period | None:
    if not periods:
        return None
    total = Period()
    for period in periods:
        total.add(period)
    return total

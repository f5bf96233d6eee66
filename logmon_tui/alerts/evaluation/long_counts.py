"""LongCounts: the hits and amounts of one counter by minute, over the last 35 days.

What an amount is depends on the counter: bad hits, hits with a status, bytes. Rules of objectives
and rules of what is usual look at them. Memory is bounded: two numbers for each minute, 0.8 MB.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MINUTE, HOUR, DAY = 60, 3_600, 86_400

_HOUR_MINUTES = 60
_KEPT_HOURS = 35 * 24 + 1  # so that the hour of 35 days ago is whole
KEPT_MINUTES = _KEPT_HOURS * _HOUR_MINUTES

WaitingRow: TypeAlias = tuple[int, int, int]
"""A second, its hits and its amount, that no verdict has reached yet."""


class Passage:
    """The sums of windows at the seconds from `start` on, while the counts move through them."""

    def __init__(self, first_minute: int, before: Ints, start: int, arrived: Ints) -> None:
        """Take the counts of each minute from `first_minute` on, and of each second from `start`.

        `before`, shape (minutes, 2), has what was counted before these seconds. `arrived`, shape
        (seconds, 2), has what they count themselves. Columns are hits and amounts.
        """
        self._first_minute = first_minute
        self._start = start
        self._before = _cumulated(before)
        self._arrived = _cumulated(arrived)

    def sums(self, ends: Ints, minutes: int) -> tuple[Ints, Ints]:
        """Return hits and amounts of windows of `minutes` at the seconds `ends`.

        A window ends with the minute of its second, as far as that has come.
        """
        next_minute = ends // MINUTE + 1
        until = self._before[next_minute - self._first_minute]
        until = until + self._arrived[ends + 1 - self._start]
        return _columns(until - self._until(next_minute - minutes))

    def sums_of_whole_minutes(self, ends: Ints, minutes: int) -> tuple[Ints, Ints]:
        """Return hits and amounts of the last `minutes` that are over at the seconds `ends`."""
        next_minute = (ends + 1) // MINUTE
        return _columns(self._until(next_minute) - self._until(next_minute - minutes))

    def _until(self, minutes: Ints) -> Ints:
        """Return the sums of all before some minutes, shape (minutes, 2)."""
        came = np.clip(minutes * MINUTE - self._start, 0, len(self._arrived) - 1)
        sums: Ints = self._before[minutes - self._first_minute] + self._arrived[came]
        return sums


def _columns(counts: Ints) -> tuple[Ints, Ints]:
    return counts[:, 0], counts[:, 1]


def _cumulated(counts: Ints) -> Ints:
    return np.concatenate([np.zeros((1, 2), dtype=np.int64), np.cumsum(counts, axis=0)])


class CountedHours(NamedTuple):
    """Hits and amounts of some hours, shape (hours,), and which of them were `recorded`."""

    hits: Ints
    amounts: Ints
    recorded: NDArray[np.bool_]


class LongCounts:
    """Counts by minute, behind a row of seconds that wait until a verdict reaches them.

    Windows have at most `reach` minutes. `since` is the first second that was reached, None before
    that. `newest` is the newest minute that was. `touched` collects the hours that were changed or
    dropped; its reader clears it.
    """

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self.since: int | None = None
        self.touched: set[int] = set()
        self.newest: int | None = None
        self._minutes: Ints = np.zeros((KEPT_MINUTES, 2), dtype=np.int64)  # minute m at m % KEPT
        self._last_filled: int | None = None  # minute
        self._waiting: list[Ints] = []  # each of shape (seconds, 3)

    def take(self, seconds: Ints, amounts: Ints) -> None:
        """Take in hits with their amounts, in any order."""
        if len(seconds):
            found, places, hits = np.unique(seconds, return_inverse=True, return_counts=True)
            sums = np.zeros(len(found), dtype=np.int64)
            np.add.at(sums, places, amounts)
            self._waiting.append(np.stack([found, hits, sums], axis=1))

    def due(self, end: int) -> Ints:
        """Return what waits up to the second `end` in the order of seconds, and forget it there."""
        if not self._waiting:
            return np.zeros((0, 3), dtype=np.int64)
        waiting = np.concatenate(self._waiting)
        waiting = waiting[np.argsort(waiting[:, 0], kind="stable")]
        count = int(np.searchsorted(waiting[:, 0], end, side="right"))
        self._waiting = [waiting[count:]] if count < len(waiting) else []
        return waiting[:count]

    def enter(self, start: int, end: int, rows: Ints) -> Passage:
        """Move on from the second `start` to `end`, an hour at most; count `rows`.

        Rows from before `start` are late: they count from the first of these seconds on.
        """
        if self.since is None:
            self.since = start
        self._advance(end // MINUTE)
        late = int(np.searchsorted(rows[:, 0], start))
        self._add(rows[:late])
        first = start // MINUTE - self._reach
        arrived = np.zeros((end - start + 1, 2), dtype=np.int64)
        np.add.at(arrived, rows[late:, 0] - start, rows[late:, 1:])
        passage = Passage(first, self._between(first, end // MINUTE), start, arrived)
        self._add(rows[late:])
        return passage

    def _advance(self, minute: int) -> None:
        """Make room for the minutes up to `minute`; the oldest ones are dropped."""
        former = minute - KEPT_MINUTES if self.newest is None else self.newest
        if minute <= former:
            return
        fresh = np.arange(max(former, minute - KEPT_MINUTES) + 1, minute + 1)
        gone = fresh - KEPT_MINUTES
        filled = self._minutes[fresh % KEPT_MINUTES].any(axis=1)
        self.touched.update(np.unique(gone[filled] // _HOUR_MINUTES).tolist())
        self._minutes[fresh % KEPT_MINUTES] = 0
        self.newest = minute

    def _add(self, rows: Ints) -> None:
        """Count rows of seconds in their minutes; those that are too old are left out."""
        minutes = rows[:, 0] // MINUTE
        kept = minutes > (self.newest or 0) - KEPT_MINUTES
        if not kept.all():
            rows, minutes = rows[kept], minutes[kept]
        if not len(rows):
            return
        np.add.at(self._minutes, minutes % KEPT_MINUTES, rows[:, 1:])
        self.touched.update(np.unique(minutes // _HOUR_MINUTES).tolist())
        self._last_filled = max(int(minutes.max()), self._last_filled or 0)

    def _between(self, first: int, last: int) -> Ints:
        """Return the counts of the minutes from `first` to `last`, shape (minutes, 2)."""
        begin = first % KEPT_MINUTES
        end = begin + last - first + 1
        if end <= KEPT_MINUTES:
            return self._minutes[begin:end]
        return np.concatenate([self._minutes[begin:], self._minutes[: end - KEPT_MINUTES]])

    def is_empty(self, second: int) -> bool:
        """Tell whether no minute that is kept at `second` has a hit."""
        filled = self._last_filled
        return filled is None or filled <= second // MINUTE - KEPT_MINUTES

    def total(self, minutes: int) -> tuple[int, int]:
        """Return hits and amounts of the newest `minutes`."""
        if self.newest is None:
            return 0, 0
        counts = self._between(self.newest - minutes + 1, self.newest)
        hits, amounts = counts.sum(axis=0).tolist()
        return hits, amounts

    def hours(self, hours: Ints) -> CountedHours:
        """Return the counts of `hours`, numbered since 1970; all must have passed.

        An hour is recorded if it has hits, and if it began no earlier than the counts.
        """
        oldest = -1 if self.newest is None else self.newest // _HOUR_MINUTES - _KEPT_HOURS + 1
        begun = -1 if self.since is None else -(-self.since // HOUR)
        minutes = hours[:, np.newaxis] * _HOUR_MINUTES + np.arange(_HOUR_MINUTES)
        sums = self._minutes[minutes % KEPT_MINUTES].sum(axis=1)
        recorded = (sums[:, 0] > 0) & (hours >= max(oldest, begun))
        return CountedHours(sums[:, 0], sums[:, 1], recorded)

    # From run to run

    def filled_hours(self) -> set[int]:
        """Return the hours that have hits."""
        if self.newest is None:
            return set()
        minutes = np.arange(self.newest - KEPT_MINUTES + 1, self.newest + 1)
        filled = minutes[self._minutes[minutes % KEPT_MINUTES].any(axis=1)]
        return set(np.unique(filled // _HOUR_MINUTES).tolist())

    def hour(self, hour: int) -> Ints | None:
        """Return the counts of one hour by minute, shape (60, 2); None if it has no hits."""
        if self.newest is None:
            return None
        minutes = hour * _HOUR_MINUTES + np.arange(_HOUR_MINUTES)
        known = (minutes > self.newest - KEPT_MINUTES) & (minutes <= self.newest)
        counts = np.where(known[:, np.newaxis], self._minutes[minutes % KEPT_MINUTES], 0)
        return counts if counts.any() else None

    def waiting(self) -> list[WaitingRow]:
        """Return what waits."""
        return [tuple(row) for part in self._waiting for row in part.tolist()]

    def restore(self, since: int | None, newest: int | None, waiting: list[WaitingRow]) -> None:
        """Go on where other counts stood; `restore_hour` must follow for each hour of theirs."""
        self.since, self.newest = since, newest
        self._waiting = [np.array(waiting, dtype=np.int64).reshape(-1, 3)] if waiting else []

    def touch_all(self) -> None:
        """Note that every hour is to be saved again."""
        self.touched |= self.filled_hours()

    def restore_hour(self, hour: int, counts: Ints) -> None:
        """Take over the counts of an hour by minute, shape (60, 2)."""
        newest = -1 if self.newest is None else self.newest
        minutes = hour * _HOUR_MINUTES + np.arange(_HOUR_MINUTES)
        kept = (minutes > newest - KEPT_MINUTES) & (minutes <= newest) & counts.any(axis=1)
        filled = minutes[kept]
        self._minutes[filled % KEPT_MINUTES] = counts[kept]
        if len(filled):
            self._last_filled = max(int(filled.max()), self._last_filled or 0)

"""ServerCounts: hits, 5xx and response times by server, over a window. numpy counts; pure."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.distinct import distinct
from logmon_tui.formats.model.hit import NONE, Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.histogram import GROWTH, bins_of
from logmon_tui.metrics.measuring import hits_with

Ints = NDArray[np.int64]

MAX_SERVERS = 4_000
"""Maximum servers that are counted by name; the others are one, called OTHER."""

OTHER = b"(other)"

STEPS = 30
"""Maximum slots of a window: a window of more seconds moves on by several seconds at once."""

LATE_SECONDS = 60
"""Seconds by which hits may be ahead of a sliding window, so that older ones must be kept."""

UNSHOWN_SECONDS = 900
"""Seconds for which whole intervals are kept until they are shown."""

LONGEST = 3_600_000_000
"""Maximum response time in microseconds; a longer one counts as this."""

_BINS = int(bins_of(np.array([LONGEST]))[0]) + 1
_RAW_CELLS = 1 << 18
"""Maximum times of a slot that wait to be counted into cells: counting more at once is cheaper."""


class ServerSums(msgspec.Struct, frozen=True):
    """The sums over a window that began with the second `begin`; row i is the server `names[i]`.

    An empty name stands for no server.

    `hits` and `errors` have the shape (servers,), `times` (servers, bins); None without any times.
    """

    begin: int
    names: Sequence[bytes]
    hits: Ints
    errors: Ints
    times: NDArray[np.uint32] | None


def p95_of(times: NDArray[np.uint32] | None, rows: int) -> list[float | None]:
    """Return the 95th percentile of each row of counts by bin (µs, within 1 %); None for none.

    It is the nearest-rank quantile, as `Histogram.quantiles` has it. Without `times`, there are
    `rows` that have none.
    """
    if times is None or not len(times):
        return [None] * rows
    filled = np.flatnonzero(times.any(axis=0))
    if not len(filled):
        return [None] * rows
    low = int(filled[0])
    sums = np.cumsum(times[:, low : int(filled[-1]) + 1], axis=1, dtype=np.uint32)
    totals = sums[:, -1]
    ranks = np.ceil(0.95 * totals)
    places = low + (sums < ranks[:, None]).sum(axis=1)
    middles = np.where(places > 0, GROWTH ** (places - 0.5), 0.0)
    return [
        middle if total else None
        for middle, total in zip(middles.tolist(), totals.tolist(), strict=True)
    ]


class _Slot:
    """The counts of one slot. `raw` has a cell `server * _BINS + bin` for each time."""

    __slots__ = ("cells", "counts", "errors", "hits", "raw", "waiting")

    def __init__(self) -> None:
        self.hits: Ints = np.zeros(0, dtype=np.int64)
        self.errors: Ints = np.zeros(0, dtype=np.int64)
        self.cells = np.zeros(0, dtype=np.int32)
        self.counts = np.zeros(0, dtype=np.uint32)
        self.raw: list[NDArray[np.int32]] = []
        self.waiting = 0

    def add_times(self, cells: NDArray[np.int32]) -> None:
        """Add a cell for each time."""
        self.raw.append(cells)
        self.waiting += len(cells)
        if self.waiting >= _RAW_CELLS:
            self.settle()

    def settle(self) -> None:
        """Count what waits into cells that are distinct."""
        if not self.raw:
            return
        found, counts = np.unique(np.concatenate(self.raw), return_counts=True)
        if len(self.cells):
            both = np.concatenate([self.cells, found])
            weights = np.concatenate([self.counts, counts])
            found, places = np.unique(both, return_inverse=True)
            counts = np.bincount(places, weights=weights)
        self.cells, self.counts = found.astype(np.int32), counts.astype(np.uint32)
        self.raw, self.waiting = [], 0


class ServerCounts:
    """Counts the hits of a window of `seconds` by server; without a column of servers, nothing.

    With `whole`, a slot is a whole interval of `seconds`, and a window of several intervals is
    their sum. Else the window slides on by the second, or by a thirtieth of itself.
    """

    def __init__(self, seconds: int, *, whole: bool = False) -> None:
        self.step = seconds if whole else -(-seconds // STEPS)
        self._length = -(-seconds // self.step)  # slots
        self._kept = self._length + -(-(UNSHOWN_SECONDS if whole else LATE_SECONDS) // self.step)
        # Hits of a log that is a file of this machine have no server.
        self._numbers: dict[bytes, int] = {OTHER: 0, NONE: -1}
        self._names: list[bytes] = [OTHER]  # by number; empty for one that is free
        self._free: list[int] = []
        self._slots: dict[int, _Slot] = {}
        self._newest: int | None = None  # slot
        self._window = range(0)  # slots that are summed up
        self._hits: Ints = np.zeros(1, dtype=np.int64)
        self._errors: Ints = np.zeros(1, dtype=np.int64)
        self._times: NDArray[np.uint32] | None = None

    def take(self, hits: HitBatch, after: int | None = None, weight: int = 1) -> None:
        """Count hits, each for `weight`; those up to the second `after` count as just after it."""
        column = hits.columns.get(Dimension.SERVER)
        if column is None or not len(hits):
            return
        owners = self._owners(column)
        seconds = hits.seconds if after is None else np.maximum(hits.seconds, after + 1)
        slots = seconds // self.step
        newest = int(slots.max())
        self._newest = newest if self._newest is None else max(newest, self._newest)
        times = hits_with(hits, Measure.RESPONSE_TIME)
        cells = owners[times.rows] * _BINS + bins_of(np.minimum(times.values, LONGEST))
        failed = hits.status // 100 == 5
        for slot in distinct(slots)[0].tolist():
            if slot > self._newest - self._kept:
                mine = (slots == slot) & (owners >= 0)
                here = cells[mine[times.rows]].astype(np.int32)
                self._add(slot, owners[mine], owners[mine & failed], here, weight)
        self._forget(self._newest - self._kept)
        if after is not None:  # whole intervals up to there were shown
            self._forget((after + 1) // self.step - 1)

    def _owners(self, column: Column) -> Ints:
        """Return the number of each hit's server, -1 for none."""
        found = [*map(self._numbers.get, column.values)]
        if None in found:
            used = np.bincount(column.codes, minlength=len(found)) > 0
            for code, name in enumerate(column.values):
                if found[code] is None and used[code]:
                    found[code] = self._numbered(name)
        of_code = np.array([number or 0 for number in found], dtype=np.int64)
        return of_code[column.codes]

    def _numbered(self, name: bytes) -> int:
        """Return the number of a server that is new here; that of OTHER if there is no room."""
        if self._free:
            number = self._free.pop()
            self._names[number] = name
        elif len(self._names) > MAX_SERVERS:
            return 0
        else:
            number = len(self._names)
            self._names.append(name)
        self._numbers[name] = number
        if number >= len(self._hits):
            room = 2 * len(self._hits)
            self._hits, self._errors = _longer(self._hits, room), _longer(self._errors, room)
            if self._times is not None:
                self._times = _longer(self._times, room)
        return number

    def _add(
        self, number: int, owners: Ints, failed: Ints, cells: NDArray[np.int32], weight: int
    ) -> None:
        """Count the hits of one slot: the servers of all, those of the 5xx, and the cells."""
        slot = self._slots.setdefault(number, _Slot())
        hits = weight * np.bincount(owners, minlength=len(self._hits))
        errors = weight * np.bincount(failed, minlength=len(self._hits))
        slot.hits, slot.errors = _longer(slot.hits, len(hits)), _longer(slot.errors, len(hits))
        slot.hits += hits
        slot.errors += errors
        if len(cells):
            slot.add_times(cells.repeat(weight))
        if number in self._window:
            self._hits += hits
            self._errors += errors
            if len(cells):
                np.add.at(self._summed_times().reshape(-1), cells, np.uint32(weight))

    def _summed_times(self) -> NDArray[np.uint32]:
        if self._times is None:
            self._times = np.zeros((len(self._hits), _BINS), dtype=np.uint32)
        return self._times

    def _forget(self, last: int) -> None:
        """Drop the slots up to `last`, unless they are in the window."""
        for slot in [each for each in self._slots if each <= last and each not in self._window]:
            del self._slots[slot]

    def drop(self, names: Iterable[bytes]) -> None:
        """Make room for other servers: these had no hits for longer than a window is."""
        for name in names:
            if self._numbers.get(name, 0) > 0:
                number = self._numbers.pop(name)
                self._names[number] = b""
                self._free.append(number)

    def between(self, begin: int, end: int) -> ServerSums:
        """Return the sums over the slots with the seconds from `begin` to `end`."""
        return self._sums(range(begin // self.step, end // self.step + 1))

    def up_to(self, end: int) -> ServerSums:
        """Return the sums over the window that ends with the second `end`."""
        last = end // self.step
        return self._sums(range(last - self._length + 1, last + 1))

    def _sums(self, window: range) -> ServerSums:
        before = self._window
        gone = [slot for slot in self._slots if slot in before and slot not in window]
        come = [slot for slot in self._slots if slot in window and slot not in before]
        self._window = window
        for slot in gone:
            self._count(self._slots[slot], -1)
        for slot in come:
            self._count(self._slots[slot], 1)
        self._forget(window.start - 1)  # no window goes back
        count = len(self._names)
        return ServerSums(
            window.start * self.step,
            self._names,
            self._hits[:count],
            self._errors[:count],
            None if self._times is None else self._times[:count],
        )

    def _count(self, slot: _Slot, sign: int) -> None:
        """Add a slot to the sums, or subtract it."""
        size = len(slot.hits)
        self._hits[:size] += sign * slot.hits
        self._errors[:size] += sign * slot.errors
        add = np.add if sign > 0 else np.subtract
        if len(slot.cells):
            flat = self._summed_times().reshape(-1)
            flat[slot.cells] = add(flat[slot.cells], slot.counts)
        for cells in slot.raw:
            add.at(self._summed_times().reshape(-1), cells, np.uint32(1))


def _longer(array: NDArray, rows: int) -> NDArray:  # type: ignore[type-arg]
    """Return `array` filled up with zeros to `rows` rows at least."""
    if len(array) >= rows:
        return array
    longer = np.zeros((rows, *array.shape[1:]), dtype=array.dtype)
    longer[: len(array)] = array
    return longer

"""Sums over short slots of a day at most: what a report's charts show of a short log. Pure.

Slots are `SLOT` seconds. A log that spans more than `MOST_SLOTS` of them has no timeline: its hours
tell enough.
"""

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.cells import Cells, cells_of
from logmon_tui.metrics.figures import ERRORS
from logmon_tui.metrics.histogram import Histogram, bins_of

Ints = NDArray[np.int64]

SLOT = 10
"""Seconds of a slot."""

MOST_SLOTS = 24 * 3_600 // SLOT
"""Maximum slots from the first to the last."""

LENGTHS = (10, 30, 60, 120, 300, 600)
"""Lengths of columns in seconds; the shortest one is taken with which there are few enough."""

MOST_COLUMNS = 180


class SlotCounts(msgspec.Struct, frozen=True):
    """The sums of a batch by slot; the owners of the cells of `times` are places in `slots`.

    `slots` and `hits` have the shape (n,), `errors` (2, n): hits with 4xx and with 5xx.
    """

    slots: Ints
    hits: Ints
    errors: Ints
    times: Cells


class Column(msgspec.Struct, frozen=True):
    """The sums over one column of a timeline, which begins at the second `start`."""

    start: int
    hits: int
    errors: tuple[int, int]
    times: Histogram


def slot_counts(batch: HitBatch) -> SlotCounts:
    """Return the sums of a batch; any thread may call this."""
    slots, places = np.unique(batch.seconds // SLOT, return_inverse=True)
    count = len(slots)
    classes = batch.status // 100
    errors = [np.bincount(places[classes == digit], minlength=count) for digit in ERRORS]
    times = batch.values_of(Measure.RESPONSE_TIME)
    known = np.flatnonzero(times >= 0)
    cells = cells_of(places[known], bins_of(times[known]))
    return SlotCounts(slots, np.bincount(places, minlength=count), np.stack(errors), cells)


class Timeline:
    """The sums of all batches so far, until they span too much."""

    def __init__(self) -> None:
        self._slots: dict[int, tuple[int, int, int, Histogram]] = {}
        self._full = False

    def add(self, counts: SlotCounts) -> None:
        """Add the sums of a batch."""
        if self._full or not len(counts.slots):
            return
        times = dict(counts.times.histograms())
        rows = zip(
            counts.slots.tolist(), counts.hits.tolist(), *counts.errors.tolist(), strict=True
        )
        for place, (slot, hits, client, server) in enumerate(rows):
            before = self._slots.get(slot, (0, 0, 0, Histogram()))
            before[3].add(Histogram(times.get(place)))
            self._slots[slot] = (
                before[0] + hits,
                before[1] + client,
                before[2] + server,
                before[3],
            )
        if max(self._slots) - min(self._slots) >= MOST_SLOTS:
            self._full = True
            self._slots.clear()

    def columns(self) -> tuple[int, list[Column]]:
        """Return the length of the columns in seconds, and all of them, without a gap.

        There are none if the log is too long, or has no hit.
        """
        if not self._slots:
            return SLOT, []
        first, last = min(self._slots) * SLOT, max(self._slots) * SLOT
        length = next(
            (each for each in LENGTHS if last // each - first // each < MOST_COLUMNS), LENGTHS[-1]
        )
        columns = {
            number: Column(number * length, 0, (0, 0), Histogram())
            for number in range(first // length, last // length + 1)
        }
        for slot, (hits, client, server, times) in self._slots.items():
            number = slot * SLOT // length
            before = columns[number]
            before.times.add(times)
            errors = before.errors[0] + client, before.errors[1] + server
            columns[number] = replace(before, hits=before.hits + hits, errors=errors)
        return length, list(columns.values())

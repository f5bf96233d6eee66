"""Counts by subject, and their sliding sums. This module knows no rules.

Slots are numbered since 1970. A ring maps each slot to its counts.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from logmon_tui.alerts.model.incident import Subject
from logmon_tui.metrics.histogram import add_counts, subtract_counts
from logmon_tui.metrics.tally import with_room

Part: TypeAlias = int | bytes
"""A part of a subject's hits: a histogram bin, or a client host."""


class Bounds(NamedTuple):
    """Maximum sizes of a slot's counts.

    About `subjects` subjects are counted, at most twice as many: those with the most hits.
    `parts` limits the parts of all subjects together; further ones are not counted.
    """

    subjects: int = 600
    parts: int = 5_000


class Counts:
    """Hits by subject, amounts by subject (such as bytes), and hits by subject and part.

    Counts add and subtract. So a sliding sum adds the newest slot and subtracts the oldest.
    """

    __slots__ = ("amounts", "hits", "parts")

    def __init__(self) -> None:
        self.hits: dict[Subject, int] = {}
        self.amounts: dict[Subject, int] = {}
        self.parts: dict[Subject, dict[Part, int]] = {}

    def add(self, other: "Counts") -> None:
        """Add another's counts."""
        add_counts(self.hits, other.hits)
        add_counts(self.amounts, other.amounts)
        for subject, parts in other.parts.items():
            add_counts(self.parts.setdefault(subject, {}), parts)

    def subtract(self, other: "Counts") -> None:
        """Subtract counts that were added before."""
        subtract_counts(self.hits, other.hits)
        subtract_counts(self.amounts, other.amounts)
        for subject, parts in other.parts.items():
            mine = self.parts[subject]
            subtract_counts(mine, parts)
            if not mine:
                del self.parts[subject]

    def for_subjects(self, subjects: Iterable[Subject]) -> "Counts":
        """Return the counts of `subjects`; those without hits have none."""
        kept = Counts()
        for subject in subjects:
            if subject in self.hits:
                kept.hits[subject] = self.hits[subject]
            if subject in self.amounts:
                kept.amounts[subject] = self.amounts[subject]
            if subject in self.parts:
                kept.parts[subject] = self.parts[subject]
        return kept

    def admitted(self, newcomers: "Counts", window: "Counts", bounds: Bounds) -> "Counts":
        """Return the part of `newcomers` that `bounds` leave room for beside these counts.

        `window` holds the counts of the last window: a subject that was loud in it is admitted
        before one of a crowd that is new.
        """
        kept = with_room(newcomers.hits, self.hits, bounds.subjects, window.hits)
        if kept is not None:
            newcomers = newcomers.for_subjects(kept)
        if newcomers.parts:
            _cut_parts(newcomers, bounds.parts - sum(map(len, self.parts.values())))
        return newcomers


def _cut_parts(counts: Counts, room: int) -> None:
    """Drop all but the first `room` parts."""
    for subject, parts in counts.parts.items():
        if len(parts) > room:
            counts.parts[subject] = dict(list(parts.items())[: max(0, room)])
        room -= len(parts)
    counts.parts = {subject: parts for subject, parts in counts.parts.items() if parts}


class SlidingCounts:
    """The sum of a window of `slots` slots, kept incrementally.

    The window ends `lag` slots before `end`, which is None until the first `advance`. `touched`
    collects the subjects whose sums may have changed; its reader clears it.
    """

    def __init__(self, ring: Mapping[int, Counts], slots: int, lag: int = 0) -> None:
        self._ring = ring
        self.slots = slots
        self.lag = lag
        self.end: int | None = None
        self.total = Counts()
        self.touched: set[Subject] = set()

    def covers(self, slot: int) -> bool:
        """Tell whether `slot` lies in the window."""
        return self.end is not None and 0 <= self.end - self.lag - slot < self.slots

    def include(self, slot: int, newcomers: Counts) -> bool:
        """Add late counts of `slot` if it lies in the window; tell whether it does."""
        covered = self.covers(slot)
        if covered:
            self.total.add(newcomers)
            self.touched.update(newcomers.hits)
        return covered

    def advance(self, end: int) -> None:
        """Move the window forward to `end`."""
        if self.end is None or end - self.end >= self.slots:
            self.touched.update(self.total.hits)
            self.total = Counts()
            first = end - self.lag - self.slots
            self._enter(slot for slot in self._ring if first < slot <= end - self.lag)
        else:
            for slot in range(self.end + 1 - self.lag, end + 1 - self.lag):
                self._enter((slot,))
                leaving = self._ring.get(slot - self.slots)
                if leaving is not None:
                    self.total.subtract(leaving)
                    self.touched.update(leaving.hits)
        self.end = end

    def _enter(self, slots: Iterable[int]) -> None:
        for slot in slots:
            entering = self._ring.get(slot)
            if entering is not None:
                self.total.add(entering)
                self.touched.update(entering.hits)

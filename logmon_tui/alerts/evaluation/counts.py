"""Counts by subject, and their sliding sums. This module knows no rules.

Slots are numbered since 1970. A ring maps each slot to its counts.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from logmon_tui.alerts.evaluation.clients import (
    FULL,
    Change,
    Precision,
    SlotClients,
    WindowClients,
    precision_of,
)
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.metrics.histogram import add_counts, subtract_counts
from logmon_tui.metrics.tally import with_room

if TYPE_CHECKING:
    from logmon_tui.alerts.evaluation.crowd import CrowdRows

Part: TypeAlias = int
"""A part of a subject's hits: a histogram bin."""

FULL_SLOTS = 600
"""Maximum slots kept with full `Bounds`. Where more are kept, each may count fewer subjects."""

CLIENT_BYTES = 64_000_000
"""Bytes that the clients of a subject may take in all slots of a rule."""

MIN_SUBJECTS = 100
"""Minimum subjects that a slot may count, however many slots are kept."""


class Bounds(msgspec.Struct, frozen=True):
    """Maximum sizes of a slot's counts.

    About `subjects` subjects are counted, at most four times as many: those with the most hits.
    `parts` limits the parts of all subjects together; further ones are not counted. `precision`
    limits the clients of each subject.
    """

    subjects: int = 600
    parts: int = 5_000
    precision: Precision = FULL


def bounds_of(kept: int, bucket_size: int) -> Bounds:
    """Return the bounds of each slot: the more slots are kept, the fewer subjects each may hold.

    The same holds for the clients of each. Histogram bins are few for each subject, and without
    those of the slowest hits a quantile would be wrong. Longer slots may hold more of them.
    """
    full = Bounds()
    share = min(1.0, FULL_SLOTS / kept)
    subjects = max(MIN_SUBJECTS, int(full.subjects * share))
    precision = precision_of(CLIENT_BYTES // kept)
    return Bounds(subjects, int(full.parts * bucket_size), precision)


class Counts:
    """Hits by subject, amounts (such as bytes), hits by part, and clients by subject.

    Of a rule that counts distinct paths, `clients` are paths; see `clients`.
    `crowd` are the rows of those without a name, where counts are saved and restored.

    Counts add and subtract. So a sliding sum adds the newest slot and subtracts the oldest.
    Clients do not: SlidingCounts counts those of its window.
    """

    __slots__ = ("amounts", "clients", "crowd", "hits", "parts")

    def __init__(self) -> None:
        self.hits: dict[Subject, int] = {}
        self.amounts: dict[Subject, int] = {}
        self.parts: dict[Subject, dict[Part, int]] = {}
        self.clients: dict[Subject, SlotClients] = {}
        self.crowd: CrowdRows | None = None

    def with_crowd(self, crowd: "CrowdRows") -> "Counts":
        """Return the same counts with the rows of a crowd."""
        counts = Counts()
        counts.hits, counts.amounts = self.hits, self.amounts
        counts.parts, counts.clients, counts.crowd = self.parts, self.clients, crowd
        return counts

    def distinct(self, subject: Subject) -> int:
        """Return how many clients the subject has; 0 of counts that know none."""
        del subject
        return 0

    def add_clients(self, other: "Counts", precision: Precision) -> dict[Subject, Change]:
        """Add another's clients; return how those of each subject change."""
        changes = {}
        for subject, clients in other.clients.items():
            if subject not in self.clients:
                self.clients[subject] = SlotClients(precision=precision)
            changes[subject] = self.clients[subject].add(clients)
        return changes

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
            if subject in self.clients:
                kept.clients[subject] = self.clients[subject]
        return kept

    def admitted(self, newcomers: "Counts", window: "Counts", bounds: Bounds) -> "Counts":
        """Return the part of `newcomers` that `bounds` leave room for beside these counts.

        `window` holds the counts of the last window: a subject that was loud in it is admitted
        before one of a crowd that is new.
        """
        kept = with_room(newcomers.hits, self.hits, 2 * bounds.subjects, window.hits)
        if kept is not None:
            newcomers = newcomers.for_subjects(kept)
        if newcomers.parts:
            _cut_parts(newcomers, bounds.parts - sum(map(len, self.parts.values())))
        return newcomers

    def cut_clients(self, room: int) -> int:
        """Keep `room` numbers of clients at most; return of how many subjects some are dropped.

        Those with the most lose first, so that no one loses all while others keep many.
        """
        sizes = sorted(map(len, self.clients.values()))
        if sum(sizes) <= room:
            return 0
        room = max(0, room)
        most = 0
        for place, size in enumerate(sizes):
            most = room // (len(sizes) - place)
            if size > most:
                break
            room -= size
        cut = [subject for subject, each in self.clients.items() if len(each) > most]
        for subject in cut:
            self.clients[subject] = self.clients[subject].first(most)
        return len(cut)


def _cut_parts(counts: Counts, room: int) -> None:
    """Drop all but the first `room` parts."""
    for subject, parts in counts.parts.items():
        if len(parts) > room:
            counts.parts[subject] = dict(list(parts.items())[: max(0, room)])
        room -= len(parts)
    counts.parts = {subject: parts for subject, parts in counts.parts.items() if parts}


class WindowCounts(Counts):
    """The counts of a window, whose clients are counted as slots enter and leave."""

    __slots__ = ("windows",)

    def __init__(self) -> None:
        super().__init__()
        self.windows: dict[Subject, WindowClients] = {}

    def distinct(self, subject: Subject) -> int:
        """Return how many clients the subject has; beyond some number an estimate."""
        return self.windows[subject].distinct if subject in self.windows else 0


class SlidingCounts:
    """The sum of a window of `slots` slots, kept incrementally.

    The window ends `lag` slots before `end`, which is None until the first `advance`. `touched`
    collects the subjects whose sums may have changed; its reader clears it. `precision` is that of
    the slots' clients.
    """

    def __init__(
        self,
        ring: Mapping[int, Counts],
        slots: int,
        lag: int = 0,
        precision: Precision = FULL,
    ) -> None:
        self._ring = ring
        self._precision = precision
        self.slots = slots
        self.lag = lag
        self.end: int | None = None
        self.total = WindowCounts()
        self.touched: set[Subject] = set()

    def covers(self, slot: int) -> bool:
        """Tell whether `slot` lies in the window."""
        return self.end is not None and 0 <= self.end - self.lag - slot < self.slots

    def include(
        self,
        slot: int,
        newcomers: Counts,
        clients: Mapping[Subject, Change],
        *,
        touches: bool = True,
    ) -> bool:
        """Add late counts of `slot` if it lies in the window; tell whether it does.

        `clients` are the changes of those of the slot. Their subjects count as touched if it
        `touches` them.
        """
        covered = self.covers(slot)
        if covered:
            self.total.add(newcomers)
            for subject, change in clients.items():
                self._clients(subject).enter(change)
            if touches:
                self.touched.update(newcomers.hits)
        return covered

    def advance(self, end: int) -> None:
        """Move the window forward to `end`."""
        if self.end is None or end - self.end >= self.slots:
            self.touched.update(self.total.hits)
            self.total = WindowCounts()
            first = end - self.lag - self.slots
            self._enter(slot for slot in self._ring if first < slot <= end - self.lag)
        else:
            for slot in range(self.end + 1 - self.lag, end + 1 - self.lag):
                self._enter((slot,))
                leaving = self._ring.get(slot - self.slots)
                if leaving is not None:
                    self.total.subtract(leaving)
                    self._leave(leaving)
                    self.touched.update(leaving.hits)
        self.end = end

    def _enter(self, slots: Iterable[int]) -> None:
        for slot in slots:
            entering = self._ring.get(slot)
            if entering is not None:
                self.total.add(entering)
                for subject, clients in entering.clients.items():
                    self._clients(subject).enter(clients.whole())
                self.touched.update(entering.hits)

    def _leave(self, leaving: Counts) -> None:
        for subject, clients in leaving.clients.items():
            if subject in self.total.hits:
                self._clients(subject).leave(clients)
            else:
                del self.total.windows[subject]

    def _clients(self, subject: Subject) -> WindowClients:
        windows = self.total.windows
        if subject not in windows:
            windows[subject] = WindowClients(
                partial(self._clients_by_slot, subject), self._precision
            )
        return windows[subject]

    def _clients_by_slot(self, subject: Subject) -> Iterator[SlotClients]:
        """Yield the subject's clients in each slot of the window."""
        last = (self.end or 0) - self.lag
        for slot in range(last - self.slots + 1, last + 1):
            counts = self._ring.get(slot)
            if counts is not None and subject in counts.clients:
                yield counts.clients[subject]

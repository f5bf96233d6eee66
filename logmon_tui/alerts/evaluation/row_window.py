"""RowWindow: the rows that a rule still needs, and which of their subjects may breach it.

There may be millions of subjects. So rows are counted by groups of subjects first, and only the
subjects of groups with enough hits are looked at one by one. Of these, only the rows of subjects
that may have enough hits within one window are judged.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import compress

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.slotted import (
    WHOLE_TRAFFIC,
    Names,
    NumberedRows,
    Rows,
    groups_of,
)
from logmon_tui.alerts.evaluation.steps import Ints
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.native.sums import GROUPS, add_by_group, add_by_stretch

Mask = NDArray[np.bool_]

_BLOCK_ROWS = 1 << 16
"""Rows from which on a block is no longer joined with others."""

_STRETCHES_A_WINDOW = 4
"""Stretches of a window over which hits are summed to find subjects that may breach a rule."""

_CELLS = 100_000
"""Maximum sums (subjects × stretches) computed for that."""


class Passage(msgspec.Struct, frozen=True):
    """The rows that a window moves over: `old` ones were counted before, `new` ones were not.

    Only rows of `subjects`, those that may breach the rule, are there.
    """

    subjects: list[Subject]
    old: NumberedRows
    new: NumberedRows


class Numbers(msgspec.Struct, frozen=True):
    """The subject's number of each name, -1 for those that are not `loud`."""

    of: NDArray[np.int32]
    loud: NDArray[np.intp]


class RowWindow:
    """Keeps the rows of the last `reach` slots, and newer ones. A row takes about 9 bytes."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._inside: list[Rows] = []
        self._ahead: list[Rows] = []
        self._hits: Ints = np.zeros(GROUPS, dtype=np.int64)  # of the rows inside, by group
        self._too_late: int | None = None  # the last slot before the window

    def take(self, rows: Rows) -> None:
        """Add rows, which may be late; those that came too late for the window are dropped."""
        # Time may jump back for hours, in which no window moves and nothing else would drop them.
        if len(rows.slots) and self._too_late is not None and rows.slots[0] <= self._too_late:
            rows = rows.part(slice(_place_after(rows.slots, self._too_late), None))
        if not len(rows.slots):
            return
        # Columns of a batch share memory, which would be kept as a whole for those of the rows.
        shared = rows.slots.base is not None or rows.codes.base is not None
        self._ahead.append(rows.packed() if shared else rows)

    def move(self, begin: int, end: int, least: int, wanted: Collection[Subject]) -> Passage:
        """Move the window's end from the slot `begin` to `end`, and return what it moves over.

        The passage has the subjects that may have `least` hits in a window, and all `wanted`
        ones, which come first.
        """
        entering, self._ahead = split(self._ahead, end)
        # Rows older than the window came too late.
        _, entering = split(entering, begin - self._reach)
        self._count(entering)
        passage = self._passage(entering, least, wanted)
        leaving, self._inside = split(self._inside, end - self._reach)
        passed, inside = split(entering, end - self._reach)
        self._too_late = end - self._reach
        gone, staying = (*leaving, *passed), (*self._inside, *inside)
        if _length(staying) < _length(gone):
            self._hits[:] = 0
            self._count(staying)
        else:
            self._count(gone, sign=-1)
        self._keep(inside)
        return passage

    def _count(self, blocks: Iterable[Rows], *, sign: int = 1) -> None:
        for rows in blocks:
            add_by_group(rows.codes, rows.hits, rows.names.groups, self._hits, sign=sign)

    def _keep(self, inside: list[Rows]) -> None:
        """Keep more rows of the window; join small blocks of the whole traffic: it may be long."""
        self._inside += [rows.packed() for rows in inside]
        small = [rows for rows in self._inside if len(rows.slots) < _BLOCK_ROWS]
        if len(small) > 1 and small[0].names is WHOLE_TRAFFIC:
            large = [rows for rows in self._inside if len(rows.slots) >= _BLOCK_ROWS]
            self._inside = [*large, _joined(small)]

    def _passage(self, entering: list[Rows], least: int, wanted: Collection[Subject]) -> Passage:
        known = {subject: number for number, subject in enumerate(wanted)}
        groups = groups_of(list(wanted))
        np.add.at(self._hits, groups, least)  # for now, so that the wanted subjects are loud too
        numbers: dict[int, Numbers | None] = {}
        parts: list[list[tuple[Rows, Numbers]]] = []
        for blocks in (self._inside, entering):
            parts.append([])
            for rows in blocks:
                key = id(rows.names)
                if key not in numbers:
                    loud = self._loud(rows.names.groups, least)
                    numbers[key] = _numbers(rows.names, loud, known)
                found = numbers[key]
                if found is not None:
                    parts[-1].append((rows, found))
        np.add.at(self._hits, groups, -least)
        if least > 1 and len(known) > len(wanted):  # of one hit, all are busy
            busy = self._busy([*parts[0], *parts[1]], len(known), least)
            busy[: len(wanted)] = True
            _renumber(numbers.values(), busy)
            known = dict.fromkeys(compress(known, busy.tolist()), 0)
        joined = (((rows, found.of) for rows, found in part if known) for part in parts)
        old, new = map(NumberedRows.joined, joined)
        return Passage(list(known), old, new)

    def _busy(self, parts: list[tuple[Rows, Numbers]], subjects: int, least: int) -> Mask:
        """Tell which subjects may have `least` hits in a window, shape (subjects,).

        Hits are summed over stretches of a quarter of the window. Any window lies within a few
        neighbours, so their sum is an upper bound.
        """
        first = min(int(rows.slots[0]) for rows, _ in parts)
        last = max(int(rows.slots[-1]) for rows, _ in parts)
        length = -(-self._reach // _STRETCHES_A_WINDOW)
        stretches = (last - first) // length + 1
        if stretches * subjects > _CELLS:
            return np.ones(subjects, dtype=np.bool_)
        counts = np.zeros((stretches + 1, subjects + 1), dtype=np.int64)
        bounds = first + length * np.arange(1, stretches + 1)
        for rows, numbers in parts:
            ends = rows.slots.searchsorted(bounds)
            add_by_stretch(rows.codes, rows.hits, ends, numbers.of, counts[1:])
        np.cumsum(counts, axis=0, out=counts)
        touched = min(stretches, -(-(self._reach - 1) // length) + 1)
        most = (counts[touched:, :-1] - counts[:-touched, :-1]).max(axis=0)
        busy: Mask = most >= least
        return busy

    def _loud(self, groups: NDArray[np.uint16], least: int) -> NDArray[np.intp]:
        """Return the numbers of the names whose groups, shape (names,), have `least` hits."""
        if len(groups) < GROUPS:
            return np.flatnonzero(self._hits[groups] >= least)
        return np.flatnonzero((self._hits >= least)[groups])  # a small table for many to look up


def _numbers(names: Names, loud: NDArray[np.intp], subjects: dict[Subject, int]) -> Numbers | None:
    """Give the `loud` names numbers; return None if none is loud.

    New loud names get the next numbers in `subjects`.
    """
    if not len(loud):
        return None
    found = np.full(len(names), -1, dtype=np.int32)
    found[loud] = [subjects.setdefault(name, len(subjects)) for name in names.of(loud)]
    return Numbers(found, loud)


def _renumber(numbers: Iterable[Numbers | None], kept: Mask) -> None:
    """Give the subjects that are `kept` new numbers, in their order, and the others none."""
    renumbered = np.where(kept, np.cumsum(kept) - 1, -1)
    for each in numbers:
        if each is not None:
            each.of[each.loud] = renumbered[each.of[each.loud]]


def _length(blocks: Iterable[Rows]) -> int:
    return sum(len(rows.slots) for rows in blocks)


def split(blocks: Sequence[Rows], slot: int) -> tuple[list[Rows], list[Rows]]:
    """Split the rows into those up to `slot` and those after it."""
    before: list[Rows] = []
    behind: list[Rows] = []
    for rows in blocks:
        place = _place_after(rows.slots, slot)
        if place:
            before.append(rows.part(slice(None, place)))
        if place < len(rows.slots):
            behind.append(rows.part(slice(place, None)))
    return before, behind


def _place_after(slots: NDArray[np.integer], slot: int) -> int:
    """Return how many of the ascending slots are up to `slot`."""
    if not len(slots) or slot < slots[0]:
        return 0
    if slot >= slots[-1]:
        return len(slots)
    # A number of another type would have all slots copied.
    return int(slots.searchsorted(slots.dtype.type(slot), side="right"))


def _joined(blocks: list[Rows]) -> Rows:
    """Return blocks of the whole traffic as one."""
    slots = np.concatenate([rows.slots for rows in blocks])
    order = np.argsort(slots, kind="stable")
    codes, hits, amounts = (
        np.concatenate(columns)[order]
        for columns in zip(*((each.codes, each.hits, each.amounts) for each in blocks), strict=True)
    )
    return Rows(WHOLE_TRAFFIC, slots[order], codes, hits, amounts).packed()

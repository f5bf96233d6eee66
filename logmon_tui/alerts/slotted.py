"""What rules count of a batch, as columns in the order of their slots. Nothing is judged here."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.counting import Counting, Kind, Subjects, chosen_rows, subjects_of
from logmon_tui.alerts.incident import Subject
from logmon_tui.alerts.rule import Scope
from logmon_tui.formats.hit_batch import HitBatch

Ints = NDArray[np.int64]

GROUPS = 1 << 16
"""Subjects are counted in so many groups first: few of millions are ever told apart."""

_CELLS_A_ROW = 4
"""Rows are summed by slot and subject where there are at most so many sums for each."""

_HISTOGRAMS = frozenset({Kind.TIMES, Kind.SIZES})
"""Kinds of which each row tells a bin: nothing to sum up."""


class Names:
    """Distinct subjects, and the group of each: equal subjects are of one group."""

    __slots__ = ("_groups", "values")

    def __init__(self, values: Sequence[Subject]) -> None:
        self.values = values
        self._groups: NDArray[np.int64] | None = None

    @property
    def groups(self) -> NDArray[np.int64]:
        """The group of each, from 0 up to `GROUPS`."""
        if self._groups is None:
            self._groups = groups_of(self.values)
        return self._groups


NOBODY = Names([None])
"""The whole traffic, as the only subject."""


def groups_of(subjects: Sequence[Subject]) -> NDArray[np.int64]:
    """Return the group of each subject. Python's hashes are seeded: no log can aim at a group."""
    return np.fromiter(map(hash, subjects), np.int64, len(subjects)) & (GROUPS - 1)


class Rows(NamedTuple):
    """Hits as columns of the shape (n,), ascending in their slots.

    A row has so many `hits` of the subject `names.values[codes[i]]`. Its `amount` is what the
    rule's kind sums up, or the bin of a single hit.
    """

    names: Names
    slots: Ints
    codes: NDArray[np.integer]
    hits: Ints
    amounts: Ints

    def part(self, rows: slice) -> "Rows":
        """Return some of the rows."""
        return Rows(
            self.names, self.slots[rows], self.codes[rows], self.hits[rows], self.amounts[rows]
        )


class NumberedRows(NamedTuple):
    """Hits of subjects by their numbers, as columns of the shape (n,)."""

    numbers: Ints
    slots: Ints
    hits: Ints
    amounts: Ints

    @classmethod
    def joined(cls, blocks: Iterable[tuple[Rows, Ints]]) -> "NumberedRows":
        """Return the rows of `blocks` that have a number, which is -1 for none."""
        columns: list[list[Ints]] = [[np.zeros(0, dtype=np.int64)] for _ in cls._fields]
        for rows, numbers in blocks:
            mine = np.flatnonzero(numbers >= 0)
            for column, each in zip(
                columns, (numbers, rows.slots, rows.hits, rows.amounts), strict=True
            ):
                column.append(each[mine])
        return cls(*map(np.concatenate, columns))


class SlottedBatch:
    """A batch of which several rules count: what they share is worked out once."""

    def __init__(self, batch: HitBatch, bucket_size: int) -> None:
        self._batch = batch
        self._slots: Ints = batch.seconds // bucket_size if bucket_size > 1 else batch.seconds
        self._ascending = bool((self._slots[1:] >= self._slots[:-1]).all())
        self._subjects: dict[Scope, tuple[Subjects, Names] | None] = {}

    def rows(self, counting: Counting) -> Rows | None:
        """Return what is counted; None where nothing is."""
        known = self._subjects_of(counting.scope)
        if known is None:
            return None
        (_, codes), names = known
        slots = self._slots
        plain = not (counting.match or counting.paths or counting.status)
        if counting.kind is Kind.NOTHING and plain:
            values = np.broadcast_to(np.int64(0), slots.shape)
        else:
            chosen = chosen_rows(self._batch, counting, known[0])
            if chosen is None or not len(chosen.rows):
                return None
            slots, codes, values = slots[chosen.rows], codes[chosen.rows], chosen.values
        if not self._ascending:
            order = np.argsort(slots, kind="stable")
            slots, codes, values = slots[order], codes[order], values[order]
        rows = Rows(names, slots, codes, np.broadcast_to(np.int64(1), slots.shape), values)
        return rows if counting.kind in _HISTOGRAMS else _summed(rows)

    def _subjects_of(self, scope: Scope) -> tuple[Subjects, Names] | None:
        if scope not in self._subjects:
            subjects = subjects_of(self._batch, scope)
            names = NOBODY if scope is Scope.ALL else Names(subjects.names if subjects else ())
            self._subjects[scope] = None if subjects is None else (subjects, names)
        return self._subjects[scope]


def _summed(rows: Rows) -> Rows:
    """Return the rows with one for each slot and subject, unless they are too scattered for that.

    It takes no sorting: each sum has its place in a table.
    """
    new = np.empty(len(rows.slots), dtype=np.bool_)
    new[:1] = True
    np.not_equal(rows.slots[1:], rows.slots[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    filled, width = rows.slots[starts], len(rows.names.values)
    if width == 1:
        hits, amounts = (np.add.reduceat(each, starts) for each in (rows.hits, rows.amounts))
        return Rows(rows.names, filled, rows.codes[starts], hits, amounts)
    size = len(filled) * width
    if size > _CELLS_A_ROW * len(rows.slots):
        return rows
    table = (np.cumsum(new) - 1) * width + rows.codes
    hits = np.bincount(table, minlength=size)
    cells = np.flatnonzero(hits)
    amounts = np.zeros(size, dtype=np.int64)
    if rows.amounts.any():
        np.add.at(amounts, table, rows.amounts)
    places, codes = np.divmod(cells, width)
    return Rows(rows.names, filled[places], codes, hits[cells], amounts[cells])

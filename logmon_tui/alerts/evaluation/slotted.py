"""Count a batch for several rules, as columns in the order of their slots. It judges no rule."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counter_keys import COLUMNS, CounterKey, Kind
from logmon_tui.alerts.evaluation.counting import Subjects, chosen_rows, pairs_of, subjects_of
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.native.sums import GROUPS, numbered_rows
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]
Groups = NDArray[np.uint16]

_CELLS_A_ROW = 4
"""Maximum table cells (slots × subjects) per row for summing rows in a table."""

_MAX_VOCABULARIES = 16
"""Maximum vocabularies in use at once: one per dimension and parsing thread."""

_ROWS_A_NAME = 4
"""Rows that take as much memory as the name of a subject."""

_HISTOGRAMS = frozenset({Kind.TIMES, Kind.SIZES})
"""Kinds whose rows each hold the bin of one hit, so that rows cannot be summed."""


class Names:
    """Distinct subjects, and the group of each. Equal subjects always have the same group.

    Hits are counted by group first. Only subjects of groups with many hits are counted on their
    own: few of millions. They are `shared` if they belong to many batches.
    """

    __slots__ = ("_groups", "_texts", "shared")

    def __init__(self, texts: Texts, *, shared: bool = False) -> None:
        self._texts = texts
        self.shared = shared
        self._groups: Groups = np.zeros(0, dtype=np.uint16)

    def grow(self, texts: Texts) -> None:
        """Add texts to the present ones, with which they begin; a late batch may know fewer."""
        if len(texts) > len(self._texts):
            self._texts = texts

    def __len__(self) -> int:
        """Return the number of subjects."""
        return len(self._texts)

    @property
    def groups(self) -> Groups:
        """The group of each subject, below `GROUPS`."""
        known = len(self._groups)
        if known < len(self._texts):
            new = _groups(self._texts.take(slice(known, None)))
            self._groups = np.append(self._groups, new) if known else new
        return self._groups

    def of(self, codes: NDArray[np.intp]) -> Sequence[Subject]:
        """Return the subjects with these numbers."""
        return [None] * len(codes) if self is WHOLE_TRAFFIC else self._texts.take(codes).tolist()


WHOLE_TRAFFIC = Names(Texts.of([b""]), shared=True)
"""The whole traffic, as the only subject."""


def groups_of(subjects: Iterable[Subject]) -> Groups:
    """Return the group of each subject."""
    return _groups(Texts.of(subject or b"" for subject in subjects))


def _groups(texts: Texts) -> Groups:
    # The hashes are seeded, so that a hostile log cannot fill one group on purpose.
    return (texts.hashes() & (GROUPS - 1)).astype(np.uint16)


class Rows(NamedTuple):
    """Counted hits as columns of shape (rows,), ascending by slot.

    Row i counts `hits[i]` hits of the subject `codes[i]` of `names`. `amounts[i]` is what the
    rule's kind sums, or the bin of a single hit.
    """

    names: Names
    slots: NDArray[np.integer]
    codes: NDArray[np.integer]
    hits: NDArray[np.integer]
    amounts: NDArray[np.integer]

    @property
    def weight(self) -> int:
        """The memory that they take, in rows, with names that only they have."""
        return len(self.slots) + (0 if self.names.shared else _ROWS_A_NAME * len(self.names))

    def packed(self) -> "Rows":
        """Return a copy that takes little memory: 9 bytes a row, where a subject has few hits."""
        return self._replace(
            slots=_small(self.slots, ascending=True),
            codes=self.codes.astype(np.int32),  # the type with which sums take the least time
            hits=_small(self.hits),
            amounts=_small(self.amounts),
        )

    def part(self, rows: slice) -> "Rows":
        """Return some of the rows."""
        return Rows(
            self.names, self.slots[rows], self.codes[rows], self.hits[rows], self.amounts[rows]
        )


_NOTHING = np.zeros(0, dtype=np.int64)
_SMALL = (np.uint8, np.uint16, np.uint32)


def _small(numbers: NDArray[np.integer], *, ascending: bool = False) -> NDArray[np.integer]:
    """Return a copy of numbers in the smallest type that holds them; of equal ones, only one."""
    if not len(numbers):
        return numbers.astype(np.uint8)
    if ascending or is_constant(numbers):
        least, most = int(numbers[0]), int(numbers[-1])
    else:
        least, most = int(numbers.min()), int(numbers.max())
    if least == most:
        return np.broadcast_to(numbers[0].copy(), numbers.shape)
    fitting = (each for each in _SMALL if least >= 0 and most <= np.iinfo(each).max)
    return numbers.astype(next(fitting, np.int64))


def is_constant(numbers: NDArray[np.integer]) -> bool:
    """Tell whether all numbers are the same, as it is plain to see where they are stored once."""
    return numbers.strides == (0,) and len(numbers) > 0


def _chosen(numbers: NDArray[np.integer], rows: NDArray[np.intp]) -> NDArray[np.integer]:
    return np.broadcast_to(numbers[0], rows.shape) if is_constant(numbers) else numbers[rows]


def _concatenated(parts: Sequence[NDArray[np.integer]]) -> Ints:
    """Return the parts as one column; it is stored once where all its numbers are the same."""
    if not parts:
        return _NOTHING
    if all(map(is_constant, parts)) and len({int(part[0]) for part in parts}) == 1:
        return np.broadcast_to(np.int64(parts[0][0]), (sum(map(len, parts)),))
    return np.concatenate(parts, dtype=np.int64)


class NumberedRows(NamedTuple):
    """Counted hits with the numbers of their subjects, as columns of shape (rows,)."""

    numbers: Ints
    slots: Ints
    hits: Ints
    amounts: Ints

    @classmethod
    def joined(cls, blocks: Iterable[tuple[Rows, NDArray[np.int32]]]) -> "NumberedRows":
        """Join `blocks` of rows, with a number for each of their codes.

        Rows whose code has the number -1 are left out.
        """
        columns: list[list[NDArray[np.integer]]] = [[] for _ in cls._fields]
        for rows, numbers in blocks:
            mine, found = numbered_rows(rows.codes, numbers)
            if not len(mine):
                continue
            chosen = (_chosen(each, mine) for each in (rows.slots, rows.hits, rows.amounts))
            for column, each in zip(columns, (found, *chosen), strict=True):
                column.append(each)
        return cls(*map(_concatenated, columns))


class NamesCache:
    """Caches the Names of each vocabulary, as many batches share one."""

    def __init__(self) -> None:
        self._names: dict[Vocabulary, Names] = {}

    def of(self, column: Column) -> Names:
        """Return the names of a column."""
        vocabulary = column.vocabulary
        if vocabulary is None:
            return Names(column.texts)
        names = self._names.get(vocabulary)
        if names is None:
            if len(self._names) >= _MAX_VOCABULARIES:  # the oldest is no longer in use
                del self._names[next(iter(self._names))]
            names = self._names[vocabulary] = Names(column.texts, shared=True)
        names.grow(column.texts)
        return names


class SlottedBatch:
    """A batch that several rules count; what they share is computed once."""

    def __init__(self, batch: HitBatch, bucket_size: int, known: NamesCache | None = None) -> None:
        self._batch = batch
        self._known = known or NamesCache()
        self._slots: Ints = batch.seconds // bucket_size if bucket_size > 1 else batch.seconds
        self._ascending = bool((self._slots[1:] >= self._slots[:-1]).all())
        self._subjects: dict[Scope, tuple[Names, NDArray[np.integer]] | None] = {}

    def rows(self, counter_key: CounterKey) -> Rows | None:
        """Return the counted rows for a counter key; None if nothing is counted."""
        if counter_key.by:
            return self._rows_of_pairs(counter_key)
        known = self._subjects_of(counter_key.scope)
        if known is None:
            return None
        names, codes = known
        slots = self._slots
        plain = not (
            counter_key.match or counter_key.paths or counter_key.status or counter_key.where
        )
        if counter_key.kind is Kind.NOTHING and plain:
            values = np.broadcast_to(np.int64(0), slots.shape)
        else:
            subjects = Subjects(names.of(np.arange(len(names))) if counter_key.match else (), codes)
            chosen = chosen_rows(self._batch, counter_key, subjects)
            if chosen is None or not len(chosen.values):
                return None
            values = chosen.values
            if not isinstance(chosen.rows, slice):
                slots, codes = slots[chosen.rows], codes[chosen.rows]
        return self._in_order(counter_key.kind, names, slots, codes, values)

    def _rows_of_pairs(self, counter_key: CounterKey) -> Rows | None:
        """Return the counted rows of a rule of two scopes: only pairs that count get a name."""
        chosen = chosen_rows(self._batch, counter_key, Subjects((), self._slots))
        if chosen is None or not len(chosen.values):
            return None
        pairs = pairs_of(self._batch, counter_key.by, chosen.rows)
        if pairs is None:
            return None
        names = Names(Texts.of(name or b"" for name in pairs.names))
        slots = self._slots[chosen.rows]
        return self._in_order(counter_key.kind, names, slots, pairs.codes, chosen.values)

    def _in_order(
        self, kind: Kind, names: Names, slots: Ints, codes: NDArray[np.integer], values: Ints
    ) -> Rows:
        """Return counted hits as rows in the order of their slots."""
        if not self._ascending:
            order = np.argsort(slots, kind="stable")
            slots, codes, values = slots[order], codes[order], values[order]
        rows = Rows(names, slots, codes, np.broadcast_to(np.int64(1), slots.shape), values)
        if kind in _HISTOGRAMS:
            return rows
        return _summed(rows, self._starts if slots is self._slots else _starts_of(slots))

    @cached_property
    def _starts(self) -> NDArray[np.intp]:
        """The first row of each slot, where all hits count and are in order."""
        return _starts_of(self._slots)

    def _subjects_of(self, scope: Scope) -> tuple[Names, NDArray[np.integer]] | None:
        """Return the subjects, and for each hit the number of its subject."""
        if scope not in self._subjects:
            self._subjects[scope] = self._found(scope)
        return self._subjects[scope]

    def _found(self, scope: Scope) -> tuple[Names, NDArray[np.integer]] | None:
        if scope in COLUMNS:  # so that texts need not become Python objects
            column = self._batch.columns.get(COLUMNS[scope])
            return None if column is None else (self._known.of(column), column.codes)
        subjects = subjects_of(self._batch, scope)
        if subjects is None:
            return None
        if scope is Scope.ALL:
            return WHOLE_TRAFFIC, subjects.codes
        return Names(Texts.of(name or b"" for name in subjects.names)), subjects.codes


def _starts_of(slots: Ints) -> NDArray[np.intp]:
    """Return the first row of each slot, given the slots of all rows, ascending."""
    new = np.ones(len(slots), dtype=np.bool_)
    np.not_equal(slots[1:], slots[:-1], out=new[1:])
    return np.flatnonzero(new)


def _summed(rows: Rows, starts: NDArray[np.intp]) -> Rows:
    """Merge rows of the same slot and subject, unless that would need too large a table.

    Each row counts one hit; each slot begins at one of the rows `starts`. A table with a cell for
    each slot and subject needs no sorting.
    """
    filled, width = rows.slots[starts], len(rows.names)
    in_slot = np.diff(starts, append=len(rows.slots))
    if width == 1:
        same = is_constant(rows.amounts)
        amounts = in_slot * rows.amounts[0] if same else np.add.reduceat(rows.amounts, starts)
        return Rows(rows.names, filled, rows.codes[starts], in_slot, amounts)
    size = len(filled) * width
    if size > _CELLS_A_ROW * len(rows.slots):
        return rows
    table = np.repeat(np.arange(len(filled)) * width, in_slot) + rows.codes
    hits = np.bincount(table, minlength=size)
    cells = np.flatnonzero(hits)
    amounts = np.zeros(size, dtype=np.int64)
    if rows.amounts.any():
        np.add.at(amounts, table, rows.amounts)
    places, codes = np.divmod(cells, width)
    return Rows(rows.names, filled[places], codes, hits[cells], amounts[cells])

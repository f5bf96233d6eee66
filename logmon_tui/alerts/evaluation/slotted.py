"""What rules count of a batch, as columns in the order of their slots. Nothing is judged here."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.evaluation.counting import (
    COLUMNS,
    CounterKey,
    Kind,
    Subjects,
    chosen_rows,
    subjects_of,
)
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]

GROUPS = 1 << 16
"""Subjects are counted in so many groups first: few of millions are ever told apart."""

_CELLS_A_ROW = 4
"""Rows are summed by slot and subject where there are at most so many sums for each."""

_MOST_KNOWN = 16
"""Vocabularies in use at once: for each dimension one for each lane in which a log is parsed."""

_HISTOGRAMS = frozenset({Kind.TIMES, Kind.SIZES})
"""Kinds of which each row tells a bin: nothing to sum up."""


class Names:
    """Distinct subjects, and the group of each: equal subjects are of one group."""

    __slots__ = ("_groups", "_texts")

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._groups: Ints = np.zeros(0, dtype=np.int64)

    def grow(self, texts: Texts) -> None:
        """Know these texts, which are those of before, and perhaps more behind them."""
        self._texts = texts

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._texts)

    @property
    def groups(self) -> Ints:
        """The group of each, from 0 up to `GROUPS`."""
        known = len(self._groups)
        if known < len(self._texts):
            new = _groups(self._texts.take(slice(known, None)))
            self._groups = np.append(self._groups, new) if known else new
        return self._groups

    def of(self, codes: NDArray[np.intp]) -> Sequence[Subject]:
        """Return the subjects with these numbers."""
        return [None] * len(codes) if self is NOBODY else self._texts.take(codes).tolist()


NOBODY = Names(Texts.of([b""]))
"""The whole traffic, as the only subject."""


def groups_of(subjects: Iterable[Subject]) -> Ints:
    """Return the group of each subject."""
    return _groups(Texts.of(subject or b"" for subject in subjects))


def _groups(texts: Texts) -> Ints:
    # The hashes are seeded: no log can aim at a group.
    return texts.hashes().astype(np.int64) & (GROUPS - 1)


class Rows(NamedTuple):
    """Hits as columns of the shape (n,), ascending in their slots.

    A row has so many `hits` of the subject `codes[i]` of `names`. Its `amount` is what the
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


class KnownNames:
    """The names of vocabularies that are in use: many batches have the same."""

    def __init__(self) -> None:
        self._names: dict[Vocabulary, Names] = {}

    def of(self, column: Column) -> Names:
        """Return the names of a column."""
        vocabulary = column.vocabulary
        if vocabulary is None:
            return Names(column.texts)
        names = self._names.get(vocabulary)
        if names is None:
            if len(self._names) >= _MOST_KNOWN:  # the oldest is in use no more
                del self._names[next(iter(self._names))]
            names = self._names[vocabulary] = Names(column.texts)
        names.grow(column.texts)
        return names


class SlottedBatch:
    """A batch of which several rules count: what they share is worked out once."""

    def __init__(self, batch: HitBatch, bucket_size: int, known: KnownNames | None = None) -> None:
        self._batch = batch
        self._known = known or KnownNames()
        self._slots: Ints = batch.seconds // bucket_size if bucket_size > 1 else batch.seconds
        self._ascending = bool((self._slots[1:] >= self._slots[:-1]).all())
        self._subjects: dict[Scope, tuple[Names, NDArray[np.integer]] | None] = {}

    def rows(self, counting: CounterKey) -> Rows | None:
        """Return what is counted; None where nothing is."""
        known = self._subjects_of(counting.scope)
        if known is None:
            return None
        names, codes = known
        slots = self._slots
        plain = not (counting.match or counting.paths or counting.status)
        if counting.kind is Kind.NOTHING and plain:
            values = np.broadcast_to(np.int64(0), slots.shape)
        else:
            subjects = Subjects(names.of(np.arange(len(names))) if counting.match else (), codes)
            chosen = chosen_rows(self._batch, counting, subjects)
            if chosen is None or not len(chosen.rows):
                return None
            slots, codes, values = slots[chosen.rows], codes[chosen.rows], chosen.values
        if not self._ascending:
            order = np.argsort(slots, kind="stable")
            slots, codes, values = slots[order], codes[order], values[order]
        rows = Rows(names, slots, codes, np.broadcast_to(np.int64(1), slots.shape), values)
        return rows if counting.kind in _HISTOGRAMS else _summed(rows)

    def _subjects_of(self, scope: Scope) -> tuple[Names, NDArray[np.integer]] | None:
        """Return the subjects, and the number of each hit's among them."""
        if scope not in self._subjects:
            self._subjects[scope] = self._found(scope)
        return self._subjects[scope]

    def _found(self, scope: Scope) -> tuple[Names, NDArray[np.integer]] | None:
        if scope in COLUMNS:  # their texts need not become objects
            column = self._batch.columns.get(COLUMNS[scope])
            return None if column is None else (self._known.of(column), column.codes)
        subjects = subjects_of(self._batch, scope)
        if subjects is None:
            return None
        if scope is Scope.ALL:
            return NOBODY, subjects.codes
        return Names(Texts.of(name or b"" for name in subjects.names)), subjects.codes


def _summed(rows: Rows) -> Rows:
    """Return the rows with one for each slot and subject, unless they are too scattered for that.

    It takes no sorting: each sum has its place in a table.
    """
    new = np.empty(len(rows.slots), dtype=np.bool_)
    new[:1] = True
    np.not_equal(rows.slots[1:], rows.slots[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    filled, width = rows.slots[starts], len(rows.names)
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

"""Vocabulary: the distinct texts of a field over many chunks of a log, numbered as they come.

A chunk's columns then are numbers alone: what is dear is done once for each text of the log, not
of each chunk. One thread at a time may use a vocabulary; what it told before stays as it is.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts

Work = Callable[[Column], Sequence[Column]]
"""Makes columns of a column: what its texts stand for, whatever hits have them."""


@dataclass(slots=True, eq=False)
class _Meaning:
    """What texts of a vocabulary stand for: number i for `numbers[i]` of another `vocabulary`.

    While every text stands for itself, there is none.
    """

    vocabulary: "Vocabulary | None" = None
    numbers: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))

    def learn(self, known: Texts, told: Column) -> None:
        """Add what the newest texts stand for, behind those that are `known`."""
        if self.vocabulary is None:
            self.vocabulary = Vocabulary()
            self.numbers = self.vocabulary.interner.numbers(known)
        numbers = self.vocabulary.interner.numbers(told.texts)[told.codes]
        self.numbers = np.append(self.numbers, numbers)


class Vocabulary:
    """Texts and their numbers, and what was made of them."""

    def __init__(self) -> None:
        self.interner = Interner()
        self._worked: dict[Hashable, int] = {}  # so many texts were worked on
        self._meanings: dict[Hashable, list[_Meaning]] = {}

    def column(self, codes: NDArray[np.int32]) -> Column:
        """Return the column of hits that have the texts with these numbers."""
        return Column(self.interner.texts(), codes, self)

    def mapped(self, key: Hashable, work: Work, codes: NDArray[np.int32]) -> list[Column]:
        """Return what `work` makes of the column with these codes; it sees each text once.

        The same `key` stands for the same work.
        """
        worked = self._worked.get(key, 0)
        if key not in self._meanings or worked < len(self.interner):
            self._work(key, work, worked)
        return [
            self.column(codes)
            if meaning.vocabulary is None
            else meaning.vocabulary.column(meaning.numbers[codes])
            for meaning in self._meanings[key]
        ]

    def _work(self, key: Hashable, work: Work, worked: int) -> None:
        texts = self.interner.texts()
        new = texts.take(slice(worked, None))
        given = Column(new, np.arange(len(new), dtype=np.int32))
        told = work(given)
        meanings = self._meanings.setdefault(key, [_Meaning() for _ in told])
        for meaning, each in zip(meanings, told, strict=True):
            if each is not given or meaning.vocabulary is not None:
                meaning.learn(texts.take(slice(worked)), each)
        self._worked[key] = len(texts)

    def size(self) -> tuple[int, int]:
        """Return how many texts there are, and of how many bytes, with those made of them."""
        meant = [each.vocabulary for meanings in self._meanings.values() for each in meanings]
        made = [each.size() for each in meant if each is not None]
        return _summed([(len(self.interner), self.interner.nbytes), *made])


class Vocabularies:
    """The vocabularies of a log's fields, or if they are not to be `kept` those of a chunk's."""

    def __init__(self, *, kept: bool) -> None:
        self._kept = kept
        self._by_field: dict[Field, Vocabulary] = {}

    def interner(self, field: Field) -> Interner:
        """Return what numbers the texts of a field."""
        return self._by_field.setdefault(field, Vocabulary()).interner

    def column(self, field: Field, codes: NDArray[np.int32]) -> Column:
        """Return the column of hits that have the texts with these numbers."""
        column = self._by_field[field].column(codes)
        return column if self._kept else Column(column.texts, codes)

    def size(self) -> tuple[int, int]:
        """Return how many texts there are, and of how many bytes, with those made of them."""
        return _summed(each.size() for each in self._by_field.values())


def _summed(sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    texts = bytes_ = 0
    for more_texts, more_bytes in sizes:
        texts, bytes_ = texts + more_texts, bytes_ + more_bytes
    return texts, bytes_


def mapped(column: Column, key: Hashable, work: Work) -> Sequence[Column]:
    """Return what `work` makes of a column; of one with a vocabulary it sees each text once."""
    if column.vocabulary is None:
        return work(column)
    return column.vocabulary.mapped(key, work, column.codes)

"""Vocabulary: numbers the distinct texts of a field over many chunks of a log.

With a vocabulary, the columns of a chunk are only numbers. Expensive work is done once for each
text of the log, not once for each text of every chunk. Only one thread at a time may use a
vocabulary. Columns that it returned before stay valid.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.column import Column, Mapped
from logmon_tui.formats.model.field import Field
from logmon_tui.native.interner import Interner
from logmon_tui.native.sketches import HashedColumn, Hashes, stable_hashes
from logmon_tui.native.texts import Texts

T = TypeVar("T", bound=np.generic)

LANES = 2
"""Vocabularies of a field in use at once: chunks take turns in so many lanes, each with its own.
The number must not depend on the machine: when a report has too many keys, which of them it
leaves out depends on which were parsed in the same lane."""

Work = Callable[[Column], Sequence[Column]]
"""Makes new columns of a column; the result depends only on the texts, not on the hits."""


class _Growing(Generic[T]):
    """An array that grows at its end: its memory doubles, so that growing costs little."""

    def __init__(self, nothing: NDArray[T]) -> None:
        self._memory = nothing
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, more: NDArray[T]) -> None:
        """Append values."""
        length = self._length + len(more)
        if length > len(self._memory):
            longer = np.empty(max(length, 2 * len(self._memory)), dtype=self._memory.dtype)
            longer[: self._length] = self.values
            self._memory = longer
        self._memory[self._length : length] = more
        self._length = length

    @property
    def values(self) -> NDArray[T]:
        """The values; what was returned before never changes."""
        return self._memory[: self._length]


class _Mapping:
    """Maps the texts of one vocabulary to those of another: number i to `numbers.values[i]`.

    `vocabulary` is None as long as every text maps to itself.
    """

    def __init__(self) -> None:
        self.vocabulary: Vocabulary | None = None
        self.numbers = _Growing(np.zeros(0, dtype=np.int32))

    def extend(self, known: Texts, results: Column) -> None:
        """Append the `results` for the newest texts to those for the `known` ones."""
        if self.vocabulary is None:
            self.vocabulary = Vocabulary()
            self.numbers.append(self.vocabulary.interner.numbers(known))
        self.numbers.append(self.vocabulary.interner.numbers(results.texts)[results.codes])


class Vocabulary:
    """The numbered texts of a field, and the results of work on them."""

    def __init__(self) -> None:
        self.interner = Interner()
        self._worked: dict[Hashable, int] = {}  # how many texts each work has processed
        self._mappings: dict[Hashable, list[_Mapping]] = {}
        self._hashes = _Growing(np.zeros(0, dtype=np.uint64))

    def hashes(self) -> Hashes:
        """Return the stable hash of each text, shape (texts,); each is computed only once."""
        texts, hashed = self.interner.texts(), len(self._hashes)
        if len(texts) > hashed:
            self._hashes.append(stable_hashes(texts.take(slice(hashed, None))))
        return self._hashes.values

    def column(self, codes: NDArray[np.int32] | Mapped) -> Column:
        """Return a column in which hit i has the text number `codes[i]`."""
        return Column(self.interner.texts(), codes, self)

    def mapped(self, key: Hashable, work: Work, column: Column) -> list[Column]:
        """Return what `work` makes of a column of this vocabulary.

        `work` processes each text only once: results are kept under `key`, which must identify the
        work.
        """
        worked = self._worked.get(key, 0)
        if key not in self._mappings or worked < len(self.interner):
            self._work(key, work, worked)
        return [
            column
            if mapping.vocabulary is None
            else mapping.vocabulary.column(Mapped(column, mapping.numbers.values))
            for mapping in self._mappings[key]
        ]

    def _work(self, key: Hashable, work: Work, worked: int) -> None:
        texts = self.interner.texts()
        new = texts.take(slice(worked, None))
        given = Column(new, np.arange(len(new), dtype=np.int32))
        results = work(given)
        mappings = self._mappings.setdefault(key, [_Mapping() for _ in results])
        for mapping, each in zip(mappings, results, strict=True):
            if each is not given or mapping.vocabulary is not None:
                mapping.extend(texts.take(slice(worked)), each)
        self._worked[key] = len(texts)

    def size(self) -> tuple[int, int]:
        """Return the number of texts and of their bytes, including all results."""
        results = [each.vocabulary for mappings in self._mappings.values() for each in mappings]
        made = [each.size() for each in results if each is not None]
        return _summed([(len(self.interner), self.interner.nbytes), *made])


class Vocabularies:
    """The vocabularies of the fields of a log, or of a single chunk if they are not `kept`."""

    def __init__(self, *, kept: bool) -> None:
        self._kept = kept
        self._by_field: dict[Field, Vocabulary] = {}

    def interner(self, field: Field) -> Interner:
        """Return the interner that numbers the texts of a field."""
        return self._by_field.setdefault(field, Vocabulary()).interner

    def column(self, field: Field, codes: NDArray[np.int32]) -> Column:
        """Return a column in which hit i has the text number `codes[i]`."""
        column = self._by_field[field].column(codes)
        return column if self._kept else Column(column.texts, codes)

    def size(self) -> tuple[int, int]:
        """Return the number of texts and of their bytes, including all results."""
        return _summed(each.size() for each in self._by_field.values())


def _summed(sizes: Iterable[tuple[int, int]]) -> tuple[int, int]:
    texts = bytes_ = 0
    for more_texts, more_bytes in sizes:
        texts, bytes_ = texts + more_texts, bytes_ + more_bytes
    return texts, bytes_


def mapped(column: Column, key: Hashable, work: Work) -> Sequence[Column]:
    """Return what `work` makes of `column`; a vocabulary has each text processed only once."""
    if column.vocabulary is None:
        return work(column)
    return column.vocabulary.mapped(key, work, column)


def hashed(column: Column) -> HashedColumn:
    """Return `column` with the stable hash of each of its texts."""
    vocabulary = column.vocabulary
    hashes = stable_hashes(column.texts) if vocabulary is None else vocabulary.hashes()
    return HashedColumn(column.codes, hashes)

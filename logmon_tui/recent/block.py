"""Block: some thousand hits in the order of their arrival, packed into a few bytes each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.columns import without_unused
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.recent.packed import Ints, Packed, Rows

EVERY = slice(None)


@dataclass(frozen=True, slots=True)
class PackedColumn:
    """The texts of n hits: hit i has the text of its vocabulary number `numbers[codes[i]]`."""

    numbers: NDArray[np.int32]
    codes: Packed

    @property
    def nbytes(self) -> int:
        """The bytes of memory that the column takes, without its texts."""
        return self.numbers.nbytes + self.codes.nbytes


class Vocabularies:
    """The texts of all kept hits, numbered once for each dimension."""

    def __init__(self) -> None:
        self._by_dimension: dict[Dimension, Vocabulary] = {}

    def of(self, dimension: Dimension) -> Vocabulary:
        """Return the vocabulary of a dimension."""
        return self._by_dimension.setdefault(dimension, Vocabulary())

    @property
    def nbytes(self) -> int:
        """The bytes of memory that the texts and their numbers take."""
        sizes = [each.size() for each in self._by_dimension.values()]
        return sum(_TEXT_BYTES * texts + bytes_ for texts, bytes_ in sizes)

    def packed(self, dimension: Dimension, column: Column) -> PackedColumn:
        """Return `column` packed, its texts numbered; its hits must be one at least."""
        vocabulary = self.of(dimension)
        if column.vocabulary is vocabulary:
            numbers, codes = np.unique(column.codes, return_inverse=True)
            return PackedColumn(numbers, Packed.of(codes))
        own = without_unused(column)
        return PackedColumn(vocabulary.interner.numbers(own.texts), Packed.of(own.codes))

    def keep(self, blocks: Sequence["Block"]) -> None:
        """Forget the texts that no hit of `blocks` has, which must be all blocks there are."""
        for dimension, former in self._by_dimension.items():
            columns = [each.columns[dimension] for each in blocks if dimension in each.columns]
            texts = former.interner.texts()
            used = np.zeros(len(texts), dtype=np.bool_)
            for column in columns:
                used[column.numbers] = True
            vocabulary = self._by_dimension[dimension] = Vocabulary()
            numbers = np.zeros(len(texts), dtype=np.int32)
            numbers[used] = vocabulary.interner.numbers(texts.take(used))
            for block in blocks:
                if dimension in block.columns:
                    column = block.columns[dimension]
                    block.columns[dimension] = replace(column, numbers=numbers[column.numbers])


_TEXT_BYTES = 32
"""Bytes that a text takes in its vocabulary besides itself: its entry and its place by hash."""


class Block:
    """n hits, each of which stands for `weight` hits.

    `arrivals` number all hits ever kept in the order of their arrival. `low` and `high` are the
    first and the last second. `nbytes` are the bytes of memory that it takes, without the texts.
    """

    __slots__ = (
        "arrivals",
        "columns",
        "high",
        "low",
        "measures",
        "nbytes",
        "resolution",
        "seconds",
        "sizes",
        "status",
        "weight",
    )

    def __init__(
        self, batch: HitBatch, arrivals: Ints, vocabularies: Vocabularies, weight: int = 1
    ) -> None:
        self.weight = weight
        self.arrivals = Packed.of(arrivals)
        self.seconds = Packed.of(batch.seconds)
        self.low, self.high = int(batch.seconds.min()), int(batch.seconds.max())
        self.status, self.sizes = Packed.of(batch.status), Packed.of(batch.sizes)
        self.measures = {measure: Packed.of(each) for measure, each in batch.measures.items()}
        self.columns = {
            dimension: vocabularies.packed(dimension, column)
            for dimension, column in batch.columns.items()
        }
        self.resolution = batch.resolution
        numbers = (self.arrivals, self.seconds, self.status, self.sizes, *self.measures.values())
        self.nbytes = (
            _OVERHEAD
            + sum(each.nbytes for each in numbers)
            + sum(each.nbytes for each in self.columns.values())
        )

    def __len__(self) -> int:
        """Return the number of hits."""
        return self.seconds.count

    def hits(self, vocabularies: Vocabularies, rows: Rows = EVERY) -> HitBatch:
        """Return the hits of `rows` (indices or a slice)."""
        return HitBatch(
            self.seconds.at(rows),
            self.status.at(rows),
            self.sizes.at(rows),
            LazyColumns(self.columns, vocabularies, rows),
            measures={measure: each.at(rows) for measure, each in self.measures.items()},
            resolution=self.resolution,
        )


_OVERHEAD = 4_000
"""Bytes of a block's Python objects, about."""


class LazyColumns(Mapping[Dimension, Column]):
    """The columns of a block's rows, unpacked when they are asked for: a filter reads only some."""

    def __init__(
        self, packed: Mapping[Dimension, PackedColumn], vocabularies: Vocabularies, rows: Rows
    ) -> None:
        self._packed = packed
        self._vocabularies = vocabularies
        self._rows = rows

    def __getitem__(self, dimension: Dimension) -> Column:
        """Return the column of a dimension."""
        packed = self._packed[dimension]
        numbers = packed.codes.of_each(packed.numbers, self._rows)
        return self._vocabularies.of(dimension).column(numbers)

    def __iter__(self) -> Iterator[Dimension]:
        """Yield the dimensions."""
        return iter(self._packed)

    def __len__(self) -> int:
        """Return the number of dimensions."""
        return len(self._packed)


def merged(blocks: Sequence[Block], vocabularies: Vocabularies) -> Block:
    """Return the hits of `blocks`, which must have the same weight, as one block."""
    hits = [block.hits(vocabularies) for block in blocks]
    arrivals = np.concatenate([block.arrivals.at(EVERY) for block in blocks])
    batch = HitBatch.concat(hits, [0] * len(hits))
    return Block(batch, arrivals, vocabularies, blocks[0].weight)


def thinned(block: Block, vocabularies: Vocabularies) -> Block:
    """Return every second hit of a block, each of which now stands for twice as many."""
    rows = slice(None, None, 2)
    hits = block.hits(vocabularies, rows)
    return Block(hits, block.arrivals.at(rows), vocabularies, 2 * block.weight)

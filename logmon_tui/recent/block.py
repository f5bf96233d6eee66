"""Block: some thousand hits in the order of their arrival, packed into a few bytes each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.model.columns import without_unused
from logmon_tui.formats.model.distinct import distinct
from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.native.texts import Texts
from logmon_tui.recent.packed import Ints, Packed, Rows

EVERY = slice(None)


class PackedColumn(msgspec.Struct, frozen=True):
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
        return sum(_TEXT_BYTES * texts + 2 * bytes_ for texts, bytes_ in sizes)

    def packed(self, dimension: Dimension, column: Column) -> PackedColumn:
        """Return `column` packed, its texts numbered; its hits must be one at least."""
        vocabulary = self.of(dimension)
        if column.vocabulary is vocabulary:
            numbers, codes = distinct(column.codes)
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


_TEXT_BYTES = 80
"""Bytes that a text takes besides itself: its entry, its place by hash, and their room to grow."""


class Block:
    """n hits, each of which stands for `weight` hits.

    `arrivals` number all hits ever kept in the order of their arrival. `low` and `high` are the
    first and the last second of all hits that it stands for. `nbytes` are the bytes of memory that
    it takes, without the texts.
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

    def standing_for(self, blocks: Sequence["Block"]) -> "Block":
        """Return this block, made of `blocks`, with the time that these covered."""
        self.low = min(block.low for block in blocks)
        self.high = max(block.high for block in blocks)
        return self

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

    def __contains__(self, dimension: object) -> bool:
        """Tell whether there is a column of a dimension, without unpacking it."""
        return dimension in self._packed

    def __iter__(self) -> Iterator[Dimension]:
        """Yield the dimensions."""
        return iter(self._packed)

    def __len__(self) -> int:
        """Return the number of dimensions."""
        return len(self._packed)


def merged(blocks: Sequence[Block], vocabularies: Vocabularies) -> Block:
    """Return the hits of `blocks`, which must have the same weight, as one block."""
    dimensions = dict.fromkeys(dimension for block in blocks for dimension in block.columns)
    hits = [_with_all(block.hits(vocabularies), dimensions, vocabularies) for block in blocks]
    arrivals = np.concatenate([block.arrivals.at(EVERY) for block in blocks])
    batch = HitBatch.concat(hits, [0] * len(hits))
    return Block(batch, arrivals, vocabularies, blocks[0].weight).standing_for(blocks)


def _with_all(
    hits: HitBatch, dimensions: Iterable[Dimension], vocabularies: Vocabularies
) -> HitBatch:
    """Return `hits` with a column of each of `dimensions`, `NONE` for all hits if they lack it."""
    columns = dict(hits.columns)
    for dimension in dimensions:
        if dimension not in columns:
            vocabulary = vocabularies.of(dimension)
            number = vocabulary.interner.numbers(Texts.of([NONE]))
            columns[dimension] = vocabulary.column(np.repeat(number, len(hits)))
    return replace(hits, columns=columns)


def thinned(block: Block, vocabularies: Vocabularies) -> Block:
    """Return one hit of each two neighbours, which now stands for both.

    Which of the two depends on a hash of its number, so that logs that alternate are not halved
    into one kind of hits.
    """
    first = np.arange(0, len(block), 2)
    coins = _coins(block.arrivals.at(first), block.weight)
    rows = np.minimum(first + coins, len(block) - 1)
    hits = block.hits(vocabularies, rows)
    thin = Block(hits, block.arrivals.at(rows), vocabularies, 2 * block.weight)
    return thin.standing_for([block])


def _coins(numbers: Ints, seed: int) -> NDArray[np.intp]:
    """Return 0 or 1 for each number, as if by chance: a bit of SplitMix64 (Steele et al., 2014)."""
    mixed = numbers.astype(np.uint64) + np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed >> np.uint64(63)).astype(np.intp)

"""PairTotals: hits by pairs of texts, such as a path and a referrer, in columns.

Memory is bounded: of too many pairs, those with the fewest hits are dropped.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.distinct import distinct
from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.native.interner import Interner
from logmon_tui.native.tallies import tallied

Ints = NDArray[np.int64]

KEPT_PAIRS = 20_000
"""Pairs kept. At twice as many, those with the fewest hits are dropped."""

_MERGED_ROWS = 50_000
"""Maximum hits that wait to be merged."""

_SHIFT = 32
"""A pair is one number: the first text's number is in the bits from here on."""


_MERGED_BATCHES = 256
"""Maximum batches whose hits wait: the vocabularies of their columns stay in memory."""


class PairRows(msgspec.Struct, frozen=True):
    """The hits to be counted, as two columns of the shape (hits,)."""

    first: Column
    second: Column

    @classmethod
    def of(cls, first: Column, second: Column, rows: NDArray[np.intp]) -> "PairRows":
        """Return the hits `rows` of two columns of a batch; any thread may call this."""
        return cls(_chosen(first, rows), _chosen(second, rows))


def _chosen(column: Column, rows: NDArray[np.intp]) -> Column:
    """Return the column of the hits `rows`, which keeps none of the other texts of its chunk."""
    if column.vocabulary is not None:
        return column.select(rows)
    codes, places = np.unique(column.codes[rows], return_inverse=True)
    return Column(column.texts.take(codes).compact(), places.astype(np.int32))


class Pair(NamedTuple):
    """The hits of a first text, and how many of them came with the `second`, the most frequent."""

    first: bytes
    hits: int
    second: bytes | None
    second_hits: int


class PairTotals:
    """The hits by pair so far."""

    def __init__(self) -> None:
        self._firsts, self._seconds = Interner(), Interner()
        nothing = np.zeros(0, dtype=np.int64)
        self._pairs, self._hits = nothing, nothing
        self._waiting: list[PairRows] = []
        self._rows = 0

    def add(self, rows: PairRows) -> None:
        """Add the hits of a batch."""
        self._waiting.append(rows)
        self._rows += len(rows.first.codes)
        if self._rows >= _MERGED_ROWS or len(self._waiting) >= _MERGED_BATCHES:
            self._merge()
            if len(self._pairs) > 2 * KEPT_PAIRS:
                self._trim()

    def _merge(self) -> None:
        """Count the hits that wait."""
        found = [self._pairs]
        for rows in _joined(self._waiting):
            firsts = _numbers(rows.first, self._firsts)
            found.append((firsts << _SHIFT) + _numbers(rows.second, self._seconds))
        pairs = np.concatenate(found)
        hits = np.ones(len(pairs), dtype=np.int64)
        hits[: len(self._hits)] = self._hits
        self._pairs, self._hits = tallied(pairs, hits)
        self._waiting, self._rows = [], 0

    def _trim(self) -> None:
        kept = np.sort(np.argsort(-self._hits, kind="stable")[:KEPT_PAIRS])
        firsts, seconds = _parted(self._pairs[kept])
        self._hits = self._hits[kept]
        self._pairs = (_keep(self._firsts, firsts) << _SHIFT) + _keep(self._seconds, seconds)

    def top(self, count: int | None, without: bytes) -> tuple[list[Pair], int]:
        """Return the `count` first texts with the most hits, and how many there are.

        None returns all. Ties are in the order of the texts. A text's `second` is another than
        `without`, None if it has none; ties are in the order of these texts, too.
        """
        self._merge()
        firsts, seconds = _parted(self._pairs)
        sums = np.zeros(len(self._firsts), dtype=np.int64)
        np.add.at(sums, firsts, self._hits)
        distinct = int(np.count_nonzero(sums))
        if count is not None and count < distinct:  # so that few of many become Python objects
            least = np.partition(sums, len(sums) - count)[len(sums) - count] if count else 0
            chosen = sums[firsts] >= max(1, least)
            firsts, seconds, hits = firsts[chosen], seconds[chosen], self._hits[chosen]
        else:
            hits = self._hits
        found: dict[int, Pair] = {}
        names, others = self._firsts.texts(), self._seconds.texts()
        for first, second, number in zip(
            firsts.tolist(), seconds.tolist(), hits.tolist(), strict=True
        ):
            pair = found.get(first) or Pair(names[first], int(sums[first]), None, 0)
            if number >= pair.second_hits:  # few need the text
                other = others[second]
                if other != without and (-number, other) < (-pair.second_hits, pair.second or b""):
                    pair = pair._replace(second=other, second_hits=number)
            found[first] = pair
        ranked = sorted(found.values(), key=lambda each: (-each.hits, each.first))
        return ranked[:count], distinct


def _joined(waiting: Sequence[PairRows]) -> Iterator[PairRows]:
    """Yield the rows of batches, joined where these share vocabularies."""
    groups: dict[tuple[Hashable, Hashable], list[PairRows]] = {}
    for place, rows in enumerate(waiting):
        words = rows.first.vocabulary or place, rows.second.vocabulary or place
        groups.setdefault(words, []).append(rows)
    for group in groups.values():
        # The newest columns have the texts of all before, and the numbers of texts never change.
        firsts, seconds = [each.first for each in group], [each.second for each in group]
        yield PairRows(
            *(
                Column(columns[-1].texts, np.concatenate([each.codes for each in columns]))
                for columns in (firsts, seconds)
            )
        )


def _numbers(column: Column, texts: Interner) -> Ints:
    """Return the number that `texts` gives to the text of each hit."""
    codes, places = distinct(column.codes)
    return texts.numbers(column.texts.take(codes)).astype(np.int64)[places]


def _parted(pairs: Ints) -> tuple[Ints, Ints]:
    return pairs >> _SHIFT, pairs & ((1 << _SHIFT) - 1)


def _keep(texts: Interner, numbers: Ints) -> Ints:
    """Keep only the texts with these numbers, and return the new numbers."""
    kept, renumbered = np.unique(numbers, return_inverse=True)
    texts.keep(kept)
    return renumbered.astype(np.int64)

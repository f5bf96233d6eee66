"""PairTotals: hits by pairs of texts, such as a path and a referrer, in columns.

Memory is bounded: of too many pairs, those with the fewest hits are dropped.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]
Rows = NDArray[np.intp]

KEPT_PAIRS = 20_000
"""Pairs kept. At twice as many, those with the fewest hits are dropped."""

_MERGED_ROWS = 50_000
"""Maximum rows that wait to be merged."""

_SHIFT = 32
"""A pair is one number: the first text's number is in the bits from here on."""


class PairCounts(NamedTuple):
    """Hits by pair: row i counts `hits[i]` of `firsts[codes[0, i]]` with `seconds[codes[1, i]]`."""

    firsts: Texts
    seconds: Texts
    codes: NDArray[np.int32]
    hits: Ints


def pairs_of(first: Column, second: Column, rows: Rows) -> PairCounts:
    """Return the counts of the pairs of the hits `rows`; any thread may call this."""
    (firsts, ones), (seconds, others) = (_used(each, rows) for each in (first, second))
    pairs, hits = np.unique(ones * len(seconds) + others, return_counts=True)
    codes = np.stack(np.divmod(pairs, max(1, len(seconds)))).astype(np.int32)
    # The texts are copied: those of a batch would keep its whole chunk in memory.
    return PairCounts(firsts.compact(), seconds.compact(), codes, hits)


def _used(column: Column, rows: Rows) -> tuple[Texts, Ints]:
    """Return the texts of some hits, and the number of each hit's text among them."""
    codes, numbers = np.unique(column.codes[rows], return_inverse=True)
    return column.texts.take(codes), numbers.astype(np.int64)


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
        self._waiting: list[tuple[Ints, Ints]] = []
        self._rows = 0

    def add(self, counts: PairCounts) -> None:
        """Add the counts of a batch."""
        firsts = self._firsts.numbers(counts.firsts).astype(np.int64)
        seconds = self._seconds.numbers(counts.seconds).astype(np.int64)
        pairs = (firsts[counts.codes[0]] << _SHIFT) + seconds[counts.codes[1]]
        self._waiting.append((pairs, counts.hits))
        self._rows += len(pairs)
        if self._rows >= _MERGED_ROWS:
            self._merge()
            if len(self._pairs) > 2 * KEPT_PAIRS:
                self._trim()

    def _merge(self) -> None:
        parts = [(self._pairs, self._hits), *self._waiting]
        pairs, hits = (np.concatenate(each) for each in zip(*parts, strict=True))
        self._pairs, places = np.unique(pairs, return_inverse=True)
        self._hits = np.zeros(len(self._pairs), dtype=np.int64)
        np.add.at(self._hits, places, hits)
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
        names, others = self._firsts.texts().tolist(), self._seconds.texts().tolist()
        sums: dict[bytes, Pair] = {}
        rows = zip(firsts.tolist(), seconds.tolist(), self._hits.tolist(), strict=True)
        for first, second, hits in rows:
            name, other = names[first], others[second]
            known = sums.get(name) or Pair(name, 0, None, 0)
            known = known._replace(hits=known.hits + hits)
            if other != without and (-hits, other) < (-known.second_hits, known.second or b""):
                known = known._replace(second=other, second_hits=hits)
            sums[name] = known
        ranked = sorted(sums.values(), key=lambda each: (-each.hits, each.first))
        return ranked[:count], len(ranked)


def _parted(pairs: Ints) -> tuple[Ints, Ints]:
    return pairs >> _SHIFT, pairs & ((1 << _SHIFT) - 1)


def _keep(texts: Interner, numbers: Ints) -> Ints:
    """Keep only the texts with these numbers, and return the new numbers."""
    kept, renumbered = np.unique(numbers, return_inverse=True)
    texts.keep(kept)
    return renumbered.astype(np.int64)

"""View: what a filter takes of the kept hits, summed up over a window of any length. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.filters.language import Filter
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import CLASSES
from logmon_tui.metrics.totals import LogTotals, counts_of
from logmon_tui.metrics.trends import TREND_STEPS
from logmon_tui.recent.block import Block
from logmon_tui.recent.hit_store import SPAN, HitStore

Ints = NDArray[np.int64]
Indices = NDArray[np.intp]


class Taken(msgspec.Struct, frozen=True):
    """The rows of a block's hits that a filter takes, and how many there are in each cell.

    Cell `second * CLASSES + status class` has `counts` hits; `cells` ascend and are not empty, so
    that a block of few hits takes little memory, however much time it covers.
    """

    rows: NDArray[np.uint32]
    cells: Ints
    counts: Ints


class View:
    """The hits of `store` that `where` takes, in windows of `seconds`; None means all of them."""

    def __init__(self, store: HitStore, where: Filter, seconds: int | None) -> None:
        self.where = where
        self.seconds = seconds
        self._store = store
        self._taken: dict[Block, Taken] = {}

    def length(self, end: int) -> int:
        """Return the seconds of the window that ends with the second `end`."""
        if self.seconds is not None:
            return self.seconds
        since = self._store.since
        return 1 if since is None else max(1, end - since + 1)

    def sampled(self, end: int) -> bool:
        """Tell whether a hit in the window that ends with `end` stands for several."""
        start = end - self.length(end)
        blocks = self._store.blocks
        return any(each.weight > 1 and each.high > start and each.low <= end for each in blocks)

    def within(self, end: int) -> Iterator[tuple[Block, Indices]]:
        """Yield each block with the rows of its hits in the window that ends with `end`, if any."""
        return self.between(end - self.length(end), end)

    def hits_of(self, block: Block, rows: Indices) -> HitBatch:
        """Return the hits of a block at `rows`."""
        return block.hits(self._store.vocabularies, rows)

    def kept_hits(self, end: int) -> int:
        """Return how many kept hits `bucket` will sum up."""
        return sum(len(rows) for _, rows in self.within(end))

    def bucket(self, end: int, timed_keys: int | None, extra_keys: int = 0) -> MetricsBucket:
        """Return the sums over the window that ends with the second `end`.

        It has the response times of the `timed_keys` keys with the most hits in each dimension, and
        of the `extra_keys` with the largest sums of each figure.
        """
        totals: dict[int, LogTotals] = {}
        for block, rows in self.within(end):
            sums = totals.setdefault(block.weight, LogTotals(None))
            sums.add(counts_of(self.hits_of(block, rows)))
        whole = MetricsBucket()
        for weight, sums in totals.items():
            bucket = sums.bucket(timed_keys, extra_keys)
            for _ in range(weight.bit_length() - 1):  # a weight is a power of two
                bucket += bucket
            whole.add(bucket)
        return whole

    def former_sections(self, end: int) -> Sequence[Mapping[bytes, int]]:
        """Return the hits by section in each window before the one that ends with `end`.

        The oldest comes first. Windows from before the hits kept are left out.
        """
        if self.seconds is None:
            return ()
        steps = max(1, min(TREND_STEPS, SPAN // self.seconds)) - 1
        texts = self._store.vocabularies.of(Dimension.SECTION).interner.texts()
        former = []
        for step in range(steps, 0, -1):
            last = end - step * self.seconds
            hits = np.zeros(len(texts), dtype=np.int64)
            for block, rows in self.between(last - self.seconds, last):
                sections = self.hits_of(block, rows).columns.get(Dimension.SECTION)
                if sections is not None:
                    hits += block.weight * np.bincount(sections.codes, minlength=len(texts))
            some = np.flatnonzero(hits)
            names = texts.take(some).tolist()
            former.append(dict(zip(names, hits[some].tolist(), strict=True)))
        return former

    def by_second(self, start: int, count: int) -> Ints:
        """Return the hits of the `count` seconds from `start` on by class, (seconds, classes)."""
        found = np.zeros((count, CLASSES), dtype=np.int64)
        bounds = start * CLASSES, (start + count) * CLASSES
        for block in self._store.blocks:
            if block.high >= start and block.low < start + count:
                taken = self._of(block)
                part = slice(*np.searchsorted(taken.cells, bounds).tolist())
                cells = taken.cells[part] - bounds[0]
                found.reshape(-1)[cells] += block.weight * taken.counts[part]
        return found

    def between(self, after: int, end: int) -> Iterator[tuple[Block, Indices]]:
        """Yield each block with the rows of its hits in the seconds (after, end], if any."""
        for block in self._store.blocks:
            if block.high <= after or block.low > end:
                continue
            rows = self._of(block).rows.astype(np.intp)
            if block.low <= after or block.high > end:
                seconds = block.seconds.at(rows)
                rows = rows[(seconds > after) & (seconds <= end)]
            if len(rows):
                yield block, rows

    def _of(self, block: Block) -> Taken:
        """Return what the filter takes of a block; it is asked only once."""
        known = self._taken.get(block)
        if known is not None:
            return known
        if len(self._taken) > 2 * len(self._store.blocks):
            here = set(self._store.blocks)
            self._taken = {each: taken for each, taken in self._taken.items() if each in here}
        hits = block.hits(self._store.vocabularies)
        rows = np.flatnonzero(self.where.mask(hits)) if self.where else np.arange(len(block))
        numbers = hits.seconds[rows] * CLASSES + hits.status[rows] // 100
        cells, counts = np.unique(numbers, return_counts=True)
        taken = Taken(rows.astype(np.uint32), cells, counts)
        self._taken[block] = taken
        return taken

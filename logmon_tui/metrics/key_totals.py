"""KeyTotals: the sums by key of one dimension, in columns.

Counts wait, and are merged together.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.cells import Cells, CellTotals
from logmon_tui.metrics.figures import MAX_SUM, TIME, class_name
from logmon_tui.metrics.histogram import BINS, Bins
from logmon_tui.metrics.key_counter import KeyCounts, longer
from logmon_tui.metrics.key_sums import BYTES, HITS, KeySums
from logmon_tui.metrics.tally import new_sketch, sketch_keys
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts

if TYPE_CHECKING:
    from datasketches import hll_sketch

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

MERGED_ROWS = 50_000
"""Maximum rows of counts that wait to be merged. Merging more at once costs less for each."""

_NAMED_AT_ONCE = 10_000
"""Keys that become Python objects at once: as such they take three times as much memory."""

_MERGED_BATCHES = 32
"""Maximum batches whose counts wait: small pieces that live long would fragment the memory."""


class KeyTotals:
    """Sums by key, in columns: `sums` maps names to columns of shape (keys,).

    When there are more than twice `limit` keys, those with the fewest hits are dropped, and their
    sums added to `other`. `classed` are the status classes that are counted. Response times are
    kept by key, if they are given. `part` tells which keys belong to a part of all: `part_dropped`
    has the hits and bytes of those that were dropped.
    """

    def __init__(
        self, limit: int | None, classed: range, part: Callable[[Texts], Mask] | None = None
    ) -> None:
        self._part = part
        self.part_dropped = {HITS: 0, BYTES: 0}
        names = HITS, BYTES, *map(class_name, classed), TIME
        self.sums: dict[str, Ints] = {name: np.zeros(0, dtype=np.int64) for name in names}
        self.other = dict.fromkeys(names, 0)
        self._most_dropped = 0  # hits that one key can have lost, as it may be dropped repeatedly
        self._limit = limit
        self._keys = Interner()
        self._bins = CellTotals()
        self._waiting: list[KeyCounts] = []
        self._rows = 0
        self._sketch: hll_sketch | None = None
        self._sketched = 0  # number of keys, from the first on, that the sketch includes

    def add(self, counts: KeyCounts) -> None:
        """Add counts by distinct text."""
        self._waiting.append(counts)
        self._rows += len(counts.texts)
        if self._rows >= MERGED_ROWS or len(self._waiting) >= _MERGED_BATCHES:
            self._merge()
            if self._limit is not None and len(self._keys) > 2 * self._limit:
                self._trim(self._limit)

    def _merge(self) -> None:
        if not self._waiting:
            return
        places = np.concatenate([self._keys.numbers(batch.texts) for batch in self._waiting])
        self._merge_bins(places)
        for name, sums in self.sums.items():
            self.sums[name] = grown = longer(sums, len(self._keys))
            start = 0
            for batch in self._waiting:
                counts = batch.counts.get(name)
                if counts is not None:
                    filled = np.flatnonzero(counts)
                    owners = places[start + filled]  # they are distinct, as texts are
                    grown[owners] = np.minimum(grown[owners] + counts[filled], MAX_SUM)
                start += len(batch.texts)
        self._waiting, self._rows = [], 0

    def _merge_bins(self, places: NDArray[np.int32]) -> None:
        start = 0
        for batch in self._waiting:
            if len(batch.bins.numbers):
                owners, bins = np.divmod(batch.bins.numbers, BINS)
                numbers = places[start + owners].astype(np.int64) * BINS + bins
                self._bins.add(Cells(numbers, batch.bins.counts))
            start += len(batch.texts)

    def _trim(self, limit: int) -> None:
        self._fill_sketch()
        hits = self.sums[HITS]
        order = np.argpartition(hits, len(hits) - limit)
        dropped, kept = np.split(order, [len(hits) - limit])
        kept.sort()
        self._most_dropped += int(hits[dropped].max())
        self._sum_part(dropped)
        for name, sums in self.sums.items():
            self.other[name] += int(sums.sum() - sums[kept].sum())
            self.sums[name] = sums[kept]
        self._keys.keep(kept)
        self._bins.keep(kept)
        self._sketched = len(kept)

    def _sum_part(self, dropped: NDArray[np.intp]) -> None:
        if self._part is None:
            return
        for start in range(0, len(dropped), _NAMED_AT_ONCE):
            keys = dropped[start : start + _NAMED_AT_ONCE]
            mine = keys[self._part(self._keys.texts().take(keys))]
            for name in self.part_dropped:
                self.part_dropped[name] += int(self.sums[name][mine].sum())

    def _fill_sketch(self) -> None:
        if self._sketch is None:
            self._sketch = new_sketch()
        for start in range(self._sketched, len(self._keys), _NAMED_AT_ONCE):
            keys = self._keys.texts().take(slice(start, start + _NAMED_AT_ONCE))
            sketch_keys(self._sketch, keys.tolist())
        self._sketched = len(self._keys)

    def result(self) -> KeySums:
        """Return the sums by key."""
        self._merge()
        if self._sketch is not None:
            self._fill_sketch()
        return KeySums(self._keys.texts(), self.sums, self.other, self._most_dropped, self._sketch)

    def times(self, keys: Collection[bytes]) -> dict[bytes, Bins]:
        """Return the response times of each of `keys`, which were counted, as hits by bin."""
        self._merge()
        names = list(keys)
        numbers = self._keys.numbers(Texts.of(names))  # all are known
        by_number = dict(zip(numbers.tolist(), names, strict=True))
        cells = self._bins.total().of(np.sort(numbers))
        return {by_number[number]: bins for number, bins in cells.histograms()}

    def grouped_times(self, groups: NDArray[np.intp], chosen: NDArray[np.intp]) -> dict[int, Bins]:
        """Return the response times of the `chosen` groups of keys, as hits by bin.

        `groups` has the group of each key, in the order of `result`, shape (keys,).
        """
        self._merge()
        return dict(self._bins.total().regrouped(groups).of(chosen).histograms())

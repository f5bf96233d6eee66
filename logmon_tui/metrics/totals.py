"""LogTotals: the sums over all hits of a log, kept as columns, for logs read from end to end.

Sums here only grow. What slides or fades with time is made of MetricsBuckets.
"""

import numpy as np
from datasketches import hll_sketch
from numpy.typing import NDArray

from logmon_tui.formats.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, CLASSES, MetricsBucket
from logmon_tui.metrics.histogram import BINS, Histogram, bins_of
from logmon_tui.metrics.log_window import LogWindow
from logmon_tui.metrics.places import Places, with_room
from logmon_tui.metrics.tally import Tally, new_sketch, sketch_keys

_CODES = 1_000
_FIRST_ROOM = 1_024


class KeyTotals:
    """Hits and bytes by key, all as arrays; what `trim` drops is counted as other."""

    def __init__(self) -> None:
        self.places = Places()
        self.hits: NDArray[np.int64] = np.zeros(_FIRST_ROOM, dtype=np.int64)
        self.bytes: NDArray[np.int64] = np.zeros(_FIRST_ROOM, dtype=np.int64)
        self._other = [0, 0]  # hits and bytes
        self._sketch: hll_sketch | None = None
        self._sketched = 0  # so many of the first keys are in the sketch

    def __len__(self) -> int:
        """Return how many keys are kept."""
        return len(self.places)

    def add(self, column: Column, sizes: NDArray[np.float64]) -> NDArray[np.intp]:
        """Count the hits of a batch, with their sizes; return the places of its values."""
        places = self.places.of(column.values)
        self.hits = with_room(self.hits, len(self))
        self.bytes = with_room(self.bytes, len(self))
        self.hits[places] += np.bincount(column.codes, minlength=len(places))
        weights = np.bincount(column.codes, weights=sizes, minlength=len(places))
        self.bytes[places] += weights.astype(np.int64)
        return places

    def trim(self, limit: int, in_use: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
        """Keep the `limit` keys with the most hits, and those in use; return where they stood."""
        self._fill_sketch()
        count = len(self)
        dropped = np.ones(count, dtype=np.bool_)
        dropped[np.argpartition(self.hits[:count], count - limit)[count - limit :]] = False
        if in_use is not None:
            dropped &= ~in_use
        kept = np.flatnonzero(~dropped)
        for number, counts in enumerate((self.hits, self.bytes)):
            self._other[number] += int(counts[:count][dropped].sum())
        self.hits, self.bytes = self.hits[kept], self.bytes[kept]
        self.places.keep(kept)
        self._sketched = len(self)
        return kept

    def _fill_sketch(self) -> None:
        if self._sketch is None:
            self._sketch = new_sketch()
        sketch_keys(self._sketch, self.places.names[self._sketched :])
        self._sketched = len(self)

    def tally(self) -> Tally:
        """Return the counts by key."""
        names = self.places.names
        if self._sketch is not None:
            self._fill_sketch()
        hits, sizes = self.hits[: len(names)].tolist(), self.bytes[: len(names)].tolist()
        tally = Tally(dict(zip(names, hits, strict=True)), dict(zip(names, sizes, strict=True)))
        tally.other_hits, tally.other_bytes = self._other
        tally.sketch = self._sketch
        return tally


class LogTotals:
    """The sums of every hit so far, by each dimension.

    When more than twice `kept_keys` keys of a dimension were seen, those with the fewest hits
    are counted as other; None keeps all.
    """

    def __init__(self, kept_keys: int | None) -> None:
        self._kept_keys = kept_keys
        self._keys = {dimension: KeyTotals() for dimension in ALL_DIMENSIONS}
        self._bytes = 0
        self._largest = 0
        self._status: NDArray[np.int64] = np.zeros(_CODES, dtype=np.int64)
        self._sizes: NDArray[np.int64] = np.zeros(BINS, dtype=np.int64)
        self._classes: NDArray[np.int64] = np.zeros((_FIRST_ROOM, CLASSES), dtype=np.int64)

    def add(self, batch: HitBatch) -> None:
        """Count the hits of `batch`."""
        if not len(batch):
            return
        self._bytes += int(batch.sizes.sum())
        self._largest = max(self._largest, int(batch.sizes.max()))
        self._status += np.bincount(batch.status, minlength=_CODES)
        self._sizes += np.bincount(bins_of(batch.sizes), minlength=BINS)
        sizes = batch.sizes.astype(np.float64)
        for dimension, column in batch.columns.items():
            places = self._keys[dimension].add(column, sizes)
            if dimension is Dimension.SECTION:
                self._count_classes(column, places, batch.status)

    def _count_classes(
        self, sections: Column, places: NDArray[np.intp], status: NDArray[np.int64]
    ) -> None:
        cells = sections.codes * CLASSES + status // 100
        counts = np.bincount(cells, minlength=len(places) * CLASSES)
        self._classes = with_room(self._classes, len(self._keys[Dimension.SECTION]))
        self._classes[places] += counts.reshape(-1, CLASSES)

    def trim(self, window: LogWindow) -> None:
        """Drop keys if there are too many; not the hosts in `window`, which shares their places."""
        limit = self._kept_keys
        for dimension, keys in self._keys.items():
            if limit is None or len(keys) <= 2 * limit:
                continue
            if dimension is Dimension.HOST:
                window.renumber(keys.trim(limit, window.hosts_in_use()))
            else:
                kept = keys.trim(limit)
                if dimension is Dimension.SECTION:
                    self._classes = self._classes[kept]

    @property
    def hosts(self) -> Places:
        """The places of the client hosts."""
        return self._keys[Dimension.HOST].places

    def bucket(self) -> MetricsBucket:
        """Return the sums as one bucket."""
        bucket = MetricsBucket()
        bucket.hits, bucket.bytes = int(self._status.sum()), self._bytes
        bucket.largest = self._largest
        bucket.status = _filled(self._status)
        bucket.sizes = Histogram(_filled(self._sizes))
        bucket.tallies = {dimension: keys.tally() for dimension, keys in self._keys.items()}
        sections = self._keys[Dimension.SECTION].places.names
        rows, classes = np.nonzero(self._classes)
        counts = self._classes[rows, classes].tolist()
        for row, number, count in zip(rows.tolist(), classes.tolist(), counts, strict=True):
            bucket.section_status[sections[row], number] = count
        return bucket


def _filled(counts: NDArray[np.int64]) -> dict[int, int]:
    places = np.flatnonzero(counts)
    return dict(zip(places.tolist(), counts[places].tolist(), strict=True))

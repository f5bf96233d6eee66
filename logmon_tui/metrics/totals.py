"""LogTotals: the sums over all hits of a log, kept as columns, for logs read from end to end.

Sums here only grow. What slides or fades with time is made of MetricsBuckets.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from datasketches import hll_sketch
from numpy.typing import NDArray

from logmon_tui.formats.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, CLASSES, MetricsBucket
from logmon_tui.metrics.histogram import BINS, Histogram, bins_of
from logmon_tui.metrics.places import Places
from logmon_tui.metrics.tally import Tally, new_sketch, sketch_keys

Ints = NDArray[np.int64]

_CODES = 1_000
MERGED_ROWS = 100_000
"""Counts of batches wait until there are so many rows, for then merging costs less a row."""


_MERGED_BATCHES = 32
"""Nor do more batches wait: what lives long in small pieces would break up the memory."""


class KeyTotals:
    """Sums by key, in columns: `counts` names them. What `trim` drops is in `other`."""

    def __init__(self, counts: Sequence[str]) -> None:
        self.sums: dict[str, Ints] = {name: np.zeros(0, dtype=np.int64) for name in counts}
        self.other = dict.fromkeys(counts, 0)
        self._places = Places()
        self._waiting: list[tuple[pa.Array, Mapping[str, Ints]]] = []
        self._rows = 0
        self._sketch: hll_sketch | None = None
        self._sketched = 0  # so many of the first keys are in the sketch

    def add(self, texts: pa.Array, counts: Mapping[str, Ints], limit: int | None) -> None:
        """Add counts by distinct texts, each of the shape (texts,).

        When there are more than twice `limit` keys, those with the fewest hits are dropped.
        """
        self._waiting.append((texts, counts))
        self._rows += len(texts)
        if self._rows >= MERGED_ROWS or len(self._waiting) >= _MERGED_BATCHES:
            self._merge()
            if limit is not None and len(self._places) > 2 * limit:
                self._trim(limit)

    def _merge(self) -> None:
        places = self._places.of([texts for texts, _ in self._waiting])
        for name, sums in self.sums.items():
            added = np.concatenate([counts[name] for _, counts in self._waiting])
            # Floating point sums whole numbers exactly up to 2^53, which is 9 PB.
            grown = np.bincount(places, weights=added, minlength=len(self._places))
            grown[: len(sums)] += sums
            self.sums[name] = grown.astype(np.int64)
        self._waiting, self._rows = [], 0

    def _trim(self, limit: int) -> None:
        self._fill_sketch()
        hits = self.sums["hits"]
        kept = np.sort(np.argpartition(hits, len(hits) - limit)[len(hits) - limit :])
        for name, sums in self.sums.items():
            self.other[name] += int(sums.sum() - sums[kept].sum())
            self.sums[name] = sums[kept]
        self._places.keep(kept)
        self._sketched = len(kept)

    def _fill_sketch(self) -> None:
        if self._sketch is None:
            self._sketch = new_sketch()
        sketch_keys(self._sketch, self._places.names(slice(self._sketched, None)))
        self._sketched = len(self._places)

    def tally(self) -> Tally:
        """Return the counts by key."""
        if self._waiting:
            self._merge()
        if self._sketch is not None:
            self._fill_sketch()
        names = self.names()
        tally = Tally(
            dict(zip(names, self.sums["hits"].tolist(), strict=True)),
            dict(zip(names, self.sums["bytes"].tolist(), strict=True)),
        )
        tally.other_hits, tally.other_bytes = self.other["hits"], self.other["bytes"]
        tally.sketch = self._sketch
        return tally

    def names(self) -> list[bytes]:
        """Return the keys, in the order of `sums`."""
        return self._places.names(slice(None))


class BatchCounts(NamedTuple):
    """The sums over a batch: hits by status code and by bin of their size, and by key.

    `by_key` has the distinct texts of each dimension, and what is counted by them.
    """

    bytes: int
    largest: int
    status: Ints
    sizes: Ints
    by_key: dict[Dimension, tuple[pa.Array, dict[str, Ints]]]


def counts_of(batch: HitBatch) -> BatchCounts:
    """Return the sums over `batch`; any thread may do so."""
    sizes = batch.sizes.astype(np.float64)
    by_key = {}
    for dimension, column in batch.columns.items():
        rows = len(column.texts)
        codes = column.codes.astype(np.intp)  # else each count would do so
        sums = {
            "hits": np.bincount(codes, minlength=rows),
            "bytes": np.bincount(codes, weights=sizes, minlength=rows).astype(np.int64),
        }
        if dimension is Dimension.SECTION:
            cells = codes * CLASSES + batch.status // 100
            table = np.bincount(cells, minlength=rows * CLASSES).reshape(rows, CLASSES)
            sums |= {_class_name(number): table[:, number] for number in range(CLASSES)}
        by_key[dimension] = column.texts, sums
    return BatchCounts(
        bytes=int(batch.sizes.sum()),
        largest=int(batch.sizes.max(initial=0)),
        status=np.bincount(batch.status, minlength=_CODES),
        sizes=np.bincount(bins_of(batch.sizes), minlength=BINS),
        by_key=by_key,
    )


class LogTotals:
    """The sums of every hit so far, by each dimension.

    When more than twice `kept_keys` keys of a dimension were seen, those with the fewest hits
    are counted as other; None keeps all.
    """

    def __init__(self, kept_keys: int | None) -> None:
        self._kept_keys = kept_keys
        self._keys = {dimension: KeyTotals(_counted(dimension)) for dimension in ALL_DIMENSIONS}
        self._bytes = 0
        self._largest = 0
        self._status: Ints = np.zeros(_CODES, dtype=np.int64)
        self._sizes: Ints = np.zeros(BINS, dtype=np.int64)

    def add(self, counts: BatchCounts) -> None:
        """Add the counts of a batch."""
        self._bytes += counts.bytes
        self._largest = max(self._largest, counts.largest)
        self._status += counts.status
        self._sizes += counts.sizes
        for dimension, (texts, sums) in counts.by_key.items():
            self._keys[dimension].add(texts, sums, self._kept_keys)

    def bucket(self) -> MetricsBucket:
        """Return the sums as one bucket."""
        bucket = MetricsBucket()
        bucket.hits, bucket.bytes = int(self._status.sum()), self._bytes
        bucket.largest = self._largest
        bucket.status = _filled(self._status)
        bucket.sizes = Histogram(_filled(self._sizes))
        bucket.tallies = {dimension: keys.tally() for dimension, keys in self._keys.items()}
        sections = self._keys[Dimension.SECTION]
        names = sections.names()
        for number in range(CLASSES):
            hits = _filled(sections.sums[_class_name(number)])
            bucket.section_status |= {(names[row], number): count for row, count in hits.items()}
        return bucket


def _counted(dimension: Dimension) -> tuple[str, ...]:
    """Return the names of what is counted by the keys of a dimension."""
    classes = map(_class_name, range(CLASSES)) if dimension is Dimension.SECTION else ()
    return ("hits", "bytes", *classes)


def _class_name(status_class: int) -> str:
    return f"{status_class}xx"


def _filled(counts: Ints) -> dict[int, int]:
    places = np.flatnonzero(counts)
    return dict(zip(places.tolist(), counts[places].tolist(), strict=True))

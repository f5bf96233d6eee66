"""LogTotals: the sums over all hits of a log, kept as columns, for logs read from end to end.

Sums here only grow. What slides or fades with time is made of MetricsBuckets.
"""

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from datasketches import hll_sketch
from numpy.typing import NDArray

from logmon_tui.formats.hit import Measure
from logmon_tui.formats.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, CLASSES, MetricsBucket
from logmon_tui.metrics.cells import Cells, CellTotals, cells_of
from logmon_tui.metrics.histogram import BINS, Bins, Histogram, bins_of
from logmon_tui.metrics.measured import TIMED, Largest, Measured
from logmon_tui.metrics.measuring import largest_by_slot, measured_by_slot, told_in
from logmon_tui.metrics.tally import Tally, new_sketch, sketch_keys
from logmon_tui.native.interner import Interner
from logmon_tui.native.sums import sums_by
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]

_CODES = 1_000
MERGED_ROWS = 50_000
"""Counts of batches wait until there are so many rows, for then merging costs less a row."""


_SKETCHED_AT_ONCE = 10_000
"""To be sketched, keys become objects of Python, which take three times as much memory."""


_MERGED_BATCHES = 32
"""Nor do more batches wait: what lives long in small pieces would break up the memory."""


class _Waiting(NamedTuple):
    """What a batch brought, by its distinct texts."""

    texts: Texts
    counts: Mapping[str, Ints]
    times: Cells | None


class KeyTotals:
    """Sums by key, in columns: `counts` names them. What `_trim` drops is in `other`.

    Response times are kept by key where they are told.
    """

    def __init__(self, counts: Sequence[str]) -> None:
        self.sums: dict[str, Ints] = {name: np.zeros(0, dtype=np.int64) for name in counts}
        self.other = dict.fromkeys(counts, 0)
        self._keys = Interner()
        self._times = CellTotals()
        self._waiting: list[_Waiting] = []
        self._rows = 0
        self._sketch: hll_sketch | None = None
        self._sketched = 0  # so many of the first keys are in the sketch

    def add(
        self,
        texts: Texts,
        counts: Mapping[str, Ints],
        limit: int | None,
        times: Cells | None = None,
    ) -> None:
        """Add counts by distinct texts, each of the shape (texts,), and times by their numbers.

        When there are more than twice `limit` keys, those with the fewest hits are dropped.
        """
        self._waiting.append(_Waiting(texts, counts, times))
        self._rows += len(texts)
        if self._rows >= MERGED_ROWS or len(self._waiting) >= _MERGED_BATCHES:
            self._merge()
            if limit is not None and len(self._keys) > 2 * limit:
                self._trim(limit)

    def _merge(self) -> None:
        places = np.concatenate([self._keys.numbers(batch.texts) for batch in self._waiting])
        self._merge_times(places)
        for name, sums in self.sums.items():
            added = np.concatenate([batch.counts[name] for batch in self._waiting])
            # Floating point sums whole numbers exactly up to 2^53, which is 9 PB.
            grown = np.bincount(places, weights=added, minlength=len(self._keys))
            grown[: len(sums)] += sums
            self.sums[name] = grown.astype(np.int64)
        self._waiting, self._rows = [], 0

    def _merge_times(self, places: NDArray[np.int32]) -> None:
        start = 0
        for texts, _, times in self._waiting:
            if times is not None:
                owners, bins = np.divmod(times.numbers, BINS)
                numbers = places[start + owners].astype(np.int64) * BINS + bins
                self._times.add(Cells(numbers, times.counts))
            start += len(texts)

    def _trim(self, limit: int) -> None:
        self._fill_sketch()
        hits = self.sums["hits"]
        kept = np.sort(np.argpartition(hits, len(hits) - limit)[len(hits) - limit :])
        for name, sums in self.sums.items():
            self.other[name] += int(sums.sum() - sums[kept].sum())
            self.sums[name] = sums[kept]
        self._keys.keep(kept)
        self._times.keep(kept)
        self._sketched = len(kept)

    def _fill_sketch(self) -> None:
        if self._sketch is None:
            self._sketch = new_sketch()
        for start in range(self._sketched, len(self._keys), _SKETCHED_AT_ONCE):
            keys = self._keys.texts().take(slice(start, start + _SKETCHED_AT_ONCE))
            sketch_keys(self._sketch, keys.tolist())
        self._sketched = len(self._keys)

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

    def times(self, keys: Container[bytes]) -> dict[bytes, Bins]:
        """Return the response times of `keys`, by bin."""
        if self._waiting:
            self._merge()
        names = self.names()
        chosen = np.array(
            [place for place, name in enumerate(names) if name in keys], dtype=np.intp
        )
        cells = self._times.total().of(chosen)
        return {names[place]: bins for place, bins in cells.histograms()}

    def grouped_times(self, groups: NDArray[np.intp], chosen: NDArray[np.intp]) -> dict[int, Bins]:
        """Return the response times of `chosen` groups of keys, by bin.

        `groups` has the group of each key, of the shape (keys,), in the order of `names`.
        """
        if self._waiting:
            self._merge()
        return dict(self._times.total().regrouped(groups).of(chosen).histograms())

    def names(self) -> list[bytes]:
        """Return the keys, in the order of `sums`."""
        return self._keys.texts().tolist()


class BatchCounts(NamedTuple):
    """The sums over a batch: hits by status code and by bin of their size, and by key.

    `by_key` has the distinct texts of each dimension, and what is counted by them; `times` has
    the response times by the numbers of those texts. `measured` is None where no hit tells any.
    """

    bytes: int
    largest: Largest
    status: Ints
    sizes: Ints
    by_key: dict[Dimension, tuple[Texts, dict[str, Ints]]]
    measured: Measured | None
    times: dict[Dimension, Cells]


def counts_of(batch: HitBatch) -> BatchCounts:
    """Return the sums over `batch`; any thread may do so."""
    by_key = {}
    for dimension, column in batch.columns.items():
        rows = len(column.texts)
        counted = sums_by(column.codes, batch.sizes, rows)
        sums = {"hits": counted.hits, "bytes": counted.values}
        if dimension is Dimension.SECTION:
            cells = column.codes * np.int64(CLASSES) + batch.status // 100
            table = np.bincount(cells, minlength=rows * CLASSES).reshape(rows, CLASSES)
            sums |= {_class_name(number): table[:, number] for number in range(CLASSES)}
        by_key[dimension] = column.texts, sums
    nowhere = np.zeros(len(batch), dtype=np.intp)
    return BatchCounts(
        bytes=int(batch.sizes.sum()),
        largest=largest_by_slot(batch, nowhere, 1)[0],
        status=np.bincount(batch.status, minlength=_CODES),
        sizes=np.bincount(bins_of(batch.sizes), minlength=BINS),
        by_key=by_key,
        measured=measured_by_slot(batch, nowhere, 1)[0] or None if batch.measures else None,
        times=_times_of(batch),
    )


def _times_of(batch: HitBatch) -> dict[Dimension, Cells]:
    """Return the response times by the keys of each timed dimension; none where none is told."""
    times = told_in(batch, Measure.RESPONSE_TIME)
    if not len(times.rows):
        return {}
    bins = bins_of(times.values)
    columns = {each: batch.columns[each] for each in TIMED if each in batch.columns}
    return {
        dimension: cells_of(column.codes[times.rows], bins, len(column.texts))
        for dimension, column in columns.items()
    }


class LogTotals:
    """The sums of every hit so far, by each dimension.

    When more than twice `kept_keys` keys of a dimension were seen, those with the fewest hits
    are counted as other; None keeps all.
    """

    def __init__(self, kept_keys: int | None) -> None:
        self._kept_keys = kept_keys
        self._keys = {dimension: KeyTotals(_counted(dimension)) for dimension in ALL_DIMENSIONS}
        self._bytes = 0
        self._largest = Largest()
        self._measured = Measured()
        self._status: Ints = np.zeros(_CODES, dtype=np.int64)
        self._sizes: Ints = np.zeros(BINS, dtype=np.int64)

    def add(self, counts: BatchCounts) -> None:
        """Add the counts of a batch."""
        self._bytes += counts.bytes
        self._largest = self._largest.merged(counts.largest)
        if counts.measured is not None:
            self._measured.add(counts.measured, ())
        self._status += counts.status
        self._sizes += counts.sizes
        for dimension, (texts, sums) in counts.by_key.items():
            times = counts.times.get(dimension)
            self._keys[dimension].add(texts, sums, self._kept_keys, times)

    def path_times_by(self, groups: NDArray[np.intp], chosen: NDArray[np.intp]) -> dict[int, Bins]:
        """Return the response times of `chosen` groups of the paths that are kept, by bin.

        `groups` has the group of each path, in the order of their tally in `bucket`.
        """
        return self._keys[Dimension.PATH].grouped_times(groups, chosen)

    def bucket(self, timed_keys: int | None = None) -> MetricsBucket:
        """Return the sums as one bucket.

        It has response times for so many keys of a dimension, those with the most hits; None: all.
        """
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
        if self._measured:
            bucket.measured = Measured()
            bucket.measured.add(self._measured, ())
            for dimension in TIMED:
                top = {key for key, _, _ in bucket.tallies[dimension].top(timed_keys)}
                bucket.measured.by_key[dimension] = self._keys[dimension].times(top)
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

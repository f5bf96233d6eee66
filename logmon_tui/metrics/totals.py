"""LogTotals: the sums over all hits of a log that is read from end to end, as columns.

These sums only grow. Sums that slide with time are made of MetricsBuckets instead.
"""

from collections.abc import Callable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.figures import CLASSED, largest
from logmon_tui.metrics.histogram import BINS, Bins, Histogram, bins_of, counted_large, short_bins
from logmon_tui.metrics.key_counter import USUAL, KeyCounter, KeyCounters, KeyCounts, KeyRows
from logmon_tui.metrics.key_sums import KeySums
from logmon_tui.metrics.key_totals import KeyTotals
from logmon_tui.metrics.measured import TIMED, Largest, Measured
from logmon_tui.metrics.measuring import HitValues, hits_with, measured_values
from logmon_tui.metrics.periods import PeriodCounts, PeriodTotals, counted_periods
from logmon_tui.native.hits import STATUS_CODES, counted_hits
from logmon_tui.native.sums import Classes
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_NO_HITS = HitValues(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int64))


class BatchCounts(msgspec.Struct, frozen=True):
    """The sums over a batch: hits by status code, by bin of their size, and by key.

    A column with a vocabulary is kept as KeyRows, to be counted with other batches later.
    `measured` is None if no hit has a measure, `by_hour` unless it was asked for.
    """

    bytes: int
    largest: Largest
    status: Ints
    sizes: Ints
    by_key: dict[Dimension, KeyCounts | KeyRows]
    measured: Measured | None
    by_hour: PeriodCounts | None = None

    @property
    def of_words(self) -> bool:
        """Whether the keys are numbers of vocabularies."""
        return any(isinstance(each, KeyRows) for each in self.by_key.values())


def counts_of(batch: HitBatch, *, by_hour: bool = False) -> BatchCounts:
    """Return the sums over `batch`, also `by_hour` if asked for; any thread may call this."""
    hits = counted_hits(batch.status, batch.sizes, short_bins(len(batch)), BINS)
    times, upstream, received = (hits_with(batch, each) for each in Measure)
    bins = bins_of(times.values)
    measured = None
    if batch.measures:
        measured = measured_values(bins, times.values, upstream.values, received.values)
    longest = (int(each.values.max(initial=0)) for each in (times, upstream))
    return BatchCounts(
        bytes=hits.bytes,
        largest=Largest(hits.largest, *longest),
        status=hits.by_status,
        sizes=hits.by_group + counted_large(hits.beyond),
        by_key=_by_key(batch, hits.classes, times, bins),
        measured=measured or None,
        by_hour=counted_periods(batch, times, bins, hits) if by_hour else None,
    )


def _by_key(
    batch: HitBatch, classes: Classes, times: HitValues, bins: Ints
) -> dict[Dimension, KeyCounts | KeyRows]:
    found: dict[Dimension, KeyCounts | KeyRows] = {}
    for dimension, column in batch.columns.items():
        rows = KeyRows(
            column,
            batch.sizes,
            classes,
            times if dimension in CLASSED else _NO_HITS,
            bins if dimension in TIMED else bins[:0],
        )
        found[dimension] = rows
        if column.vocabulary is None:
            counter = KeyCounter((dimension,))
            counter.add({dimension: rows})
            found |= counter.counts()
    return found


class LogTotals:
    """The sums over all hits so far, in total and by the keys of each dimension.

    When more than twice `kept_keys` keys of a dimension were seen, those with the fewest hits
    count as other; None keeps all. `static` tells which paths are those of static files.
    """

    def __init__(
        self, kept_keys: int | None, static: Callable[[Texts], Mask] | None = None
    ) -> None:
        self._keys = {
            dimension: KeyTotals(
                kept_keys,
                CLASSED.get(dimension, range(0)),
                static if dimension is Dimension.PATH else None,
            )
            for dimension in ALL_DIMENSIONS
        }
        self._counters = KeyCounters(self._add)
        self._bytes = 0
        self._largest = Largest()
        self._measured = Measured()
        self._status: Ints = np.zeros(STATUS_CODES, dtype=np.int64)
        self._sizes: Ints = np.zeros(BINS, dtype=np.int64)
        self.periods = PeriodTotals()

    def add(self, counts: BatchCounts) -> None:
        """Add the counts of a batch."""
        self._bytes += counts.bytes
        self._largest = self._largest.merged(counts.largest)
        if counts.measured is not None:
            self._measured.add(counts.measured, ())
        self._status += counts.status
        self._sizes += counts.sizes
        if counts.by_hour is not None:
            self.periods.add(counts.by_hour)
        rows: dict[Dimension, KeyRows] = {}
        summed: dict[Dimension, KeyCounts] = {}
        for dimension, each in counts.by_key.items():
            if isinstance(each, KeyRows):
                rows[dimension] = each
            else:
                summed[dimension] = each
        if summed and not rows:  # words do not repeat: let go of the vocabularies there were
            self._counters.finish()
        self._add(summed)
        usual = slice(USUAL.start * 100, USUAL.stop * 100)
        self._counters.count(rows, usual=counts.status.sum() == counts.status[usual].sum())

    def _add(self, counts: Mapping[Dimension, KeyCounts]) -> None:
        for dimension, each in counts.items():
            self._keys[dimension].add(each)

    @property
    def static_dropped(self) -> Mapping[str, int]:
        """The hits and bytes of static files that are not kept, once `by_key` was asked for."""
        return self._keys[Dimension.PATH].part_dropped

    def path_times_by(self, groups: NDArray[np.intp], chosen: NDArray[np.intp]) -> dict[int, Bins]:
        """Return the response times of the `chosen` groups of kept paths, as hits by bin.

        `groups` has the group of each path, in the order of `by_key`.
        """
        return self._keys[Dimension.PATH].grouped_times(groups, chosen)

    def settle(self) -> None:
        """Merge all that waits, as `by_key` and `bucket` else do when they are first asked."""
        for dimension in self._keys:
            self.by_key(dimension)

    def by_key(self, dimension: Dimension) -> KeySums:
        """Return the sums by key of a dimension."""
        self._counters.finish()
        return self._keys[dimension].result()

    def bucket(
        self, timed_keys: int | None = None, extra_keys: int = 0, *, whole: bool = True
    ) -> MetricsBucket:
        """Return the sums as one bucket.

        It has the response times of the `timed_keys` keys with the most hits in each dimension;
        None means all. So it has of the `extra_keys` keys with the largest sums of each figure.
        Unless it is to be `whole`, its tallies have little more than these keys.
        """
        bucket = MetricsBucket()
        bucket.hits, bucket.bytes = int(self._status.sum()), self._bytes
        bucket.largest = self._largest
        bucket.status = _filled(self._status)
        bucket.sizes = Histogram(_filled(self._sizes))
        kept = (None, 0) if whole else (timed_keys, extra_keys)
        bucket.tallies = {name: self.by_key(name).tally(*kept) for name in self._keys}
        if self._measured:
            bucket.measured = Measured()
            bucket.measured.add(self._measured, ())
            for dimension in TIMED:
                tally = bucket.tallies[dimension]
                top = {key for key, _, _ in tally.top(timed_keys)}
                for figure in tally.figures.values() if extra_keys else ():
                    top |= {key for key, _ in largest(figure.by_key, extra_keys)}
                bucket.measured.by_key[dimension] = self._keys[dimension].times(top)
        return bucket


def _filled(counts: Ints) -> dict[int, int]:
    places = np.flatnonzero(counts)
    return dict(zip(places.tolist(), counts[places].tolist(), strict=True))

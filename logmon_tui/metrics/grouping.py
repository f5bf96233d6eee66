"""Count a HitBatch into the MetricsBuckets of its seconds. numpy does the counting."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import CLASSES, MetricsBucket
from logmon_tui.metrics.cells import cells_of
from logmon_tui.metrics.histogram import BINS, Histogram, bins_of
from logmon_tui.metrics.measured import TIMED, Measured
from logmon_tui.metrics.measuring import hits_with, largest_by_slot, measured_by_slot
from logmon_tui.metrics.tally import Tally

_DENSE_CELLS = 2_000_000
"""Cells (slots × values) up to which counting in a dense table takes less time than sorting."""

_CODES = 1_000
"""Status codes are below this."""


class _Group(NamedTuple):
    """One slot's counts: `values[i]` was hit `hits[i]` times with `sizes[i]` bytes."""

    slot: int
    values: list[int]
    hits: list[int]
    sizes: list[int]


class BatchCounter:
    """Counts one batch by slot, a slot being `slot_seconds` long and numbered since 1970."""

    def __init__(self, batch: HitBatch, slot_seconds: int) -> None:
        self._batch = batch
        numbers = batch.seconds // slot_seconds
        self.slots, self._slot_of = np.unique(numbers, return_inverse=True)

    def buckets(self, dimensions: Sequence[Dimension], *, detail: bool) -> dict[int, MetricsBucket]:
        """Return a bucket for each slot in which the batch has hits."""
        found = {int(slot): MetricsBucket(dimensions, detail=detail) for slot in self.slots}
        for group in self._groups(self._batch.status, _CODES):
            bucket = found[group.slot]
            bucket.status = dict(zip(group.values, group.hits, strict=True))
            bucket.hits, bucket.bytes = sum(group.hits), sum(group.sizes)
        largest = largest_by_slot(self._batch, self._slot_of, len(self.slots))
        for slot, figures in zip(self.slots.tolist(), largest, strict=True):
            found[slot].largest = figures
        for dimension in dimensions:
            self._count_dimension(dimension, found)
        if detail:
            self._count_detail(found)
            self._count_measures(dimensions, found)
        return found

    def _count_dimension(self, dimension: Dimension, found: dict[int, MetricsBucket]) -> None:
        column = self._batch.columns.get(dimension)
        if column is None:
            return
        keys = column.values
        for group in self._groups(column.codes, len(keys)):
            names = [keys[value] for value in group.values]
            found[group.slot].tallies[dimension] = Tally(
                dict(zip(names, group.hits, strict=True)),
                dict(zip(names, group.sizes, strict=True)),
            )

    def _count_detail(self, found: dict[int, MetricsBucket]) -> None:
        sections = self._batch.columns.get(Dimension.SECTION)
        if sections is None:
            return
        classes = self._batch.status // 100
        codes = sections.codes * CLASSES + classes
        for group in self._groups(codes, len(sections.values) * CLASSES):
            pairs = (divmod(value, CLASSES) for value in group.values)
            names = [(sections.values[number], status_class) for number, status_class in pairs]
            found[group.slot].section_status = dict(zip(names, group.hits, strict=True))
        for group in self._groups(bins_of(self._batch.sizes), BINS):
            found[group.slot].sizes = Histogram(dict(zip(group.values, group.hits, strict=True)))

    def _count_measures(
        self, dimensions: Sequence[Dimension], found: dict[int, MetricsBucket]
    ) -> None:
        if not self._batch.measures:
            return
        measured = measured_by_slot(self._batch, self._slot_of, len(self.slots))
        rows, values = hits_with(self._batch, Measure.RESPONSE_TIME)
        bins = bins_of(values)
        for dimension in TIMED:
            if dimension in dimensions and dimension in self._batch.columns:
                self._count_times(dimension, rows, bins, measured)
        for slot, figures in zip(self.slots.tolist(), measured, strict=True):
            found[slot].measured = figures or None

    def _count_times(
        self,
        dimension: Dimension,
        rows: NDArray[np.intp],
        bins: NDArray[np.int64],
        measured: Sequence[Measured],
    ) -> None:
        """Count the response times of the hits at `rows` by key; `bins` holds their bins."""
        column = self._batch.columns[dimension]
        keys = column.values
        owners = self._slot_of[rows] * len(keys) + column.codes[rows]
        for owner, counts in cells_of(owners, bins, len(self.slots) * len(keys)).histograms():
            place, key = divmod(owner, len(keys))
            measured[place].by_key.setdefault(dimension, {})[keys[key]] = counts

    def _groups(self, codes: NDArray[np.integer], values: int) -> Iterator[_Group]:
        """Count the hits and bytes of each code in each slot; codes are below `values`."""
        cells = self._slot_of * values + codes
        sizes = self._batch.sizes
        if len(self.slots) * values <= max(_DENSE_CELLS, 4 * len(codes)):
            hits = np.bincount(cells)
            filled = np.flatnonzero(hits)
            hits = hits[filled]
            weights = np.bincount(cells, weights=sizes)[filled]
        else:
            filled, places, hits = np.unique(cells, return_inverse=True, return_counts=True)
            weights = np.bincount(places, weights=sizes)
        bounds = np.searchsorted(filled, np.arange(len(self.slots) + 1) * values)
        numbers = (filled % values).tolist()
        counts, summed = hits.tolist(), weights.astype(np.int64).tolist()
        for place, slot in enumerate(self.slots.tolist()):
            part = slice(bounds[place], bounds[place + 1])
            yield _Group(slot, numbers[part], counts[part], summed[part])


def summary_of(batch: HitBatch, dimensions: Sequence[Dimension]) -> MetricsBucket:
    """Return one bucket for all hits of `batch`, whatever their seconds."""
    whole = replace(batch, seconds=np.zeros_like(batch.seconds))
    return BatchCounter(whole, 1).buckets(dimensions, detail=True)[0]

"""Count a HitBatch into the MetricsBuckets of its seconds. numpy does the counting."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.model.distinct import distinct
from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.cells import cells_of
from logmon_tui.metrics.figures import CLASSED, CLASSES, MAX_SUM, TIME, Figure, class_name
from logmon_tui.metrics.histogram import BINS, Histogram, bins_of
from logmon_tui.metrics.measured import TIMED, Measured
from logmon_tui.metrics.measuring import (
    HitValues,
    hits_of_classes,
    hits_with,
    largest_by_slot,
    measured_by_slot,
)
from logmon_tui.metrics.tally import Tally

_DENSE = 64
"""Cells (slots × values) per hit up to which a dense table takes less time than sorting."""

_CODES = 1_000
"""Status codes are below this."""

_ALL = slice(None)

Ints = NDArray[np.int64]


class _Group(msgspec.Struct, frozen=True):
    """One slot's counts: `values[i]` was hit `hits[i]` times, with `sums[i]` bytes in all.

    `sums` are of another amount where one was given.
    """

    slot: int
    values: list[int]
    hits: list[int]
    sums: list[int]


class BatchCounter:
    """Counts one batch by slot, a slot being `slot_seconds` long and numbered since 1970."""

    def __init__(self, batch: HitBatch, slot_seconds: int) -> None:
        self._batch = batch
        numbers = batch.seconds // slot_seconds
        self.slots, self._slot_of = distinct(numbers)

    def buckets(self, dimensions: Sequence[Dimension], *, detail: bool) -> dict[int, MetricsBucket]:
        """Return a bucket for each slot in which the batch has hits."""
        found = {int(slot): MetricsBucket(dimensions, detail=detail) for slot in self.slots}
        for group in self._groups(self._batch.status, _CODES):
            bucket = found[group.slot]
            bucket.status = dict(zip(group.values, group.hits, strict=True))
            bucket.hits, bucket.bytes = sum(group.hits), sum(group.sums)
        largest = largest_by_slot(self._batch, self._slot_of, len(self.slots))
        for slot, figures in zip(self.slots.tolist(), largest, strict=True):
            found[slot].largest = figures
        for dimension in dimensions:
            self._count_dimension(dimension, found)
        if detail:
            self._count_sizes(found)
            self._count_figures(dimensions, found)
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
                dict(zip(names, group.sums, strict=True)),
            )

    def _count_sizes(self, found: dict[int, MetricsBucket]) -> None:
        for group in self._groups(bins_of(self._batch.sizes), BINS):
            found[group.slot].sizes = Histogram(dict(zip(group.values, group.hits, strict=True)))

    def _count_figures(
        self, dimensions: Sequence[Dimension], found: dict[int, MetricsBucket]
    ) -> None:
        """Count status classes and sum up response times by key."""
        classes = self._batch.status // 100
        times = hits_with(self._batch, Measure.RESPONSE_TIME)
        for dimension, counted in CLASSED.items():
            column = self._batch.columns.get(dimension)
            if column is not None and dimension in dimensions:
                tallies = {slot: bucket.tallies[dimension] for slot, bucket in found.items()}
                self._count_classes(column, hits_of_classes(classes, counted), tallies)
                self._sum_times(column, times, tallies)

    def _count_classes(self, column: Column, classed: HitValues, tallies: dict[int, Tally]) -> None:
        keys, (rows, classes) = column.values, classed
        codes = column.codes[rows] * np.int64(CLASSES) + classes
        for group in self._groups(codes, len(keys) * CLASSES, rows):
            by_class: dict[int, dict[bytes, int]] = {}
            for value, hits in zip(group.values, group.hits, strict=True):
                number, status_class = divmod(value, CLASSES)
                by_class.setdefault(status_class, {})[keys[number]] = hits
            tallies[group.slot].figures |= {
                class_name(status_class): Figure(counts)
                for status_class, counts in by_class.items()
            }

    def _sum_times(self, column: Column, times: HitValues, tallies: dict[int, Tally]) -> None:
        keys, (rows, values) = column.values, times
        for group in self._groups(column.codes[rows], len(keys), rows, values):
            sums = zip(group.values, group.sums, strict=True)
            by_key = {keys[number]: total for number, total in sums if total}
            if by_key:
                tallies[group.slot].figures[TIME] = Figure(by_key)

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
        rows: NDArray[np.intp] | slice,
        bins: NDArray[np.int64],
        measured: Sequence[Measured],
    ) -> None:
        """Count the response times of the hits at `rows` by key; `bins` holds their bins."""
        column = self._batch.columns[dimension]
        keys = column.values
        owners = self._slot_of[rows] * len(keys) + column.codes[rows]
        for owner, counts in cells_of(owners, bins).histograms():
            place, key = divmod(owner, len(keys))
            measured[place].by_key.setdefault(dimension, {})[keys[key]] = counts

    def _groups(
        self,
        codes: NDArray[np.integer],
        values: int,
        rows: NDArray[np.intp] | slice = _ALL,
        amounts: Ints | None = None,
    ) -> Iterator[_Group]:
        """Count the hits at `rows` by code in each slot, and sum up their `amounts`.

        Codes are below `values`. `codes` and `amounts` belong to these hits. Without `amounts`
        their sizes are summed up. Slots without hits are left out.
        """
        if not len(codes):
            return
        amounts = self._batch.sizes[rows] if amounts is None else amounts
        cells = self._slot_of[rows] * values + codes
        if len(self.slots) * values <= _DENSE * len(codes):
            hits = np.bincount(cells)
            filled = np.flatnonzero(hits)
            hits = hits[filled]
            weights = np.bincount(cells, weights=amounts)[filled]
        else:
            filled, places, hits = np.unique(cells, return_inverse=True, return_counts=True)
            weights = np.bincount(places, weights=amounts)
        bounds = np.searchsorted(filled, np.arange(len(self.slots) + 1) * values)
        numbers = (filled % values).tolist()
        # Floating point sums whole numbers exactly up to 2^53; far larger ones are cut off.
        counts, summed = hits.tolist(), np.minimum(weights, MAX_SUM).astype(np.int64).tolist()
        for place, slot in enumerate(self.slots.tolist()):
            part = slice(bounds[place], bounds[place + 1])
            if part.start < part.stop:
                yield _Group(slot, numbers[part], counts[part], summed[part])


def summary_of(batch: HitBatch, dimensions: Sequence[Dimension]) -> MetricsBucket:
    """Return one bucket for all hits of `batch`, whatever their seconds."""
    whole = replace(batch, seconds=np.zeros_like(batch.seconds))
    return BatchCounter(whole, 1).buckets(dimensions, detail=True)[0]

"""Sum the measures of a HitBatch by slot. numpy does the counting."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.cells import cells_of
from logmon_tui.metrics.figures import CLASSES
from logmon_tui.metrics.histogram import Histogram, bins_of
from logmon_tui.metrics.measured import Largest, Measured

Ints = NDArray[np.int64]

MAX_MEASURE = 10**15 - 1
"""Maximum value of a measure (µs or bytes). A larger one is not credible, and counts as this."""

HALF, LOW_HALF = 32, (1 << 32) - 1
"""Bits of half an int64, and the lower half."""

_TIMES = (Measure.RESPONSE_TIME, Measure.UPSTREAM_TIME)


class HitValues(NamedTuple):
    """Some hits of a batch: their rows, and the value of each; both of shape (hits,).

    A slice stands for the rows of all hits, which saves a copy.
    """

    rows: NDArray[np.intp] | slice
    values: Ints


def hits_with(batch: HitBatch, measure: Measure) -> HitValues:
    """Return the hits of `batch` that have `measure`, with their values."""
    values = batch.measures.get(measure)
    if values is None:
        return HitValues(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.int64))
    if values.min(initial=0) >= 0:  # so it is with most logs, whose lines all have it
        return HitValues(slice(None), np.minimum(values, MAX_MEASURE))
    rows = np.flatnonzero(values >= 0)
    return HitValues(rows, np.minimum(values[rows], MAX_MEASURE))


def hits_of_classes(classes: Ints, counted: range) -> HitValues:
    """Return the hits whose status class is one of `counted`, with their classes.

    `classes` has that of each hit, shape (hits,).
    """
    if counted == range(CLASSES):
        return HitValues(slice(None), classes)
    rows = np.flatnonzero((classes >= counted.start) & (classes < counted.stop))
    return HitValues(rows, classes[rows])


def largest_by_slot(batch: HitBatch, slot_of: NDArray[np.intp], slots: int) -> list[Largest]:
    """Return the maxima of each slot; hit i is in the slot `slot_of[i]`."""
    columns = {0: batch.sizes}
    for row, measure in enumerate(_TIMES, start=1):
        if measure in batch.measures:
            columns[row] = np.minimum(batch.measures[measure], MAX_MEASURE)
    largest = np.zeros((1 + len(_TIMES), slots), dtype=np.int64)
    for row, values in columns.items():
        if slots == 1:  # twenty times as fast
            largest[row] = values.max(initial=0)
        else:
            np.maximum.at(largest[row], slot_of, values)
    return [Largest(*figures) for figures in largest.T.tolist()]


def measured_by_slot(batch: HitBatch, slot_of: NDArray[np.intp], slots: int) -> list[Measured]:
    """Return the sums of each slot, without times by key; hit i is in the slot `slot_of[i]`."""
    if slots == 1:  # twice as fast
        values = [hits_with(batch, measure).values for measure in Measure]
        return [measured_values(bins_of(values[0]), *values)]
    found = [Measured() for _ in range(slots)]
    response, upstream, received = (hits_with(batch, measure) for measure in Measure)
    for slot, bins in cells_of(slot_of[response.rows], bins_of(response.values)).histograms():
        found[slot].response_times = Histogram(bins)
    for slot, bins in cells_of(slot_of[upstream.rows], bins_of(upstream.values)).histograms():
        found[slot].upstream_times = Histogram(bins)
    places = slot_of[received.rows]
    hits = np.bincount(places, minlength=slots).tolist()
    sums = _exact_sums(places, received.values, slots)
    times = _exact_sums(slot_of[response.rows], response.values, slots)
    for slot, measured in enumerate(found):
        measured.receiving, measured.bytes_in = hits[slot], sums[slot]
        measured.total_time = times[slot]
    return found


def measured_values(bins: Ints, times: Ints, upstream: Ints, received: Ints) -> Measured:
    """Return the sums of the measures of some hits, given the `bins` of their response times."""
    measured = Measured()
    measured.response_times = _histogram(bins)
    measured.upstream_times = _histogram(bins_of(upstream))
    measured.receiving, measured.bytes_in = len(received), _exact_sum(received)
    measured.total_time = _exact_sum(times)
    return measured


def _histogram(bins: Ints) -> Histogram:
    counts = np.bincount(bins)
    used = np.flatnonzero(counts)
    return Histogram(dict(zip(used.tolist(), counts[used].tolist(), strict=True)))


def _exact_sum(values: Ints) -> int:
    """Return the sum of the values, `MAX_MEASURE` at most each."""
    return (int((values >> HALF).sum()) << HALF) + int((values & LOW_HALF).sum())


def _exact_sums(slot_of: NDArray[np.intp], values: Ints, slots: int) -> list[int]:
    """Return the sum of the values, `MAX_MEASURE` at most each, in each slot."""
    # Floating point sums whole numbers exactly up to 2^53 only, so each half is summed by itself.
    halves = values >> HALF, values & LOW_HALF
    high, low = (np.bincount(slot_of, each, slots).astype(np.int64).tolist() for each in halves)
    return [(large << HALF) + small for large, small in zip(high, low, strict=True)]

"""Count a batch into buckets that keep only its top keys. numpy does the counting. Pure."""

from itertools import pairwise

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.history.trimming import EXTRA_SHARE
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import CLASSED, CLASSES, RANKED, TIME, Figure, class_name
from logmon_tui.metrics.grouping import BatchCounter
from logmon_tui.metrics.measuring import MAX_MEASURE
from logmon_tui.metrics.tally import Tally
from logmon_tui.native.sums import sums_by

COUNTED = (Dimension.SECTION, Dimension.PATH, Dimension.HOST)
"""The dimensions whose keys are counted: all of them would take as long as reading the log."""

Ints = NDArray[np.int64]


def top_buckets(batch: HitBatch, width: int, keys: int) -> dict[int, MetricsBucket]:
    """Return a bucket for each slot, `width` seconds long, in which `batch` has hits.

    Of the dimensions `COUNTED` it keeps the `keys` keys with the most hits, and some with the most
    errors and times; the rest, and all of the others, is other. There are no quantiles of
    keys, and distinct keys are not counted.
    """
    totals = BatchCounter(replace(batch, columns={}), width).buckets((), detail=True)
    order = np.argsort(batch.seconds, kind="stable")
    batch = batch.select(order) if (np.diff(order) < 0).any() else batch
    slots = sorted(totals)
    bounds = np.searchsorted(batch.seconds, [slot * width for slot in slots]).tolist()
    for slot, (begin, end) in zip(slots, pairwise([*bounds, len(batch)]), strict=True):
        bucket = totals[slot]
        bucket.tallies = MetricsBucket().tallies
        counting = _Counting(batch, slice(begin, end))
        for dimension in batch.columns:
            bucket.tallies[dimension] = (
                counting.tally(dimension, keys) if dimension in COUNTED else _all_other(bucket)
            )
    return totals


def _all_other(bucket: MetricsBucket) -> Tally:
    tally = Tally()
    tally.other_hits, tally.other_bytes = bucket.hits, bucket.bytes
    tally.most_dropped = None
    return tally


class _Counting:
    """Counts keys of the hits `rows` of a batch."""

    def __init__(self, batch: HitBatch, rows: slice) -> None:
        self._batch = batch
        self._rows = rows
        self._sizes = batch.sizes[rows]
        classes = batch.status[rows] // 100
        self._classes = {
            digit: found
            for digit in range(CLASSES)
            if len(found := np.flatnonzero(classes == digit))
        }
        times = batch.measures.get(Measure.RESPONSE_TIME)
        self._times = None if times is None else np.clip(times[rows], 0, MAX_MEASURE)

    def tally(self, dimension: Dimension, keys: int) -> Tally:
        """Return the tally of a dimension."""
        column = self._batch.columns[dimension]
        codes = column.codes[self._rows]
        hits, sizes = sums_by(codes, self._sizes, len(column.texts))
        figures = {
            class_name(digit): np.bincount(codes[self._classes[digit]], minlength=len(hits))
            for digit in CLASSED[dimension]
            if digit in self._classes
        }
        if self._times is not None:
            figures[TIME] = sums_by(codes, self._times, len(hits)).values
        kept = seen = np.flatnonzero(hits)
        if len(seen) > keys:
            extra = max(1, keys // EXTRA_SHARE)
            ranked = (figures[name] for name in RANKED if name in figures)
            tops = [_largest(hits, keys), *(_largest(each, extra) for each in ranked)]
            kept = np.unique(np.concatenate(tops))
        names = column.texts.take(kept).tolist()
        tally = Tally(
            dict(zip(names, hits[kept].tolist(), strict=True)),
            dict(zip(names, sizes[kept].tolist(), strict=True)),
        )
        tally.other_hits = int(hits.sum() - hits[kept].sum())
        left_out = hits.copy()
        left_out[kept] = 0
        tally.most_dropped = int(left_out.max(initial=0))
        tally.other_bytes = int(sizes.sum() - sizes[kept].sum())
        for name, sums in figures.items():
            by_key = dict(zip(names, sums[kept].tolist(), strict=True))
            figure = Figure(
                {key: each for key, each in by_key.items() if each},
                int(sums.sum() - sums[kept].sum()),
            )
            if figure:
                tally.figures[name] = figure
        return tally


def _largest(sums: Ints, count: int) -> NDArray[np.intp]:
    """Return the places of the `count` largest sums that are not zero."""
    places = np.flatnonzero(sums > 1)  # most keys have one hit: they need not be ordered
    if len(places) < count:
        places = np.concatenate([places, np.flatnonzero(sums == 1)[: count - len(places)]])
    if len(places) <= count:
        return places
    return places[np.argpartition(sums[places], len(places) - count)[len(places) - count :]]

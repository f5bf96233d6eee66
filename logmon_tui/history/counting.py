"""Count a batch into buckets that keep only its top keys. numpy does the counting. Pure."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.figures import CLASSED, MAX_SUM, TIME, Figure, class_name
from logmon_tui.metrics.grouping import BatchCounter
from logmon_tui.metrics.measuring import HitValues, hits_of_classes, hits_with
from logmon_tui.metrics.tally import Tally, new_sketch, sketch_keys

_DENSE = 32
"""Cells (slots × keys) per hit up to which dense tables are made; beyond, hits are sorted."""

Ints = NDArray[np.int64]


def top_buckets(batch: HitBatch, width: int, keys: int) -> dict[int, MetricsBucket]:
    """Return a bucket for each slot, `width` seconds long, in which `batch` has hits.

    Each keeps the `keys` keys with the most hits, and as many with the most errors and times; the
    rest is other. There are no quantiles of keys. Few hits in many slots keep all keys.
    """
    slots = int(batch.seconds.max()) // width - int(batch.seconds.min()) // width + 1
    most = max((len(column.texts) for column in batch.columns.values()), default=0)
    if slots * most > _DENSE * len(batch):
        return BatchCounter(batch, width).buckets(ALL_DIMENSIONS, detail=True)
    return _dense_buckets(batch, width, keys)


def _dense_buckets(batch: HitBatch, width: int, keys: int) -> dict[int, MetricsBucket]:
    totals = BatchCounter(replace(batch, columns={}), width).buckets((), detail=True)
    slots = np.array(sorted(totals), dtype=np.int64)
    slot_of = np.searchsorted(slots, batch.seconds // width)
    found = {}
    for slot in slots.tolist():
        found[slot] = MetricsBucket()
        found[slot].add(totals[slot])
    for dimension in ALL_DIMENSIONS:
        column = batch.columns.get(dimension)
        if column is not None:
            for place, tally in enumerate(_Counting(batch, dimension, column, slot_of).tops(keys)):
                found[int(slots[place])].tallies[dimension] = tally
    return found


class _Counting:
    """Counts a column of a batch by slot; hit i lies in the slot number `slot_of[i]`."""

    def __init__(
        self, batch: HitBatch, dimension: Dimension, column: Column, slot_of: NDArray[np.intp]
    ) -> None:
        self._batch = batch
        self._texts = column.texts
        self._codes = column.codes
        self._slot_of = slot_of
        self._slots = int(slot_of.max()) + 1
        self._figures: dict[str, HitValues] = {}
        if dimension in CLASSED:
            classes = batch.status // 100
            for digit in CLASSED[dimension]:
                rows, _ = hits_of_classes(classes, range(digit, digit + 1))
                self._figures[class_name(digit)] = HitValues(rows, np.ones(0, dtype=np.int64))
            self._figures[TIME] = hits_with(batch, Measure.RESPONSE_TIME)

    def tops(self, keys: int) -> list[Tally]:
        """Return the tally of each slot."""
        hits, sizes = self._table(slice(None), None), self._table(slice(None), self._batch.sizes)
        figures = {
            name: self._table(rows, values if len(values) else None)
            for name, (rows, values) in self._figures.items()
            if isinstance(rows, slice) or len(rows)
        }
        return [
            self._tally(hits[slot], sizes[slot], {n: f[slot] for n, f in figures.items()}, keys)
            for slot in range(self._slots)
        ]

    def _table(self, rows: NDArray[np.intp] | slice, amounts: Ints | None) -> Ints:
        """Return the hits at `rows`, or the sums of their `amounts`, by slot and key."""
        keys = len(self._texts)
        cells = self._slot_of[rows] * keys + self._codes[rows]
        table = np.bincount(cells, weights=amounts, minlength=self._slots * keys)
        return np.minimum(table, MAX_SUM).astype(np.int64).reshape(self._slots, keys)

    def _tally(self, hits: Ints, sizes: Ints, figures: dict[str, Ints], keys: int) -> Tally:
        seen = np.flatnonzero(hits)
        kept = seen
        if len(seen) > keys:
            tops = [_largest(each, seen, keys) for each in (hits, *figures.values())]
            kept = np.unique(np.concatenate(tops))
        names = self._texts.take(kept).tolist()
        tally = Tally(
            dict(zip(names, hits[kept].tolist(), strict=True)),
            dict(zip(names, sizes[kept].tolist(), strict=True)),
        )
        if len(kept) < len(seen):
            tally.other_hits = int(hits.sum() - hits[kept].sum())
            tally.other_bytes = int(sizes.sum() - sizes[kept].sum())
            tally.sketch = new_sketch()
            sketch_keys(tally.sketch, self._texts.take(seen).tolist())
        for name, sums in figures.items():
            by_key = {
                key: each for key, each in zip(names, sums[kept].tolist(), strict=True) if each
            }
            figure = Figure(by_key, int(sums.sum() - sums[kept].sum()))
            if figure:
                tally.figures[name] = figure
        return tally


def _largest(sums: Ints, places: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    chosen = places[np.argpartition(sums[places], len(places) - count)[len(places) - count :]]
    return chosen[sums[chosen] > 0]

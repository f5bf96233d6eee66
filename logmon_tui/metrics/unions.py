"""Unions: maxima and distinct keys of a window, which merge but cannot be subtracted."""

from collections.abc import Iterator, Mapping
from functools import reduce
from math import isqrt

from datasketches import hll_sketch, tgt_hll_type

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.measured import Largest
from logmon_tui.metrics.tally import Tally, union_of


class Unions:
    """The maxima, and the number of distinct keys, in a window of `slots` slots.

    Both are merged again for each answer. To save time, blocks of √slots slots are cached merged,
    and so are all slots but the newest. So the cost of an answer grows with the root of the
    window's length. Whoever changes a slot must call `forget`.
    """

    def __init__(self, ring: Mapping[int, MetricsBucket], slots: int) -> None:
        self._ring = ring
        self._width = isqrt(slots)
        self._largest: dict[int, Largest] = {}
        self._blocks: dict[int, dict[Dimension, hll_sketch]] = {}
        self._singles: dict[int, dict[Dimension, hll_sketch]] = {}  # of slots outside of blocks
        self._older: dict[Dimension, tuple[range, hll_sketch]] = {}

    def forget(self, slot: int) -> None:
        """Drop all that is cached with `slot` in it."""
        self._largest.pop(slot // self._width, None)
        self._blocks.pop(slot // self._width, None)
        self._singles.pop(slot, None)
        for dimension, (slots, _) in list(self._older.items()):
            if slot in slots:
                del self._older[dimension]

    def largest(self, slots: range) -> Largest:
        """Return the maxima in `slots`."""
        return reduce(Largest.merged, (self._largest_in(*piece) for piece in self._pieces(slots)))

    def _largest_in(self, block: int | None, slots: range) -> Largest:
        largest = None if block is None else self._largest.get(block)
        if largest is None:
            parts = (self._ring[slot].largest for slot in slots if slot in self._ring)
            largest = reduce(Largest.merged, parts, Largest())
            if block is not None:
                self._largest[block] = largest
        return largest

    def distinct(self, dimension: Dimension, slots: range) -> int:
        """Return an estimate (HyperLogLog) of the number of distinct keys in `slots`."""
        older = slots[:-1]
        known = self._older.get(dimension)
        if known is None or known[0] != older:
            known = self._older[dimension] = older, self._merged(dimension, older)
        newest = self._ring.get(slots[-1])
        parts = [_sketched(known[1])]
        if newest is not None:
            parts.append(newest.tallies[dimension])
        estimate: float = union_of(parts).get_estimate()
        return round(estimate)

    def _merged(self, dimension: Dimension, slots: range) -> hll_sketch:
        parts: list[Tally] = []
        for block, piece in self._pieces(slots):
            if block is None:
                parts += self._tallies(dimension, piece)
            else:
                parts.append(_sketched(self._block(dimension, block, piece)))
        return union_of(parts).get_result(tgt_hll_type.HLL_8)

    def _block(self, dimension: Dimension, block: int, slots: range) -> hll_sketch:
        sketches = self._blocks.setdefault(block, {})
        if dimension not in sketches:
            union = union_of(self._tallies(dimension, slots))
            sketches[dimension] = union.get_result(tgt_hll_type.HLL_8)
            for slot in slots:
                self._singles.get(slot, {}).pop(dimension, None)
        return sketches[dimension]

    def _tallies(self, dimension: Dimension, slots: range) -> list[Tally]:
        return [self._sketch_of(dimension, slot) for slot in slots if slot in self._ring]

    def _sketch_of(self, dimension: Dimension, slot: int) -> Tally:
        tally = self._ring[slot].tallies[dimension]
        if tally.sketch is not None:
            return tally
        sketches = self._singles.setdefault(slot, {})
        if dimension not in sketches:
            sketches[dimension] = union_of([tally]).get_result(tgt_hll_type.HLL_8)
        return _sketched(sketches[dimension])

    def _pieces(self, slots: range) -> Iterator[tuple[int | None, range]]:
        """Cut `slots` into whole blocks, with their numbers, and the rests at both ends (None)."""
        width = self._width
        first, last = -(-slots.start // width), slots.stop // width
        if first >= last:
            yield None, slots
            return
        yield None, range(slots.start, first * width)
        for block in range(first, last):
            yield block, range(block * width, (block + 1) * width)
        yield None, range(last * width, slots.stop)


def _sketched(sketch: hll_sketch) -> Tally:
    tally = Tally()
    tally.sketch = sketch
    return tally

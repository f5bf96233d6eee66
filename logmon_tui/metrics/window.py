"""SlidingWindow: the merge of the last buckets, kept incrementally. It reads no clock."""

from collections.abc import Mapping, Sequence

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.measured import Largest
from logmon_tui.metrics.unions import Unions


def filled(ring: Mapping[int, MetricsBucket], first: int, last: int) -> list[int]:
    """Return the slots from `first` to `last` that are in `ring`; long gaps take no time."""
    if last - first > len(ring):
        return sorted(slot for slot in ring if first <= slot <= last)
    return [slot for slot in range(first, last + 1) if slot in ring]


class SlidingWindow:
    """The merge of the last `slots` buckets up to `end`, kept incrementally.

    Moving it adds the buckets that enter and subtracts those that leave, so the cost does not
    depend on its length. `end` is None until the first `advance`.
    """

    def __init__(
        self,
        ring: Mapping[int, MetricsBucket],
        slots: int,
        dimensions: Sequence[Dimension],
        *,
        detail: bool,
    ) -> None:
        self._ring = ring
        self.slots = slots
        self.dimensions = tuple(dimensions)
        self.detail = detail
        self.end: int | None = None
        self._unions = Unions(ring, slots)
        self._clear()

    def _clear(self) -> None:
        self.total = MetricsBucket(self.dimensions, detail=self.detail)

    def covers(self, slot: int) -> bool:
        """Tell whether `slot` lies in the window."""
        return self.end is not None and self.end - self.slots < slot <= self.end

    def include(self, slot: int, newcomers: MetricsBucket) -> None:
        """Add late hits of `slot`, if the window covers it."""
        if self.covers(slot):
            self._enter(newcomers)
            self._unions.forget(slot)

    def advance(self, end: int) -> None:
        """Move the window's end on to the slot `end`."""
        if self.end is None or end - self.end >= self.slots:
            self._clear()
            self._unions = Unions(self._ring, self.slots)
            for slot in filled(self._ring, end - self.slots + 1, end):
                self._enter(self._ring.get(slot))
        else:
            for slot in range(self.end + 1, end + 1):
                self._enter(self._ring.get(slot))
                leaving = self._ring.get(slot - self.slots)
                if leaving is not None:
                    self.total.subtract(leaving)
                    self._unions.forget(slot - self.slots)
        self.end = end

    @property
    def largest(self) -> Largest:
        """The maxima of sizes and times; `total` does not have them, as maxima do not subtract."""
        return Largest() if self.end is None else self._unions.largest(self._covered(self.end))

    def distinct(self, dimension: Dimension) -> int:
        """Return how many distinct keys were seen; an estimate if some were not kept."""
        tally = self.total.tallies[dimension]
        if self.end is None or not tally.other_hits:
            return len(tally.hits)
        return self._unions.distinct(dimension, self._covered(self.end))

    def _covered(self, end: int) -> range:
        return range(end - self.slots + 1, end + 1)

    def buckets(self) -> list[MetricsBucket]:
        """Return the buckets that the window covers, oldest first."""
        if self.end is None:
            return []
        return [
            self._ring[slot] for slot in filled(self._ring, self.end - self.slots + 1, self.end)
        ]

    def _enter(self, bucket: MetricsBucket | None) -> None:
        if bucket is not None:
            self.total.add(bucket)

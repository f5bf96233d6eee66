"""MetricsAggregator: keeps a ring of MetricsBuckets, and folds them into wider ones with age."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.dirty_buckets import BucketKey, DirtyBuckets
from logmon_tui.metrics.grouping import BatchCounter
from logmon_tui.metrics.wide_buckets import TIERS, WideBuckets
from logmon_tui.metrics.window import SlidingWindow

BUCKET_KEYS = 600
"""Keys of a dimension that a bucket keeps, at most twice as many; the rest counts as other."""

KEPT_KEYS = 50
"""Keys that a bucket keeps once no window needs all of its keys any more."""

WHOLE_SLOTS = 120
"""Newest slots of a long window that keep all of their keys."""

LONG_KEYS = 60_000
"""Keys, in all, that the other slots of a long window keep; `KEPT_KEYS` for each slot at least.

So a window of an hour takes only tens of MB more than one of a minute. Its totals stay exact. A
key's own count is exact from the time at which the key became one of those kept.
"""

SLACK = 60
"""Slots for which buckets are kept beyond the windows' ends, for hits that come late."""

KEYS_SLACK = 10
"""Slots for which buckets keep all of their keys beyond the windows' ends."""

RING = 0
"""The ring's number as a tier; the numbers of `TIERS` follow it."""


class TimedBucket(NamedTuple):
    """A bucket, its first second, and the number of seconds from there on that have its hits."""

    start: int
    seconds: int
    bucket: MetricsBucket


class Recording(Protocol):
    """Keeps what the aggregator counted, for longer than the ring does."""

    def note(self, batch: HitBatch) -> bool:
        """Note a batch before it is counted; tell whether that has recorded all of it."""

    def advance(self, ring: Mapping[int, MetricsBucket], newest: int) -> None:
        """Take the slots of `ring` that are complete when `newest` is the present one."""

    def late(self, slot: int, newcomers: MetricsBucket) -> None:
        """Take hits of a slot that came late, if that slot was taken before."""

    def add_old(self, hits: HitBatch) -> None:
        """Take hits that are too old for the ring."""


class AggregatorState(msgspec.Struct, frozen=True):
    """The saved state of an aggregator, without its buckets."""

    bucket_size: int
    folded: int | None
    settled: dict[Dimension, int]


class MetricsAggregator:
    """Holds a bucket for each slot of log time, and makes windows over the last slots.

    A slot is `bucket_size` seconds long and numbered since 1970. `ring` maps slots to buckets.
    Two things bound the memory: old buckets fold into `wide` ones, and keys beyond
    `BUCKET_KEYS` count as other. `journal`, if given, notes which buckets change, and `recorder`
    keeps what was counted.
    """

    def __init__(
        self,
        bucket_size: int = 1,
        *,
        journal: DirtyBuckets | None = None,
        recorder: Recording | None = None,
    ) -> None:
        self.bucket_size = bucket_size
        self.ring: dict[int, MetricsBucket] = {}
        self.wide = WideBuckets(bucket_size, self._note_wide)
        self._journal = journal
        self._recorder = recorder
        self._windows: list[SlidingWindow] = []
        self._settled: dict[Dimension, int] = {}
        self._thinned: dict[Dimension, int] = {}
        self._newest_settled: int | None = None
        self._folded: int | None = None

    def window(
        self,
        seconds: int,
        dimensions: Sequence[Dimension] = ALL_DIMENSIONS,
        *,
        detail: bool = True,
    ) -> SlidingWindow:
        """Return a new sliding window of `seconds` over the ring; late hits will update it."""
        slots = seconds // self.bucket_size
        window = SlidingWindow(self.ring, slots, dimensions, detail=detail)
        self._windows.append(window)
        return window

    @property
    def kept(self) -> int:
        """Minimum number of slots that the ring keeps."""
        return TIERS[0][0] // self.bucket_size

    def past_window(self, slots: int, end: int) -> SlidingWindow:
        """Return the window of `slots` slots up to `end`; later hits do not change it."""
        window = SlidingWindow(self.ring, slots, ALL_DIMENSIONS, detail=True)
        window.advance(end)
        return window

    def add(self, batch: HitBatch) -> None:
        """Count the hits of `batch`, each in the second of its own timestamp."""
        recorded = self._recorder is None or self._recorder.note(batch)
        if self._folded is not None:
            old = batch.seconds < (self._folded + 1) * self.bucket_size
            if old.any():
                self._add_old(_part(batch, old), recorded=recorded)
                batch = _part(batch, ~old)
        if len(batch):
            counter = BatchCounter(batch, self.bucket_size)
            for slot, newcomers in counter.buckets(ALL_DIMENSIONS, detail=True).items():
                self._merge(slot, newcomers)

    def _add_old(self, hits: HitBatch, *, recorded: bool) -> None:
        """Count hits, whose slots are folded already, directly in wide buckets."""
        if self._recorder is not None and not recorded:
            self._recorder.add_old(hits)
        self.wide.count(hits, (self._folded or 0) * self.bucket_size)

    def begin_at(self, newest: int) -> int:
        """Count hits in wide buckets at once if they are too old for the ring at `newest`.

        So a long backlog costs no more than its last minutes. Call it on a fresh aggregator.
        `newest` is a second. Returns the last slot that is not in the ring.
        """
        self._folded = newest // self.bucket_size - self._kept_slots() - SLACK
        return self._folded

    def end_backlog(self, slot: int) -> None:
        """End the backlog at `slot`: keep later slots in the ring, as no newer hits will come."""
        if self._folded is not None:
            self._folded = min(self._folded, slot)

    def _merge(self, slot: int, newcomers: MetricsBucket) -> None:
        self._note(RING, slot * self.bucket_size)
        few = all(len(each.hits) <= BUCKET_KEYS for each in newcomers.tallies.values())
        if few and slot not in self.ring:
            self.ring[slot] = newcomers  # to add them to an empty bucket takes a copy
        else:
            self._add_to(self.ring.setdefault(slot, MetricsBucket()), newcomers)
        if self._recorder is not None:
            self._recorder.late(slot, newcomers)
        for window in self._windows:
            window.include(slot, newcomers)

    def _add_to(self, bucket: MetricsBucket, newcomers: MetricsBucket) -> None:
        """Add hits to a bucket of the ring; those of keys beyond its limit become other in both."""
        for dimension, tally in bucket.tallies.items():
            incoming = newcomers.tallies[dimension]
            admitted = tally.admitted(incoming, BUCKET_KEYS, self._before(dimension))
            if admitted is not incoming:
                newcomers.tallies[dimension] = admitted
                newcomers.forget(dimension)
        bucket.add(newcomers)

    def _before(self, dimension: Dimension) -> Mapping[bytes, int]:
        """Return the hits by key in the longest window that counts the dimension."""
        windows = [window for window in self._windows if dimension in window.dimensions]
        longest = max(windows, key=lambda window: window.slots, default=None)
        return {} if longest is None else longest.total.tallies[dimension].hits

    def settle(self, newest: int) -> None:
        """Trim and fold the buckets that no window needs in full; `newest` is the current slot."""
        if self._recorder is not None:
            self._recorder.advance(self.ring, newest)
        if newest != self._newest_settled:  # a slot is settled once, however often it is asked for
            self._newest_settled = newest
            for dimension in ALL_DIMENSIONS:
                self._thin(dimension, newest)
                self._trim(dimension, newest - self._slots_needed(dimension) - KEYS_SLACK)
        self._fold_up_to(newest - self._kept_slots() - SLACK)

    def _slots_needed(self, dimension: Dimension) -> int:
        """Return for how many slots windows need all keys of a dimension."""
        return max((w.slots for w in self._windows if dimension in w.dimensions), default=0)

    def _thin(self, dimension: Dimension, newest: int) -> None:
        """Keep only the window's top keys in the older slots of a long window with details."""
        windows = [window for window in self._windows if dimension in window.dimensions]
        window = max((w for w in windows if w.detail), key=lambda w: w.slots, default=None)
        if window is None:
            return
        whole = max([WHOLE_SLOTS, *(w.slots for w in windows if w is not window)])
        limit = newest - whole - KEYS_SLACK
        keys = max(KEPT_KEYS, LONG_KEYS // window.slots)
        for slot in self._slots_between(self._thinned.get(dimension), limit):
            if window.covers(slot) and self.ring[slot].thin(dimension, keys, window.total):
                self._note(RING, slot * self.bucket_size)
        self._thinned[dimension] = max(limit, self._thinned.get(dimension, limit))

    def _kept_slots(self) -> int:
        """Return how many slots must stay in the ring."""
        return max(self.kept, *map(self._slots_needed, ALL_DIMENSIONS))

    def _trim(self, dimension: Dimension, limit: int) -> None:
        """Keep only the top keys in the slots up to `limit`, and drop their times by key."""
        for slot in self._slots_between(self._settled.get(dimension), limit):
            bucket = self.ring[slot]
            untimed = bucket.drop_times(dimension)
            trimmed = bucket.tallies[dimension].trim(KEPT_KEYS)
            if trimmed:
                bucket.forget(dimension)
            if trimmed or untimed:
                self._note(RING, slot * self.bucket_size)
        self._settled[dimension] = max(limit, self._settled.get(dimension, limit))

    def _fold_up_to(self, limit: int) -> None:
        width = TIERS[0][1]
        if self._folded is not None and limit < self._folded + width:
            return
        for slot in self._slots_between(self._folded, limit):
            self.wide.fold(slot * self.bucket_size, self.ring.pop(slot))
            self._note(RING, slot * self.bucket_size)
        self._folded = limit
        self.wide.retire(limit * self.bucket_size)

    def _slots_between(self, after: int | None, limit: int) -> list[int]:
        """Return the slots of the ring in (after, limit]; long gaps take no time."""
        if after is None or limit - after > len(self.ring):
            return [slot for slot in self.ring if slot <= limit]
        return [slot for slot in range(after + 1, limit + 1) if slot in self.ring]

    def _note(self, tier: int, start: int) -> None:
        if self._journal is not None:
            self._journal.note(tier, start)

    def _note_wide(self, tier: int, start: int) -> None:
        self._note(RING + 1 + tier, start)

    def bucket_keys(self) -> Iterator[BucketKey]:
        """Yield the key of every bucket."""
        yield from ((RING, slot * self.bucket_size) for slot in self.ring)
        for tier, buckets in enumerate(self.wide.tiers, start=RING + 1):
            yield from ((tier, start) for start in buckets)

    def bucket(self, tier: int, start: int) -> MetricsBucket | None:
        """Return the bucket of a key; None if it no longer exists."""
        if tier == RING:
            return self.ring.get(start // self.bucket_size)
        return self.wide.tiers[tier - 1].get(start)

    def between(self, start: int, end: int) -> Iterator[TimedBucket]:
        """Yield the buckets that have any of the seconds [start, end); wide ones may reach over."""
        for tier, width in enumerate((self.bucket_size, *(width for _, width in TIERS))):
            reach = self.wide.reach(width)
            for place in range((start - reach) // width * width, end, width):
                bucket = self.bucket(tier, place) if place + reach > start else None
                if bucket is not None:
                    yield TimedBucket(place, reach, bucket)

    def state(self) -> AggregatorState:
        """Return the state to save, without the buckets."""
        return AggregatorState(self.bucket_size, self._folded, dict(self._settled))

    def restore(self, state: AggregatorState, buckets: Mapping[BucketKey, MetricsBucket]) -> None:
        """Continue from a saved state and its `buckets`, which this aggregator then owns.

        Windows are not moved. Buckets of another size than this aggregator's fold into wide ones.
        """
        for (tier, start), bucket in buckets.items():
            if tier != RING:
                self.wide.tiers[tier - 1][start] = bucket
            elif state.bucket_size == self.bucket_size:
                self.ring[start // self.bucket_size] = bucket
        if state.bucket_size == self.bucket_size:
            self._folded, self._settled = state.folded, dict(state.settled)
            return
        for (tier, start), bucket in buckets.items():
            if tier == RING:
                self.wide.fold(start, bucket)


def _part(hits: HitBatch, chosen: NDArray[np.bool_]) -> HitBatch:
    """Return some of the hits, mostly all."""
    return hits if chosen.all() else hits.select(chosen)

"""WideBuckets: what is kept of old seconds, in buckets that widen with age."""

from collections.abc import Callable

from msgspec.structs import replace

from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.grouping import BatchCounter

MINUTE, HOUR, DAY = 60, 3_600, 86_400
TIERS = ((15 * MINUTE, 10), (6 * HOUR, 60))
"""(age, width): buckets older than `age` seconds fold into ones `width` seconds wide.

Wide buckets keep only hits, bytes and status codes: with keys, a week would take gigabytes.
"""

HORIZON = 7 * DAY
"""Maximum age in seconds: older buckets are dropped, and older hits count as late."""


class WideBuckets:
    """A dict of buckets by first second for each of `TIERS`; `tiers` holds them.

    Slots, `bucket_size` seconds long, are folded whole into the bucket in which they begin. `note`
    is called with tier, from 0, and first second of each bucket that changes.
    """

    def __init__(self, bucket_size: int, note: Callable[[int, int], None]) -> None:
        self.tiers: tuple[dict[int, MetricsBucket], ...] = tuple({} for _ in TIERS)
        self._size = bucket_size
        self._note = note

    def count(self, hits: HitBatch, now: int) -> None:
        """Count hits whose slots are folded already at the second `now`."""
        starts = hits.seconds // self._size * self._size
        totals = replace(hits, seconds=starts, columns={})  # wide buckets keep no keys
        ages = [0, *(age for age, _ in TIERS[1:]), HORIZON]
        for tier, (_, width) in enumerate(TIERS):
            rows = (starts <= now - ages[tier]) & (starts > now - ages[tier + 1])
            part = totals if rows.all() else totals.select(rows)
            for place, wide in BatchCounter(part, width).buckets((), detail=False).items():
                self._fold_into(tier, place * width, wide)

    def fold(self, start: int, bucket: MetricsBucket) -> None:
        """Add the slot that begins at the second `start`."""
        self._fold_into(0, start, bucket)

    def retire(self, now: int) -> None:
        """Move old buckets to the next tier, and drop those beyond the horizon."""
        for tier in range(len(TIERS) - 1):
            age = TIERS[tier + 1][0]
            for start in [start for start in self.tiers[tier] if start <= now - age]:
                self._fold_into(tier + 1, start, self.tiers[tier].pop(start))
                self._note(tier, start)
        for tier, buckets in enumerate(self.tiers):
            for start in [start for start in buckets if start <= now - HORIZON]:
                del buckets[start]
                self._note(tier, start)

    def reach(self, width: int) -> int:
        """Return of how many seconds a bucket of a width may have hits: a slot may be wider."""
        if width % self._size == 0:
            return width
        return self._size if self._size % width == 0 else width + self._size

    def _fold_into(self, tier: int, start: int, bucket: MetricsBucket) -> None:
        width = TIERS[tier][1]
        place = start // width * width
        wide = self.tiers[tier].get(place)
        if wide is None:
            wide = self.tiers[tier][place] = MetricsBucket((), detail=False)
        wide.add(bucket)
        self._note(tier, place)

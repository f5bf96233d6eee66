"""Recorder: sums up seconds in minutes, and closes a minute when no more hits are awaited. Pure."""

from collections.abc import Mapping

from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.history.archive import MINUTE, Recorded
from logmon_tui.history.sums import Sums, sums_of
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.grouping import BatchCounter
from logmon_tui.metrics.window import filled

OPEN_KEYS = 2_000
"""Keys of a dimension that an open minute keeps, at most twice as many; the rest is other."""

KEPT_KEYS = 100
"""Keys of a dimension that a closed minute keeps."""

AWAIT_SECONDS = 120
"""Seconds after its end until which a minute stays open for late hits."""

BEHIND_SLOTS = 5
"""Slots by which the recorder follows the newest one: most late hits have come by then."""


class Recorder:
    """Holds the open minutes, and closed ones until they are taken.

    A slot of the ring is added to its minute once, `BEHIND_SLOTS` after its end; hits that come
    later for it are added as they come. A slot belongs to the minute in which it begins.
    """

    def __init__(self, bucket_size: int) -> None:
        self._size = bucket_size
        self._open: dict[int, MetricsBucket] = {}
        self._reached: int | None = None  # the newest slot that its minute contains
        self._late: dict[int, MetricsBucket] = {}
        self._over: int | None = None
        self._closed: list[Recorded] = []
        self.version = 0
        """Another number whenever the open minutes changed."""

    def advance(self, ring: Mapping[int, MetricsBucket], newest: int) -> None:
        """Add the slots of `ring` that are complete when `newest` is the present one."""
        limit = newest - BEHIND_SLOTS
        if self._reached is not None and limit <= self._reached:
            return
        first = min(ring, default=limit) if self._reached is None else self._reached + 1
        for slot in filled(ring, first, limit):
            self._add(slot * self._size, ring[slot])
        self._reached = limit
        self._close(newest * self._size)

    def late(self, slot: int, newcomers: MetricsBucket) -> None:
        """Add late hits of a slot, if its minute contains it already."""
        if self._reached is not None and slot <= self._reached:
            self._add(slot * self._size, newcomers)

    def add_old(self, hits: HitBatch) -> None:
        """Add hits that are too old for the ring."""
        for minute, bucket in (
            BatchCounter(hits, MINUTE).buckets(ALL_DIMENSIONS, detail=True).items()
        ):
            self._add(minute * MINUTE, bucket)

    def _add(self, second: int, newcomers: MetricsBucket) -> None:
        start = second // MINUTE * MINUTE
        over = self._over is not None and start < self._over
        minute = (self._late if over else self._open).setdefault(start, MetricsBucket())
        self.version += 1
        admitted = MetricsBucket(())
        admitted.add(newcomers)
        admitted.measured = newcomers.measured
        admitted.sizes = newcomers.sizes
        for dimension, tally in minute.tallies.items():
            admitted.tallies[dimension] = tally.admitted(
                newcomers.tallies[dimension], OPEN_KEYS, {}
            )
        minute.add(admitted)

    def _close(self, newest: int) -> None:
        over = (newest - AWAIT_SECONDS) // MINUTE * MINUTE
        if self._over is not None and over <= self._over:
            return
        self._over = over
        for start in sorted(each for each in self._open if each < over):
            bucket = self._open.pop(start)
            trim(bucket)
            self._closed.append(Recorded(start, bucket))

    @property
    def closed(self) -> list[Recorded]:
        """The minutes closed and not yet taken, oldest first, and late hits of others."""
        for start, bucket in sorted(self._late.items()):
            trim(bucket)
            self._closed.append(Recorded(start, bucket))
        self._late = {}
        return self._closed

    def taken(self) -> None:
        """Forget the closed minutes, which an archive keeps now."""
        self._closed = []
        self.version += 1

    def open_sums(self) -> dict[int, Sums]:
        """Return the totals of the minutes that no archive has yet, by their first second."""
        found: dict[int, Sums] = {}
        for start, bucket in self._untaken():
            sums = sums_of(bucket, bucket.tallies[Dimension.HOST].distinct)
            if start in found:
                found[start].add(sums)
            else:
                found[start] = sums
        return found

    def open_bucket(self, since: int, until: int) -> MetricsBucket | None:
        """Return the merge of those minutes that begin from `since` to before `until`, if any."""
        whole: MetricsBucket | None = None
        for start, bucket in self._untaken():
            if since <= start < until:
                whole = MetricsBucket() if whole is None else whole
                whole.add(bucket)
        return whole

    def _untaken(self) -> list[tuple[int, MetricsBucket]]:
        return [*((each.start, each.bucket) for each in self.closed), *self._open.items()]

    @property
    def over(self) -> int | None:
        """The first second of the minutes that are not over, None before there was a minute."""
        return self._over

    def restore(self, over: int | None) -> None:
        """Continue after a restart: the ring's slots from the second `over` on are added again."""
        self._over = over
        if over is not None:
            self._reached = -(-over // self._size) - 1


def trim(bucket: MetricsBucket) -> None:
    """Keep only the keys of a bucket with the most hits."""
    for dimension, tally in bucket.tallies.items():
        if tally.trim(KEPT_KEYS):
            bucket.forget(dimension)

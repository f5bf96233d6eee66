"""Recorder: sums up seconds in minutes, and closes a minute when no more hits are awaited. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from logmon_tui.config.past import DEFAULTS, Retention
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.history.archive import MINUTE, Slice
from logmon_tui.history.backlog import Backlog, Later, at_once
from logmon_tui.history.trimming import add_bounded, trim
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.grouping import BatchCounter
from logmon_tui.metrics.window import filled

OPEN_KEYS = 1_000
"""Keys of a dimension that an open minute keeps, at most twice as many; the rest is other."""

SETTLE_SECONDS = 20
"""Seconds after its end from which on an open minute keeps only the keys of a closed one."""

AWAIT_SECONDS = 120
"""Seconds after its end until which a minute stays open for late hits."""

BEHIND_SLOTS = 5
"""Slots by which the recorder follows the newest one: most late hits have come by then."""

UNSAVED_SLOTS = 6
"""Slots after which the open minutes are saved again.

The ring keeps all keys of its newest `aggregator.KEYS_SLACK` slots, and after a restart the open
minutes are made of what was saved of them and of the ring's later slots. So none may be missing.
"""


class RecorderState(msgspec.Struct, frozen=True):
    """Where a recorder stands, beside its open minutes.

    Minutes before the second `over` are with the archive. The open ones, as saved, contain what
    the ring has of the seconds before `contained`. Both are None before the first hit.
    """

    over: int | None
    contained: int | None


class Recorder:
    """Holds the open minutes, and closed ones until they are taken.

    A slot of the ring is added to its minute once, `BEHIND_SLOTS` after its end; hits that come
    later for it are added as they come. A slot belongs to the minute in which it begins.
    """

    def __init__(
        self, bucket_size: int, retention: Retention = DEFAULTS, later: Later = at_once
    ) -> None:
        """Record; `later` may have a backlog's batches counted meanwhile, see `Backlog`."""
        self._size = bucket_size
        self._later = later
        self._limits = retention
        self._open: dict[int, MetricsBucket] = {}
        self._settled: set[int] = set()
        self._reached: int | None = None  # the newest slot that its minute contains
        self._late: dict[int, MetricsBucket] = {}
        self._over: int | None = None
        self._closed: list[Slice] = []
        self._backlog: Backlog | None = None
        self._unsaved: set[int] = set()  # minutes whose rows differ from what is saved of them
        self._saved_at: int | None = None  # what `_reached` was when the open ones were saved
        self._stale = False  # whether hits came for slots that the saved minutes contain
        self._saving = False
        self.version = 0
        """Another number whenever the open minutes changed."""

    @property
    def reached(self) -> int | None:
        """The newest slot of the ring that the minutes contain, None before there was one."""
        return self._reached

    def note(self, batch: HitBatch) -> bool:
        """Count a batch of a backlog: its seconds cost more than all of it. Tell if it is one."""
        if self._backlog is not None:
            self._backlog.add(batch)
        return self._backlog is not None

    def advance(self, ring: Mapping[int, MetricsBucket], newest: int) -> None:
        """Add the slots of `ring` that are complete when `newest` is the present one."""
        limit = newest - BEHIND_SLOTS
        if self._backlog is not None:
            return
        if self._reached is not None and limit <= self._reached:
            return
        first = min(ring, default=limit) if self._reached is None else self._reached + 1
        for slot in filled(ring, first, limit):
            self._add(slot * self._size, ring[slot])
        self._reached = limit
        present, added = newest * self._size, (limit + 1) * self._size
        self._settle(min(present - SETTLE_SECONDS, added))
        self._close(min(present - AWAIT_SECONDS, added))

    def late(self, slot: int, newcomers: MetricsBucket) -> None:
        """Add late hits of a slot, if its minute contains it already."""
        if self._reached is not None and slot <= self._reached:
            self._add(slot * self._size, newcomers)
            self._stale = True

    def add_old(self, hits: HitBatch) -> None:
        """Add hits that are too old for the ring."""
        minutes = BatchCounter(hits, MINUTE).buckets(ALL_DIMENSIONS, detail=True)
        for minute, bucket in minutes.items():
            self._add(minute * MINUTE, bucket)
        self._stale = True

    def begin_backlog(self, newest: int) -> None:
        """Count all hits by batches from now on, as there are many; `newest` is the last second."""
        self._backlog = Backlog(self._limits.keys, newest - self._limits.minutes, self._later)

    def end_backlog(self, ring: Mapping[int, MetricsBucket]) -> None:
        """Count seconds again; what is in `ring` now was counted as part of the backlog."""
        if self._backlog is not None:
            self._closed += self._backlog.finish()
            self._backlog = None
            self._reached = max(ring, default=None)
            self.version += 1

    def _add(self, second: int, newcomers: MetricsBucket) -> None:
        start = second // MINUTE * MINUTE
        over = self._over is not None and start < self._over
        minute = (self._late if over else self._open).setdefault(start, MetricsBucket())
        add_bounded(minute, newcomers, OPEN_KEYS)
        self.version += 1
        if not over:
            self._unsaved.add(start)

    def _settle(self, end: int) -> None:
        for start in self._open.keys() - self._settled:
            if start + MINUTE <= end:
                trim(self._open[start], self._limits.keys)
                self._settled.add(start)
                self._unsaved.add(start)

    def _close(self, end: int) -> None:
        """Close the minutes that are over at the second `end`: all of their slots are added."""
        over = end // MINUTE * MINUTE
        if self._over is not None and over <= self._over:
            return
        self._over = over
        for start in sorted(each for each in self._open if each < over):
            bucket = self._open.pop(start)
            self._settled.discard(start)
            self._unsaved.add(start)
            self._close_as(start, bucket)

    def _close_as(self, start: int, bucket: MetricsBucket) -> None:
        trim(bucket, self._limits.keys)
        self._closed.append(Slice(MINUTE, start, bucket))

    def take(self) -> list[Slice]:
        """Return the slices closed since the last call, oldest first, and late hits of others."""
        for start, bucket in sorted(self._late.items()):
            self._close_as(start, bucket)
        self._late = {}
        if self._backlog is not None:
            self._closed += self._backlog.take()
        taken, self._closed = self._closed, []
        return taken

    def minutes(self) -> list[Slice]:
        """Return the minutes that nobody has taken yet, and late hits of others.

        Of a backlog that has just ended, some are without their keys.
        """
        waiting = [each for each in self._closed if each.width == MINUTE]
        opened = {**self._late, **self._open}
        return [*waiting, *(Slice(MINUTE, start, bucket) for start, bucket in opened.items())]

    def unsaved(self, *, everything: bool) -> dict[int, MetricsBucket | None]:
        """Return the open minutes to save with the state, None for those to delete; see `saved`.

        `everything` asks for all open minutes, as nothing of this run is saved yet.
        """
        if everything:
            self._unsaved |= self._open.keys()
            self._saved_at = None
        elapsed = self._saved_at is None or self._reached is None
        later = elapsed or (self._reached or 0) - (self._saved_at or 0) >= UNSAVED_SLOTS
        gone = any(start not in self._open for start in self._unsaved)
        self._saving = later or self._stale or gone
        if not self._saving:
            return {}
        return {start: self._open.get(start) for start in sorted(self._unsaved)}

    def saved(self) -> None:
        """Note that what `unsaved` returned is saved."""
        if self._saving:
            self._unsaved.clear()
            self._saved_at = self._reached
            self._saving = self._stale = False

    def state(self) -> RecorderState:
        """Return where the recorder stands, once what `unsaved` returned is saved."""
        reached = self._reached if self._saving else self._saved_at
        return RecorderState(self._over, None if reached is None else (reached + 1) * self._size)

    def take_over(self, over: int) -> None:
        """Leave the minutes before the second `over` to another run: it has archived them."""
        if self._over is None or over > self._over:
            self._over = over
            for start in [each for each in self._open if each < over]:
                del self._open[start]
                self._settled.discard(start)
                self._unsaved.add(start)
            self.version += 1

    def discard(self, starts: Iterable[int]) -> None:
        """Have the saved open minutes that begin at `starts` deleted: nothing is recorded now."""
        self._unsaved.update(starts)

    def restore(
        self,
        state: RecorderState | None,
        opened: Mapping[int, MetricsBucket],
        ring: Mapping[int, MetricsBucket],
    ) -> None:
        """Continue after a restart, with the open minutes as saved.

        `ring` maps the first second of the ring's buckets, of any length, to them: those that no
        minute contains are added. A state of None is that of a version which did not record.
        """
        state = state or RecorderState(None, None)
        self._over = state.over
        self._open = dict(opened)
        self._settled = set()
        for second, bucket in sorted(ring.items()):
            if state.contained is None or second >= state.contained:
                self._add(second, bucket)
        last = max(ring, default=None)
        seconds = [each for each in (last, state.contained and state.contained - 1) if each]
        if seconds:
            self._reached = max(seconds) // self._size

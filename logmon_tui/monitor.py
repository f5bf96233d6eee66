"""HTTPMonitor: owns the aggregator, the log clock and the alerts. Pure: time comes in.

One thread owns a monitor: `feed` it batches, `tick` it, take its `snapshot`.
"""

from collections import deque
from dataclasses import replace

from logmon_tui.alerts.incident import Incident
from logmon_tui.config import Settings
from logmon_tui.formats.batching import TAIL_LINES
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.unparsed import KEPT_LINES, UnparsedLine
from logmon_tui.judge import AlertJudge
from logmon_tui.metrics.aggregator import HORIZON, MetricsAggregator
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.clock import FutureGate, LogClock
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.snapshot import (
    NO_CLASSES,
    ByClass,
    Ingest,
    Snapshot,
    TrafficHistory,
)
from logmon_tui.views import counted, window_view, with_trends

GRAPH_SECONDS = 600
SCREEN_ROWS = 100
SHOWN_UNPARSED = 20
RATE_SECONDS = 3
"""The rate "now" is the mean of so many whole seconds: one alone would flicker."""

LIVE_WITHIN = 90
"""The log clock may differ from the wall clock by so many seconds and still be called live."""


class HTTPMonitor:
    """Turns batches of hits into windows, incidents and snapshots.

    The stats window slides: it ends with the second that log time is in. With `whole_intervals`
    it ends with a whole interval since 1970 and begins where the one before it ended, so that
    the windows printed one after the other hold every hit once, a late one in the next window.
    """

    def __init__(self, settings: Settings, *, whole_intervals: bool = False) -> None:
        self._whole_intervals = whole_intervals
        self._rows = (settings.top or None) if whole_intervals else SCREEN_ROWS
        self._bucket_size = settings.bucket_size
        self._aggregator = MetricsAggregator(settings.bucket_size)
        self._stats = self._aggregator.window(settings.stats_interval)
        self._judge = AlertJudge(settings, self._aggregator)
        self._stats_interval = settings.stats_interval
        self._stats_seconds = 0 if whole_intervals else settings.stats_interval
        self._stats_end: int | None = None
        self._first: int | None = None  # second of the log
        self._stats_parts: list[MetricsBucket] = []
        self._overdue: list[MetricsBucket] = []
        self._gate = FutureGate()
        self._clock = LogClock()
        self._late = 0
        self._ingest = Ingest()
        self._unparsed: deque[UnparsedLine] = deque(maxlen=KEPT_LINES)
        self._tail: deque[bytes] = deque(maxlen=TAIL_LINES)

    @property
    def stats_end(self) -> int | None:
        """The last second of the stats window, None before there was one."""
        return self._stats_end

    @property
    def judge(self) -> AlertJudge:
        """The alerts."""
        return self._judge

    def feed(self, batch: HitBatch, now: float) -> None:
        """Take in a batch that came at the monotonic time `now`."""
        self._unparsed.extend(batch.unparsed_lines)
        self._tail.extend(batch.tail)
        self._ingest = counted(self._ingest, batch)
        self._take(self._gate.sift(batch, now, self._clock.now(now)), now)

    def _take(self, credible: list[HitBatch], now: float) -> None:
        newest = self._gate.newest
        if newest is None:
            return
        self._clock.observe(newest, now)
        for hits in credible:
            recent = hits.seconds > newest - HORIZON
            self._late += len(hits) - int(recent.sum())
            kept = hits if recent.all() else hits.select(recent)
            if len(kept):
                first = int(kept.seconds.min())
                self._first = first if self._first is None else min(first, self._first)
                self._judge.begin(first)
                self._aggregator.add(kept)
                self._note_overdue(kept)

    def _note_overdue(self, hits: HitBatch) -> None:
        """Keep hits of intervals that have ended for the next one: each is printed once."""
        if self._whole_intervals and self._stats_end is not None:
            overdue = hits.seconds <= self._stats_end
            if overdue.any():
                self._overdue.append(summary_of(hits.select(overdue), ALL_DIMENSIONS))

    def tick(self, now: float, wall: float) -> list[Incident]:
        """Bring windows and alerts up to the monotonic time `now`; return what changed.

        `wall` is the wall clock in epoch seconds; it only vouches for a last lone line.
        """
        self._take(self._gate.release(now, wall), now)
        if self._clock.newest is None:
            return []
        second = int(self._clock.now(now))
        changed = self._judge.judge_up_to(second - 1)
        if self._whole_intervals:
            self._end_interval(second // self._stats_interval * self._stats_interval - 1)
        else:
            # Of a bucket longer than a second only the whole one counts, for rates are over all.
            slot = (second + 1) // self._bucket_size - 1
            self._stats.advance(slot)
            self._stats_end = (slot + 1) * self._bucket_size - 1
        self._aggregator.settle(second // self._bucket_size)
        return changed

    def _end_interval(self, second: int) -> None:
        """Let the stats window end with `second`, and begin where the last one ended.

        The first one begins with the interval that the log's first second is in; until it ends
        the window is empty, 0 seconds long.
        """
        if self._stats_end is None:
            interval = self._stats_interval
            self._stats_end = (self._first or 0) // interval * interval - 1
        first, size = self._stats_end + 1, self._bucket_size
        if second < first:
            return
        slots = second // size - first // size + 1
        self._stats = self._aggregator.past_window(slots, second // size)
        self._stats_parts = [*self._stats.buckets(), *self._overdue]
        for bucket in self._overdue:
            self._stats.total.add(bucket)
        self._overdue = []
        self._stats_end, self._stats_seconds = second, second - first + 1

    def close_interval(self, now: float) -> list[Incident]:
        """End the stats window now, in the midst of an interval; return the incidents changed.

        Nothing more will come, so what still waits to be believed is.
        """
        self._take(self._gate.finish(), now)
        if self._clock.newest is None:
            return []
        second = int(self._clock.now(now))
        self._end_interval(second)
        return self._judge.judge_up_to(second - 1)

    def snapshot(self, now: float, wall: float) -> Snapshot:
        """Return the picture at the monotonic time `now`, without what the sources know."""
        log_time = self._clock.now(now) if self._clock.newest is not None else None
        ingest = replace(
            self._ingest,
            late=self._late,
            future=self._gate.future,
            unparsed_lines=tuple(self._unparsed)[-SHOWN_UNPARSED:],
        )
        if log_time is None:
            return Snapshot(alerts=self._judge.state(), ingest=ingest, tail=tuple(self._tail))
        end = int(log_time)
        view = window_view(
            self._stats.total,
            self._stats_parts if self._whole_intervals else self._stats.buckets(),
            end=end if self._stats_end is None else self._stats_end,
            seconds=self._stats_seconds,
            rows=self._rows,
        )
        return Snapshot(
            log_time=log_time,
            live=abs(log_time - wall) <= LIVE_WITHIN,
            rate=self._rate(end),
            now=with_trends(view, self._stats, self._aggregator.ring, self._aggregator.kept),
            traffic=self._traffic(end),
            alerts=self._judge.state(),
            ingest=ingest,
            tail=tuple(self._tail),
        )

    def _rate(self, end: int) -> float:
        """Return hits per second over the last few whole seconds before `end`."""
        size = self._bucket_size
        slots = max(1, RATE_SECONDS // size)
        newest = end // size
        ring = self._aggregator.ring
        hits = sum(ring[slot].hits for slot in range(newest - slots, newest) if slot in ring)
        return hits / (slots * size)

    def _traffic(self, end: int) -> TrafficHistory:
        """Return the hits of the last whole seconds before `end`, by class."""
        start = end - GRAPH_SECONDS
        seconds: list[ByClass] = []
        for second in range(start, end):
            bucket = self._aggregator.ring.get(second // self._bucket_size)
            seconds.append(self._in_second(bucket.by_class(), second) if bucket else NO_CLASSES)
        return TrafficHistory(start, tuple(seconds))

    def _in_second(self, counts: ByClass, second: int) -> ByClass:
        """Spread a bucket's counts evenly over its seconds, the first ones getting the rest."""
        size = self._bucket_size
        if size == 1:
            return counts
        place = second % size
        return tuple(count // size + (place < count % size) for count in counts)

"""HTTPMonitor: owns the aggregator, the log clock and the alerts. Pure: time comes in.

One thread owns a monitor: `feed` it batches, `tick` it, take its `snapshot`.
"""

from collections import deque
from dataclasses import replace

from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.registry import make_alerts
from logmon_tui.alerts.traffic import TrafficAlert
from logmon_tui.config import Settings
from logmon_tui.formats.hit_batch import Dimension, HitBatch
from logmon_tui.formats.unparsed import KEPT_LINES, UnparsedLine
from logmon_tui.metrics.aggregator import HORIZON, MetricsAggregator
from logmon_tui.metrics.clock import FutureGate, LogClock
from logmon_tui.snapshot import (
    NO_CLASSES,
    AlertState,
    ByClass,
    Ingest,
    Snapshot,
    TrafficHistory,
)
from logmon_tui.views import window_view, with_trends

GRAPH_SECONDS = 300
SCREEN_ROWS = 100
TAIL_LINES = 200
SHOWN_UNPARSED = 20
RATE_SECONDS = 3
"""The rate "now" is the mean of so many whole seconds: one alone would flicker."""

LIVE_WITHIN = 90
"""The log clock may differ from the wall clock by so many seconds and still be called live."""

KEPT_INCIDENTS = 10_000


class HTTPMonitor:
    """Turns batches of hits into windows, incidents and snapshots.

    The stats window slides: it ends with the second that log time is in. With `whole_intervals`
    it is the last whole one of the intervals that follow each other since 1970, so that windows
    printed one after the other neither overlap nor leave a gap.
    """

    def __init__(self, settings: Settings, *, whole_intervals: bool = False) -> None:
        self._whole_intervals = whole_intervals
        self._bucket_size = settings.bucket_size
        self._aggregator = MetricsAggregator(settings.bucket_size)
        self._stats = self._aggregator.window(settings.stats_interval)
        self._judge = AlertJudge(settings, self._aggregator)
        self._stats_seconds = settings.stats_interval
        self._stats_end = 0
        self._gate = FutureGate()
        self._clock = LogClock()
        self._late = 0
        self._ingest = Ingest()
        self._unparsed: deque[UnparsedLine] = deque(maxlen=KEPT_LINES)
        self._tail: deque[bytes] = deque(maxlen=TAIL_LINES)

    @property
    def judge(self) -> "AlertJudge":
        """The alerts."""
        return self._judge

    def feed(self, batch: HitBatch, now: float) -> None:
        """Take in a batch that came at the monotonic time `now`."""
        self._unparsed.extend(batch.unparsed_lines)
        self._tail.extend(batch.tail)
        ingest = self._ingest
        self._ingest = replace(
            ingest,
            hits=ingest.hits + len(batch),
            bytes=ingest.bytes + int(batch.sizes.sum()),
            unparsed=ingest.unparsed + batch.unparsed,
            first_unparsed=ingest.first_unparsed or batch.first_unparsed,
        )
        self._take(self._gate.sift(batch, now), now)

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
                self._judge.begin(int(kept.seconds.min()))
                self._aggregator.add(kept)

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
            self._advance_stats(second // self._stats_seconds * self._stats_seconds - 1)
        else:
            self._advance_stats(second)
        self._aggregator.settle(second // self._bucket_size)
        return changed

    def _advance_stats(self, second: int) -> None:
        slot = second // self._bucket_size
        if self._stats.end is None or slot > self._stats.end:
            self._stats.advance(slot)
            self._stats_end = second

    def close_interval(self, now: float) -> None:
        """Let the stats window end now, in the midst of an interval: nothing more will come."""
        self._whole_intervals = False
        if self._clock.newest is not None:
            self._advance_stats(int(self._clock.now(now)))

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
            self._stats.buckets(),
            end=self._stats_end,
            seconds=self._stats_seconds,
            rows=SCREEN_ROWS,
        )
        return Snapshot(
            log_time=log_time,
            live=abs(log_time - wall) <= LIVE_WITHIN,
            rate=self._rate(end),
            now=with_trends(view, self._stats, self._aggregator.ring),
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


class AlertJudge:
    """Evaluates every alert at each second, and keeps what they have found."""

    def __init__(self, settings: Settings, aggregator: MetricsAggregator) -> None:
        self._bucket_size = settings.bucket_size
        self._ring = aggregator.ring
        self._window = aggregator.window(
            settings.alert_window, (Dimension.HOST,), detail=False, track_hosts=True
        )
        self._seconds = settings.alert_window
        self._alerts = make_alerts(settings)
        self._traffic = next(alert for alert in self._alerts if isinstance(alert, TrafficAlert))
        self._judged: int | None = None  # the last slot judged
        self._closed: deque[Incident] = deque(maxlen=KEPT_INCIDENTS)

    def set_threshold(self, threshold: float) -> None:
        """Judge the traffic by another threshold (req/s) from the next second on."""
        self._traffic.threshold = threshold

    def begin(self, second: int) -> None:
        """Note the first second of the log, from which on there is something to judge."""
        if self._judged is None:
            self._judged = second // self._bucket_size - 1

    def judge_up_to(self, second: int) -> list[Incident]:
        """Judge every whole slot up to `second`; return the incidents that changed, in order."""
        target = (second + 1) // self._bucket_size - 1
        changed: list[Incident] = []
        while self._judged is not None and self._judged < target:
            slot = self._judged = self._next_change(self._judged, target)
            self._window.advance(slot)
            time = (slot + 1) * self._bucket_size - 1
            for alert in self._alerts:
                changed.extend(alert.evaluate(time, self._window))
        self._closed.extend(incident for incident in changed if not incident.firing)
        return changed

    def _next_change(self, judged: int, target: int) -> int:
        """Return the next slot in which hits enter or leave the window, `target` at most.

        In between the window stays the same, and so does every verdict.
        """
        length = self._window.slots
        ring = self._ring
        for slot in range(judged + 1, min(judged + length + 1, target) + 1):
            if slot in ring or slot - length in ring:
                return slot
        return min((slot for slot in ring if judged < slot <= target), default=target)

    def incidents(self) -> list[Incident]:
        """Return every incident: firing ones first, then the newest."""
        firing = [incident for alert in self._alerts for incident in alert.open.values()]
        firing.sort(key=lambda incident: incident.triggered_at, reverse=True)
        closed = sorted(self._closed, key=lambda incident: incident.triggered_at, reverse=True)
        return firing + closed

    def state(self) -> AlertState:
        """Return the alerts as a Snapshot shows them."""
        return AlertState(
            window=self._seconds,
            threshold=self._traffic.threshold,
            hits=self._window.total.hits,
            incidents=tuple(self.incidents()),
            suppressed=sum(alert.suppressed for alert in self._alerts),
        )

"""HTTPMonitor: owns what is counted, the log's time and the alerts. Pure: time comes in.

One thread owns a monitor: `feed` it batches, `tick` it, take its `snapshot`.
"""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Hosts, Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.newest_lines import ParsedLines
from logmon_tui.history.archive import Archive
from logmon_tui.history.backlog import Later, at_once
from logmon_tui.metrics.log_time import LogTime, LogTimeState, Sifted
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.monitor.answers import Answers
from logmon_tui.monitor.claims import Claims
from logmon_tui.monitor.fleet import FleetMoment, FleetMonitor
from logmon_tui.monitor.line_counts import LineCounts
from logmon_tui.monitor.past import Past
from logmon_tui.monitor.pictures import Counted, LogMoment, Pictures
from logmon_tui.monitor.recording import Recording
from logmon_tui.monitor.saved import MonitorState, SavedMonitor
from logmon_tui.monitor.selection import Ignoring
from logmon_tui.monitor.traffic_counts import TrafficCounts
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.snapshot import Question, Request, Snapshot
from logmon_tui.sources.base import Feed

_MAX_BYTES = 2**63 - 1
"""Maximum bytes that can be saved."""


class HTTPMonitor:
    """Turns batches of hits into windows, incidents and snapshots.

    `whole_intervals`, `keeps_hits` and `journal` are as in `TrafficCounts`; unless it is said, hits
    are kept if the stats window slides. `newest_lines` gives the newest lines of the logs, of which
    some are kept with an incident. `locate` tells where clients are. `archive` keeps the minutes
    that are over. With `cautious`, alerts take quiet at first for hits on their way. `later` may
    have batches of a backlog counted meanwhile.

    Public attributes: `lines`, what was read; `counts`, what was counted of it; `recording`, which
    keeps the past; `alerts`, all that is known of incidents: they judge all hits. Others say what
    Snapshots show: `shown` which hits, `past` which past moment and which graph, `baselines` what
    they are compared with, `comparison` around which mark traffic is compared, `tables` which
    rankings somebody sees.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices
        self,
        settings: Settings,
        *,
        whole_intervals: bool = False,
        keeps_hits: bool | None = None,
        journal: bool = False,
        newest_lines: Callable[[], Sequence[ParsedLines]] = list,
        locate: Locate | None = None,
        archive: Archive | None = None,
        cautious: bool = False,
        later: Later = at_once,
    ) -> None:
        self._bucket_size = settings.bucket_size
        self._own_fields = settings.own_fields
        self._goes_on = journal  # whether another run continues from here
        self._newest_lines = newest_lines
        self.recording = Recording(settings, archive, later)
        self.counts = TrafficCounts(
            settings,
            self.recording.recorder if self.recording.records else None,
            whole_intervals=whole_intervals,
            keeps_hits=not whole_intervals if keeps_hits is None else keeps_hits,
            journal=journal,
        )
        kept = self.counts.recent
        slid_over = None if whole_intervals else kept

        def pictures(recent: HitStore | None) -> Pictures:
            recording, counts = self.recording, self.counts
            ring = counts.aggregator.ring
            past = Past(recording.recorder, recording.archive, ring, settings.bucket_size)
            past.own_since = recording.own_since
            counted = Counted(counts.aggregator, counts.stats, counts.filtered, recent)
            return Pictures(settings, counted, past, recording.archive, locate)

        self._pictures = pictures(slid_over)
        self._answers = Answers(lambda: pictures(kept), settings.stats_interval)
        self.shown, self.past = self._pictures.shown, self._pictures.past
        self.baselines, self.comparison = self._pictures.baselines, self._pictures.comparison
        self.tables = self._pictures.tables
        self.alerts = AlertManager(settings, newest_lines)
        self._time = LogTime(settings.fixed_delay, cautious=cautious)
        self._ignoring = Ignoring(settings)
        self.lines = LineCounts()
        self._claims = Claims()
        self._silences_at: int | None = None  # second of the wall clock
        self._fleet = FleetMonitor(settings.fleet, settings.stats_interval, self.shown, slid_over)

    @property
    def stats_end(self) -> int | None:
        """The last second of the stats window, None before there was one."""
        return self.counts.stats.end

    @property
    def evaluation_delay(self) -> float:
        """By how many seconds alerts are judged later than log time."""
        return self._time.delay

    def reload(self, settings: Settings) -> None:
        """Take the alerts of other settings, from the next second on; see `AlertManager.reload`.

        With a shorter delay the seconds up to it are judged next; with a longer one no second is
        judged until log time is so far.
        """
        self._time.set_delay(settings.fixed_delay)
        self.alerts.reload(settings)

    def feed(self, batch: HitBatch, now: float, log: bytes = b"") -> None:
        """Count a batch of a log that arrived at the monotonic time `now`."""
        self.lines.take(batch, now)
        self._take(self._time.take(batch, now, log, in_backlog=self.in_backlog), now)

    def _take(self, sifted: Sifted, now: float) -> None:
        self.lines.late += sifted.late
        for hits in sifted.hits:
            shown, judged = self._ignoring.split(hits)
            if len(judged):
                self.lines.late_for_alerts += self.alerts.count_late(judged)
                self.alerts.take(judged, int(judged.seconds.min()))
            self.lines.ignored += len(hits) - len(shown)
            if len(shown):
                self._fleet.take(shown, now, self.stats_end)
                self.counts.take(shown)
                if not self.in_backlog:
                    self._claims.note(shown)
        for second, lines in self._time.unparsed():
            self.alerts.take_unparsed(second, lines)

    def tick(self, now: float, wall: float, reached: int | None = None) -> list[Incident]:
        """Bring windows and alerts up to the monotonic time `now`; return what changed.

        `wall` is the wall clock in epoch seconds. It is used only to decide whether a last lone
        line is credible, and which servers are silent. If other logs are still being caught up
        with, `reached` is the second at which to stop.
        """
        self._take(self._time.release(now, wall, in_backlog=self.in_backlog), now)
        self._fleet.tick(now, wall)
        return [*self._judge_silences(now, int(wall)), *self._tick_log(now, reached)]

    def _judge_silences(self, now: float, second: int) -> list[Incident]:
        """Judge once in each second of the wall clock who is silent."""
        if second == self._silences_at:
            return []
        self._silences_at = second
        heard, known = self._fleet.heard(now, self.alerts.silent)
        self.alerts.hosts = Hosts(heard, known) if heard < known else None
        return self.alerts.judge_silences(second, self._fleet.hearing.silences(now))

    def _tick_log(self, now: float, reached: int | None) -> list[Incident]:
        """Bring windows, and alerts of hits, up to the monotonic time `now`."""
        if not self._time.begun:
            return []
        log_time = self._time.tick(now, reached)
        changed = self.alerts.tick(self._time.complete(log_time))
        self.counts.move_to(int(log_time), self._time.first or 0)
        if not self.in_backlog:  # from now on the state may be saved, without what a backlog holds
            self.recording.recorder.end_backlog(self.counts.aggregator.ring)
        return changed

    def begin_backlog(self, newest: int) -> int:
        """Prepare for an old log whose newest hit lies in the second `newest`.

        Return the first second whose hits are counted by all of their keys.

        Call it before the first batch. Hits from long before `newest` then cost little, but show
        only in totals and incidents. If `newest` is too early, reading takes longer; if it is too
        late, the windows stay empty.
        """
        self.recording.recorder.begin_backlog(newest)
        self.alerts.begin_backlog(newest)
        return self.counts.begin_backlog(newest)

    @property
    def in_backlog(self) -> bool:
        """Whether hits of a backlog are being read; what it knows cannot be saved meanwhile."""
        return self.alerts.in_backlog

    def end_backlog(self, now: float) -> list[Incident]:
        """End the backlog, when all of it has been read; return the incidents changed."""
        if not self.in_backlog or not self._time.begun:
            return []  # alerts leave it by themselves near its end
        self.counts.end_backlog(int(self._time.now(now)) - 1)
        self.recording.recorder.end_backlog(self.counts.aggregator.ring)
        return self.alerts.end_backlog(self._time.complete(self._time.now(now)))

    def close_interval(self, now: float, *, log_ends: bool = True) -> list[Incident]:
        """End the stats window now, within an interval; return the incidents changed.

        Call it when no more hits will be read. Without a journal, waiting hits from the future are
        then believed. With one they keep waiting, as another run continues from here; to that
        end the window ends with a whole bucket. Only if the log ends, too, no hits can be on their
        way, and alerts judge its last seconds without a delay.
        """
        ends = not self._goes_on
        sifted = self._time.finish(now, for_good=ends, in_backlog=self.in_backlog)
        self._take(sifted, now)
        if not self._time.begun:
            return []
        second = int(self._time.now(now))
        if not ends:
            second = (second + 1) // self._bucket_size * self._bucket_size - 1
        self.counts.close(second, self._time.first or 0)
        return self.alerts.judge_up_to(
            second - 1 if ends and log_ends else self._time.complete(second)
        )

    def hear(self, feeds: Sequence[Feed]) -> None:
        """Take what sources know of the servers that write the logs."""
        self._fleet.hearing.hear(feeds)

    def snapshot(self, now: float, wall: float) -> Snapshot:
        """Return the Snapshot at the monotonic time `now`, without the state of the sources."""
        picture, at = self._without_traffic(now, wall), self._moment(now, wall)
        return picture if at is None else self._pictures.with_traffic(picture, at)

    def answer(self, question: Question, now: float, wall: float) -> Snapshot:
        """Return the Snapshot that answers `question`; see `snapshot`.

        Only what it tells of traffic depends on the question: servers and the newest lines are
        those that the screen shows.
        """
        picture, at = self._without_traffic(now, wall), self._moment(now, wall)
        return picture if at is None else self._answers.with_traffic(picture, question, at)

    def _moment(self, now: float, wall: float) -> LogMoment | None:
        """Return the present moment, None before the first hit."""
        if not self._time.begun:
            return None
        log_time = self._time.now(now)
        return LogMoment(log_time, now, wall, self._time.first or 0, self.lines.totals.resolution)

    def _without_traffic(self, now: float, wall: float) -> Snapshot:
        """Return a Snapshot without what the stats window and graphs show."""
        log_time = self._time.now(now) if self._time.begun else None
        ingest = replace(
            self.lines.picture(now),
            evaluation_delay=self.evaluation_delay,
            lateness=self._time.lateness,
            future=self._time.future,
        )
        what_if = self.alerts.what_if(now, self._time.complete(log_time or 0.0))
        tail, tail_hits = self._shown_tail()
        picture = Snapshot(
            alerts=replace(self.alerts.picture(wall), what_if=what_if),
            ingest=ingest,
            tail=tail,
            tail_hits=tail_hits,
            scope=self.shown.scope(int(log_time or 0)),
            claims=self._claims.of_clients,
            marks=self.alerts.incidents.marks,
        )
        end, seconds = self.stats_end, self.counts.stats.seconds
        end = end if end is not None else int(wall if log_time is None else log_time)
        moment = FleetMoment(end, seconds, now, ingest.resolution)
        return replace(picture, fleet=self._fleet.picture(moment, self.alerts.silent))

    def _shown_tail(self) -> tuple[tuple[bytes, ...], tuple[Request, ...] | None]:
        """Return the newest lines that are shown, and their hits if they were asked for."""
        if self.shown.where or self.shown.parsed_tail:
            return self.shown.tail(self._newest_lines())
        return tuple(self.lines.tail), None

    def state(self, now: float, wall: float) -> MonitorState:
        """Return the state to save, without buckets, incidents and lines.

        `now` is monotonic, `wall` in epoch seconds.
        """
        lines, time = self.lines, self._time.state(now, wall)
        return MonitorState(
            hits=lines.totals.hits,
            bytes=min(lines.totals.bytes, _MAX_BYTES),
            unparsed=lines.totals.unparsed,
            others=lines.totals.others,
            status=lines.totals.status,
            resolution=lines.totals.resolution,
            late=lines.late,
            ignored=lines.ignored,
            own=self._own_fields,
            own_since=self.recording.own_since,
            recorder=self.recording.recorder.state(),
            first=time.first,
            clock=time.clock,
            gate=time.gate,
            aggregator=self.counts.aggregator.state(),
            stats=self.counts.stats.state(),
            alerts=self.alerts.state(),
            servers=self._fleet.hearing.state(now, wall),
            arrivals=time.arrivals,
            reached=time.reached,
            late_for_alerts=lines.late_for_alerts,
        )

    def archive_past(self) -> None:
        """Hand the archive the minutes that are over."""
        self.recording.hand_over(self._time.newest)

    def saved(self) -> None:
        """Note that buckets, minutes and incidents are saved as they are."""
        self.recording.recorder.saved()
        self.alerts.saved()
        self.counts.saved()

    def restore(self, saved: SavedMonitor, now: float) -> None:
        """Continue from another monitor's state; this one must be fresh. `now` is monotonic.

        The settings may have changed. Until `count_downtime`, only lines move the log clock.
        """
        state, gate = saved.state, saved.state.gate
        if state.aggregator.bucket_size == self._bucket_size:
            self.counts.saved()
        if state.own != self._own_fields:
            self.counts.forget_own(saved.buckets)
            gate = gate.without(OWN_DIMENSIONS)
        self.lines.restore(state, saved.unparsed)
        self._fleet.hearing.restore(state.servers)
        time = LogTimeState(state.first, state.reached, state.clock, gate, state.arrivals)
        self._time.restore(time, now)
        self.recording.restore(state, saved.minutes, saved.buckets, self._time.newest)
        self.past.own_since = self.recording.own_since
        second = int(self._time.now(now))
        self.counts.restore(state.aggregator, state.stats, saved.buckets, second)
        self.alerts.restore(
            state.alerts,
            saved.slots,
            saved.incidents,
            saved.hours,
            saved.seconds,
            known=saved.known,
        )

    def count_downtime(self, now: float, wall: float) -> None:
        """Start a restored log clock, and add the time that passed since it was saved.

        Call it once all lines written meanwhile have been read: from then on a second without
        lines is a quiet one. `now` is monotonic, `wall` in epoch seconds.
        """
        self._time.resume(now, wall)

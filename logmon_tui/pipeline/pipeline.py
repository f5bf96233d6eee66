"""Pipeline: sources → parsers → monitor → whoever wants the pictures, in one thread's loop.

One thread reads, parses, counts and judges: on a live log that is a few milliseconds' work twice
a second, and no state needs a lock. Only `stop` and `wishes` are for other
threads.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import Formats
from logmon_tui.formats.model.sourced import with_source
from logmon_tui.formats.newest_lines import NewestLines
from logmon_tui.formats.route_columns import KnownRoutes, routed
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.notify.notifier import Notifier
from logmon_tui.notify.policy import Moment
from logmon_tui.pipeline.commands import CommandQueue
from logmon_tui.pipeline.log_reader import Arrivals, CatchUp, LogReader, Parsed
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import Source, SourceState
from logmon_tui.sources.lines import LIVE_CHUNK
from logmon_tui.state.checkpointer import Checkpointer

POLL_SECONDS = 0.25
PUBLISH_SECONDS = 0.5
RETRY_SECONDS = 1.0
BUSY_BYTES = LIVE_CHUNK
"""After less than so much was read, the next look may wait: small batches cost more a line."""

_NEARLY = 0.2
"""A picture that is due in so many seconds comes now, with the lines just read."""

DRAIN_SECONDS = 2.0
"""So long a run without a screen goes on reading what was written until it was stopped."""


@dataclass(slots=True)
class Listener:
    """Who is told: of each incident that changed, and of the picture every `every` seconds."""

    picture: Callable[[Snapshot], None]
    incidents: Callable[[Sequence[Incident]], None] = field(default=lambda _changed: None)
    every: float = PUBLISH_SECONDS


class Pipeline:
    """Runs until it is stopped; when `headless`, at the latest until every source has ended.

    `sources` are those of `logs`, in this order; `arrivals` may bring more at any time. `saver`
    keeps the state from run to run, if it is given; not before a backlog is read, which else would
    have to be read on without what was counted of it. `notifier` is told of incidents, but not of
    those that a backlog holds, and of none while another watch of the logs saves their state: that
    one tells them.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices
        self,
        settings: Settings,
        sources: Sequence[Source],
        formats: Formats,
        listener: Listener,
        *,
        logs: Sequence[str] | None = None,
        arrivals: Arrivals | None = None,
        headless: bool = False,
        saver: Checkpointer | None = None,
        notifier: Notifier | None = None,
    ) -> None:
        self._routing = settings.routing(routes=True)
        self._routes = KnownRoutes(self._routing)
        self._newest_lines = NewestLines(self._routing)
        self._monitor = HTTPMonitor(
            settings,
            whole_intervals=headless,
            journal=saver is not None,
            newest_lines=self._newest_lines.parsed,
        )
        names = [source.status().name for source in sources] if logs is None else logs
        self._feeds = LogReaders(names, sources, formats, arrivals, self._fail)
        self._saver = saver
        self._notifier = notifier
        self._listener = listener
        self._until_ended = headless
        self.wishes = CommandQueue(self._monitor, self._feeds)
        self._stop = threading.Event()
        self._failure = ""
        now = time.monotonic()
        self._catch_up = CatchUp(now)
        self._up_to_date = now
        self._published = now - listener.every
        self._published_second = 0  # the wall clock's, then
        self._stirred = True  # whether anything has happened since
        self._told_end: int | None = None
        self._changed: list[Incident] = []
        if saver is not None:
            saver.restore(self._monitor, now)
        self._adopt(now, time.time())
        self._feeds.welcome()

    def stop(self) -> None:
        """End `run` soon; any thread may call this."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        self._feeds.wake()

    def run(self) -> Snapshot:
        """Read, count, judge, save and publish until stopped; return the last picture.

        A fault is published and reading is tried again.
        """
        while not self._stop.is_set():
            read = self._try_step()
            self._tell(time.monotonic())
            if self._failure:
                self._stop.wait(RETRY_SECONDS)
            elif read < BUSY_BYTES and not (read and self._feeds.behind):
                if not read and self._until_ended and self._feeds.ended:
                    break
                self._feeds.wait(POLL_SECONDS, self._stop)
        return self._finish()

    def _try_step(self) -> int:
        """Take a step; note what went wrong instead of dying of it."""
        self._failure = ""
        try:
            return self._step()
        except Exception as error:  # noqa: BLE001 - the thread that reads must not die
            self._fail(error)
            return 0

    def _fail(self, error: Exception, concerned: str = "") -> None:
        """Let the next picture tell of an error, before the next try makes it forgotten."""
        self._failure = f"{concerned}{type(error).__name__}: {error}; trying again"
        self._published -= self._listener.every
        self._stirred = True

    def _step(self) -> int:
        """Read what there is, up to a chunk of each source; return how many bytes that was."""
        self._feeds.welcome()
        read = sum(map(self._read, self._feeds))
        granted = self.wishes.grant()
        if granted:
            self._published -= self._listener.every  # the screen shows it at once
        now, wall = time.monotonic(), time.time()
        if read < BUSY_BYTES and not self._feeds.behind:
            self._up_to_date = now
        if self._saver is not None:
            self._saver.count_downtime(
                [feed.source for feed in self._feeds], self._monitor, now, wall
            )
        changed = self._monitor.tick(now, wall, self._feeds.reached())
        if not self._feeds.behind:
            changed += self._monitor.end_backlog(now)
        self._changed.extend(changed)
        self._stirred = self._stirred or bool(read or granted or changed)
        self._notify(changed, now, wall)
        if self._saver is not None and self._saver.due(now):
            stood_back = self._saver.another
            self._save()
            if self._saver.another:
                self._adopt(now, wall)
            elif stood_back:  # it has ended: what it had not found is told from here
                self._adopt(now, wall, self._saver.was_known)
        return read

    @property
    def _told_by_another(self) -> bool:
        """Whether another watch of these logs tells the targets: the one that saves the state."""
        return self._saver is not None and self._saver.another

    def _adopt(
        self, now: float, wall: float, told: Callable[[Incident], bool] = lambda _incident: True
    ) -> None:
        """Take what fires for `told`, by the run that this one goes on from or stands back for."""
        if self._notifier is not None:
            judge = self._monitor.judge
            known = filter(told, (*judge.open, *judge.ended))
            self._notifier.adopt(list(known), now, wall, judge.silences(wall))

    def _notify(self, changed: Sequence[Incident], now: float, wall: float) -> None:
        """Let whoever is notified know what changed, and what time it is."""
        if self._notifier is not None:
            judge = self._monitor.judge
            self._notifier.stands_back = self._told_by_another
            hold = self._feeds.behind or self._monitor.in_backlog or self._notifier.stands_back
            moment = Moment(
                now,
                wall,
                changed,
                judge.open,
                judge.silences(wall),
                hold=hold,
                messages_now=judge.messages_now(),
            )
            self._notifier.post(moment)

    def begin_backlog(self, newest: int) -> None:
        """Make ready, before `run`, to read whole logs whose newest hit is of second `newest`."""
        self._monitor.begin_backlog(newest)

    def _read(self, feed: LogReader) -> int:
        """Read a chunk of one source and count it; what fails leaves the other sources alone."""
        try:
            chunk = feed.source.read()
            for parsed in feed.parse(chunk):
                self._count(parsed, feed)
            return len(chunk)
        except Exception as error:  # noqa: BLE001 - told with the log that it concerns
            feed.fail(error)
            return 0

    def _count_all_ahead(self) -> None:
        for feed in self._feeds:
            for parsed in feed.parsed_ahead():
                self._count(parsed, feed)

    def _count(self, parsed: Parsed, feed: LogReader) -> None:
        parser = feed.parser.columnar
        self._newest_lines.note(parser.log_format if parser else None, parsed.batch.tail)
        batch = routed(parsed.batch, self._routing, self._routes)
        if len(self._feeds) > 1:
            batch = with_source(batch, feed.name)
        self._monitor.feed(batch, time.monotonic())
        self._stirred = True
        self._catch_up.lines += len(batch) + batch.unparsed
        self._catch_up.bytes += parsed.size

    def _tell(self, now: float) -> None:
        """Tell the listener what changed, and show it the picture when that is due.

        What a listener raises ends the run: it has gone, and nobody is left to tell.
        """
        if self._changed:
            changed, self._changed = self._changed, []
            self._listener.incidents(changed)
        ended = self._until_ended and self._monitor.stats_end != self._told_end
        second = int(time.time())
        # Where nothing happens only the clocks move on, second by second.
        stirred = self._stirred or self._until_ended or second != self._published_second
        if ended or (stirred and now - self._published >= self._listener.every - _NEARLY):
            self._published, self._told_end = now, self._monitor.stats_end
            self._published_second, self._stirred = second, False
            self._listener.picture(self._picture(now))

    def _picture(self, now: float) -> Snapshot:
        snapshot = self._monitor.snapshot(now, time.time())
        statuses = self._feeds.statuses()
        counts = self._feeds.counts(statuses)
        ingest = replace(
            snapshot.ingest,
            formats=self._feeds.formats(),
            unparsed=snapshot.ingest.unparsed + counts.oversize,
            oversize=counts.oversize,
            rotations=counts.rotations,
            truncations=counts.truncations,
            lag=now - self._up_to_date,
            failure=self._failure,
            not_access_logs=self._feeds.strangers(),
            targets=() if self._notifier is None else self._notifier.statuses(),
        )
        behind = [status for status in statuses if status.state is SourceState.CATCHING_UP]
        if behind:
            missing = sum(status.size - status.position for status in behind)
            ingest = self._with_progress(ingest, now, missing)
        saving = self._saver.saving if self._saver is not None else snapshot.saving
        logs = tuple(feed.name for feed in self._feeds)
        return replace(
            snapshot,
            ingest=ingest,
            sources=statuses,
            logs=logs if len(logs) > 1 else (),
            saving=saving,
            no_filter="only one log is read" if len(logs) == 1 else snapshot.no_filter,
        )

    def _with_progress(self, ingest: Ingest, now: float, missing: int) -> Ingest:
        return replace(
            ingest,
            lines_per_second=self._catch_up.speed(now),
            seconds_left=self._catch_up.seconds_left(now, missing),
        )

    def _finish(self) -> Snapshot:
        """Take in what was written until now, close the sources, return the last picture."""
        try:
            self.wishes.grant()
            self._count_all_ahead()
            self._save()  # at once: whoever stopped this may not wait for long
            if self._until_ended:
                self._drain()
            self._published -= self._listener.every  # an interval may just have ended
            self._tell(time.monotonic())
            now = time.monotonic()
            changed = self._monitor.close_interval(now)
            self._save()
            if changed:
                self._listener.incidents(changed)
            self._notify(changed, now, time.time())
            return self._picture(now)
        finally:
            self._feeds.close()
            if self._saver is not None:
                self._saver.close()

    def _save(self) -> None:
        if self._saver is not None and not self._monitor.in_backlog:
            self._count_all_ahead()  # the sources' positions are behind those chunks
            sources = {feed.log: feed.source for feed in self._feeds}
            self._saver.save(sources, self._monitor, time.monotonic(), time.time())

    def _drain(self) -> None:
        """Read on until nothing is left, but not for ever: more may come all the time."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._try_step() and time.monotonic() < deadline:
            self._tell(time.monotonic())  # each window is printed, or its hits are in none
        self._count_all_ahead()

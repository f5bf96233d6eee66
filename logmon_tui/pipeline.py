"""Pipeline: sources → parsers → monitor → whoever wants the pictures, in one thread's loop.

One thread reads, parses, counts and judges: on a live log that is a few milliseconds' work four
times a second, and no state needs a lock. Only `set_threshold` and `stop` may be called from
other threads.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from logmon_tui.alerts.incident import Incident
from logmon_tui.config import Settings
from logmon_tui.feed import CatchUp, Feed
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor import HTTPMonitor
from logmon_tui.parse_ahead import AheadParser, threads_here
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import Source, SourceState
from logmon_tui.state.saver import Saver

POLL_SECONDS = 0.25
PUBLISH_SECONDS = 0.5
RETRY_SECONDS = 1.0
BUSY_BYTES = 256 * 1024
"""After less than so much was read, the next look may wait: small batches cost more a line."""

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

    `saver` keeps the state from run to run, if it is given; not before a backlog is read, which
    else would have to be read on without what was counted of it.
    """

    def __init__(  # noqa: PLR0913 - the last two are choices
        self,
        settings: Settings,
        sources: Sequence[Source],
        log_format: LogFormat | None,
        listener: Listener,
        *,
        headless: bool = False,
        saver: Saver | None = None,
    ) -> None:
        self._monitor = HTTPMonitor(settings, whole_intervals=headless, journal=saver is not None)
        self._sources = sources
        self._feeds = [Feed(source, Parser(log_format)) for source in sources]
        self._saver = saver
        self._listener = listener
        self._until_ended = headless
        self._thresholds: queue.SimpleQueue[float] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._failure = ""
        now = time.monotonic()
        self._catch_up = CatchUp(now)
        self._up_to_date = now
        self._published = now - listener.every
        self._told_end: int | None = None
        self._changed: list[Incident] = []
        if saver is not None:
            saver.restore(self._monitor, now)

    def set_threshold(self, threshold: float) -> None:
        """Judge the traffic by another threshold (req/s); any thread may call this."""
        self._thresholds.put(threshold)
        self._wake()

    def stop(self) -> None:
        """End `run` soon; any thread may call this."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        for source in self._sources:
            source.wake()

    def run(self) -> Snapshot:
        """Read, count, judge, save and publish until stopped; return the last picture.

        A fault is published and reading is tried again.
        """
        while not self._stop.is_set():
            read = self._try_step()
            self._tell(time.monotonic())
            if self._failure:
                self._stop.wait(RETRY_SECONDS)
            elif read < BUSY_BYTES:
                if not read and self._until_ended and self._ended():
                    break
                for source in self._sources:
                    source.wait(POLL_SECONDS / len(self._sources))
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

    def _step(self) -> int:
        """Read what there is, up to a chunk of each source; return how many bytes that was."""
        read = sum(map(self._read, self._feeds))
        while not self._thresholds.empty():
            self._monitor.set_threshold(self._thresholds.get())
            self._published -= self._listener.every  # the screen shows it at once
        now, wall = time.monotonic(), time.time()
        if read < BUSY_BYTES:
            self._up_to_date = now
        if self._saver is not None:
            self._saver.count_downtime(self._sources, self._monitor, now, wall)
        self._changed.extend(self._monitor.tick(now, wall, self._reached()))
        if not any(feed.behind for feed in self._feeds):
            self._changed.extend(self._monitor.end_backlog(now))
        if self._saver is not None and self._saver.due(now):
            self._save()
        return read

    def begin_backlog(self, newest: int) -> None:
        """Make ready, before `run`, to read whole logs whose newest hit is of second `newest`."""
        self._monitor.begin_backlog(newest)

    def _reached(self) -> int | None:
        """Return up to which second all of several logs were read; None if to their ends.

        What lies behind it must not be judged while another log's lines of then are still to come.
        """
        if len(self._feeds) == 1:
            return None
        reached = [feed.reached for feed in self._feeds if feed.behind and feed.reached is not None]
        return min(reached, default=None)

    def _read(self, feed: Feed) -> int:
        """Read a chunk of one source and count it; what fails leaves the other sources alone."""
        try:
            chunk = feed.source.read()
            if feed.behind and chunk:
                self._parse_ahead(chunk, feed)
            else:
                self._count_ahead(feed)
                feed.end_threads()
                if chunk:
                    self._take(chunk, partial(feed.parser.parse, chunk), feed)
            return len(chunk)
        except Exception as error:  # noqa: BLE001 - told with the log that it concerns
            self._fail(error, f"{feed.source.status().name}: ")
            return 0

    def _parse_ahead(self, chunk: bytes, feed: Feed) -> None:
        """Have a chunk parsed, and count those that came before."""
        if feed.ahead is None:
            feed.ahead = AheadParser(feed.parser, threads_here(), lambda batch: batch)
        feed.ahead.submit(chunk)
        # Until something was counted nobody knows how far this log was read (`_reached`).
        while feed.ahead and (feed.ahead.full or feed.reached is None):
            self._take(*feed.ahead.take(), feed)

    def _count_ahead(self, feed: Feed) -> None:
        """Count all that was parsed ahead."""
        while feed.ahead:
            self._take(*feed.ahead.take(), feed)

    def _count_all_ahead(self) -> None:
        for feed in self._feeds:
            self._count_ahead(feed)

    def _take(self, chunk: bytes, parse: Callable[[], HitBatch], feed: Feed) -> None:
        """Parse and count a chunk; one that makes the parser fail is parsed line by line."""
        try:
            batch = parse()
        except Exception as error:  # noqa: BLE001 - told with the log that it concerns
            self._fail(error, f"{feed.source.status().name}: ")
            batch = feed.parser.parse_by_lines(chunk)
        if len(batch):
            feed.reached = int(batch.seconds[-1])
        self._monitor.feed(batch, time.monotonic())
        self._catch_up.lines += len(batch) + batch.unparsed
        self._catch_up.bytes += len(chunk)

    def _tell(self, now: float) -> None:
        """Tell the listener what changed, and show it the picture when that is due.

        What a listener raises ends the run: it has gone, and nobody is left to tell.
        """
        if self._changed:
            changed, self._changed = self._changed, []
            self._listener.incidents(changed)
        ended = self._until_ended and self._monitor.stats_end != self._told_end
        if ended or now - self._published >= self._listener.every:
            self._published, self._told_end = now, self._monitor.stats_end
            self._listener.picture(self._picture(now))

    def _picture(self, now: float) -> Snapshot:
        snapshot = self._monitor.snapshot(now, time.time())
        statuses = tuple(source.status() for source in self._sources)
        oversize = sum(status.oversize for status in statuses)
        parsers = (feed.parser for feed in self._feeds)
        names = dict.fromkeys(parser.format_name for parser in parsers if parser.format_name)
        ingest = replace(
            snapshot.ingest,
            formats=tuple(names),
            unparsed=snapshot.ingest.unparsed + oversize,
            oversize=oversize,
            rotations=sum(status.rotations for status in statuses),
            truncations=sum(status.truncations for status in statuses),
            lag=now - self._up_to_date,
            failure=self._failure,
        )
        behind = [status for status in statuses if status.state is SourceState.CATCHING_UP]
        if behind:
            missing = sum(status.size - status.position for status in behind)
            ingest = self._with_progress(ingest, now, missing)
        saving = self._saver.saving if self._saver is not None else snapshot.saving
        return replace(snapshot, ingest=ingest, sources=statuses, saving=saving)

    def _with_progress(self, ingest: Ingest, now: float, missing: int) -> Ingest:
        return replace(
            ingest,
            lines_per_second=self._catch_up.speed(now),
            seconds_left=self._catch_up.seconds_left(now, missing),
        )

    def _ended(self) -> bool:
        return all(source.status().state is SourceState.ENDED for source in self._sources)

    def _finish(self) -> Snapshot:
        """Take in what was written until now, close the sources, return the last picture."""
        try:
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
            return self._picture(now)
        finally:
            for feed in self._feeds:
                feed.close()
            if self._saver is not None:
                self._saver.close()

    def _save(self) -> None:
        if self._saver is not None and not self._monitor.in_backlog:
            self._count_all_ahead()  # the sources' positions are behind those chunks
            self._saver.save(self._sources, self._monitor, time.monotonic(), time.time())

    def _drain(self) -> None:
        """Read on until nothing is left, but not for ever: more may come all the time."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._try_step() and time.monotonic() < deadline:
            self._tell(time.monotonic())  # each window is printed, or its hits are in none
        self._count_all_ahead()

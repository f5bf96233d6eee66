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
from pathlib import Path

from logmon_tui.alerts.incident import Incident
from logmon_tui.config import STANDARD_INPUT, Settings
from logmon_tui.formats.line_parser import timestamp_reader
from logmon_tui.formats.log_format import PRESETS, LogFormat
from logmon_tui.formats.parser import Parser, unparsed_batch
from logmon_tui.monitor import HTTPMonitor
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import Source, SourceState
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_END, FROM_START, Start
from logmon_tui.sources.stdin import StandardInput

POLL_SECONDS = 0.25
PUBLISH_SECONDS = 0.5
RETRY_SECONDS = 1.0
BUSY_BYTES = 256 * 1024
"""After less than so much was read, the next look may wait: small batches cost more a line."""

DRAIN_SECONDS = 2.0
"""So long a run without a screen goes on reading what was written until it was stopped."""

WINDOWS_BACK = 2


def open_sources(
    logs: Sequence[str], settings: Settings, log_format: LogFormat | None, standard_input: int = 0
) -> list[Source]:
    """Return a source for each of `logs`, a path or `-` for the descriptor `standard_input`."""
    if settings.from_start:
        start = FROM_START
    elif settings.from_end:
        start = FROM_END
    else:
        start = Start(WINDOWS_BACK * settings.alert_window)
    timestamp = timestamp_reader([log_format] if log_format else PRESETS)
    return [
        StandardInput(standard_input)
        if log == STANDARD_INPUT
        else FileObserver(Path(log), start=start, timestamp=timestamp)
        for log in logs
    ]


@dataclass(slots=True)
class CatchUp:
    """How fast the backlog is read: since when, and how many lines."""

    started: float
    lines: int = 0
    bytes: int = 0

    def speed(self, now: float) -> float:
        """Return lines per second."""
        return self.lines / max(now - self.started, 0.001)

    def seconds_left(self, now: float, missing: int) -> float | None:
        """Return how long `missing` bytes will take; None before anything was read."""
        if not self.bytes:
            return None
        return missing * (now - self.started) / self.bytes


@dataclass(slots=True)
class Listener:
    """Who is told: of each incident that changed, and of the picture every `every` seconds."""

    picture: Callable[[Snapshot], None]
    incidents: Callable[[Sequence[Incident]], None] = field(default=lambda _changed: None)
    every: float = PUBLISH_SECONDS


class Pipeline:
    """Runs until it is stopped, or until every source has ended if `until_ended`."""

    def __init__(
        self,
        settings: Settings,
        sources: Sequence[Source],
        log_format: LogFormat | None,
        listener: Listener,
        *,
        headless: bool = False,
    ) -> None:
        self._monitor = HTTPMonitor(settings, whole_intervals=headless)
        self._feeds = [(source, Parser(log_format)) for source in sources]
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

    def set_threshold(self, threshold: float) -> None:
        """Judge the traffic by another threshold (req/s); any thread may call this."""
        self._thresholds.put(threshold)
        self._wake()

    def stop(self) -> None:
        """End `run` soon; any thread may call this."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        for source, _ in self._feeds:
            source.wake()

    def run(self) -> Snapshot:
        """Read, count, judge and publish until stopped; return the last picture.

        A fault is published and reading is tried again.
        """
        while not self._stop.is_set():
            try:
                read = self._step()
                self._failure = ""
            except Exception as error:  # noqa: BLE001 - the thread that reads must not die
                self._failure = f"{type(error).__name__}: {error}"
                self._published -= self._listener.every  # shown before the next try clears it
                read = 0
            self._tell(time.monotonic())
            if self._failure:
                self._stop.wait(RETRY_SECONDS)
            elif read < BUSY_BYTES:
                if not read and self._until_ended and self._ended():
                    break
                for source, _ in self._feeds:
                    source.wait(POLL_SECONDS / len(self._feeds))
        return self._finish()

    def _step(self) -> int:
        """Read what there is, up to a chunk of each source; return how many bytes that was."""
        read = 0
        for source, parser in self._feeds:
            chunk = source.read()
            if chunk:
                read += len(chunk)
                self._take(chunk, parser)
        while not self._thresholds.empty():
            self._monitor.judge.set_threshold(self._thresholds.get())
            self._published -= self._listener.every  # the screen shows it at once
        now = time.monotonic()
        if read < BUSY_BYTES:
            self._up_to_date = now
        self._changed.extend(self._monitor.tick(now, time.time()))
        return read

    def _take(self, chunk: bytes, parser: Parser) -> None:
        """Parse and count a chunk; one that makes the parser fail counts as unparsed."""
        try:
            batch = parser.parse(chunk)
        except Exception:
            self._monitor.feed(unparsed_batch(chunk, "the parser failed"), time.monotonic())
            raise
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
        statuses = tuple(source.status() for source, _ in self._feeds)
        names = dict.fromkeys(parser.format_name for _, parser in self._feeds if parser.format_name)
        ingest = replace(
            snapshot.ingest,
            formats=tuple(names),
            unparsed=snapshot.ingest.unparsed + sum(status.oversize for status in statuses),
            lag=now - self._up_to_date,
            failure=self._failure,
        )
        behind = [status for status in statuses if status.state is SourceState.CATCHING_UP]
        if behind:
            missing = sum(status.size - status.position for status in behind)
            ingest = self._with_progress(ingest, now, missing)
        return replace(snapshot, ingest=ingest, sources=statuses)

    def _with_progress(self, ingest: Ingest, now: float, missing: int) -> Ingest:
        return replace(
            ingest,
            lines_per_second=self._catch_up.speed(now),
            seconds_left=self._catch_up.seconds_left(now, missing),
        )

    def _ended(self) -> bool:
        return all(source.status().state is SourceState.ENDED for source, _ in self._feeds)

    def _finish(self) -> Snapshot:
        """Take in what was written until now, close the sources, return the last picture."""
        try:
            if self._until_ended:
                self._drain()
            self._published -= self._listener.every  # an interval may just have ended
            self._tell(time.monotonic())
            now = time.monotonic()
            changed = self._monitor.close_interval(now)
            if changed:
                self._listener.incidents(changed)
            return self._picture(now)
        finally:
            for source, _ in self._feeds:
                source.close()

    def _drain(self) -> None:
        """Read on until nothing is left, but not for ever: more may come all the time."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._step() and time.monotonic() < deadline:
            pass

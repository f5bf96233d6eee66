"""Pipeline: sources → parsers → monitor → listeners of snapshots, in the loop of one thread.

One thread reads, parses, counts and judges, so no state needs a lock. On a live log this takes a
few milliseconds twice a second. Other threads may use only `stop` and `commands.post`.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack

from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.errors import SourceError, line_of
from logmon_tui.formats.clients import Locate
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.newest_lines import NewestLines
from logmon_tui.history.archive import Archive
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.native.library import memory_kept
from logmon_tui.notify.notifier import Notifier
from logmon_tui.pipeline.background import Background
from logmon_tui.pipeline.command_queue import CommandQueue
from logmon_tui.pipeline.log_reader import Arrivals, LogReader, Parsed
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.pipeline.notifications import Notifications
from logmon_tui.pipeline.publisher import Listener, Publisher
from logmon_tui.pipeline.reading_status import ReadingStatus
from logmon_tui.pipeline.route_namer import RouteNamer
from logmon_tui.pipeline.state_saver import StateSaver
from logmon_tui.pipeline.user_files import UserFiles
from logmon_tui.recent.raw_lines import RawLines
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import Chunk, Source
from logmon_tui.sources.file_part import FilePart
from logmon_tui.sources.lines import LIVE_CHUNK
from logmon_tui.state.archive import MemoryArchive
from logmon_tui.state.checkpointer import Checkpointer
from logmon_tui.state.marks import MarksReader
from logmon_tui.state.requests import RequestsReader

POLL_SECONDS = 0.25
"""Maximum seconds between two reads of an idle log."""

RETRY_SECONDS = 1.0
"""Seconds until a failed step is tried again."""

BUSY_BYTES = LIVE_CHUNK
"""Bytes of one step below which the next may wait: large batches cost less a line."""

HEAR_SECONDS = 0.5
"""Seconds between two looks at what is known of servers: there may be a thousand."""

DRAIN_SECONDS = 2.0
"""Maximum seconds that a stopped run without a screen goes on reading what is already written."""


class Pipeline:
    """Runs until it is stopped; a `headless` one also ends when every source has ended.

    `sources` belong to `logs`, in the same order; `arrivals` may find more logs at any time.

    `saver` keeps the state between runs.

    `notifier` receives incidents, except those of a backlog. While another watch of the same logs
    saves their state, that watch notifies and this one does not.

    `locate` tells where clients are. `marks` reads the marks of users, `requests` what commands
    ask. With `answers` it keeps the hits that questions are answered from, which a run with a
    screen keeps anyway.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices
        self,
        settings: Settings,
        sources: Sequence[Source],
        formats: FormatSelector,
        listener: Listener,
        *,
        logs: Sequence[str] | None = None,
        arrivals: Arrivals | None = None,
        headless: bool = False,
        saver: Checkpointer | None = None,
        notifier: Notifier | None = None,
        locate: Locate | None = None,
        marks: MarksReader | None = None,
        requests: RequestsReader | None = None,
        answers: bool = False,
    ) -> None:
        self._namer = RouteNamer(settings)
        self._newest_lines = NewestLines(settings.routing(routes=True))
        self._rest = listener.rest
        self._background = Background(self._rest)
        self._monitor = HTTPMonitor(
            settings,
            whole_intervals=headless,
            keeps_hits=answers or not headless,
            journal=saver is not None,
            newest_lines=self._newest_lines.parsed,
            locate=locate,
            archive=_archive(saver, settings, asked=answers or not headless),
            cautious=True,
            later=self._background,
        )
        names = [source.status().name for source in sources] if logs is None else logs
        self._readers = LogReaders(
            names, sources, formats, arrivals, self._fail, work=self._namer, rest=self._rest
        )
        self._notifications = Notifications(notifier, self._monitor, self._readers, saver)
        self._user_files = UserFiles(marks, requests)
        self._saver = StateSaver(
            saver,
            self._monitor,
            self._readers,
            self._notifications,
            self._user_files,
        )
        self._hear_due = 0.0  # monotonic
        self._headless = headless
        self._raw_lines = RawLines()
        self.commands = CommandQueue(self._monitor, self._readers, self._raw_lines)
        self._stop = threading.Event()
        now = time.monotonic()
        self._status = ReadingStatus(self._readers, self._notifications, self._user_files, now)
        self._publisher = Publisher(listener, now, every_window=headless)
        self._opening = False  # whether whole logs are read that were there before
        self._memory = ExitStack()  # kept meanwhile
        if saver is not None:
            saver.restore(self._monitor, now)
        self._notifications.adopt(now, time.time())
        self._readers.discover()

    def stop(self) -> None:
        """End `run` soon; any thread may call this."""
        self._stop.set()
        self._wake()

    def _wake(self) -> None:
        self._readers.wake()

    def run(self) -> Snapshot:
        """Read, count, judge, save and publish until stopped; return the last snapshot.

        An error is published with the next snapshot, and the step is tried again.
        """
        try:
            self._run_until_stopped()
            return self._finish()
        finally:
            self._close()

    def _run_until_stopped(self) -> None:
        while not self._stop.is_set():
            self._rest()
            read = self._try_step()
            self._publish(time.monotonic())
            if not self._status.failure:
                self._try_to_keep()  # what was read is shown first: to keep much of it takes time
            if self._status.failure:
                self._stop.wait(RETRY_SECONDS)
            elif read < BUSY_BYTES and not (read and self._readers.behind):
                if not read and self._headless and self._readers.ended:
                    break
                self._readers.wait(POLL_SECONDS, self._stop)

    def _try_step(self) -> int:
        """Take a step; record an error instead of raising it."""
        self._status.failure = ""
        try:
            return self._step()
        except Exception as error:  # noqa: BLE001 - the thread that reads must not die
            self._fail(error)
            return 0

    def _fail(self, error: Exception, concerned: str = "") -> None:
        """Record an error and publish at once: the next step clears it."""
        named = "" if isinstance(error, SourceError) else concerned
        self._status.failure = f"{named}{line_of(error)}; trying again"
        self._publisher.note()
        self._publisher.hurry()

    def _step(self) -> int:
        """Read and count up to a chunk of each source; return how many bytes were read."""
        self._readers.discover()
        self._look_for_marks(time.monotonic())
        read = sum(map(self._read, self._readers))
        self._rest()
        self._look_for_requests(time.monotonic())
        applied = self.commands.apply()
        self._answer()
        if applied:
            self._publisher.hurry()  # the screen shows it at once
        now, wall = time.monotonic(), time.time()
        if read < BUSY_BYTES and not self._readers.behind and not self._readers.away:
            self._status.up_to_date_at = now
        self._saver.count_downtime(now, wall)
        if now >= self._hear_due:
            self._hear_due = now + HEAR_SECONDS
            self._monitor.hear(self._readers.feeds())
        changed = self._monitor.tick(now, wall, self._readers.reached())
        if not self._readers.behind:
            changed += self._monitor.end_backlog(now)
            self._end_opening()
        if read or applied or changed:
            self._publisher.note(changed)
        self._notifications.post(changed, now, wall)
        return read

    def _end_opening(self) -> None:
        """Show at once that whole logs are read, and save from now on."""
        if self._opening:
            self._opening = False
            self._publisher.hurry()
        self._memory.close()

    def _try_to_keep(self) -> None:
        """Keep the past, and save the state if it is due; publish an error, do not raise it."""
        try:
            self._monitor.archive_past()
            if self._saver.due(time.monotonic()) and not self._opening:
                self._count_all_ahead()  # the saved positions lie after those chunks
                self._saver.save_and_adopt()
        except Exception as error:  # noqa: BLE001 - the thread that reads must not die
            self._fail(error)
            self._publish(time.monotonic())

    def _look_for_marks(self, now: float) -> None:
        """Read new marks, before anything fires that may follow them."""
        marks = self._user_files.new_marks(now)
        if marks is not None:
            self._monitor.alerts.incidents.set_marks(marks)
            self._publisher.note()

    def _look_for_requests(self, now: float) -> None:
        """Post what commands asked since the last look.

        Not while lines of the past are read: what is asked may be about an incident among them.
        Nobody is notified meanwhile.
        """
        if not (self._readers.behind or self._monitor.in_backlog):
            for request in self._user_files.new_requests(now, self._monitor.alerts.applied):
                self.commands.post(request)

    def begin_backlog(self, newest: int) -> None:
        """Prepare, before `run`, to read whole logs whose newest hit is of second `newest`."""
        self._opening = True
        self._memory.enter_context(memory_kept())
        self._namer.begin_backlog(self._monitor.begin_backlog(newest))

    def _read(self, reader: LogReader) -> int:
        """Read and count a chunk of one log; an error does not stop the other logs."""
        try:
            chunk = reader.read()
            for number, parsed in enumerate(reader.parse(chunk)):
                if number:  # at the end of a backlog several chunks come at once
                    self._rest()
                self._count(parsed, reader)
            return len(chunk)
        except Exception as error:  # noqa: BLE001 - reported with the log's name
            reader.fail(error)
            return 0

    def _count_all_ahead(self) -> None:
        for reader in self._readers:
            for parsed in reader.parsed_ahead():
                self._count(parsed, reader)

    def _count_what_can_be(self) -> None:
        """Count all that was read, but for what cannot be read however often it is tried."""
        while any(reader.is_ahead for reader in self._readers):
            try:
                self._count_all_ahead()
            except Exception as error:  # noqa: BLE001 - what was counted must be saved
                self._fail(error)

    def _count(self, parsed: Parsed, reader: LogReader) -> None:
        source = reader.name if len(self._readers) > 1 else None
        origins = parsed.chunk.origins if isinstance(parsed.chunk, Chunk) else ()
        self._newest_lines.note(parsed.log_format, parsed.batch.tail, source, origins)
        if not (self._headless or isinstance(parsed.chunk, FilePart)):  # a screen may ask for them
            self._raw_lines.note(parsed.chunk, parsed.log_format, parsed.batch)
        batch = parsed.batch if source is None else parsed.batch.with_source(source)
        self._monitor.feed(batch, time.monotonic(), reader.name)
        self._publisher.note()
        self._status.catch_up.lines += len(batch) + batch.unparsed
        self._status.catch_up.bytes += len(parsed.chunk)

    def _publish(self, now: float) -> None:
        """Pass on what changed; an exception of the listener ends the run: nobody reads it."""
        end = self._monitor.stats_end
        early = not self._opening  # each picture of a backlog takes time from reading
        self._publisher.publish(now, int(time.time()), end, lambda: self._picture(now), early=early)

    def _answer(self) -> None:
        """Answer the questions that were asked."""
        asked, self.commands.asked = self.commands.asked, []
        for each in asked:
            now, begun = time.monotonic(), time.thread_time()
            try:
                answer = self._monitor.answer(each.question, now, time.time())
                answer = self._with_status(answer, now)
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                each.fail(error)
            else:
                each.reply(answer, time.thread_time() - begun)

    def _picture(self, now: float) -> Snapshot:
        return self._with_status(self._monitor.snapshot(now, time.time()), now)

    def _with_status(self, snapshot: Snapshot, now: float) -> Snapshot:
        """Return `snapshot` with the state of sources, targets and saving."""
        snapshot = self._status.added_to(snapshot, now)
        saving = self._saver.saving or snapshot.saving
        return replace(snapshot, saving=saving, line=self.commands.found)

    def _finish(self) -> Snapshot:
        """Read what was written until now; return the last snapshot."""
        self._user_files.look_at_once()  # a silence asked just now holds for the last messages
        self._look_for_requests(time.monotonic())
        self.commands.apply()
        self._answer()
        self._count_what_can_be()
        self._saver.save()  # at once: whoever stopped the run may kill it soon
        if self._headless:
            self._drain()
        self._publisher.hurry()  # an interval may just have ended
        self._publish(time.monotonic())
        now = time.monotonic()
        changed = self._monitor.close_interval(now, log_ends=self._readers.ended)
        self._saver.save()
        self._publisher.note(changed)
        self._publisher.pass_incidents()
        self._notifications.post(changed, now, time.time())
        return self._picture(now)

    def _close(self) -> None:
        """Close sources and the state file, and end the threads."""
        self._readers.close()
        self._background.close()
        self._memory.close()
        self._saver.close()

    def _drain(self) -> None:
        """Read until nothing is left, `DRAIN_SECONDS` at most: a busy log never runs dry."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._try_step() and time.monotonic() < deadline:
            self._publish(time.monotonic())  # or the hits of windows that end here go unprinted
        self._count_what_can_be()


def _archive(saver: Checkpointer | None, settings: Settings, *, asked: bool) -> Archive | None:
    """Return what keeps the past; without state it is kept only if it may be `asked` for."""
    if saver is not None:
        return saver.archive
    return MemoryArchive(settings.past) if asked else None

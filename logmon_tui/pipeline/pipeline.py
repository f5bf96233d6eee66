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
from logmon_tui.pipeline.log_reader import Arrivals, CatchUp, LogReader, Parsed
from logmon_tui.pipeline.log_readers import LogReaders
from logmon_tui.pipeline.notifications import Notifications
from logmon_tui.pipeline.publisher import Listener, Publisher
from logmon_tui.pipeline.route_namer import RouteNamer
from logmon_tui.pipeline.user_files import UserFiles
from logmon_tui.recent.raw_lines import RawLines
from logmon_tui.snapshot import Ingest, Snapshot
from logmon_tui.sources.base import Chunk, Source, SourceState
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

    `saver` keeps the state between runs. State is not saved during a backlog: a restart would
    resume mid-file without its counts.

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
        self._saver = saver
        self._notifications = Notifications(notifier, self._monitor, self._readers, saver)
        self._user_files = UserFiles(marks, requests)
        self._hear_due = 0.0  # monotonic
        self._headless = headless
        self._raw_lines = RawLines()
        self.commands = CommandQueue(self._monitor, self._readers, self._raw_lines)
        self._stop = threading.Event()
        self._failure = ""
        now = time.monotonic()
        self._catch_up = CatchUp(now)
        self._up_to_date_at = now  # monotonic
        self._publisher = Publisher(listener, now, every_window=headless)
        self._memory = ExitStack()  # kept while a backlog is read
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
        while not self._stop.is_set():
            self._rest()
            read = self._try_step()
            self._publish(time.monotonic())
            if not self._failure:
                self._try_to_save()  # what was read is shown first: saving a long log takes time
            if self._failure:
                self._stop.wait(RETRY_SECONDS)
            elif read < BUSY_BYTES and not (read and self._readers.behind):
                if not read and self._headless and self._readers.ended:
                    break
                self._readers.wait(POLL_SECONDS, self._stop)
        return self._finish()

    def _try_step(self) -> int:
        """Take a step; record an error instead of raising it."""
        self._failure = ""
        try:
            return self._step()
        except Exception as error:  # noqa: BLE001 - the thread that reads must not die
            self._fail(error)
            return 0

    def _fail(self, error: Exception, concerned: str = "") -> None:
        """Record an error and publish at once: the next step clears it."""
        named = "" if isinstance(error, SourceError) else concerned
        self._failure = f"{named}{line_of(error)}; trying again"
        self._publisher.note()
        self._publisher.hurry()

    def _step(self) -> int:
        """Read and count up to a chunk of each source; return how many bytes were read."""
        self._readers.discover()
        self._look_for_marks(time.monotonic())
        read = sum(map(self._read, self._readers))
        self._look_for_requests(time.monotonic())
        applied = self.commands.apply()
        self._answer()
        if applied:
            self._publisher.hurry()  # the screen shows it at once
        now, wall = time.monotonic(), time.time()
        if read < BUSY_BYTES and not self._readers.behind and not self._readers.away:
            self._up_to_date_at = now
        if self._saver is not None:
            self._saver.count_downtime(
                [reader.source for reader in self._readers], self._monitor, now, wall
            )
        if now >= self._hear_due:
            self._hear_due = now + HEAR_SECONDS
            self._monitor.hear(self._readers.feeds())
        changed = self._monitor.tick(now, wall, self._readers.reached())
        if not self._readers.behind:
            changed += self._monitor.end_backlog(now)
            self._memory.close()
        if read or applied or changed:
            self._publisher.note(changed)
        self._notifications.post(changed, now, wall)
        self._monitor.archive_past()
        return read

    def _try_to_save(self) -> None:
        """Save the state if it is time to; publish an error instead of raising it."""
        try:
            self._save_if_due()
        except Exception as error:  # noqa: BLE001 - the thread that reads must not die
            self._fail(error)
            self._publish(time.monotonic())

    def _save_if_due(self) -> None:
        """Save the state if it is time to, and note who notifies of incidents from now on."""
        now = time.monotonic()
        if self._saver is None or not self._saver.due(now):
            return
        another_saved = self._saver.another
        self._save()
        if self._saver.another:
            self._notifications.adopt(now, time.time())
        elif another_saved:  # it has ended: this run notifies of what that one did not find
            self._notifications.adopt(now, time.time(), self._saver.was_known)

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

    def _count(self, parsed: Parsed, reader: LogReader) -> None:
        source = reader.name if len(self._readers) > 1 else None
        origins = parsed.chunk.origins if isinstance(parsed.chunk, Chunk) else ()
        self._newest_lines.note(parsed.log_format, parsed.batch.tail, source, origins)
        if not (self._headless or isinstance(parsed.chunk, FilePart)):  # a screen may ask for them
            self._raw_lines.note(parsed.chunk, parsed.log_format, parsed.batch)
        batch = parsed.batch if source is None else parsed.batch.with_source(source)
        self._monitor.feed(batch, time.monotonic(), reader.name)
        self._publisher.note()
        self._catch_up.lines += len(batch) + batch.unparsed
        self._catch_up.bytes += len(parsed.chunk)

    def _publish(self, now: float) -> None:
        """Pass on what changed; an exception of the listener ends the run: nobody reads it."""
        end = self._monitor.stats_end
        self._publisher.publish(now, int(time.time()), end, lambda: self._picture(now))

    def _answer(self) -> None:
        """Answer the questions that were asked."""
        asked, self.commands.asked = self.commands.asked, []
        for each in asked:
            now, begun = time.monotonic(), time.thread_time()
            try:
                answer = self._monitor.answer(each.question, now, time.time())
                answer = self._with_ingest(answer, now)
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                each.fail(error)
            else:
                each.reply(answer, time.thread_time() - begun)

    def _picture(self, now: float) -> Snapshot:
        return self._with_ingest(self._monitor.snapshot(now, time.time()), now)

    def _with_ingest(self, snapshot: Snapshot, now: float) -> Snapshot:
        """Return `snapshot` with the state of sources, targets and saving."""
        statuses = self._readers.statuses()
        counts = self._readers.counts(statuses)
        ingest = replace(
            snapshot.ingest,
            formats=self._readers.formats(),
            unparsed=snapshot.ingest.unparsed + counts.oversize,
            oversize=counts.oversize,
            rotations=counts.rotations,
            truncations=counts.truncations,
            lag=now - self._up_to_date_at,
            failure=self._failure,
            not_access_logs=self._readers.wrong_file_types(),
            targets=self._notifications.statuses(),
            marks_problem=self._user_files.problem,
        )
        behind = [status for status in statuses if status.state is SourceState.CATCHING_UP]
        if behind:
            missing = sum(status.size - status.position for status in behind)
            ingest = self._with_progress(ingest, now, missing)
        saving = self._saver.saving if self._saver is not None else snapshot.saving
        logs = tuple(reader.name for reader in self._readers)
        return replace(
            snapshot,
            ingest=ingest,
            sources=statuses,
            logs=logs if len(logs) > 1 else (),
            saving=saving,
            line=self.commands.found,
        )

    def _with_progress(self, ingest: Ingest, now: float, missing: int) -> Ingest:
        return replace(
            ingest,
            lines_per_second=self._catch_up.speed(now),
            seconds_left=self._catch_up.seconds_left(now, missing),
        )

    def _finish(self) -> Snapshot:
        """Read what was written until now, close the sources, return the last snapshot."""
        try:
            self._user_files.look_at_once()  # a silence asked just now holds for the last messages
            self._look_for_requests(time.monotonic())
            self.commands.apply()
            self._answer()
            self._count_all_ahead()
            self._save()  # at once: whoever stopped the run may kill it soon
            if self._headless:
                self._drain()
            self._publisher.hurry()  # an interval may just have ended
            self._publish(time.monotonic())
            now = time.monotonic()
            changed = self._monitor.close_interval(now, log_ends=self._readers.ended)
            self._save()
            self._publisher.note(changed)
            self._publisher.pass_incidents()
            self._notifications.post(changed, now, time.time())
            return self._picture(now)
        finally:
            self._readers.close()
            self._background.close()
            self._memory.close()
            if self._saver is not None:
                self._saver.close()

    def _save(self) -> None:
        if self._saver is not None and not self._monitor.in_backlog:
            self._count_all_ahead()  # the saved positions lie after those chunks
            sources = {reader.log: reader.source for reader in self._readers}
            before = self._saver.saved_at
            self._saver.save(sources, self._monitor, time.monotonic(), time.time())
            if self._saver.saved_at != before:
                self._user_files.saved(self._monitor.alerts.applied)

    def _drain(self) -> None:
        """Read until nothing is left, `DRAIN_SECONDS` at most: a busy log never runs dry."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self._try_step() and time.monotonic() < deadline:
            self._publish(time.monotonic())  # or the hits of windows that end here go unprinted
        self._count_all_ahead()


def _archive(saver: Checkpointer | None, settings: Settings, *, asked: bool) -> Archive | None:
    """Return what keeps the past; without state it is kept only if it may be `asked` for."""
    if saver is not None:
        return saver.archive
    return MemoryArchive(settings.past) if asked else None

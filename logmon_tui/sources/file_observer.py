"""FileObserver: a `Source` that follows one log by its path. It polls; file events are only hints.

`LogFiles` decides which files belong to the log.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from logmon_tui.escape import printable
from logmon_tui.sources.base import (
    Identity,
    LogPosition,
    Slice,
    Slicing,
    SourceState,
    SourceStatus,
)
from logmon_tui.sources.compressed_file import CompressedFile
from logmon_tui.sources.followed_file import digest
from logmon_tui.sources.log_files import LogFiles
from logmon_tui.sources.preamble import lines_before
from logmon_tui.sources.seek import Start, Timestamp

if TYPE_CHECKING:
    from logmon_tui.sources.file_part import FilePart
    from logmon_tui.sources.hints import ChangeHints

NOTICE_SECONDS = 600.0
"""Seconds for which the status shows a notice, such as that a file being read is gone."""

ROTATE_WAIT = 5.0
"""Seconds without growth after which a rotated file is closed: servers reopen logs late."""

LOOK_SECONDS = 0.1
"""Seconds between two looks for rotations while a backlog is read by parts."""

GATHERING_SECONDS = 0.5
"""Minimum seconds between two wake-ups by file events: changes in between are read together."""


digest(b"")  # loads hashlib now: a long watch may outlive an upgrade of Python's own files


class FileObserver:
    """A `Source` that reads the log at `path`, and then whatever file replaces it there.

    If the log exists at creation, reading begins where `start` says; `timestamp` reads the times of
    its lines. A log that appears later is read from its beginning. Given the `position` of a
    previous run, reading resumes there instead. `clock` returns monotonic seconds. With `slicing`,
    `last` tells which bytes the last read returned.
    """

    def __init__(  # noqa: PLR0913 - the last ones are choices, and for tests
        self,
        path: Path,
        *,
        start: Start,
        timestamp: Timestamp,
        position: LogPosition | None = None,
        events: bool = True,
        rotate_wait: float = ROTATE_WAIT,
        clock: Callable[[], float] = time.monotonic,
        slicing: Slicing | None = None,
    ) -> None:
        self._path = path
        self._start = start
        self._timestamp = timestamp
        self._clock = clock
        self._events = events
        self._hint = threading.Event()
        self._awake = threading.Event()  # `wait` must return at once
        self._looked = -GATHERING_SECONDS
        self.moved = False  # whether the last read got any further, even without a whole line
        self._hints: ChangeHints | None = None
        self._closed = False
        self._files = LogFiles(path, rotate_wait, position, timestamp, slicing)
        self._updated_at = 0.0
        self._update(clock())
        for file in self._files.opened:
            file.goal = file.size
        # The file whose start is still to be found.
        self._backlog = self._files.newest if position is None else None
        self._preamble: bytes | None = None  # None until reading begins

    def read(self) -> bytes:
        """Return the next whole lines, a few megabytes at most, or `b""`; never waits."""
        if self._closed:
            return b""
        now = self._clock()
        self._update(now)
        if not self._find_start():
            return b""
        self._look_back()
        before = self._offsets()
        lines = self._files.read(now)
        self.moved = before != self._offsets()
        if not lines and not self.moved:
            self._watch()
        else:
            self._stop_watching()
        behind = any(file.offset < file.size for file in self._files.opened)
        if self.moved and (behind or not lines):
            self.wake()  # more files, or the rest of a giant line, can be read at once
        return lines

    def part(self) -> "FilePart | None":
        """Return the next lines of a long backlog, for others to read; None if `read` must."""
        if self._closed or self._preamble is None:
            return None
        now = self._clock()
        if now - self._updated_at >= LOOK_SECONDS:
            self._update(now)
        return self._files.part(now)

    def _update(self, now: float) -> None:
        self._files.update(now)
        self._updated_at = now

    def note(self, part: "FilePart") -> None:
        """Note what was found out while a part was read."""
        self._files.note(part, self._clock())

    def look(self, room: int) -> None:
        """Notice rotations, without reading: for who cannot take lines now.

        Of deleted files, at most `room` unread bytes are kept.
        """
        if not self._closed:
            self._files.update(self._clock())
            self._find_start()
            with suppress(OSError):  # the next read reports it
                for file in self._files.opened:
                    file.refresh()
                self._files.let_go(room)

    @property
    def last(self) -> Slice:
        """Which bytes the last read that returned lines has returned."""
        return self._files.last

    @property
    def lost(self) -> int:
        """How many bytes were deleted before they were read, as far as they had been seen."""
        return self._files.lost

    @property
    def backlog(self) -> int:
        """How many bytes are written and not read, as far as they were seen."""
        return sum(max(0, file.size - file.position) for file in self._files.opened)

    def rename(self, file: bytes, name: bytes) -> None:
        """Give contents another name than `file`: `Slicing` found that they are others."""
        self._files.rename(file, name)

    def preamble(self) -> bytes:
        """Return the header and the last lines from before the place where reading began."""
        return self._preamble or b""

    def wait(self, seconds: float) -> None:
        """Sleep until the log may have changed, for at most `seconds`."""
        self._hint.wait(seconds)
        # A busy log changes all the time: reading each change alone would cost several times more.
        rest = self._looked + GATHERING_SECONDS - self._clock()
        self._awake.wait(max(0.0, min(rest, seconds)))
        self._looked = self._clock()
        self._hint.clear()
        self._awake.clear()

    def wake(self) -> None:
        """End a `wait` early; any thread may call this."""
        self._awake.set()
        self._hint.set()

    def status(self) -> SourceStatus:
        """Return the log's status; position and size are those of its newest file."""
        newest = self._files.newest
        return SourceStatus(
            name=printable(str(self._path)),
            state=self._state(),
            position=newest.position if newest else 0,
            size=newest.size if newest else 0,
            polling=self._hints is not None and not self._hints.working,
            message=self._message(),
            rotations=self._files.rotations,
            truncations=self._files.truncations,
            oversize=self._files.oversize,
        )

    def position(self) -> LogPosition | None:
        """Return where the next run resumes; None until the start has been found."""
        return self._files.position if self._backlog is None else None

    @property
    def identities(self) -> set[Identity]:
        """The identities of the open files."""
        return {file.identity for file in self._files.opened}

    def close(self) -> None:
        """Close files and stop watching; further reads return `b""`."""
        self._closed = True
        self._files.close()
        if self._hints is not None:
            self._hints.close()

    def _offsets(self) -> list[int]:
        return [file.offset for file in self._files.opened]

    def _find_start(self) -> bool:
        """Seek to where reading begins, the first time; return whether that worked."""
        file = self._backlog
        if file is None:
            return True
        try:
            file.go_to(self._start.offset(file.pread, file.goal, self._timestamp))
        except OSError as error:
            self._files.failure = error
            return False
        self._backlog = None
        return True

    def _look_back(self) -> None:
        """Before the first read, keep the lines from before its place."""
        if self._preamble is None and self._files.opened:
            file = self._files.opened[0]
            with suppress(OSError):  # reading will fail as well, and report it
                if isinstance(file, CompressedFile):  # only its beginning is decompressed so far
                    self._preamble = file.beginning[: file.beginning.rfind(b"\n") + 1]
                else:
                    self._preamble = lines_before(file.pread, file.offset)

    def _watch(self) -> None:
        if not self._events:
            return
        if self._hints is None:
            # Imported at the first idle moment: watchdog is slow to import.
            from logmon_tui.sources.hints import ChangeHints

            self._hints = ChangeHints(self._path, self._hint, self._clock)
        self._hints.refresh()

    def _stop_watching(self) -> None:
        if self._hints is not None:
            self._hints.pause()

    def _state(self) -> SourceState:
        if self._closed:
            return SourceState.ENDED
        if self._files.failure is not None:
            return SourceState.FAILED
        if not self._files.opened:
            return SourceState.WAITING
        behind = any(file.offset < file.goal for file in self._files.opened)
        return SourceState.CATCHING_UP if behind else SourceState.LIVE

    def _message(self) -> str:
        failure = self._files.failure
        if self._closed:
            return ""
        if failure is not None:
            return f"cannot be read: {failure.strerror}; trying again"
        if not self._files.opened:
            return "waiting for the log to appear"
        if self._files.notice and self._clock() < self._files.notice_at + NOTICE_SECONDS:
            return self._files.notice
        return (
            "" if self._files.at_path else "moved away; still read, until a new log is in its place"
        )

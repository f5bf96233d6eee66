"""Follows one log by its path, as a `Source`. A poll is the truth, file events are hints.

Which files belong to the log is decided in `LogFiles`.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from logmon_tui.escape import printable
from logmon_tui.sources.base import Identity, LogPosition, SourceState, SourceStatus
from logmon_tui.sources.compressed_file import CompressedFile
from logmon_tui.sources.log_files import LogFiles
from logmon_tui.sources.preamble import lines_before
from logmon_tui.sources.seek import Start, Timestamp

if TYPE_CHECKING:
    from logmon_tui.sources.hints import ChangeHints

TELLING_SECONDS = 600.0
"""So long it is told that a file is gone which was being read, and the like."""

ROTATE_WAIT = 5.0
"""Seconds without growth after which a rotated file is given up; servers reopen logs late."""

GATHERING_SECONDS = 0.5
"""Between two waits for changes: those that come meanwhile are read together, for a picture."""


class FileObserver:
    """A `Source` that reads the log at `path` and goes on with whatever file is there later.

    `start` tells where to begin in a log that exists when this is made, using `timestamp` on
    its lines; one that appears later is read from its beginning. With the `position` of a former
    run, reading goes on there instead. `clock` gives monotonic seconds.
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
    ) -> None:
        self._path = path
        self._start = start
        self._timestamp = timestamp
        self._clock = clock
        self._events = events
        self._hint = threading.Event()
        self._awake = threading.Event()  # nothing is to be waited for
        self._looked = -GATHERING_SECONDS
        self._hints: ChangeHints | None = None
        self._closed = False
        self._files = LogFiles(path, rotate_wait, position, timestamp)
        self._files.update(clock())
        for file in self._files.opened:
            file.goal = file.size
        # Until its start has been looked for.
        self._backlog = self._files.newest if position is None else None
        self._preamble: bytes | None = None  # until reading begins

    def read(self) -> bytes:
        """Return the next whole lines, a few megabytes at most, or `b""`; never waits."""
        if self._closed:
            return b""
        now = self._clock()
        self._files.update(now)
        if not self._find_start():
            return b""
        self._look_back()
        before = self._offsets()
        lines = self._files.read(now)
        if not lines and before == self._offsets():
            self._watch()
        else:
            self._stop_watching()
        behind = any(file.offset < file.size for file in self._files.opened)
        if before != self._offsets() and (behind or not lines):
            self.wake()  # more files wait, or the rest of a giant line: go on at once
        return lines

    def preamble(self) -> bytes:
        """Return lines that stand before those that were read first: a header, the newest."""
        return self._preamble or b""

    def wait(self, seconds: float) -> None:
        """Sleep until the log may have changed, `seconds` at most."""
        self._hint.wait(seconds)
        # A busy log changes all the time: looking at each change would cost several times as much.
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
        """Tell where the log stands; position and size are those of its newest file."""
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
        """Return where to go on in another run; None while the start is not found yet."""
        return self._files.position if self._backlog is None else None

    @property
    def identities(self) -> set[Identity]:
        """The files that are open."""
        return {file.identity for file in self._files.opened}

    def close(self) -> None:
        """Give up files and watches; further reads return `b""`."""
        self._closed = True
        self._files.close()
        if self._hints is not None:
            self._hints.close()

    def _offsets(self) -> list[int]:
        return [file.offset for file in self._files.opened]

    def _find_start(self) -> bool:
        """Go to where reading begins, the first time; return whether reading can go on."""
        file = self._backlog
        if file is None:
            return True
        try:
            file.go_to(self._start.offset(file.descriptor, file.goal, self._timestamp))
        except OSError as error:
            self._files.failure = error
            return False
        self._backlog = None
        return True

    def _look_back(self) -> None:
        """Keep, before the first read, what stands before its place."""
        if self._preamble is None and self._files.opened:
            file = self._files.opened[0]
            with suppress(OSError):  # then reading fails as well, and tells so
                if isinstance(file, CompressedFile):  # what stands further on is not at hand
                    self._preamble = file.beginning[: file.beginning.rfind(b"\n") + 1]
                else:
                    self._preamble = lines_before(file.descriptor, file.offset)

    def _watch(self) -> None:
        if not self._events:
            return
        if self._hints is None:
            # Imported at the first idle moment, because watchdog costs start-up time.
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
        if self._files.told and self._clock() < self._files.told_at + TELLING_SECONDS:
            return self._files.told
        return (
            "" if self._files.at_path else "moved away; still read, until a new log is in its place"
        )

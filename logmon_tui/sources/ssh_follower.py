"""RemoteFollower: reads a log on another machine through rotations and cuts, each line once.

A rename is noticed when another file is at the path. The renamed one was held open there, so its
rest is read, for some seconds more, since servers reopen their logs late. Each read of the log's
own file begins a little before the place that was reached: if other bytes stand there, the file was
truncated, and the copy that was made before is looked for, which holds the rest.
"""

import time
from collections.abc import Callable

from logmon_tui.sources.base import SourceState
from logmon_tui.sources.seek import Start, Timestamp
from logmon_tui.sources.ssh_files import NO_PERMISSION, RemoteFiles
from logmon_tui.sources.ssh_place import FileOnRemote, RemotePlaces
from logmon_tui.sources.ssh_replies import Listed, is_missing
from logmon_tui.sources.ssh_script import OLD
from logmon_tui.sources.ssh_shell import RemoteShell, UnreadableError

ROTATE_WAIT = 5.0
"""Seconds without growth after which a rotated file is closed."""

NOTICE_SECONDS = 600.0
"""Seconds for which a notice is shown, such as that lines are lost."""

LOST = "a rotated file was deleted or compressed before all of it was read: lines are lost"

_TRIES = 10


class RemoteFollower:
    """Reads what `lines` returns. `places` are those of the run before, None if there is none.

    `start` says where to begin in a log that was not read before; `timestamp` reads the times of
    its lines; `clock` returns monotonic seconds.
    """

    def __init__(
        self,
        *,
        start: Start,
        timestamp: Timestamp,
        places: RemotePlaces | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._files = RemoteFiles(places, start, timestamp, clock)
        self._doubts = 0  # reads in a row that did not find what was read before
        self._read: list[bytes] = []

    @property
    def places(self) -> RemotePlaces | None:
        """Where another connection, or another run, goes on; None until the start was found."""
        return self._files.places if self._files.begun else None

    @property
    def preamble(self) -> bytes:
        """The header and the last lines from before the place where reading began."""
        return self._files.preamble

    @property
    def state(self) -> SourceState:
        """What is being done while there is a connection."""
        if self._files.problem:
            return SourceState.FAILED
        if self._is_behind:
            return SourceState.CATCHING_UP
        return SourceState.WAITING if self._files.current is None else SourceState.LIVE

    @property
    def _is_behind(self) -> bool:
        """Whether there are lines from before the connection came about."""
        current = self._files.current
        return (
            not self._files.found
            or any(each.offset < each.size for each in self._files.old)
            or (current is not None and current.offset < self._files.goal)
        )

    @property
    def message(self) -> str:
        """What is wrong, and how to mend it; empty if nothing is."""
        lost_at = self._files.lost_at
        if self._files.problem:
            return self._files.problem
        if lost_at is not None and self._clock() < lost_at + NOTICE_SECONDS:
            return LOST
        waiting = self._files.found and self._files.current is None
        return "waiting for the log to appear" if waiting else ""

    @property
    def reach(self) -> tuple[int, int]:
        """How many bytes of the newest file were handed over, and how many there are."""
        files = self._files.all
        return (files[-1].position, files[-1].size) if files else (0, 0)

    @property
    def backlog(self) -> int:
        """How many bytes are known to be there that were not read yet."""
        return sum(max(0, each.size - each.offset) for each in self._files.all)

    @property
    def rotations(self) -> int:
        """How often the log was rotated."""
        return self._files.rotations

    @property
    def truncations(self) -> int:
        """How often the log was truncated."""
        return self._files.truncations

    @property
    def oversize(self) -> int:
        """How many lines were dropped for their length."""
        return self._files.oversize

    def connect(self, shell: RemoteShell) -> None:
        """Go on through a new connection."""
        self._shell = shell
        self._doubts = 0
        self._files.connect(shell)

    def lines(self) -> bytes:
        """Return the lines read since the last call."""
        lines = b"".join(self._read)
        self._read.clear()
        return lines

    def turn(self) -> bool:
        """Read on; return whether there is more to be read at once. `lines` has what was read.

        Raises what the connection raises; what was read before is kept all the same.
        """
        if not self._files.found:
            self._files.find()
            return self._files.found
        try:
            if self._read_old():
                return True
            if self._files.current is None:
                return self._arrive()
            return self._read_current(self._files.current)
        except UnreadableError:
            self._files.found = False  # files are being renamed just now: find them all
            return True

    def _arrive(self) -> bool:
        """Look whether there is a file at the path; return whether it can be read."""
        found = self._shell.look()
        if is_missing(found):
            self._files.problem = ""
        elif found.problem:
            self._files.cannot(found.problem)
        else:
            self._files.move_on(*self._files.settled())
        return self._files.current is not None

    def _accept(self, file: FileOnRemote, block: bytes) -> None:
        self._read.append(file.accept(block, self._clock()))

    def _read_current(self, file: FileOnRemote) -> bool:
        found, block = self._shell.poll(file)
        if found.problem and not is_missing(found):
            self._files.cannot(found.problem)
            return False
        if found.inode != file.inode:
            return self._rotated(file)
        if found.size < file.offset:
            return self._truncated(file)
        if block is None:
            return self._doubted(file)
        self._doubts = 0
        self._files.problem = ""
        file.size = found.size
        self._accept(file, block)
        return file.offset < file.size

    def _doubted(self, file: FileOnRemote) -> bool:
        """Look again whether a file is the same, or only cannot be read."""
        self._doubts += 1
        if self._doubts == 1:
            return True  # it may have been renamed just then
        if not self._shell.read(self._shell.own(file.inode), 1, 0):
            self._files.cannot(NO_PERMISSION)
            return False
        return self._truncated(file)

    def _truncated(self, file: FileOnRemote) -> bool:
        """Read the rest in the copy, if there is one, and then the file from its beginning."""
        listing, held = self._files.settled()
        others = listing._replace(own=Listed("", 0, 0))
        found, mark = self._files.searched(file, others)
        if file.descriptor in OLD:
            self._shell.drop(file.descriptor)
        self._doubts = 0
        self._files.truncations += 1
        self._files.current = None
        if found is None:
            self._files.forget(file)
        else:
            file.resume(found.inode, mark)
            file.size, file.grew_at = found.size, self._clock()
            self._files.old.append(file)
        self._files.move_on(listing, held)
        return True

    def _rotated(self, file: FileOnRemote) -> bool:
        """Read on in the renamed file, and in the one at the path after it."""
        if file.descriptor:
            descriptor = self._free_descriptor()
            self._shell.pass_on(descriptor)
            file.descriptor, file.taken = descriptor, False
            block = self._shell.take(file)
            if block is None:
                return self._truncated(file)  # before it was renamed
            self._accept(file, block)
        self._files.rotations += 1
        file.grew_at = self._clock()
        self._files.old.append(file)
        self._files.current = None
        self._files.move_on(*self._files.settled())
        return True

    def _read_old(self) -> bool:
        """Read the rotated files, oldest first; return whether there is more to be read at once.

        Each is closed in due time.
        """
        for file in tuple(self._files.old):
            if not file.descriptor and not self._open_old(file):
                self._files.old.remove(file)
                self._files.lose(file)
                return True
            block = self._shell.take(file)
            if block is None:
                # It was truncated before it was renamed: all that is in it now is new.
                self._files.truncations += 1
                file.begin_anew()
                return True
            if block:
                self._accept(file, block)
                return True
            file.size = file.offset
            waited = self._clock() >= file.grew_at + ROTATE_WAIT
            if waited and self._files.current is not None:
                self._close_old(file)
        return False

    def _close_old(self, file: FileOnRemote) -> None:
        """Read no further in a rotated file."""
        self._shell.drop(file.descriptor)
        self._files.old.remove(file)
        self._read.append(file.splitter.finish())
        self._files.end(file)

    def _free_descriptor(self) -> int:
        """Return a descriptor for one more rotated file; if there is none, close the oldest."""
        taken = [file.descriptor for file in self._files.old]
        free = [each for each in OLD if each not in taken]
        if free:
            return free[0]
        oldest = next(file for file in self._files.old if file.descriptor)
        descriptor = oldest.descriptor
        self._close_old(oldest)
        return descriptor

    def _open_old(self, file: FileOnRemote) -> bool:
        """Open a rotated file by its name of now; return whether it is still there."""
        descriptor = self._free_descriptor()
        for _ in range(_TRIES):
            named = [each for each in self._shell.listing().rotated if each.inode == file.inode]
            if not named:
                return False
            held = self._shell.hold_old(named[0], descriptor)
            if held.problem and not is_missing(held):
                return False
            if held.inode == file.inode:
                file.descriptor = descriptor
                file.size = max(held.size, file.offset)
                file.grew_at = self._clock()
                return True
        return False

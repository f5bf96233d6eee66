"""One open log file, read on from an offset. Which files belong to a log is not decided here."""

import errno
import os
import stat
from collections.abc import Sized

from logmon_tui.sources.base import FilePosition, Identity, Place
from logmon_tui.sources.lines import BLOCK, CHUNK, LIVE_CHUNK, LineSplitter

# Reaches back past a long user agent to the time of the last line: whatever a log holds after
# a truncation, it will hardly hold these same bytes at this same offset.
MARK = 1024  # bytes

GONE = "a file read before is gone"
"""What is told if none of the files that are there is the one."""


def identity_of(result: os.stat_result) -> Identity:
    """Return the identity of what was looked at with `os.stat`."""
    return Identity(result.st_dev, result.st_ino)


class FollowedFile:
    """An open log file; the descriptor stays on it whatever becomes of its name.

    Public attributes: `identity`; `offset`, where reading goes on; `goal`, the size up to which
    the file is backlog; `size`, as last seen; `grew_at`, for the observer to note when bytes
    came; `resumed`, where reading was taken up again, if it was; `truncations` so far, and
    `truncated_at`, where reading was before the last one, until somebody has taken note of it,
    with the last lines before it, `truncated_lines`;
    `problem`, why the rest cannot be read and never will, or empty.
    All methods that read raise OSError.
    """

    def __init__(self, path: str, grew_at: float) -> None:
        """Open the regular file at `path`; raise OSError if there is none that can be read."""
        # Without O_NONBLOCK, opening a named pipe would wait for its writer.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        result = os.fstat(self._descriptor)
        if not stat.S_ISREG(result.st_mode):
            os.close(self._descriptor)
            raise OSError(errno.EINVAL, "not a regular file")
        self.identity = identity_of(result)
        self.size = result.st_size
        self.grew_at = grew_at
        self.offset = 0
        self.goal = 0
        self.resumed: FilePosition | None = None
        self.truncations = 0
        self.truncated_at: Place | None = None
        self.truncated_lines = b""
        self.problem = ""
        self._head = self._mark = b""  # the first and the last bytes before `offset`
        self._splitter = LineSplitter()

    @property
    def descriptor(self) -> int:
        """The open file descriptor."""
        return self._descriptor

    @property
    def beginning(self) -> bytes:
        """The first bytes of the contents."""
        return os.pread(self._descriptor, MARK, 0)

    @property
    def passing_over(self) -> bool:
        """Whether the place where reading goes on is not reached yet."""
        return False

    @property
    def place(self) -> Place:
        """Where to go on if the file is opened again."""
        splitter = self._splitter
        head, mark = digest(self._head), digest(self._mark)
        return Place(self.offset, head, mark, splitter.held, splitter.skipping)

    @property
    def position(self) -> int:
        """How many bytes have been handed over, or dropped."""
        return self.offset - self._splitter.held

    @property
    def oversize(self) -> int:
        """How many lines were dropped for their length."""
        return self._splitter.oversize

    @property
    def written(self) -> int:
        """When the file changed last, in ns of the wall clock."""
        return os.fstat(self._descriptor).st_mtime_ns

    @property
    def deleted(self) -> bool:
        """Whether the file has no name any more."""
        return os.fstat(self._descriptor).st_nlink == 0

    def go_to(self, offset: int) -> None:
        """Begin reading at `offset`, the start of a line, instead of at 0."""
        length = min(MARK, offset)
        self._head = os.pread(self._descriptor, length, 0)
        self._mark = os.pread(self._descriptor, length, offset - length)
        self.offset = offset

    def holds(self, place: Place) -> bool:
        """Tell whether this file was read up to `place`, or is a copy of the one that was."""
        length = min(MARK, place.offset)
        return place.head == digest(os.pread(self._descriptor, length, 0)) and (
            place.mark == digest(os.pread(self._descriptor, length, place.offset - length))
        )

    def is_read_up_to(self, position: FilePosition) -> bool:
        """Tell whether this is the file of `position`, or a copy: whether it holds the same."""
        same = position.identity == self.identity
        return (same or position.place.offset > 0) and self.holds(position.place)

    @property
    def last_lines(self) -> bytes:
        """The whole lines in the last bytes before `position`."""
        mark = self._mark[: len(self._mark) - self._splitter.held]
        start = 0 if len(self._mark) == self.offset else mark.find(b"\n") + 1
        return mark[start : mark.rfind(b"\n") + 1]

    @property
    def cut(self) -> bool:
        """Whether what was read last is gone: the file was truncated, or written over."""
        start = self.offset - len(self._mark)
        return os.pread(self._descriptor, len(self._mark), start) != self._mark

    def resume(self, position: FilePosition) -> None:
        """Go on at a place that this file holds; `position` is kept as `resumed`."""
        self.resumed = position
        place = position.place
        self.go_to(place.offset - place.held)
        if place.skipping:
            self._splitter.skip_line()

    def read(self, limit: int | None = None) -> bytes:
        """Read on for `limit` bytes at most; return the lines that are whole, or `b""`.

        Without a limit that is a chunk: a small one of the backlog, a large one of what comes live.

        A read that finds the file truncated returns nothing; the next one starts from 0.
        """
        if self.cut:
            self._begin_anew()
            return b""
        if limit is None:
            limit = CHUNK if self.offset < self.goal else LIVE_CHUNK
        pieces: list[bytes] = []
        end = self.offset + limit
        while self.offset < end and (block := self._next_block(pieces)):
            self.offset += len(block)
            self._head += block[: MARK - len(self._head)]
            self._mark = (block if len(block) >= MARK else self._mark + block)[-MARK:]
            pieces.append(self._splitter.feed(block))
        self.size = self._size_now()
        return b"".join(pieces)

    def _next_block(self, before: Sized) -> bytes:
        """Return the bytes at `offset`; an error is told only where nothing was read before."""
        try:
            return self._block()
        except OSError:
            if before:
                return b""
            raise

    def _block(self) -> bytes:
        return os.pread(self._descriptor, BLOCK, self.offset)

    def _size_now(self) -> int:
        return max(self.offset, os.fstat(self._descriptor).st_size)

    def finish(self) -> bytes:
        """Return the last line if it has no end yet, with a newline added, or `b""`."""
        return self._splitter.finish()

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._descriptor)

    def _begin_anew(self) -> None:
        """Start from 0, for what stood before the offset is gone or was written over.

        Asked before every read: the size alone does not tell when the file has grown again.
        """
        self.truncated_at, self.truncated_lines = self.place, self.last_lines
        self.truncations += 1
        self.offset = self.goal = 0
        self._head = self._mark = b""
        self._splitter.reset()


def digest(data: bytes) -> bytes:
    """Return what stands for some bytes of a log where they are to be known again."""
    import hashlib  # which takes its time, and a report of one log needs none

    return hashlib.blake2b(data, digest_size=16).digest()

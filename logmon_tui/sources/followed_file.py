"""One open log file, read on from an offset. Which files belong to a log is not decided here."""

import errno
import os
import stat

from logmon_tui.sources.base import Identity, Place
from logmon_tui.sources.lines import BLOCK, CHUNK, LineSplitter

# Reaches back past a long user agent to the time of the last line: whatever a log holds after
# a truncation, it will hardly hold these same bytes at this same offset.
_MARK = 1024


def identity_of(result: os.stat_result) -> Identity:
    """Return the identity of what was looked at with `os.stat`."""
    return Identity(result.st_dev, result.st_ino)


class FollowedFile:
    """An open log file; the descriptor stays on it whatever becomes of its name.

    Public attributes: `identity`; `offset`, where reading goes on; `goal`, the size up to which
    the file is backlog; `size`, as last seen; `grew_at`, for the observer to note when bytes
    came; `truncations` so far. All methods that read raise OSError.
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
        self.truncations = 0
        self._mark = b""
        self._splitter = LineSplitter()

    @property
    def descriptor(self) -> int:
        """The open file descriptor."""
        return self._descriptor

    @property
    def place(self) -> Place:
        """Where to go on if the file is opened again, once `finish` has been called."""
        return Place(self.offset, self._mark)

    @property
    def position(self) -> int:
        """How many bytes have been handed over, or dropped."""
        return self.offset - self._splitter.held

    @property
    def oversize(self) -> int:
        """How many lines were dropped for their length."""
        return self._splitter.oversize

    @property
    def deleted(self) -> bool:
        """Whether the file has no name any more."""
        return os.fstat(self._descriptor).st_nlink == 0

    def go_to(self, offset: int) -> None:
        """Begin reading at `offset`, the start of a line, instead of at 0."""
        length = min(_MARK, offset)
        self._mark = os.pread(self._descriptor, length, offset - length)
        self.offset = offset

    def resume(self, place: Place) -> None:
        """Go on where an earlier reading ended, if this still is what was read then."""
        offset, mark = place
        if mark and os.pread(self._descriptor, len(mark), offset - len(mark)) == mark:
            self.go_to(offset)

    def read(self, limit: int = CHUNK) -> bytes:
        """Read on for `limit` bytes at most; return the lines that are whole, or `b""`."""
        self._begin_anew_if_truncated()
        pieces = []
        end = self.offset + limit
        while self.offset < end and (block := os.pread(self._descriptor, BLOCK, self.offset)):
            self.offset += len(block)
            self._mark = (block if len(block) >= _MARK else self._mark + block)[-_MARK:]
            pieces.append(self._splitter.feed(block))
        self.size = max(self.offset, os.fstat(self._descriptor).st_size)
        return b"".join(pieces)

    def finish(self) -> bytes:
        """Return the last line if it has no end yet, with a newline added, or `b""`."""
        return self._splitter.finish()

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._descriptor)

    def _begin_anew_if_truncated(self) -> None:
        """Start from 0 if what stood before the offset is gone or was written over.

        Asked before every read: the size alone does not tell when the file has grown again.
        """
        if not self._mark:
            return
        start = self.offset - len(self._mark)
        if os.pread(self._descriptor, len(self._mark), start) == self._mark:
            return
        self.truncations += 1
        self.offset = self.goal = 0
        self._mark = b""
        self._splitter.reset()

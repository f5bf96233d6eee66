"""FollowedFile: one open log file, read from an offset on. LogFiles decides which files to open."""

import errno
import os
import stat
from collections.abc import Sized
from typing import TYPE_CHECKING

from logmon_tui.sources.compressed import end_of_lines
from logmon_tui.sources.identity import FilePosition, Place, identity_of
from logmon_tui.sources.lines import BLOCK, CHUNK, LIVE_CHUNK, LineSplitter

if TYPE_CHECKING:
    from logmon_tui.sources.file_part import FilePart

MARK = 1024
"""Bytes before the offset by which a file is recognised. They reach back past a long user agent to
the time of the last line: after a truncation, hardly any log holds the same bytes at that offset.
"""

UNREAD_UNTIL = 2 * CHUNK
"""Bytes at the end of a backlog that are always read at once: somebody may ask for these lines."""

GONE = "a file read before is gone"
"""The notice when no file present is the one that was being read."""


class FollowedFile:
    """An open log file; the descriptor stays on it even if it is renamed or deleted.

    Public attributes:

    - `identity`: device and inode.
    - `offset`: where the next read begins.
    - `goal`: the size up to which the file is backlog.
    - `size`: as last seen.
    - `grew_at`: when bytes came last; the observer sets it.
    - `resumed`: the position at which reading resumed, None if it began anew.
    - `truncations`: how many were found so far.
    - `truncated_at`: where reading was before the last truncation, until a caller sets it to None.
    - `truncated_lines`: the last lines read before that truncation.
    - `problem`: why the rest can never be read, or empty.
    - `id`: the name of the contents; empty until a caller gives one, and after a truncation.

    All methods that read raise OSError.
    """

    def __init__(self, path: str, grew_at: float) -> None:
        """Open the regular file at `path`; raise OSError if there is none that can be read."""
        # Without O_NONBLOCK, opening a named pipe would wait for a writer.
        self._path = path
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
        self.id = b""
        self._head = self._mark = b""  # the first and the last bytes before `offset`
        self._splitter = LineSplitter()

    @property
    def descriptor(self) -> int:
        """The open file descriptor."""
        return self._descriptor

    def pread(self, length: int, offset: int) -> bytes:
        """Return at most `length` bytes from `offset` on, wherever reading stands."""
        return os.pread(self._descriptor, length, offset)

    @property
    def beginning(self) -> bytes:
        """The first bytes of the contents."""
        return os.pread(self._descriptor, MARK, 0)

    @property
    def seeking(self) -> bool:
        """Whether the place where reading resumes is not reached yet."""
        return False

    @property
    def place(self) -> Place:
        """Where to resume if the file is opened again."""
        splitter = self._splitter
        head, mark = digest(self._head), digest(self._mark)
        size = self.size if self.id else 0
        return Place(self.offset, head, mark, splitter.held, splitter.skipping, self.id, size)

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
        """Whether the file has been deleted from its directory."""
        return os.fstat(self._descriptor).st_nlink == 0

    def go_to(self, offset: int) -> None:
        """Begin reading at `offset`, the start of a line, instead of at 0."""
        length = min(MARK, offset)
        self._head = os.pread(self._descriptor, length, 0)
        self._mark = os.pread(self._descriptor, length, offset - length)
        self.offset = offset

    def holds(self, place: Place) -> bool:
        """Tell whether this is the file that was read up to `place`, or a copy of it."""
        if not place.offset:  # nothing was read by which to tell; but it cannot have shrunk
            return os.fstat(self._descriptor).st_size >= place.size
        length = min(MARK, place.offset)
        return place.head == digest(os.pread(self._descriptor, length, 0)) and (
            place.mark == digest(os.pread(self._descriptor, length, place.offset - length))
        )

    def is_read_up_to(self, position: FilePosition) -> bool:
        """Tell by its contents whether this is the file of `position`, or a copy of it."""
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
        """Whether the bytes read last are gone: the file was truncated or overwritten."""
        start = self.offset - len(self._mark)
        return os.pread(self._descriptor, len(self._mark), start) != self._mark

    def resume(self, position: FilePosition) -> None:
        """Resume at a place that this file holds; keep `position` as `resumed`."""
        self.resumed = position
        place = position.place
        self.id = place.id
        self.go_to(place.offset - place.held)
        if place.skipping:
            self._splitter.skip_line()

    def read(self, limit: int | None = None) -> bytes:
        """Read at most `limit` bytes; return the whole lines among them, or `b""`.

        Without a limit it reads one chunk: a small one of the backlog, a large one of live lines.
        A limit is exact, so that the same bytes can be read again.
        A read that finds the file truncated returns nothing; the next one starts from 0.
        """
        if self.cut:
            self._begin_anew()
            return b""
        behind = self.offset < self.goal
        if limit is None:
            limit = _to_chunk_end(self.offset) if behind else LIVE_CHUNK
        most = CHUNK if behind else BLOCK  # to join blocks takes as long as to read them
        pieces: list[bytes] = []
        end = self.offset + limit
        while self.offset < end and (
            block := self._next_block(pieces, min(most, end - self.offset))
        ):
            self.offset += len(block)
            self._head += block[: MARK - len(self._head)]
            self._mark = (block if len(block) >= MARK else self._mark + block)[-MARK:]
            pieces.append(self._splitter.feed(block))
        self.size = self._size_now()
        return b"".join(pieces)

    def part(self) -> "FilePart | None":
        """Return the next lines of a long backlog, for others to read; None if `read` must.

        The first and the last lines of a backlog are always read here.
        """
        start = self.position
        far = self.goal - start >= UNREAD_UNTIL
        if not (start and far) or self._splitter.skipping or self.cut:
            return None
        length = end_of_lines(self._descriptor, _to_chunk_end(start), start)
        end = start + length
        mark = os.pread(self._descriptor, min(MARK, end), max(0, end - MARK))
        if not length or len(mark) < min(MARK, end):  # the file is cut just now: `read` finds out
            return None
        from logmon_tui.sources.file_part import FilePart  # it needs numpy, commands do not

        known = len(self._head)
        head = self._head + os.pread(self._descriptor, min(MARK, end) - known, known)
        self.refresh()
        part = FilePart(self._descriptor, self._path, start, end)
        self._splitter.reset()  # from here on nothing fails: the lines are the part's
        self._head, self._mark, self.offset = head, mark, end
        return part

    def _next_block(self, before: Sized, most: int) -> bytes:
        """Return the bytes at `offset`; raise an error only if nothing was read before it."""
        try:
            return self._block(most)
        except OSError:
            if before:
                return b""
            raise

    def _block(self, most: int) -> bytes:
        return os.pread(self._descriptor, most, self.offset)

    def refresh(self) -> None:
        """Look whether the file is larger now; a read finds out if it is smaller."""
        self.size = max(self.size, self._size_now())

    def _size_now(self) -> int:
        return max(self.offset, os.fstat(self._descriptor).st_size)

    def finish(self) -> bytes:
        """Return the unfinished last line, with a newline added, or `b""`."""
        return self._splitter.finish()

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._descriptor)

    def _begin_anew(self) -> None:
        """Start from 0: the bytes before the offset are gone or were overwritten.

        `cut` is checked before every read, because the file may have grown past the offset again
        and its size would then look right.
        """
        self.truncated_at, self.truncated_lines = self.place, self.last_lines
        self.truncations += 1
        self.offset = self.goal = 0
        self._head = self._mark = b""
        self._splitter.reset()
        self.id = b""


def _to_chunk_end(offset: int) -> int:
    """Return how many bytes of a backlog are read at once from an offset on.

    Chunks and parts end at the same places: it matters to no count who reads the lines.
    """
    return (offset + CHUNK // 2) // CHUNK * CHUNK + CHUNK - offset


def digest(data: bytes) -> bytes:
    """Return a short digest of some bytes of a log, by which to recognise them later."""
    import hashlib  # slow to import, and a report of one log needs no digest

    return hashlib.blake2b(data, digest_size=16).digest()

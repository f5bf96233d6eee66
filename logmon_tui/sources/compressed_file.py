"""CompressedFile: a rotated file that was compressed while it was still being read."""

from io import FileIO
from pathlib import Path

from logmon_tui.sources.base import FilePosition, Place
from logmon_tui.sources.compressed import is_compressed, reader
from logmon_tui.sources.followed_file import GONE, MARK, FollowedFile, digest
from logmon_tui.sources.lines import CHUNK

_SKIPPED = 4 * CHUNK
"""Maximum bytes skipped in one read while seeking to the place where reading resumes."""


def open_rotated(path: str, grew_at: float) -> FollowedFile:
    """Open a file, compressed or not; raise OSError if it cannot be read."""
    return (
        CompressedFile(path, grew_at) if is_compressed(Path(path)) else FollowedFile(path, grew_at)
    )


class CompressedFile(FollowedFile):
    """An open compressed file, decompressed block by block from its beginning.

    All offsets are offsets in the decompressed contents. To resume at a place, the first bytes are
    compared at once. The bytes before the place are compared when later reads have reached them; if
    they differ, this is another file, and `problem` says so.
    """

    def __init__(self, path: str, grew_at: float) -> None:
        """Open the file at `path`; raise OSError if there is none that can be read."""
        super().__init__(path, grew_at)
        self._decompress = reader(FileIO(self.descriptor, closefd=False))
        self._ahead = b""  # decompressed but not read yet
        self._ended = False
        self._seek_target: Place | None = None
        try:
            self._ahead = self._top = self._take(MARK)
        except OSError:
            self.close()
            raise
        self.size = self._size_now()

    @property
    def beginning(self) -> bytes:
        """The first bytes of the contents."""
        return self._top

    @property
    def seeking(self) -> bool:
        """Whether the place where reading resumes is not reached yet."""
        return self._seek_target is not None

    @property
    def position(self) -> int:
        """How many bytes have been handed over, or dropped."""
        target = self._seek_target
        return super().position if target is None else target.offset - target.held

    @property
    def cut(self) -> bool:
        """Return False: nobody truncates a compressed file."""
        return False

    @property
    def place(self) -> Place:
        """Where to resume if the file is opened again."""
        return super().place if self._seek_target is None else self._seek_target

    def holds(self, place: Place) -> bool:
        """Tell whether the contents begin like the file that was read up to `place`."""
        length = min(MARK, place.offset)
        return len(self._top) >= length and digest(self._top[:length]) == place.head

    def resume(self, position: FilePosition) -> None:
        """Resume at a place in the contents; later reads seek to it."""
        self.resumed = position
        self.id = position.place.id
        self._seek_target = position.place

    def read(self, limit: int | None = CHUNK) -> bytes:
        """Read at most `limit` bytes; return the whole lines among them, or `b""`."""
        if self._seek_target is not None:
            self._seek(self._seek_target)
            self.size = self._size_now()
        return b"" if self.seeking or self.problem else super().read(limit)

    def part(self) -> None:
        """Return None: only who decompresses a file can read it."""
        return

    def _block(self, most: int) -> bytes:
        return self._take(most)

    def _size_now(self) -> int:
        """Return a size beyond `offset` until the end is reached: the true one is unknown."""
        self.goal = self.offset + (not self._ended or bool(self._ahead))
        return self.goal

    def _seek(self, place: Place) -> None:
        """Skip some of what was read before; at `place`, check that it is the same file."""
        offset = place.offset - place.held
        start = offset - min(MARK, offset)
        if self.offset < start:
            self.offset += len(self._take(min(_SKIPPED, start - self.offset)))
        if self.offset < start and not self._ended:
            return
        before = self._take(place.offset - start)
        if self.offset < start or digest(before[-min(MARK, place.offset) :]) != place.mark:
            self.problem = self.problem or GONE
            return
        self._seek_target = None
        self.offset = offset
        self._head = self._top[: min(MARK, offset)]
        self._mark, held = before[: offset - start], before[offset - start :]
        self._ahead = held + self._ahead
        if place.skipping:
            self._splitter.skip_line()

    def _take(self, most: int) -> bytes:
        """Return the next bytes of the contents; fewer than `most` only at their end."""
        pieces = [self._ahead[:most]]
        self._ahead = self._ahead[most:]
        missing = most - len(pieces[0])
        while missing and not self._ended and (block := self._next(missing)):
            pieces.append(block)
            missing -= len(block)
        return b"".join(pieces)

    def _next(self, most: int) -> bytes:
        try:
            block = self._decompress(most)
        except EOFError as error:
            self.problem = f"a rotated file is cut or damaged ({error})"
            block = b""
        self._ended = not block
        return block

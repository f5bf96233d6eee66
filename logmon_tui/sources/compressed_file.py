"""One file that was compressed after it was rotated away, read on as what it was before."""

from io import FileIO
from pathlib import Path

from logmon_tui.sources.base import FilePosition, Place
from logmon_tui.sources.compressed import DAMAGED, is_compressed, reader
from logmon_tui.sources.followed_file import GONE, MARK, FollowedFile, digest
from logmon_tui.sources.lines import BLOCK, CHUNK

_SKIPPED = 4 * CHUNK
"""Bytes passed over in one read, on the way to the place where reading goes on."""


def open_rotated(path: str, grew_at: float) -> FollowedFile:
    """Open a file that may have been compressed; raise OSError if it cannot be read."""
    return (
        CompressedFile(path, grew_at) if is_compressed(Path(path)) else FollowedFile(path, grew_at)
    )


class CompressedFile(FollowedFile):
    """An open file whose contents come from its beginning only, decompressed block by block.

    All offsets are those in its contents. The place at which it is taken up again is known by the
    first bytes at once, and by those before it when they are reached, in later reads. If those
    are others, this is not the file that was read.
    """

    def __init__(self, path: str, grew_at: float) -> None:
        """Open the file at `path`; raise OSError if there is none that can be read."""
        super().__init__(path, grew_at)
        self._decompress = reader(FileIO(self.descriptor, closefd=False))
        self._ahead = b""  # decompressed, and not read yet
        self._ended = False
        self._sought: Place | None = None
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
    def passing_over(self) -> bool:
        """Whether the place where reading goes on is not reached yet."""
        return self._sought is not None

    @property
    def cut(self) -> bool:
        """Tell that nothing that was read is gone."""
        return False

    @property
    def place(self) -> Place:
        """Where to go on if the file is opened again."""
        return super().place if self._sought is None else self._sought

    def holds(self, place: Place) -> bool:
        """Tell whether the contents begin like those of the file that was read up to `place`."""
        length = min(MARK, place.offset)
        return len(self._top) >= length and digest(self._top[:length]) == place.head

    def resume(self, position: FilePosition) -> None:
        """Go on at a place in the contents, once it is reached."""
        self.resumed = position
        self._sought = position.place

    def read(self, limit: int | None = CHUNK) -> bytes:
        """Read on for `limit` bytes at most; return the lines that are whole, or `b""`."""
        if self._sought is not None:
            self._seek(self._sought)
            self.size = self._size_now()
        return b"" if self.passing_over or self.problem else super().read(limit)

    def _block(self) -> bytes:
        return self._take(BLOCK)

    def _size_now(self) -> int:
        """Return a size beyond `offset` until the end is reached; before, nobody knows it."""
        self.goal = self.offset + (not self._ended or bool(self._ahead))
        return self.goal

    def _seek(self, place: Place) -> None:
        """Pass over some of what was read before; where reading goes on, know it again."""
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
        self._sought = None
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
        except DAMAGED as error:
            self.problem = f"a rotated file is cut or damaged ({error})"
            block = b""
        self._ended = not block
        return block

"""Reads parts of a file once more that was read before, for what is asked of it afterwards."""

from io import FileIO
from os import pread

import msgspec

from logmon_tui.sources.chunks import CHUNK
from logmon_tui.sources.compressed import Read, holds_compressed, reader
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.listed import Sibling, opened


class Part(msgspec.Struct, frozen=True):
    """A part of a file's decompressed contents, from the byte `start` to that before `end`.

    It ends where a line ends. `file` is the file's number among those of its log.
    """

    file: int
    start: int
    end: int


class FileAgain:
    """A file of which parts are read once more. Raises OSError, and EOFError.

    Of a compressed file everything in front of a part is decompressed too. To read parts in the
    order of their places costs one pass, for which the file stays open until `close`.
    """

    def __init__(self, sibling: Sibling) -> None:
        self._sibling = sibling
        self._file: FileIO | None = None
        self._read: Read | None = None  # of a compressed file
        self._place = 0

    def close(self) -> None:
        """Close the file, if any part was read."""
        if self._file is not None:
            self._file.close()
        self._file = self._read = None

    def lines_of(self, part: Part) -> bytes:
        """Return the lines of a part as they were read before; raise EOFError if it was cut."""
        text = self._bytes_of(part.start, part.end)
        if len(text) < part.end - part.start:
            raise EOFError("is shorter than it was")
        splitter = LineSplitter()
        return splitter.feed(text) + splitter.finish()

    def _bytes_of(self, start: int, end: int) -> bytes:
        if self._read is not None and start < self._place:
            self.close()
        if self._file is None:
            self._file = opened(self._sibling)
            self._read = reader(self._file) if holds_compressed(self._file) else None
            self._place = 0
        if self._read is None:
            try:
                return pread(self._file.fileno(), end - start, start)
            finally:
                self.close()  # a report may be of more logs than can be open
        self._next(self._read, start - self._place, keep=False)
        return self._next(self._read, end - self._place, keep=True)

    def _next(self, read: Read, size: int, *, keep: bool) -> bytes:
        """Read on by `size` bytes, and return them if they are to be kept."""
        kept = []
        while size and (block := read(min(size, CHUNK))):
            size -= len(block)
            self._place += len(block)
            kept += [block] if keep else []
        return b"".join(kept)

"""FilePart: whole lines of a file that are not read yet, so that any thread may read them."""

import os
from collections.abc import Callable, Iterator
from io import FileIO

from logmon_tui.native.file_lines import FileLines
from logmon_tui.sources.chunks import CHUNK, chunks_of, source_errors
from logmon_tui.sources.compressed import (
    end_of_lines,
    holds_compressed,
    is_regular,
    read_lines_at,
    reader,
)
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.siblings import Sibling, opened

FIRST = 1024 * 1024
"""Bytes of the first chunk, in which formats are recognised."""

LEAST, MOST = 2 * 1024 * 1024, 32 * 1024 * 1024
"""Bytes of a part. Larger parts cost less a line; the last ones are small, so that the threads come
to their ends at the same time."""

_PARTS = 4
"""Parts of this size that what is left would have. It does not depend on the number of threads, as
a report must not."""


class FilePart:
    """Bytes of an uncompressed file, from `start` to `end`, which are whole lines.

    Whoever has the part closes it. `oversize` counts the lines that `read` dropped for their
    length.
    """

    def __init__(self, file: FileIO, name: str, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.oversize = 0
        self._name = name
        self._descriptor = os.dup(file.fileno())
        self._open = True

    @property
    def lines(self) -> FileLines:
        """The lines, for a scanner that reads them itself; valid until the part is closed."""
        return FileLines(self._descriptor, self.start, self.end)

    def read(self) -> bytes:
        """Return the lines, each ended by a newline. Raises SourceError if they cannot be read."""
        splitter = LineSplitter()
        with source_errors(self._name):
            text = self._text()
        lines = splitter.feed(text) + splitter.finish()
        self.oversize = splitter.oversize
        return lines

    def _text(self) -> bytes:
        """Return the bytes, fewer if the file was truncated.

        A read that meets an error returns what stands before it: the next one tells the error.
        """
        blocks, at = [], self.start
        while at < self.end and (block := os.pread(self._descriptor, self.end - at, at)):
            blocks.append(block)
            at += len(block)
        return b"".join(blocks)

    def close(self) -> None:
        """Let the file go; a part may be closed twice."""
        if self._open:
            self._open = False
            os.close(self._descriptor)


def read_parts(
    sibling: Sibling,
    splitter: LineSplitter,
    wanted: Callable[[], bool],
    size: int = CHUNK,
    most: Callable[[], int] = lambda: MOST,
) -> Iterator[bytes | FilePart]:
    """Yield the lines of a listed file: as chunks of about `size` bytes, or as parts.

    It has parts while they are `wanted`, of `most` bytes at most; else these are read, and cut in
    the same places. The beginning and the end are chunks, and what lies around lines of several
    KiB; a compressed file has no parts. Raises SourceError, while iterating, when the file cannot
    be read.
    """
    with source_errors(sibling.path), opened(sibling) as file:
        if not is_regular(file) or holds_compressed(file):
            yield from chunks_of(reader(file), size, splitter)
            return
        offset, asked = 0, min(FIRST, size)
        while True:
            may_begin = offset and splitter.is_between
            length = _length_of_part(file, offset, most()) if may_begin else 0
            if length and wanted():
                splitter.pass_over(length)
                yield FilePart(file, sibling.path, offset, offset + length)
            else:
                block = read_lines_at(file.fileno(), length or asked, offset)
                length, asked = len(block), size
                if lines := splitter.feed(block):
                    yield lines
            if not length:
                break
            offset += length
        if last := splitter.finish():
            yield last


def _length_of_part(file: FileIO, offset: int, most: int) -> int:
    """Return the bytes of the next part; 0 if little is left, or no line ends where it should."""
    left = os.fstat(file.fileno()).st_size - offset
    if left < 2 * LEAST:
        return 0
    return end_of_lines(file.fileno(), min(most, max(LEAST, left // _PARTS)), offset)

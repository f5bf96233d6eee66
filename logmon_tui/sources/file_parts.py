"""Cuts a file into parts: whole lines that are not read yet, so that any thread may read them."""

import os
from collections.abc import Callable, Iterator
from io import FileIO

from logmon_tui.sources.chunks import CHUNK, chunks_of
from logmon_tui.sources.compressed import (
    end_of_lines,
    holds_compressed,
    is_regular,
    read_lines_at,
    reader,
)
from logmon_tui.sources.file_part import FilePart
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.listed import Sibling, opened
from logmon_tui.sources.source_errors import source_errors

FIRST = 1024 * 1024
"""Bytes of the first chunk, in which formats are recognised."""

LEAST, MOST = 2 * 1024 * 1024, 16 * 1024 * 1024
"""Bytes of a part. Larger parts cost less a line; the last ones are small, so that the threads come
to their ends at the same time."""

_PARTS = 4
"""Parts of this size that what is left would have. It does not depend on the number of threads, as
a report must not."""


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
                yield FilePart(file.fileno(), sibling.path, offset, offset + length)
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

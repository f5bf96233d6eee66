"""Reads a whole log once, from its beginning to its end, for reports. Follows no file."""

import os
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from logmon_tui.sources.compressed import Read, reader
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.listed import Sibling, opened
from logmon_tui.sources.source_errors import source_errors

CHUNK = 4 * 1024 * 1024
"""Bytes read at once. Larger chunks save no time, and each parser thread holds some in memory."""


def read_chunks(
    path: Path, size: int = CHUNK, splitter: LineSplitter | None = None
) -> Iterator[bytes]:
    """Yield the lines of the file at `path`, each once, in chunks of about `size` bytes.

    Pipes, devices and compressed files work too. Every chunk ends in a newline; one is added to
    the last line if it has none. If the caller passes a `splitter`, its `oversize` counts the lines
    dropped for their length.
    Raises SourceError, while iterating, when the file cannot be read.
    """
    return _chunks_of(str(path), lambda: path.open("rb", buffering=0), size, splitter)


def read_sibling(
    sibling: Sibling, size: int = CHUNK, splitter: LineSplitter | None = None
) -> Iterator[bytes]:
    """Yield the chunks of a listed file, like `read_chunks`, even if it was renamed since."""
    return _chunks_of(sibling.path, lambda: opened(sibling), size, splitter)


def read_beginning(path: Path, size: int) -> bytes:
    """Return the whole lines in the first `size` bytes of a file; without any, those bytes.

    Works for endless devices and compressed files too. Raises SourceError.
    """
    with source_errors(str(path)), path.open("rb", buffering=0) as file:
        read, pieces, missing = reader(file), [], size
        while missing and (block := read(missing)):
            pieces.append(block)
            missing -= len(block)
    text = b"".join(pieces)
    whole = text[: text.rfind(b"\n") + 1] if not missing else text
    return whole or text


def _chunks_of(
    path: str, opened: Callable[[], FileIO], size: int, splitter: LineSplitter | None
) -> Iterator[bytes]:
    with source_errors(path), opened() as file:
        yield from chunks_of(reader(file), size, splitter)


def read_descriptor(
    descriptor: int, size: int = CHUNK, splitter: LineSplitter | None = None
) -> Iterator[bytes]:
    """Yield the chunks of an open file descriptor, like `read_chunks`; leave it open.

    Raises OSError when it cannot be read.
    """
    return chunks_of(lambda most: os.read(descriptor, most), size, splitter)


def chunks_of(read: Read, size: int, splitter: LineSplitter | None = None) -> Iterator[bytes]:
    """Yield the lines of what `read` reads, like `read_chunks`."""
    splitter = LineSplitter() if splitter is None else splitter
    blocks: list[bytes] = []
    gathered = 0
    while block := read(size):
        blocks.append(block)
        gathered += len(block)
        if 2 * gathered >= size:  # a file gives one block, a pipe many small ones
            if lines := splitter.feed(b"".join(blocks)):
                yield lines
            blocks, gathered = [], 0
    if last := splitter.feed(b"".join(blocks)) + splitter.finish():
        yield last

"""Reading a whole log once, from its beginning to its end, for reports. Nothing is followed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from logmon_tui.errors import SourceError
from logmon_tui.escape import printable
from logmon_tui.sources.compressed import DAMAGED, Read, reader
from logmon_tui.sources.lines import LineSplitter
from logmon_tui.sources.siblings import Sibling, opened

CHUNK = 4 * 1024 * 1024
"""Bytes read at once: larger chunks gain no time, and each thread that parses holds some."""


def read_chunks(
    path: Path, size: int = CHUNK, splitter: LineSplitter | None = None
) -> Iterator[bytes]:
    """Yield the lines of the file at `path`, each once, in chunks of about `size` bytes.

    Pipes, devices and compressed files work too. Every chunk ends in a newline; one is added to
    the last line if it has none. A `splitter` given by the caller tells afterwards, in
    `oversize`, how many lines were dropped for their length.
    Raises SourceError, while iterating, when the file cannot be read.
    """
    return _chunks_of(str(path), lambda: path.open("rb", buffering=0), size, splitter)


def read_sibling(
    sibling: Sibling, size: int = CHUNK, splitter: LineSplitter | None = None
) -> Iterator[bytes]:
    """Yield what `read_chunks` yields, from a file that was listed, by whatever name it has now."""
    return _chunks_of(sibling.path, lambda: opened(sibling), size, splitter)


def read_beginning(path: Path, size: int) -> bytes:
    """Return the whole lines in the first `size` bytes of a file, or those bytes if none is.

    A device without an end will do, and what is compressed. Raises SourceError.
    """
    with _told(str(path)), path.open("rb", buffering=0) as file:
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
    with _told(path), opened() as file:
        yield from _chunks(reader(file), size, splitter)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Raise SourceError for what goes wrong with the file at `path`."""
    name = printable(path)
    try:
        yield
    except DAMAGED as error:
        message = f"{name}: is cut or damaged ({error}); give another log"
        raise SourceError(message) from error
    except OSError as error:
        message = f"{name}: cannot be read: {error.strerror or error}; give another log"
        raise SourceError(message) from error


def read_descriptor(
    descriptor: int, size: int = CHUNK, splitter: LineSplitter | None = None
) -> Iterator[bytes]:
    """Yield what `read_chunks` yields, from an open file descriptor, which stays open.

    Raises OSError when it cannot be read.
    """
    return _chunks(lambda most: os.read(descriptor, most), size, splitter)


def _chunks(read: Read, size: int, splitter: LineSplitter | None) -> Iterator[bytes]:
    splitter = LineSplitter() if splitter is None else splitter
    blocks: list[bytes] = []
    gathered = 0
    while block := read(size):
        blocks.append(block)
        gathered += len(block)
        if 2 * gathered >= size:  # of a file it is one block; of a pipe they are small
            if lines := splitter.feed(b"".join(blocks)):
                yield lines
            blocks, gathered = [], 0
    if last := splitter.feed(b"".join(blocks)) + splitter.finish():
        yield last

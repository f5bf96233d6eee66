"""Recognises compressed files by their first bytes, and reads their decompressed contents."""

import bz2
import gzip
import lzma
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable
from io import FileIO
from pathlib import Path

Read = Callable[[int], bytes]
"""Takes a maximum number of bytes; returns the next bytes, or `b""` at the end."""

_LAST_LINE = 4 * 1024
"""Bytes at the end of a block that are searched for the end of a line."""

DAMAGED = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)
"""What reading a damaged file raises, besides OSError."""


def _zstd_reader(file: FileIO) -> Read:
    """Return a function that reads a Zstandard file; it raises EOFError for damaged data."""
    # Imported late: few logs need this library.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    contents = zstd.ZstdFile(file)

    def read(size: int) -> bytes:
        try:
            return contents.read(size)
        except zstd.ZstdError as error:
            raise EOFError(*error.args) from error

    return read


_READERS: tuple[tuple[re.Pattern[bytes], Callable[[FileIO], Read]], ...] = (
    (re.compile(rb"\x1f\x8b\x08"), lambda file: gzip.GzipFile(fileobj=file).read),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), lambda file: bz2.BZ2File(file).read),
    (re.compile(rb"\xfd7zXZ\0"), lambda file: lzma.LZMAFile(file).read),  # noqa: SIM115 - its owner's
    (re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL), _zstd_reader),
)
"""Each format's first bytes and its reader.

RFC 1952 (gzip), bzip2, the xz format, RFC 8878 (a Zstandard frame, or a skippable one).
"""


def reader(file: FileIO) -> Read:
    """Return a function that reads the contents of `file`, an open regular file, pipe or device.

    It reads an uncompressed regular file from its beginning, in blocks that end at the end of a
    line where possible. So the caller need not cut and copy to get whole lines.
    """
    descriptor = file.fileno()
    if not is_regular(file):
        return lambda size: os.read(descriptor, size)
    opened = _opener(file)
    return opened(file) if opened else _by_lines(descriptor)


def _by_lines(descriptor: int) -> Read:
    """Return a function that reads a regular file in blocks of whole lines where possible."""
    offset = 0

    def read(size: int) -> bytes:
        nonlocal offset
        block = read_lines_at(descriptor, size, offset)
        offset += len(block)
        return block

    return read


def read_lines_at(descriptor: int, size: int, offset: int) -> bytes:
    """Return up to `size` bytes of a regular file, which end where a line ends if one does."""
    return os.pread(descriptor, end_of_lines(descriptor, size, offset) or size, offset)


def end_of_lines(descriptor: int, size: int, offset: int) -> int:
    """Return how many of `size` bytes are whole lines; 0 if no line ends among the last bytes."""
    looked_at = min(size, _LAST_LINE)
    end = os.pread(descriptor, looked_at, offset + size - looked_at).rfind(b"\n") + 1
    return size - looked_at + end if end else 0


def is_regular(file: FileIO) -> bool:
    """Tell whether an open file is no pipe and no device."""
    return stat.S_ISREG(os.fstat(file.fileno()).st_mode)


def is_compressed(path: Path) -> bool:
    """Tell whether the file at `path` is compressed; False if it cannot be read."""
    try:
        if not path.is_file():  # opening a named pipe would wait for its writer
            return False
        with path.open("rb", buffering=0) as file:
            return _opener(file) is not None
    except OSError:
        return False


def holds_compressed(file: FileIO) -> bool:
    """Tell whether an open regular file is compressed; raises OSError."""
    return _opener(file) is not None


def _opener(file: FileIO) -> Callable[[FileIO], Read] | None:
    beginning = os.pread(file.fileno(), 10, 0)
    return next((opened for magic, opened in _READERS if magic.match(beginning)), None)

"""Recognises compressed files by their first bytes, and reads their decompressed contents."""

import os
import stat
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path

Read = Callable[[int], bytes]
"""Takes a maximum number of bytes; returns the next bytes, or `b""` at the end.

Raises EOFError for damaged data, and OSError.
"""

_LAST_LINE = 4 * 1024
"""Bytes at the end of a block that are searched for the end of a line."""

_BZIP2_BLOCK, _BZIP2_END = b"1AY&SY", b"\x17rE8P\x90"


def _gzip_reader(file: FileIO) -> Read:
    import gzip
    import zlib

    return _telling_damage(gzip.GzipFile(fileobj=file).read, gzip.BadGzipFile, zlib.error)


def _bzip2_reader(file: FileIO) -> Read:
    import bz2

    return bz2.BZ2File(file).read


def _xz_reader(file: FileIO) -> Read:
    import lzma

    return _telling_damage(lzma.LZMAFile(file).read, lzma.LZMAError)


def _zstd_reader(file: FileIO) -> Read:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return _telling_damage(zstd.ZstdFile(file).read, zstd.ZstdError)


def _telling_damage(read: Read, *errors: type[Exception]) -> Read:
    """Return `read`, which raises EOFError for each of the `errors` that tell of damaged data."""

    def read_on(size: int) -> bytes:
        try:
            return read(size)
        except errors as error:
            raise EOFError(*error.args) from error

    return read_on


def _reader_of(beginning: bytes) -> Callable[[FileIO], Read] | None:
    """Return what makes a reader of a compressed file with this beginning; None for any other.

    RFC 1952 (gzip), bzip2, the xz format, RFC 8878 (a Zstandard frame, or a skippable one). The
    libraries are imported by what is returned: few logs need any.
    """
    if beginning.startswith(b"\x1f\x8b\x08"):
        return _gzip_reader
    if beginning.startswith(b"BZh") and b"1" <= beginning[3:4] <= b"9":
        return _bzip2_reader if beginning[4:10] in {_BZIP2_BLOCK, _BZIP2_END} else None
    if beginning.startswith(b"\xfd7zXZ\0"):
        return _xz_reader
    skippable = beginning[1:4] == b"\x2a\x4d\x18" and b"\x50" <= beginning[:1] <= b"\x5f"
    return _zstd_reader if skippable or beginning.startswith(b"\x28\xb5\x2f\xfd") else None


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
    return _reader_of(os.pread(file.fileno(), 10, 0))

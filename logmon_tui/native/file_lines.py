"""Lines of an open file, which the scanner reads by blocks while it scans them."""

import os
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.interner import Interner
from logmon_tui.native.library import library
from logmon_tui.native.scan_columns import ScanColumns, Scanned
from logmon_tui.native.structures import FileStructure, FormatStructure, JsonFormatStructure
from logmon_tui.native.texts import address_of

BLOCK = 256 * 1024
"""Bytes read at once: they stay in a processor's cache until they are scanned."""

USUAL_LINE = 150
"""Assumed bytes of the average line of a log that is not known yet."""

_SPARE = 16
"""One row is spared for so many: where lines are shorter still, columns grow."""

_LEFT_LINES, _LEFT_BYTES = 256, 64 * 1024
"""Room for lines that do not fit, at first."""

_DONE = 1
_UNREADABLE = -2
"""`FILE_DONE` and `FILE_UNREADABLE` of scan.h."""


class FileLines(msgspec.Struct, frozen=True):
    """The bytes of an open file from the offset `start` up to `end`, which are whole lines.

    A `usual_line` is thought to take so many bytes.
    """

    descriptor: int
    start: int
    end: int
    usual_line: int = USUAL_LINE


class ScannedFile(msgspec.Struct, frozen=True):
    """The result of a scan of a file's lines; `left_lines` are those that do not fit.

    `usual_line` is how many bytes a line takes.
    """

    scanned: Scanned
    left_lines: list[bytes]
    usual_line: int


def scan_file(
    formats: tuple[FormatStructure | None, JsonFormatStructure | None],
    lines: FileLines,
    interners: Sequence[Interner],
    numbers: int,
    block: int | None = None,
) -> ScannedFile | None:
    """Read and scan lines of one of the two `formats`, by blocks of `block` or `BLOCK` bytes.

    `numbers` is the number of its columns of numbers; each of `interners` belongs to a column of
    texts. Returns None where these lines must be read in another way: one is longer than a block,
    begins with NULs, or has no end, or the file was cut, which who reads the lines must find out.
    Raises OSError when the file cannot be read.
    """
    block = block or BLOCK
    size = max(0, lines.end - lines.start)
    rows = size // lines.usual_line
    rows += rows // _SPARE + 1
    columns = ScanColumns(rows, _LEFT_LINES, size, interners, numbers)
    buffer, left = np.empty(block, dtype=np.uint8), np.empty(_LEFT_BYTES, dtype=np.uint8)
    file = FileStructure(
        buffer=address_of(buffer),
        room=block,
        next=lines.start,
        end=lines.end,
        descriptor=lines.descriptor,
        most_left=columns.most_left,
    )

    def keep_left(longer: NDArray[np.uint8]) -> None:
        nonlocal left
        longer[: file.left_used] = left[: file.left_used]
        left = longer
        file.left_bytes, file.left_room = address_of(left), len(left)
        file.most_left = columns.most_left

    keep_left(left)
    done, scanned = columns.scanned(
        lambda memory: library().logmon_scan_file(*formats, file, memory),
        lambda: keep_left(np.empty(max(4 * len(left), len(left) + block), dtype=np.uint8)),
    )
    if done == _UNREADABLE:
        raise OSError(file.error, os.strerror(file.error))
    if done != _DONE or file.end < lines.end:
        return None
    left_lines = left[: file.left_used].tobytes().split(b"\n")[:-1]
    lines_read = len(scanned.lines) + len(left_lines)
    usual_line = max(1, size // lines_read) if lines_read else lines.usual_line
    return ScannedFile(scanned, left_lines, usual_line)

"""Removes what loggers add around lines, for a whole chunk at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import library
from logmon_tui.native.scanner import ScannedLines
from logmon_tui.native.specs import ScanWrapper
from logmon_tui.native.structures import InsidesStructure


class Insides(NamedTuple):
    """The inner lines of a chunk: `data` (uint8), each with a newline at its end.

    A line with a number in `cut` continues in the next line, so it has no newline. The reference
    has to unwrap the lines with the numbers `left`, and to insert them at the offsets `left_at`.
    """

    data: NDArray[np.uint8]
    cut: NDArray[np.int64]
    left: NDArray[np.int64]
    left_at: NDArray[np.int64]


def insides(wrapper: ScanWrapper, table: ScannedLines) -> Insides:
    """Return the inner lines of a chunk; a line without the wrapper is kept unchanged."""
    room, count = len(table.chunk), len(table)
    data = np.empty(room, dtype=np.uint8)
    numbers = np.empty((3, count), dtype=np.int64)
    begin, row = numbers.ctypes.data, numbers.strides[0]
    to = InsidesStructure(data.ctypes.data, begin, begin + row, begin + 2 * row, room)
    if not library().logmon_unwrap(wrapper, table.address, table.ends.ctypes.data, count, to):
        message = "the inner lines are longer than the chunk"
        raise ValueError(message)
    cut, left, left_at = numbers
    left_count = to.left_count
    return Insides(data[: to.used], cut[: to.cut_count], left[:left_count], left_at[:left_count])

"""Takes off what loggers put around lines, for a whole chunk at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import InsidesStructure, library
from logmon_tui.native.scanner import ScannedLines
from logmon_tui.native.specs import ScanWrapper


class Insides(NamedTuple):
    """What is inside of lines: `data`, uint8, each ended by a newline.

    That lacks for those with the numbers `cut`, which go on in the next line. Those with the
    numbers `left` are for the reference to unwrap; they belong where `left_at` says in `data`.
    """

    data: NDArray[np.uint8]
    cut: NDArray[np.int64]
    left: NDArray[np.int64]
    left_at: NDArray[np.int64]


def insides(wrapper: ScanWrapper, table: ScannedLines) -> Insides:
    """Return what is inside of a chunk's lines; of those not in the wrapper, all of it."""
    room, count = len(table.chunk), len(table)
    data = np.empty(room, dtype=np.uint8)
    numbers = np.empty((3, count), dtype=np.int64)
    begin, row = numbers.ctypes.data, numbers.strides[0]
    to = InsidesStructure(data.ctypes.data, begin, begin + row, begin + 2 * row, room)
    if not library().logmon_unwrap(wrapper, table.address, table.ends.ctypes.data, count, to):
        message = "what is inside of lines is longer than they are"
        raise ValueError(message)
    cut, left, left_at = numbers
    left_count = to.left_count
    return Insides(data[: to.used], cut[: to.cut_count], left[:left_count], left_at[:left_count])

"""What is inside of a chunk of wrapped lines: the native scanner takes the wrapper off.

Where no scanner was compiled, and for the lines that it leaves, the wrapper itself does.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.wrapped.wrapped_format import Wrapper, unwrapped_lines
from logmon_tui.native.library import is_native
from logmon_tui.native.scanner import MOST_BYTES, ScannedLines
from logmon_tui.native.wrappers import insides


class Unwrapped(NamedTuple):
    """The lines inside of a chunk; `numbers`, int64, are those of the lines on which each ended.

    That is None where no line was cut, so that each is where it was. `parts` are how many lines
    are but the first parts of others; `line` returns one of the chunk's lines by its number.
    """

    chunk: bytes
    numbers: NDArray[np.int64] | None
    parts: int
    line: Callable[[int], bytes]


def unwrapped(wrapper: Wrapper, chunk: bytes) -> Unwrapped:
    """Return what is inside of `chunk`, the parts of lines that were cut joined."""
    if not is_native() or len(chunk) >= MOST_BYTES:
        return unwrapped_by_lines(wrapper, chunk)
    table = ScannedLines(chunk if chunk.endswith(b"\n") else chunk + b"\n")
    found = insides(wrapper.scanned, table)
    pieces: list[bytes | memoryview] = []
    cut, data, begin = found.cut.tolist(), found.data.data, 0
    for number, place in zip(found.left.tolist(), found.left_at.tolist(), strict=True):
        line = table.line(number)
        text = wrapper.unwrap(line)
        pieces += (data[begin:place], line if text is None else text)
        begin = place
        if number + 1 < len(table) and wrapper.is_part(line):
            cut.append(number)
        else:
            pieces.append(b"\n")
    pieces.append(data[begin:])
    numbers = np.delete(np.arange(len(table)), cut) if cut else None
    return Unwrapped(b"".join(pieces), numbers, len(cut), table.line)


def unwrapped_by_lines(wrapper: Wrapper, chunk: bytes) -> Unwrapped:
    """Return what `unwrapped` does, by the wrapper alone: slowly, one line at a time."""
    lines = chunk.removesuffix(b"\n").split(b"\n")
    inside, numbers = unwrapped_lines(wrapper, lines)
    parts = len(lines) - len(numbers)
    ended_on = np.array(numbers, dtype=np.int64) if parts else None
    return Unwrapped(b"\n".join(inside) + b"\n", ended_on, parts, lines.__getitem__)

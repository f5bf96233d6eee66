"""Removes the wrapper from the lines of a chunk, by the native scanner.

`Wrapper.unwrap` takes care of the lines that the scanner leaves, and of all lines where no scanner
was compiled.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.wrapped.wrapped_format import Wrapper, unwrapped_lines
from logmon_tui.native.library import is_native
from logmon_tui.native.scanner import MAX_BYTES, ScannedLines
from logmon_tui.native.wrappers import insides


class Unwrapped(NamedTuple):
    """The inner lines of a chunk, in `chunk`.

    A logger may cut an inner line into several lines of the log. `numbers` (int64) are the numbers
    of the log lines on which the inner lines end; None if none was cut, so that the numbers are
    equal. `parts` counts the log lines that do not end an inner line. `line` returns a log line by
    its number.
    """

    chunk: bytes
    numbers: NDArray[np.int64] | None
    parts: int
    line: Callable[[int], bytes]


def unwrapped(wrapper: Wrapper, chunk: bytes) -> Unwrapped:
    """Return the inner lines of `chunk`; lines that the logger cut are joined."""
    if not is_native() or len(chunk) >= MAX_BYTES:
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
    """Return the same as `unwrapped`, by the wrapper alone: slow, line by line."""
    lines = chunk.removesuffix(b"\n").split(b"\n")
    inside, numbers = unwrapped_lines(wrapper, lines)
    parts = len(lines) - len(numbers)
    ended_on = np.array(numbers, dtype=np.int64) if parts else None
    return Unwrapped(b"\n".join(inside) + b"\n", ended_on, parts, lines.__getitem__)

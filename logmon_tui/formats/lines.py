"""Where the lines of a chunk begin and end, and where the bytes stand that part their fields."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

NEWLINE, QUOTE, BACKSLASH, SPACE, _RETURN = b'\n"\\ \r'
_BYTE_ORDER_MARK = 0xEF  # the first of its three bytes

_BLOCK = 1024 * 1024
"""So many bytes are looked at together: masks of a whole chunk would be new memory each time."""

Offsets = NDArray[np.intp]


class LineTable:
    """The lines of `chunk`, which must end with a newline, and its marks.

    Marks are the bytes that part fields: newlines and those of `separators`. `marks` are their
    offsets, `kinds` the bytes themselves, both of shape (marks,). `starts` and `ends` are the
    offsets of each line's first byte and of its newline, `newlines` the numbers of the newlines
    among the marks, all of shape (lines,).
    """

    def __init__(self, chunk: bytes, separators: bytes) -> None:
        self.chunk = chunk
        self.bytes: NDArray[np.uint8] = np.frombuffer(chunk, dtype=np.uint8)
        self.marks: Offsets = _marks(self.bytes, bytes({NEWLINE, *separators}))
        self.kinds = self.bytes.take(self.marks, mode="clip")
        self.newlines: Offsets = np.flatnonzero(self.kinds == NEWLINE)
        self.ends: Offsets = self.marks[self.newlines]
        self.starts: Offsets = np.empty_like(self.ends)
        if len(self.ends):
            self.starts[0] = 0
            self.starts[1:] = self.ends[:-1] + 1

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.ends)

    def line(self, number: int) -> bytes:
        """Return one line without its newline."""
        return self.chunk[self.starts[number] : self.ends[number]]

    def plain(self) -> Offsets:
        """Return the numbers of the lines whose fields can be told by the marks alone.

        Those have no backslash, which may escape a quote, and neither a byte order mark nor a
        carriage return, which belong to no field.
        """
        plain = self.ends > self.starts
        plain[np.searchsorted(self.newlines, np.flatnonzero(self.kinds == BACKSLASH))] = False
        plain &= self.bytes[self.starts] != _BYTE_ORDER_MARK
        plain &= self.bytes[self.ends - 1] != _RETURN
        return np.flatnonzero(plain)

    def first_marks(self, lines: Offsets) -> Offsets:
        """Return the number of the first mark of each line."""
        firsts = np.zeros_like(self.newlines)
        firsts[1:] = self.newlines[:-1] + 1
        return firsts[lines]

    def quotes(self, lines: Offsets) -> tuple[Offsets, Offsets]:
        """Return the numbers of all quotes among the marks, and how many stand before each line."""
        is_quote = self.kinds == QUOTE
        firsts = self.first_marks(lines)
        before = np.cumsum(is_quote, dtype=np.int32).take(firsts) - is_quote.take(firsts)
        # Where a line lacks one, the end of the chunk is found instead.
        return np.append(np.flatnonzero(is_quote), len(self.marks) - 1), before.astype(np.intp)

    def windows(self, places: Offsets, width: int) -> NDArray[np.uint8]:
        """Return the `width` bytes from each of `places`, shape (width, places).

        Behind the chunk's end there are zeros. numpy works on a row of them at once.
        """
        return np.ascontiguousarray(self._windows(places, width).T)

    def _windows(self, places: Offsets, width: int) -> NDArray[np.uint8]:
        last = len(self.bytes) - width
        inside = places <= last
        if last >= 0 and inside.all():
            return sliding_window_view(self.bytes, width)[places]
        # Only the last lines reach over the end, so what is there is copied for them.
        start = max(0, last - width)
        tail = np.concatenate([self.bytes[start:], np.zeros(2 * width, dtype=np.uint8)])
        found = np.empty((len(places), width), dtype=np.uint8)
        if inside.any():
            found[inside] = sliding_window_view(self.bytes, width)[places[inside]]
        beyond = np.minimum(places[~inside] - start, len(tail) - width)
        found[~inside] = sliding_window_view(tail, width)[beyond]
        return found


def _marks(data: NDArray[np.uint8], kinds: bytes) -> Offsets:
    """Return where bytes of `kinds` stand."""
    found = [np.empty(0, dtype=np.intp)]
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        marks = block == kinds[0]
        for kind in kinds[1:]:
            marks |= block == kind
        found.append(np.flatnonzero(marks) + start)
    return np.concatenate(found)

"""Where the lines of a chunk begin and end, and where their quotes stand."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_NEWLINE, _QUOTE, _BACKSLASH, _RETURN = b'\n"\\\r'
_BYTE_ORDER_MARK = 0xEF  # the first of its three bytes


_Found = tuple[NDArray[np.intp], NDArray[np.bool_]]

_BLOCK = 1024 * 1024
"""So many bytes are looked at together: masks of a whole chunk would be new memory each time."""


class LineTable:
    """The lines of `chunk`, which must end with a newline.

    `starts` and `ends` are the offsets of each line's first byte and of its newline, shape (n,).
    """

    def __init__(self, chunk: bytes) -> None:
        self.chunk = chunk
        self.bytes: NDArray[np.uint8] = np.frombuffer(chunk, dtype=np.uint8)
        self._marks = _marks(self.bytes)
        self._kinds = self.bytes[self._marks]
        self._newlines = np.flatnonzero(self._kinds == _NEWLINE)
        self.ends: NDArray[np.intp] = self._marks[self._newlines]
        self.starts: NDArray[np.intp] = np.empty_like(self.ends)
        if len(self.ends):
            self.starts[0] = 0
            self.starts[1:] = self.ends[:-1] + 1

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.ends)

    def line(self, number: int) -> bytes:
        """Return one line without its newline."""
        return self.chunk[self.starts[number] : self.ends[number]]

    def plain(self, quotes: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the numbers of the lines whose fields can be told by spaces and quotes alone.

        Those have just so many `quotes`, no backslash, which may escape one, and neither a byte
        order mark nor a carriage return, which belong to no field. Also return the offsets of
        their quotes, shape (lines, quotes).
        """
        counts = np.diff(self._newlines, prepend=-1)
        plain = counts == quotes + 1
        plain[np.searchsorted(self._newlines, np.flatnonzero(self._kinds == _BACKSLASH))] = False
        plain &= self.bytes[self.starts] != _BYTE_ORDER_MARK
        plain &= self.bytes[self.ends - 1] != _RETURN
        marks = self._marks if plain.all() else self._marks[np.repeat(plain, counts)]
        return np.flatnonzero(plain), marks.reshape(-1, quotes + 1)[:, :quotes]

    def windows(self, places: NDArray[np.intp], width: int) -> NDArray[np.uint8]:
        """Return the `width` bytes from each of `places`, shape (width, places).

        Behind the chunk's end there are zeros. numpy works on a row of them at once.
        """
        return np.ascontiguousarray(self._windows(places, width).T)

    def first(self, either: int, other: int, places: NDArray[np.intp], width: int) -> _Found:
        """Return how far behind each place one of two bytes stands, and where it is found.

        It is looked for in `width` bytes.
        """
        distance = np.zeros(len(places), dtype=np.intp)
        found = np.zeros(len(places), dtype=np.bool_)
        step = _BLOCK // width  # wide windows of all lines would take a lot of memory
        for start in range(0, len(places), step):
            rows = slice(start, start + step)
            windows = self._windows(places[rows], width)
            matches = (windows == either) | (windows == other)
            distance[rows] = matches.argmax(axis=1)
            found[rows] = matches.any(axis=1)
        return distance, found

    def _windows(self, places: NDArray[np.intp], width: int) -> NDArray[np.uint8]:
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


def _marks(data: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return where newlines, quotes and backslashes stand."""
    found = [np.empty(0, dtype=np.intp)]
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        marks = block == _NEWLINE
        marks |= block == _QUOTE
        marks |= block == _BACKSLASH
        found.append(np.flatnonzero(marks) + start)
    return np.concatenate(found)

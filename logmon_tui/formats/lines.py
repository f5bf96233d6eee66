"""Where the lines of a chunk begin and end, and which of them a CSV tokeniser could misread."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NEWLINE, _SPACE, _QUOTE, _BACKSLASH, _RETURN = b'\n "\\\r'
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FIRST_NON_ASCII = 0x80


class LineTable:
    """The lines of `chunk`, which must end with a newline.

    `starts` and `ends` are the offsets of each line's first byte and of its newline, shape (n,).
    """

    def __init__(self, chunk: bytes) -> None:
        self.chunk = chunk
        self.bytes: NDArray[np.uint8] = np.frombuffer(chunk, dtype=np.uint8)
        self.ends: NDArray[np.intp] = np.flatnonzero(self.bytes == _NEWLINE)
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

    def joined(self, lines: NDArray[np.intp]) -> bytes:
        """Return the lines numbered `lines` (ascending) with their newlines, runs copied whole."""
        breaks = np.flatnonzero(np.diff(lines) != 1)
        firsts = lines[np.concatenate([[0], breaks + 1])]
        lasts = lines[np.concatenate([breaks, [len(lines) - 1]])]
        pairs = zip(self.starts[firsts].tolist(), self.ends[lasts].tolist(), strict=True)
        return b"".join(self.chunk[start : end + 1] for start, end in pairs)

    def having(self, positions: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the number of the line that each byte position lies in."""
        return np.searchsorted(self.ends, positions)


def suspects(
    table: LineTable, quoted: Sequence[bool]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Find the lines that a space-and-quote tokeniser could read otherwise than the format says.

    `quoted` tells which columns stand in quotes. Returns the offsets of the quotes of all other
    lines, shape (lines not suspect, 2 × quoted columns), and the mask of suspect lines.
    """
    suspect = np.zeros(len(table), dtype=np.bool_)
    chunk = table.chunk
    for byte in (_BACKSLASH, _RETURN):
        if byte in chunk:
            suspect[table.having(np.flatnonzero(table.bytes == byte))] = True
    if not chunk.isascii():
        _mark_undecodable(table, suspect)
    quotes = _balanced_quotes(table, 2 * sum(quoted), suspect)
    return quotes, suspect


def _mark_undecodable(table: LineTable, suspect: NDArray[np.bool_]) -> None:
    """Mark lines with a byte order mark, and those with bytes that are not UTF-8.

    Both readers drop the mark, at different places; the tokeniser's handler of bad rows fails
    on text that does not decode.
    """
    if _BYTE_ORDER_MARK in table.chunk:
        marks = np.flatnonzero(table.bytes == _BYTE_ORDER_MARK[0])
        suspect[table.having(marks)] = True
    try:
        table.chunk.decode()
    except UnicodeDecodeError:
        suspect[table.having(np.flatnonzero(table.bytes >= _FIRST_NON_ASCII))] = True


def _balanced_quotes(
    table: LineTable, expected: int, suspect: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Mark lines with other than `expected` quotes, or with one that is not at a field's edge."""
    quotes = np.flatnonzero(table.bytes == _QUOTE)
    if not expected:
        suspect[table.having(quotes)] = True
        return np.empty((int((~suspect).sum()), 0), dtype=np.intp)
    grid = quotes.reshape(-1, expected) if len(quotes) == expected * len(table) else None
    if grid is None or not _one_row_a_line(grid, table) or suspect.any():
        owners = table.having(quotes)
        suspect |= np.bincount(owners, minlength=len(table)) != expected
        grid = quotes[~suspect[owners]].reshape(-1, expected)
    before, after = table.bytes[grid[:, 0::2] - 1], table.bytes[grid[:, 1::2] + 1]
    starts = grid[:, 0::2] == table.starts[~suspect][:, None]
    edged = (before == _SPACE) | starts
    edged &= (after == _SPACE) | (after == _NEWLINE)
    good = edged.all(axis=1)
    if not good.all():
        suspect[np.flatnonzero(~suspect)[~good]] = True
        grid = grid[good]
    return grid


def _one_row_a_line(grid: NDArray[np.intp], table: LineTable) -> bool:
    return bool(((grid[:, 0] >= table.starts) & (grid[:, -1] < table.ends)).all())

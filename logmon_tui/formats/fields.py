"""Where the fields of many lines stand, by numpy. Here are offsets; no texts are made.

The walk goes from field to field in all lines at once, from mark to mark, and drops every line in
which a field, a quote or a text between fields is not just where the format puts it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.delimited import DelimitedFormat
from logmon_tui.formats.lines import BACKSLASH, NEWLINE, QUOTE, SPACE, LineTable, Offsets
from logmon_tui.formats.readings import Clock
from logmon_tui.formats.tokens import Token

Mask = NDArray[np.bool_]


class FieldTable:
    """The fields of the lines that are as their format says, by the marks of `separators_of` it.

    `lines` are their numbers; `starts[i]` and `stops[i]` the offsets at which the format's i-th
    token begins and ends in each, all of shape (lines,). Quotes do not belong to a token.
    """

    def __init__(self, table: LineTable, log_format: DelimitedFormat) -> None:
        self._table = table
        self._format = log_format
        self._separators = separators_of(log_format)
        self.lines = table.plain()
        self.starts: list[Offsets] = []
        self.stops: list[Offsets] = []
        self.keep(self._walk())

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.lines)

    def keep(self, good: Mask) -> None:
        """Drop the lines that are not `good`."""
        if not good.all():
            self.lines = self.lines[good]
            self.starts = [each[good] for each in self.starts]
            self.stops = [each[good] for each in self.stops]

    def _walk(self) -> Mask:
        """Go from token to token, and tell which lines fit them."""
        table, tokens = self._table, self._format.tokens
        step = _Step(table, self.lines, self._separators)
        for token in tokens:
            step.over(token.before)
            if token.padded:
                step.over_spaces()
            self.starts.append(step.place)
            last = token is tokens[-1] and not self._format.tail
            step.through(token, NEWLINE if last else token.stops[0])
            self.stops.append(step.place)
            if not token.optional and not token.quoted:
                step.good &= step.place > self.starts[-1]
        step.over(self._format.tail)
        step.good &= step.place == table.ends[self.lines]
        return step.good


class _Step:
    """How far the walk has come in each line: the offset, and the first mark from there on.

    `good` tells which lines fit so far. Others may be anywhere, so places are clipped.
    """

    def __init__(self, table: LineTable, lines: Offsets, separators: bytes) -> None:
        self._table = table
        self._lines = lines
        self._separators = separators
        self.place = table.starts[lines]
        self.mark = table.first_marks(lines)
        self.good: Mask = np.ones(len(lines), dtype=np.bool_)
        self._seen = 0  # so many bytes of what comes next were seen when the field was left
        if QUOTE in separators:
            self._quotes, self._quote = table.quotes(lines)

    def over(self, text: bytes) -> None:
        """Go on behind `text`, which must stand here."""
        for at in range(self._seen, len(text)):
            self.good &= self._table.bytes.take(self.place + at, mode="clip") == text[at]
        if text:
            self.place = self.place + len(text)
            self.mark = self.mark + sum(byte in self._separators for byte in text)
        if (quotes := text.count(b'"')) and QUOTE in self._separators:
            self._quote = self._quote + quotes
        self._seen = 0

    def over_spaces(self) -> None:
        """Go on behind spaces, of which not many are expected; what has more is left there."""
        table = self._table
        for _ in range(_MOST_PADDING):
            padded = table.marks.take(self.mark, mode="clip") == self.place
            padded &= table.kinds.take(self.mark, mode="clip") == SPACE
            if not padded.any():
                break
            self.place, self.mark = self.place + padded, self.mark + padded

    def through(self, token: Token, stop: int) -> None:
        """Go to the end of a field: the byte `stop`, unless its length or quotes tell it."""
        table = self._table
        length = _fixed_length(token)
        if length is not None:
            self._to(self.place + length)
            return
        if token.rest:
            self.mark, stop = table.newlines[self._lines], NEWLINE
            self.good &= self.place <= table.ends[self._lines]  # a quote may have led too far
        elif token.quoted or stop == QUOTE:
            self.mark, stop = self._quotes.take(self._quote, mode="clip"), QUOTE
        else:
            self._skip_others(token.stops)
        self.good &= table.kinds.take(self.mark, mode="clip") == stop
        self.place = table.marks.take(self.mark, mode="clip")
        if token.listed and not token.quoted:
            self.good &= ~self._goes_on(stop)
        self._seen = 0 if stop == NEWLINE else 1

    def _goes_on(self, stop: int) -> Mask:
        """Tell where a list of values does not end at this `stop`; the line parser reads those."""
        before, here, then = (
            self._table.bytes.take(self.place + at, mode="clip") for at in (-1, 1, 2)
        )
        after_comma = before == _COMMA if stop == SPACE else (here == SPACE) & (stop == _COMMA)
        goes_on: Mask = after_comma | ((here == _COLON) & (then == SPACE) & (stop == SPACE))
        return goes_on

    def _skip_others(self, stops: bytes) -> None:
        """Go on to a mark that ends a field, over those that part other fields of the format."""
        rows = np.arange(len(self.mark))
        for _ in range(_MOST_MARKS):
            here = self._table.kinds.take(self.mark[rows], mode="clip")
            goes_on = (here != NEWLINE) & (here != QUOTE)
            for stop in stops:
                goes_on &= here != stop
            rows = rows[goes_on]
            if not len(rows):
                return
            self.mark = self.mark.copy()  # what was handed out before stays as it is
            self.mark[rows] += 1

    def _to(self, place: Offsets) -> None:
        """Go to `place`, behind a time in which marks may stand."""
        marks = self._table.marks
        for _ in range(_MOST_MARKS):
            inside = marks.take(self.mark, mode="clip") < place
            if not inside.any():
                break
            self.mark = self.mark + inside
        self.good &= marks.take(self.mark, mode="clip") >= place
        self.place = place


_COMMA, _COLON = b",:"

_MOST_PADDING = 16

_MOST_MARKS = 16
"""No time has as many bytes in it that part fields; a line that has is left to the line parser."""


def _fixed_length(token: Token) -> int | None:
    reading = token.reading
    return reading.length if isinstance(reading, Clock) and not token.quoted else None


def separators_of(log_format: DelimitedFormat) -> bytes:
    """Return the bytes that part the fields of a format, besides newlines."""
    tokens: Sequence[Token] = log_format.tokens
    found = {byte for token in tokens if not token.quoted for byte in token.stops[:1]}
    if any(token.padded for token in tokens):
        found.add(SPACE)
    if any(token.quoted for token in tokens):
        found |= {QUOTE, BACKSLASH}
    return bytes(sorted(found))

"""Where the fields of many lines stand, and what their times and numbers are, by numpy.

Every function works on all lines at once and tells what it is not sure of. Here are offsets and
numbers; no texts are made.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.lines import LineTable
from logmon_tui.formats.log_format import Field, Token
from logmon_tui.formats.values import local_second, zone_offset

Offsets = NDArray[np.intp]
Span = tuple[Offsets, Offsets]
Mask = NDArray[np.bool_]

_NEWLINE, _SPACE, _DASH, _ZERO = b"\n -0"
_WIDTHS = (16, 64, 1024)
"""In so many bytes the end of a bare field is looked for; what is longer is left undecided."""

_OFTEN_NONE = (Field.OTHER, Field.USER)
"""Fields that mostly are a lone dash, which is seen at once."""

_SIZE_DIGITS = 15
_FEW_DIGITS = 7

_TIME = b"[22/Nov/2026:08:26:40 +0000]"
_DAY, _ZONE = slice(1, 12), slice(22, 27)
_LENGTHS = {Field.TIME: len(_TIME), Field.STATUS: 3}

_MARKS = [(place, byte) for place, byte in enumerate(_TIME) if byte in b"[: ]"]
_CLOCK_DIGITS = (13, 14, 16, 17, 19, 20)
_MAX_DIGIT = 9
_MAX_HOUR, _MAX_MINUTE, _MAX_SECOND = 23, 59, 60  # a leap second is the second after :59


class FieldTable:
    """The fields of the lines that are as their format says, by spaces and quotes.

    `lines` are their numbers; `spans` gives the offsets at which each field begins and ends. All
    have the shape (lines,). A time's span has its brackets, a text's has no quotes.
    """

    def __init__(self, table: LineTable, tokens: Sequence[Token]) -> None:
        self._table = table
        self.lines, quotes = table.plain(2 * sum(token.quoted for token in tokens))
        self.spans: dict[Field, Span] = {}
        self._more_sizes: list[Span] = []  # not counted, but they must be numbers as well
        good = self._walk(tokens, quotes)
        if not good.all():
            self._keep(good)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.lines)

    def _walk(self, tokens: Sequence[Token], quotes: Offsets) -> Mask:
        """Go from field to field in all lines at once; tell which lines fit the tokens."""
        ends = self._table.ends[self.lines]
        place = self._table.starts[self.lines]
        good = np.ones(len(place), dtype=np.bool_)
        pair = 0
        for number, token in enumerate(tokens):
            if number:
                good &= self._byte(place) == _SPACE
                place = np.minimum(place + 1, ends)
            if token.quoted:
                good &= quotes[:, pair] == place
                start, stop = place + 1, quotes[:, pair + 1]
                pair += 2
                place = stop + 1
            else:
                behind = tokens[number + 1 : number + 2]
                known = quotes[:, pair] - 1 if behind and behind[0].quoted else None
                start, stop = place, self._bare_end(token.field, place, ends, known)
                good &= stop > start
                place = stop
            place = np.minimum(place, ends)  # what went too far is not good, but stays in bounds
            if token.field is Field.SIZE and Field.SIZE in self.spans:
                self._more_sizes.append((start, stop))
            self.spans.setdefault(token.field, (start, stop))
        good &= place == ends
        return good

    def _byte(self, places: Offsets) -> NDArray[np.uint8]:
        return self._table.bytes[places]

    def _bare_end(
        self, field: Field, places: Offsets, ends: Offsets, known: Offsets | None
    ) -> Offsets:
        """Return where a field without quotes ends; its beginning where that is not found.

        `known` is where it must end, if that can be told by the next field's quote.
        """
        if field in _LENGTHS:
            return places + _LENGTHS[field]
        if field is Field.SIZE and known is not None:
            return known  # that no space is in it is seen when its digits are looked at
        stops = np.minimum(places + 1, ends)
        rows = np.arange(len(places))
        if field in _OFTEN_NONE:
            rows = np.flatnonzero((self._byte(stops) != _SPACE) | (self._byte(places) == _SPACE))
        for width in _WIDTHS:
            if not len(rows):
                break
            lengths, found = self._table.first(_SPACE, _NEWLINE, places[rows], width)
            stops[rows] = places[rows] + lengths
            rows = rows[~found]
        return np.minimum(stops, ends)

    def _keep(self, good: Mask) -> None:
        self.lines = self.lines[good]
        self.spans = {field: _part(span, good) for field, span in self.spans.items()}
        self._more_sizes = [_part(span, good) for span in self._more_sizes]

    def numbers(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the UTC second, the status and the size of each line.

        Lines in which one of them has not the right shape are dropped from the table.
        """
        seconds, timed = self._seconds()
        status, answered = self._status()
        good = timed & answered
        sizes = np.zeros(len(self), dtype=np.int64)
        if Field.SIZE in self.spans:
            sizes, sized = self._sizes(self.spans[Field.SIZE])
            good &= sized
        for span in self._more_sizes:
            good &= self._sizes(span)[1]
        if good.all():
            return seconds, status, sizes
        self._keep(good)
        return seconds[good], status[good], sizes[good]

    def _seconds(self) -> tuple[NDArray[np.int64], Mask]:
        """Return the UTC second of each line, and which of them are times."""
        texts = self._table.windows(self.spans[Field.TIME][0], len(_TIME))
        good = np.ones(texts.shape[1], dtype=np.bool_)
        for place, byte in _MARKS:
            good &= texts[place] == byte
        digits = (
            texts[_CLOCK_DIGITS, :] - _ZERO
        )  # bytes wrap around, so what is no digit is above 9
        good &= (digits <= _MAX_DIGIT).all(axis=0)
        hour, minute, second = digits[0::2] * 10 + digits[1::2]
        good &= (hour <= _MAX_HOUR) & (minute <= _MAX_MINUTE) & (second <= _MAX_SECOND)
        midnights, known = self._midnights(texts)
        clock = (hour.astype(np.int64) * 60 + minute) * 60 + second
        return midnights + clock, good & known

    def _midnights(self, texts: NDArray[np.uint8]) -> tuple[NDArray[np.int64], Mask]:
        """Return the UTC second at which each line's day began, and which of them are days."""
        changed = np.zeros(texts.shape[1], dtype=np.bool_)
        changed[:1] = True
        for row in (*texts[_DAY], *texts[_ZONE]):
            changed[1:] |= row[1:] != row[:-1]
        firsts = texts[:, changed].T
        found = [_midnight(text[_DAY].tobytes(), text[_ZONE].tobytes()) for text in firsts]
        run = np.cumsum(changed) - 1
        begun = np.array([second or 0 for second in found], dtype=np.int64)
        known = np.array([second is not None for second in found], dtype=np.bool_)
        return begun[run], known[run]

    def _status(self) -> tuple[NDArray[np.int64], Mask]:
        start, stop = self.spans[Field.STATUS]
        status, good = self._digits(start, stop - start, _LENGTHS[Field.STATUS])
        return status, good & (stop - start == _LENGTHS[Field.STATUS])

    def _sizes(self, span: Span) -> tuple[NDArray[np.int64], Mask]:
        """Return a number of bytes for each line, 0 for `-`, and which of them are such."""
        start, stop = span
        length = stop - start
        sizes, good = self._digits(start, length, _FEW_DIGITS)
        long = np.flatnonzero((length > _FEW_DIGITS) & (length <= _SIZE_DIGITS))
        if len(long):
            sizes[long], good[long] = self._digits(start[long], length[long], _SIZE_DIGITS)
        none = (length == 1) & (self._byte(start) == _DASH)
        sizes[none] = 0
        return sizes, good | none

    def _digits(self, start: Offsets, length: Offsets, most: int) -> tuple[NDArray[np.int64], Mask]:
        """Return the numbers that stand at `start`, and which of them are `most` digits at most."""
        numbers = np.zeros(len(start), dtype=np.int64)
        good = (length > 0) & (length <= most)
        digits_left = np.minimum(length, most).astype(np.int8)
        for digit in self._table.windows(start, most) - _ZERO:
            inside = digits_left > 0
            good &= (digit <= _MAX_DIGIT) | ~inside
            np.copyto(numbers, numbers * 10 + digit, where=inside)
            digits_left -= 1
        return numbers, good


def _part(span: Span, rows: Mask) -> Span:
    return span[0][rows], span[1][rows]


def _midnight(day: bytes, zone: bytes) -> int | None:
    """Return the UTC second of `22/Nov/2026` at 00:00:00 in `zone`; None for no such day."""
    local, offset = local_second(day + b":00:00:00"), zone_offset(zone)
    return None if local is None or offset is None else local - offset

"""How times and numbers are read in whole columns, by numpy: the readings of `readings.py`.

Every function returns the values, int64 of shape (lines,), and which of the lines have one; a line
that has none here is left to the line parser, which knows best.
"""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.batching import sliced
from logmon_tui.formats.hit import UNKNOWN
from logmon_tui.formats.lines import LineTable, Offsets
from logmon_tui.formats.readings import (
    BEHIND_VIRTUAL_HOST,
    EPOCH_DIGITS,
    Amount,
    Clock,
    Code,
    Reading,
    Shape,
    Span,
)
from logmon_tui.formats.values import zone_offset

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Found = tuple[Ints, Mask]

_DASH, _ZERO, _POINT, _ZULU, _PLUS = b"-0.Z+"
_MAX_DIGIT = 9
_MAX_HOUR, _MAX_MINUTE, _MAX_SECOND = 23, 59, 60  # a leap second is the second after :59


def read_column(table: LineTable, reading: Reading, start: Offsets, stop: Offsets) -> Found:
    """Return what stands between `start` and `stop` in each line."""
    if isinstance(reading, Code):
        return _status(table, start, stop, or_none=reading is Code.OR_NONE)
    if isinstance(reading, Amount):
        return _amounts(table, start, stop, reading.none)
    if isinstance(reading, Span):
        return _spans(table, start, stop, reading)
    if reading == BEHIND_VIRTUAL_HOST:  # of a lone dash, what follows tells
        return np.zeros(len(start), dtype=np.int64), ~_lone_dash(table, start, stop)
    read = _CLOCKS.get(reading) if isinstance(reading, Clock) else None
    return read(table, start, stop) if read else _told_apart(table, reading, start, stop)


def _status(table: LineTable, start: Offsets, stop: Offsets, *, or_none: bool) -> Found:
    values, good = _digits(table, start, stop - start, 3)
    good &= stop - start == 3
    if or_none:
        none = _lone_dash(table, start, stop)
        values[none] = 0
        good |= none
    return values, good


_FEW_DIGITS, _MANY_DIGITS = 7, 15


def _amounts(table: LineTable, start: Offsets, stop: Offsets, none: int) -> Found:
    length = stop - start
    values, good = _digits(table, start, length, _FEW_DIGITS)
    long = np.flatnonzero((length > _FEW_DIGITS) & (length <= _MANY_DIGITS))
    if len(long):
        values[long], good[long] = _digits(table, start[long], length[long], _MANY_DIGITS)
    nothing = _lone_dash(table, start, stop)
    values[nothing] = none
    return values, good | nothing


def _digits(table: LineTable, start: Offsets, length: Offsets, most: int) -> Found:
    """Return the numbers that stand at `start`, and which of them are `most` digits at most."""
    numbers = np.zeros(len(start), dtype=np.int64)
    good = (length > 0) & (length <= most)
    digits_left = np.clip(length, 0, most).astype(np.int8)
    for digit in table.windows(start, most) - _ZERO:
        inside = digits_left > 0
        good &= (digit <= _MAX_DIGIT) | ~inside
        np.copyto(numbers, numbers * 10 + digit, where=inside)
        digits_left -= 1
    return numbers, good


_WHOLE_DIGITS, _FRACTION_DIGITS, _KEPT_DIGITS = 12, 9, 6


def _spans(table: LineTable, start: Offsets, stop: Offsets, reading: Span) -> Found:
    """Return times in microseconds; a line with several of them is left out."""
    length = stop - start
    widest = _WHOLE_DIGITS + 1 + _FRACTION_DIGITS
    width = min(int(length.max(initial=1)), widest)
    good = (length > 0) & (length <= widest)
    millionths = np.zeros(len(start), dtype=np.int64)
    whole = np.zeros(len(start), dtype=np.int8)
    fraction = np.full(len(start), -1, dtype=np.int8)  # digits of it, -1 before the point
    for at, byte in enumerate(table.windows(start, width)):
        inside = length > at
        digit = byte - _ZERO  # bytes wrap around, so what is no digit is above 9
        point = inside & (byte == _POINT) & (fraction < 0)
        digits = inside & (digit <= _MAX_DIGIT)
        good &= ~inside | point | digits
        np.copyto(millionths, millionths * 10 + digit, where=digits & (fraction < _KEPT_DIGITS))
        whole += digits & (fraction < 0)
        fraction += point | (digits & (fraction >= 0))
    good &= (
        (whole > 0) & (whole <= _WHOLE_DIGITS) & (fraction != 0) & (fraction <= _FRACTION_DIGITS)
    )
    missing = _KEPT_DIGITS - np.clip(fraction, 0, _KEPT_DIGITS)
    if reading.whole:
        good &= fraction < 0
    if reading.pointed:
        good &= fraction > 0
    values = millionths * 10 ** missing.astype(np.int64) // reading.unit.value
    none = _lone_dash(table, start, stop)
    values[none] = UNKNOWN
    return values, good | none


def _lone_dash(table: LineTable, start: Offsets, stop: Offsets) -> Mask:
    lone: Mask = (stop - start == 1) & (table.bytes[start] == _DASH)
    return lone


def _clf(table: LineTable, start: Offsets, stop: Offsets) -> Found:
    texts = table.windows(start, 26)
    good = stop - start == 26
    for place, byte in _marks_of(b"22/Nov/2026:08:26:40 +0000"):
        good &= texts[place] == byte
    clock, known = _clock(texts[12:20])
    begun, dated = _by_runs(texts[np.r_[:11, 20:26]], _clf_midnight)
    return begun + clock, good & known & dated


def _clf_midnight(text: bytes) -> int | None:
    return Clock.CLF.read(text[:11] + b":00:00:00" + text[11:])


def _iso(table: LineTable, start: Offsets, stop: Offsets) -> Found:
    """Read `2026-11-22T08:26:40`, then a fraction and a zone, each of which may be missing."""
    texts = table.windows(start, 19)
    length = stop - start
    good = (length >= 19) & ((texts[10] == ord("T")) | (texts[10] == ord(" ")))
    begun, dated = _by_runs(texts[:10], Clock.DATE.read)
    clock, known = _clock(texts[11:])
    offset, zone, zoned = _zones(table, start, stop)
    fraction = table.windows(start + 19, 1 + _FRACTION_DIGITS)
    digits = length - 19 - zone
    pointed = (fraction[0] == _POINT) | (fraction[0] == ord(","))
    good &= (digits == 0) | (pointed & (digits > 1) & (digits <= 1 + _FRACTION_DIGITS))
    for at, byte in enumerate(fraction[1:], start=1):
        good &= (digits <= at) | (byte - _ZERO <= _MAX_DIGIT)
    return begun + clock - offset, good & known & dated & zoned


def _zones(table: LineTable, start: Offsets, stop: Offsets) -> tuple[Ints, Offsets, Mask]:
    """Return the offsets from UTC of times that end at `stop`, and how long their zones are."""
    size = np.zeros(len(stop), dtype=np.intp)
    offset = np.zeros(len(stop), dtype=np.int64)
    good = np.ones(len(stop), dtype=np.bool_)
    size[table.bytes[np.maximum(stop - 1, 0)] == _ZULU] = 1
    for width in (5, 6):
        sign = table.bytes[np.maximum(stop - width, 0)]
        rows = np.flatnonzero(
            (size == 0) & ((sign == _PLUS) | (sign == _DASH)) & (stop - start >= 19 + width)
        )
        if len(rows):
            size[rows] = width
            offset[rows], good[rows] = _by_runs(table.windows(stop[rows] - width, width), _zone)
    return offset, size, good


def _zone(text: bytes) -> int | None:
    if len(text) == 6 and text[3:4] != b":":
        return None
    return zone_offset(text.replace(b":", b""))


def _epoch(table: LineTable, start: Offsets, stop: Offsets) -> Found:
    """Read seconds since 1970, or a smaller unit, up to a point; what follows it are digits."""
    texts = table.windows(start, 19)
    length = stop - start
    is_digit = texts - _ZERO <= _MAX_DIGIT
    inside = np.arange(19)[:, None] < length
    leading = np.logical_and.accumulate(is_digit & inside, axis=0).sum(axis=0)
    numbers, good = _digits(table, start, leading, 19)
    good &= (leading >= 9) & (numbers >= 0)  # what is too large for 64 bits is below zero
    rest = np.flatnonzero(leading < length)
    if len(rest):
        at = (start + leading)[rest]
        tails = table.windows(at, 1 + _FRACTION_DIGITS)
        digits = (length - leading)[rest]
        fine = (tails[0] == _POINT) & (digits > 1) & (digits <= 1 + _FRACTION_DIGITS)
        for place, byte in enumerate(tails[1:], start=1):
            fine &= (digits <= place) | (byte - _ZERO <= _MAX_DIGIT)
        good[rest] &= fine
    power = np.searchsorted(EPOCH_DIGITS, leading)
    return numbers // 1_000 ** np.minimum(power, len(EPOCH_DIGITS) - 1), good


def _date(table: LineTable, start: Offsets, stop: Offsets) -> Found:
    begun, good = _by_runs(table.windows(start, 10), Clock.DATE.read)
    return begun, good & (stop - start == 10)


def _time_of_day(table: LineTable, start: Offsets, stop: Offsets) -> Found:
    clock, good = _clock(table.windows(start, 8))
    return clock, good & (stop - start == 8)


def _clock(texts: NDArray[np.uint8]) -> Found:
    """Return the seconds of `08:26:40`, shape (8, lines)."""
    digits = texts[[0, 1, 3, 4, 6, 7], :] - _ZERO
    good = (digits <= _MAX_DIGIT).all(axis=0)
    good &= (texts[2] == ord(":")) & (texts[5] == ord(":"))
    hour, minute, second = digits[0::2] * 10 + digits[1::2]
    good &= (hour <= _MAX_HOUR) & (minute <= _MAX_MINUTE) & (second <= _MAX_SECOND)
    return (hour.astype(np.int64) * 60 + minute) * 60 + second, good


def _marks_of(sample: bytes) -> list[tuple[int, int]]:
    return [(place, byte) for place, byte in enumerate(sample) if byte in b": "]


def _by_runs(texts: NDArray[np.uint8], read: Callable[[bytes], int | None]) -> Found:
    """Read texts, shape (width, lines), that seldom differ from the line before."""
    changed = np.zeros(texts.shape[1], dtype=np.bool_)
    changed[:1] = True
    for row in texts:
        changed[1:] |= row[1:] != row[:-1]
    found = [read(text.tobytes()) for text in np.ascontiguousarray(texts[:, changed].T)]
    return _told(found, np.cumsum(changed) - 1)


def _told_apart(table: LineTable, reading: Clock | Shape, start: Offsets, stop: Offsets) -> Found:
    """Read each distinct text once."""
    shape = re.compile(reading.pattern)
    texts = sliced(table.chunk, start, stop).dictionary_encode()
    found = [
        reading.read(text) if shape.fullmatch(text) else None
        for text in texts.dictionary.to_pylist()
    ]
    return _told(found, texts.indices.to_numpy())


def _told(found: list[int | None], numbers: NDArray[np.integer]) -> Found:
    """Return, for each line, the one of the values `found` that has its number."""
    values = np.array([value or 0 for value in found], dtype=np.int64)
    good = np.array([value is not None for value in found], dtype=np.bool_)
    return values[numbers], good[numbers]


_CLOCKS: dict[Clock, Callable[[LineTable, Offsets, Offsets], Found]] = {
    Clock.CLF: _clf,
    Clock.ISO: _iso,
    Clock.EPOCH: _epoch,
    Clock.DATE: _date,
    Clock.TIME_OF_DAY: _time_of_day,
}
"""The forms of times that are read by columns; of others each distinct text is read once."""

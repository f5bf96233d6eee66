"""How a value of JSON is read as a time, a status, an amount or a text. Pure functions.

A value is what a decoder makes of JSON: a text, a number, a list, an object, true, false or null.
Loggers write the same number as `200`, `200.0` and `"200"`, so all of these are read; a list, as
servers log the headers of a request, stands for its first item. The native scanner reads usual
values, too (`native/json_values.h`); tests hold both to the same answers.
"""

import math
import re
from typing import Any

from logmon_tui.formats.model.converters import EPOCH_DIGITS, Clock, Unit
from logmon_tui.formats.model.hit import UNKNOWN

EARLIEST, LATEST = 10**8, 10**19
"""Between these, a number can be a time: seconds of 1973, nanoseconds of 2286."""

EPOCH_LIMITS = tuple(10**digits for digits in EPOCH_DIGITS[:-1])
"""A time below the first is in seconds, below the second in milliseconds, then microseconds."""

CLOCKS = (Clock.ISO, Clock.CLF, Clock.EPOCH)
"""The forms of times in texts."""

MOST_BYTES = 10**15
LONGEST_SPAN = 10**18
"""More microseconds than that are no time that anything took."""

AMOUNT = r"[0-9]{1,15}"
STATUS = r"[1-9][0-9]{2}|0{1,3}"
NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"

_CLOCKS = [(re.compile(clock.pattern), clock) for clock in CLOCKS]
_SEVERAL = re.compile(r", | : ")
_PLAIN_SPAN = re.compile(NUMBER)
_UNITS = {
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
    "µs": 1,
    "μs": 1,
    "ns": 1e-3,
}
"""Microseconds in a unit, as Go and others write it; its two mu are U+00B5 and U+03BC."""
_WITH_UNIT = re.compile(rf"({NUMBER}) ?(h|ms|m|s|us|µs|μs|ns)")
_WITH_UNITS = re.compile(rf"(?:{NUMBER} ?(?:h|ms|m|s|us|µs|μs|ns))++")


def first_of(value: Any) -> Any:
    """Return the first item of a list, None of an empty one; anything else as it is."""
    if type(value) is list:
        return value[0] if value else None
    return value


def text_of(value: Any) -> bytes | None:
    """Return a text in UTF-8, a number in digits; None for what is neither.

    A lone surrogate (which UTF-8 cannot have) becomes U+FFFD; but those from U+DC80 to U+DCFF
    stand for the bytes that were no UTF-8 (PEP 383), and become these.
    """
    value = first_of(value)
    if type(value) is str:
        return _utf8(value)
    return str(value).encode() if type(value) in {int, float} else None


_LONE_SURROGATE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub("\ufffd", text).encode("utf-8", "surrogateescape")


def read_time(value: Any) -> int | None:
    """Return a UTC epoch second: of a text by its form, of a number by its size; None if none."""
    value = first_of(value)
    if type(value) is str:
        text = _utf8(value)
        forms = (clock.read(text) for shape, clock in _CLOCKS if shape.fullmatch(text))
        return next(forms, None)
    if type(value) not in {int, float} or not EARLIEST <= value < LATEST:
        return None
    power = sum(value >= limit for limit in EPOCH_LIMITS)
    return int(value // 1000**power) if type(value) is int else math.floor(value / 1000**power)


def read_status(value: Any) -> int | None:
    """Return a status code; 0 where nothing was sent to the client; None if it is none."""
    value = first_of(value)
    if type(value) is str:
        return int(value) if re.fullmatch(STATUS, value) else None
    code = _whole(value)
    return code if code is not None and (code == 0 or 100 <= code <= 999) else None


def read_amount(value: Any, none: int) -> int:
    """Return a number of bytes; `none` if none is told."""
    value = first_of(value)
    if type(value) is str:
        return int(value) if re.fullmatch(AMOUNT, value) else none
    amount = _whole(value)
    return amount if amount is not None and 0 <= amount < MOST_BYTES else none


def _whole(value: Any) -> int | None:
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def read_span(value: Any, unit: Unit) -> int:
    """Return microseconds, rounded; of a number in `unit`, of a text in the unit that it tells.

    Several as nginx writes them (`0.1, 0.2 : 0.3`) are added up. `UNKNOWN` if none is told.
    """
    value = first_of(value)
    if type(value) is not str:
        known = type(value) in {int, float} and 0 <= value < LONGEST_SPAN
        return _rounded(float(value) * 1_000_000 / unit.value) if known else UNKNOWN
    parts = [_read_part(part, unit) for part in _SEVERAL.split(value)]
    known_parts = [part for part in parts if part != UNKNOWN]
    return sum(known_parts) if known_parts else UNKNOWN


def _rounded(microseconds: float) -> int:
    """Return whole microseconds, `UNKNOWN` if there are too many."""
    return math.floor(microseconds + 0.5) if microseconds < LONGEST_SPAN else UNKNOWN


def _read_part(text: str, unit: Unit) -> int:
    if _PLAIN_SPAN.fullmatch(text):
        return _rounded(float(text) * 1_000_000 / unit.value)
    if not _WITH_UNITS.fullmatch(text):
        return UNKNOWN
    return _rounded(sum(float(size) * _UNITS[name] for size, name in _WITH_UNIT.findall(text)))

"""Converters of JSON values: to a time, a status, a number of bytes, a duration or a text. Pure.

A value is what a decoder makes of JSON: a text, a number, a list, an object, true, false or null.
Loggers write the same number as `200`, `200.0` or `"200"`, so all of these are accepted. A list
stands for its first item, because servers log the headers of a request as lists. The native scanner
converts usual values as well (`native/json_values.h`). Tests hold both to the same results.
"""

import math
import re
from typing import Any

from logmon_tui.formats.model.converters import EPOCH_DIGITS, Clock, Unit
from logmon_tui.formats.model.hit import UNKNOWN

EARLIEST, LATEST = 10**8, 10**19
"""Limits of a number that may be a time: from seconds of 1973 to nanoseconds of 2286."""

EPOCH_LIMITS = tuple(10**digits for digits in EPOCH_DIGITS[:-1])
"""Upper limits of a time in seconds, in milliseconds and in microseconds."""

CLOCKS = (Clock.ISO, Clock.CLF, Clock.EPOCH)
"""The time formats that a text may have."""

MAX_BYTES = 10**15
"""No response or request has so many bytes."""

MAX_DURATION = 10**18
"""No request takes so many microseconds."""

AMOUNT = r"[0-9]{1,15}"
STATUS = r"[1-9][0-9]{2}|0{1,3}"
NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,9})?"

_CLOCKS = [(re.compile(clock.pattern), clock) for clock in CLOCKS]
_SEVERAL = re.compile(r", | : ")
_PLAIN_DURATION = re.compile(NUMBER)
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
"""Microseconds in each unit that Go and others write; its two mu are U+00B5 and U+03BC."""
_WITH_UNIT = re.compile(rf"({NUMBER}) ?(h|ms|m|s|us|µs|μs|ns)")
_WITH_UNITS = re.compile(rf"(?:{NUMBER} ?(?:h|ms|m|s|us|µs|μs|ns))++")


def first_of(value: Any) -> Any:
    """Return the first item of a list, None for an empty list, and any other value unchanged."""
    if type(value) is list:
        return value[0] if value else None
    return value


def text_of(value: Any) -> bytes | None:
    """Return a text in UTF-8 or a number in digits, None for any other value.

    Surrogates from U+DC80 to U+DCFF become the bytes that were no UTF-8 (PEP 383). Any other lone
    surrogate, which UTF-8 cannot encode, becomes U+FFFD.
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
    """Return a UTC epoch second, None if `value` is no time.

    The form of a text decides how it is read; the size of a number decides its unit.
    """
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
    """Return a status code, 0 if nothing was sent to the client, None if `value` is no status."""
    value = first_of(value)
    if type(value) is str:
        return int(value) if re.fullmatch(STATUS, value) else None
    code = _whole(value)
    return code if code is not None and (code == 0 or 100 <= code <= 999) else None


def read_amount(value: Any, none: int) -> int:
    """Return a number of bytes, or `none` if `value` is no such number."""
    value = first_of(value)
    if type(value) is str:
        return int(value) if re.fullmatch(AMOUNT, value) else none
    amount = _whole(value)
    return amount if amount is not None and 0 <= amount < MAX_BYTES else none


def _whole(value: Any) -> int | None:
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def read_duration(value: Any, unit: Unit) -> int:
    """Return a duration in whole microseconds, `UNKNOWN` if `value` is no duration.

    A bare number is in `unit`; a text may name its own unit. The durations of a list such as
    `0.1, 0.2 : 0.3`, which nginx writes, are added up.
    """
    value = first_of(value)
    if type(value) is not str:
        known = type(value) in {int, float} and 0 <= value < MAX_DURATION
        return _rounded(float(value) * 1_000_000 / unit.value) if known else UNKNOWN
    parts = [_read_part(part, unit) for part in _SEVERAL.split(value)]
    known_parts = [part for part in parts if part != UNKNOWN]
    return sum(known_parts) if known_parts else UNKNOWN


def _rounded(microseconds: float) -> int:
    """Return whole microseconds, `UNKNOWN` for an impossible duration."""
    return math.floor(microseconds + 0.5) if microseconds < MAX_DURATION else UNKNOWN


def _read_part(text: str, unit: Unit) -> int:
    if _PLAIN_DURATION.fullmatch(text):
        return _rounded(float(text) * 1_000_000 / unit.value)
    if not _WITH_UNITS.fullmatch(text):
        return UNKNOWN
    return _rounded(sum(float(size) * _UNITS[name] for size, name in _WITH_UNIT.findall(text)))

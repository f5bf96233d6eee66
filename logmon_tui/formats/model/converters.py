"""Converters: turn the text of a field into a time or a number. Pure, one text at a time.

The native scanner has most of them as well (`native/times.h`, `native/values.h`). Tests hold both
to the same results.
"""

import re
from enum import Enum

import msgspec

from logmon_tui.formats.model.hit import NO_RESOLUTION, NONE, UNKNOWN
from logmon_tui.formats.model.values import civil_second, local_second, zone_offset
from logmon_tui.late_patterns import late_pattern


class Clock(Enum):
    """The formats in which logs write times: regular expression, length in bytes if fixed."""

    CLF = rb"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}", 26
    """`22/Nov/2026:08:26:40 +0000`, of Apache and nginx."""
    CLF_UTC = rb"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?", None
    """`22/Nov/2026:08:26:40.123`, of HAProxy: it names no zone, so UTC is assumed."""
    ISO = (
        rb"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?",
        None,
    )
    """`2026-11-22T08:26:40.123456Z` (ISO 8601); without a zone UTC is assumed."""
    ZONED = (
        rb"(?:\d\d/[A-Z][a-z]{2}/\d{4}|\d{4}-\d\d-\d\d)[:T ][\d:]{8}(?:[.,]\d{1,9})? ?[+-]\d{4}",
        None,
    )
    """`22/Nov/2026 08:26:40.123 +0000`: date, time and zone in one of several usual forms."""
    EPOCH = rb"\d{9,19}(?:\.\d{1,9})?", None
    """Seconds, milli-, micro- or nanoseconds since 1970; the number of digits decides which."""
    DATE = rb"\d{4}-\d{2}-\d{2}", 10
    """`2026-11-22`: becomes the second at which that day began."""
    TIME_OF_DAY = rb"\d{2}:\d{2}:\d{2}", 8
    """`08:26:40`: becomes seconds since midnight."""
    CTIME = rb"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}", 24
    """`Wed May  9 16:00:42 2018`, of uwsgi, in the server's zone; UTC is assumed."""

    def __init__(self, pattern: bytes, length: int | None) -> None:
        self.pattern = pattern
        self.length = length

    def read(self, text: bytes) -> int | None:
        """Return seconds since 1970 (since midnight for a time of day), None if it is no time."""
        return _READERS[self](text)


class Unit(Enum):
    """A unit of time; its value is how many of it make a second."""

    SECONDS = 1
    MILLISECONDS = 1_000
    MICROSECONDS = 1_000_000
    NANOSECONDS = 1_000_000_000

    @property
    def microseconds(self) -> int:
        """The length in microseconds, at least 1: times are kept no finer than that."""
        return max(1, 1_000_000 // self.value)


class Code(Enum):
    """The ways in which logs write status codes."""

    STRICT = rb"\d{3}"
    """Three digits."""
    OR_NONE = rb"\d{3}|-1?"
    """Three digits, or `-` or `-1` where nothing was sent to the client: that becomes 0."""

    @property
    def pattern(self) -> bytes:
        """The regular expression of such a status."""
        return self.value

    def read(self, text: bytes) -> int | None:
        """Return the status code."""
        return 0 if text.startswith(b"-") else int(text)


class Amount(msgspec.Struct, frozen=True):
    """A number of bytes; `-` becomes `none`.

    With `plus`, the number may begin with `+`: the request had not ended when it was logged.
    """

    none: int = 0
    plus: bool = False

    @property
    def pattern(self) -> bytes:
        """The regular expression of such a number."""
        return rb"\+?\d{1,15}|-" if self.plus else rb"\d{1,15}|-"

    def read(self, text: bytes) -> int | None:
        """Return the number of bytes."""
        return self.none if text == NONE else int(text)


class Duration(msgspec.Struct, frozen=True):
    """A duration, converted to microseconds; `-` and `-1` become `UNKNOWN`.

    With `several`, the durations of a list such as `0.1, 0.2 : 0.3` are added up: nginx writes one
    for each upstream server that it tried. A `whole` number has no fraction, a `pointed` one always
    has one. With `plus`, the number may begin with `+`: the request had not ended when it was
    logged.
    """

    unit: Unit
    several: bool = False
    whole: bool = False
    pointed: bool = False
    plus: bool = False

    @property
    def pattern(self) -> bytes:
        """The regular expression of such a duration."""
        sign = rb"\+?" if self.plus else b""
        often = b"" if self.pointed else b"?"
        fraction = b"" if self.whole else rb"(?:\.\d{1,9})" + often
        one = sign + rb"\d{1,12}" + fraction + rb"|-1?"
        return rb"(?:" + one + rb")(?:(?:, | : )(?:" + one + rb"))*+" if self.several else one

    @property
    def resolution(self) -> int:
        """The precision in microseconds; 0 if only the values show it."""
        if self.unit is not Unit.SECONDS or self.whole:
            return self.unit.microseconds
        return Unit.MILLISECONDS.microseconds if self.pointed else NO_RESOLUTION

    def read(self, text: bytes) -> int | None:
        """Return whole microseconds, rounded down; `UNKNOWN` if there is no duration."""
        parts = _SEVERAL().split(text) if self.several else [text]
        known = [_millionths(part) // self.unit.value for part in parts if part[:1] != NONE]
        return sum(known) if known else UNKNOWN


_SEVERAL = late_pattern(rb", | : ")


class Shape(msgspec.Struct, frozen=True):
    """Checks the shape of a text without converting it, to distinguish similar formats.

    A text `of_client` is what a client sent. A tolerant format reads it whatever its shape.
    """

    pattern: bytes
    of_client: bool = False

    def read(self, text: bytes) -> int | None:  # noqa: ARG002 - `pattern` checked it
        """Return 0: there is nothing to convert."""
        return 0


BEHIND_VIRTUAL_HOST = Shape(rb"(?!- (?!- ))[^ ]++")
"""The host after a virtual host. It must not make `10.0.0.1 - John Smith` look like both."""


Converter = Clock | Code | Amount | Duration | Shape


def _millionths(text: bytes) -> int:
    """Return a decimal such as `0.1234567` in millionths, rounded down."""
    whole, _, fraction = text.partition(b".")
    return int(whole) * 1_000_000 + int(fraction[:6].ljust(6, b"0"))


def _clf(text: bytes) -> int | None:
    local, offset = local_second(text[:20]), zone_offset(text[21:])
    return None if local is None or offset is None else local - offset


def _clf_utc(text: bytes) -> int | None:
    return local_second(text[:20])


def _iso(text: bytes) -> int | None:
    local = civil_second(text[:10], text[11:19])
    zone = re.search(rb"[+-]\d{2}:?\d{2}\Z", text[19:])
    offset = zone_offset(zone[0].replace(b":", b"")) if zone else 0
    return None if local is None or offset is None else local - offset


def _zoned(text: bytes) -> int | None:
    clf = text[2:3] == b"/"
    day, clock = (text[:11], text[12:20]) if clf else (text[:10], text[11:19])
    local = local_second(day + b":" + clock) if clf else civil_second(day, clock)
    offset = zone_offset(text[-5:])
    return None if local is None or offset is None else local - offset


EPOCH_DIGITS = (11, 14, 17, 19)
"""Maximum digits of seconds, milliseconds, microseconds and nanoseconds since 1970."""


def _epoch(text: bytes) -> int | None:
    whole = text.partition(b".")[0]
    power = next(place for place, digits in enumerate(EPOCH_DIGITS) if len(whole) <= digits)
    return int(int(whole) // 1_000**power)


def _date(text: bytes) -> int | None:
    return civil_second(text, b"00:00:00")


def _time_of_day(text: bytes) -> int | None:
    return civil_second(b"1970-01-01", text)


def _ctime(text: bytes) -> int | None:
    day = text[8:10].replace(b" ", b"0")
    return local_second(day + b"/" + text[4:7] + b"/" + text[20:] + b":" + text[11:19])


_READERS = {
    Clock.CLF: _clf,
    Clock.CLF_UTC: _clf_utc,
    Clock.ISO: _iso,
    Clock.ZONED: _zoned,
    Clock.EPOCH: _epoch,
    Clock.DATE: _date,
    Clock.TIME_OF_DAY: _time_of_day,
    Clock.CTIME: _ctime,
}

"""How the text of a field that is a time or a number is read. Pure functions, one text at a time.

The native scanner reads most of them, too (`native/times.h`, `native/values.h`); tests hold both
to the same answers.
"""

import re
from dataclasses import dataclass
from enum import Enum

from logmon_tui.formats.model.hit import NO_RESOLUTION, NONE, UNKNOWN
from logmon_tui.formats.model.values import civil_second, local_second, zone_offset


class Clock(Enum):
    """The forms in which logs write times: name, expression, length in bytes if it is fixed."""

    CLF = rb"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}", 26
    """`22/Nov/2026:08:26:40 +0000`, of Apache and nginx."""
    CLF_UTC = rb"\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?", None
    """`22/Nov/2026:08:26:40.123`, of HAProxy: no zone is told, so it is taken for UTC."""
    ISO = (
        rb"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?",
        None,
    )
    """`2026-11-22T08:26:40.123456Z` (ISO 8601); without a zone it is taken for UTC."""
    ZONED = (
        rb"(?:\d\d/[A-Z][a-z]{2}/\d{4}|\d{4}-\d\d-\d\d)[:T ][\d:]{8}(?:[.,]\d{1,9})? ?[+-]\d{4}",
        None,
    )
    """`22/Nov/2026 08:26:40.123 +0000`, as administrators write it: any day, clock and zone."""
    EPOCH = rb"\d{9,19}(?:\.\d{1,9})?", None
    """Seconds since 1970, or milli-, micro- or nanoseconds, told by the number of digits."""
    DATE = rb"\d{4}-\d{2}-\d{2}", 10
    """`2026-11-22`: the second at which that day began."""
    TIME_OF_DAY = rb"\d{2}:\d{2}:\d{2}", 8
    """`08:26:40`: seconds since midnight."""
    CTIME = rb"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}", 24
    """`Wed May  9 16:00:42 2018`, of uwsgi, in the server's zone: taken for UTC."""

    def __init__(self, pattern: bytes, length: int | None) -> None:
        self.pattern = pattern
        self.length = length

    def read(self, text: bytes) -> int | None:
        """Return seconds (since 1970; of a time of day since midnight), None if it is no time."""
        return _READERS[self](text)


class Unit(Enum):
    """A unit of time; its value is how many of it make 10**6 microseconds' millionths."""

    SECONDS = 1
    MILLISECONDS = 1_000
    MICROSECONDS = 1_000_000
    NANOSECONDS = 1_000_000_000

    @property
    def microseconds(self) -> int:
        """Return how many microseconds it has, one at least: times are kept no finer."""
        return max(1, 1_000_000 // self.value)


class Code(Enum):
    """The forms in which logs write status codes."""

    STRICT = rb"\d{3}"
    """Three digits."""
    OR_NONE = rb"\d{3}|-1?"
    """Or `-`, or `-1`, where nothing was sent to the client: 0."""

    @property
    def pattern(self) -> bytes:
        """The expression of such a status."""
        return self.value

    def read(self, text: bytes) -> int | None:
        """Return the code."""
        return 0 if text.startswith(b"-") else int(text)


@dataclass(frozen=True)
class Amount:
    """A number of bytes; `-` is `none`. A `plus` may stand before it where it is no final sum."""

    none: int = 0
    plus: bool = False

    @property
    def pattern(self) -> bytes:
        """The expression of such a number."""
        return rb"\+?\d{1,15}|-" if self.plus else rb"\d{1,15}|-"

    def read(self, text: bytes) -> int | None:
        """Return the number."""
        return self.none if text == NONE else int(text)


@dataclass(frozen=True)
class Span:
    """A stretch of time in microseconds; `-` and `-1` are unknown.

    nginx writes several, of one upstream server after the other, as `0.1, 0.2 : 0.3`; `several`
    of them are added up. `whole` numbers have no fraction, `pointed` ones always have one. A
    `plus` may stand before one where the log was written before the end.
    """

    unit: Unit
    several: bool = False
    whole: bool = False
    pointed: bool = False
    plus: bool = False

    @property
    def pattern(self) -> bytes:
        """The expression of such a time."""
        sign = rb"\+?" if self.plus else b""
        often = b"" if self.pointed else b"?"
        fraction = b"" if self.whole else rb"(?:\.\d{1,9})" + often
        one = sign + rb"\d{1,12}" + fraction + rb"|-1?"
        return rb"(?:" + one + rb")(?:(?:, | : )(?:" + one + rb"))*+" if self.several else one

    @property
    def resolution(self) -> int:
        """The microseconds between two such times; 0 where only the values tell."""
        if self.unit is not Unit.SECONDS or self.whole:
            return self.unit.microseconds
        return Unit.MILLISECONDS.microseconds if self.pointed else NO_RESOLUTION

    def read(self, text: bytes) -> int | None:
        """Return microseconds, what is less than one cut off; `UNKNOWN` if none is told."""
        parts = _SEVERAL.split(text) if self.several else [text]
        known = [_millionths(part) // self.unit.value for part in parts if part[:1] != NONE]
        return sum(known) if known else UNKNOWN


_SEVERAL = re.compile(rb", | : ")


@dataclass(frozen=True)
class Shape:
    """A text of which only the shape is known: it tells one format from another."""

    pattern: bytes

    def read(self, text: bytes) -> int | None:  # noqa: ARG002 - the expression has looked at it
        """Return 0: there is nothing to be read."""
        return 0


BEHIND_VIRTUAL_HOST = Shape(rb"(?!- (?!- ))[^ ]++")
"""A host that a virtual host stands before: else `10.0.0.1 - John Smith` would look like one."""


Reading = Clock | Code | Amount | Span | Shape


def _millionths(text: bytes) -> int:
    """Return `0.1234567` in millionths, cut after the sixth digit."""
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
"""So many digits at most have seconds, milliseconds, microseconds, nanoseconds since 1970."""


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

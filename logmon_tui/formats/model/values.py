r"""Interprets single values of a line: times, request lines, paths and sections. Pure functions.

They run once for each distinct value, not once for each line. So they are written for correctness
first, and for speed second.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from logmon_tui.formats.model.hit import NONE
from logmon_tui.late_patterns import late_pattern

_MONTHS = {
    name: number
    for number, name in enumerate(
        b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
        start=1,
    )
}
_STAMP = re.compile(rb"(\d{2})/([A-Z][a-z]{2})/(\d{4}):(\d{2}):(\d{2}):(\d{2})")
_ZONE = re.compile(rb"([+-])(\d{2})(\d{2})")
_LEAP_SECOND = 60
_MAX_HOURS, _MAX_MINUTES = 23, 59


@lru_cache(maxsize=8_192)
def local_second(stamp: bytes) -> int | None:
    """Return `22/Nov/2026:08:26:40` in seconds since 1970 in the log's own zone.

    None if it is no valid time. A leap second (`:60`) is the second after `:59`, as POSIX counts.
    """
    found = _STAMP.fullmatch(stamp)
    month = _MONTHS.get(found[2]) if found else None
    if found is None or month is None:
        return None
    return _second(found[3], month, found[1], found[4], found[5], found[6])


_DATE = late_pattern(rb"(\d{4})-(\d{2})-(\d{2})")
_CLOCK = late_pattern(rb"(\d{2}):(\d{2}):(\d{2})")


@lru_cache(maxsize=8_192)
def civil_second(date: bytes, clock: bytes) -> int | None:
    """Return `2026-11-22`, `08:26:40` in seconds since 1970 in the log's own zone.

    None if it is no valid time.
    """
    day, time = _DATE().fullmatch(date), _CLOCK().fullmatch(clock)
    if day is None or time is None:
        return None
    return _second(day[1], int(day[2]), day[3], *time.groups())


def _second(  # noqa: PLR0913, PLR0917 - a time has so many parts
    year: bytes, month: int, day: bytes, hour: bytes, minute: bytes, second: bytes
) -> int | None:
    if int(second) > _LEAP_SECOND:
        return None
    try:
        begun = datetime(int(year), month, int(day), int(hour), int(minute), tzinfo=UTC)
    except ValueError:
        return None
    return int(begun.timestamp()) + int(second)


@lru_cache(maxsize=1_024)
def zone_offset(zone: bytes) -> int | None:
    """Return `+0530` in seconds east of UTC, None when it is no zone."""
    found = _ZONE.fullmatch(zone)
    if found is None or int(found[2]) > _MAX_HOURS or int(found[3]) > _MAX_MINUTES:
        return None
    seconds = int(found[2]) * 3600 + int(found[3]) * 60
    return -seconds if found[1] == b"-" else seconds


class Request(NamedTuple):
    """The parts of a request line. `path` has no query; `section` is its first segment."""

    method: bytes
    path: bytes
    section: bytes


_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VERSION = re.compile(rb"HTTP/\d(?:\.\d)?")
_ABSOLUTE_FORM = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def split_request(request: bytes) -> Request:
    """Split `GET /pages/create?x=1 HTTP/1.1` into method, path and section.

    A text that is no request line (`-`, a TLS greeting, a lone word) becomes the path; its method
    and section are `-`, so that probes do not fill the table of sections. The native scanner does
    the same for usual requests (`native/requests.h`).
    """
    method, _, rest = request.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if not _VERSION.fullmatch(version):
        target = rest  # HTTP/0.9 has no version, and servers log targets with raw spaces
    target = target.strip(b" ")
    if not target or not _TOKEN.fullmatch(method):
        return Request(NONE, request or NONE, NONE)
    path = path_of(target)
    return Request(method, path, section_of(path))


def method_of(method: bytes) -> bytes:
    """Return `method`, or `-` if it is no valid method (RFC 9110, section 9.1)."""
    return method if _TOKEN.fullmatch(method) else NONE


def path_of(target: bytes) -> bytes:
    """Return the path of a request target, without scheme, authority, query and fragment.

    `*` (OPTIONS) and `host:port` (CONNECT) stay unchanged (RFC 9112, section 3.2).
    """
    absolute = _ABSOLUTE_FORM.match(target)
    if absolute:
        target = target[absolute.end() :]
        if not target.startswith(b"/"):
            target = b"/" + target
    return re.split(rb"[?#]", target, maxsplit=1)[0] or b"/"


def section_of(path: bytes) -> bytes:
    """Return the text before the second `/` of a path: `/pages/create` gives `/pages`."""
    second = path.find(b"/", 1) if path.startswith(b"/") else -1
    return path if second < 0 else path[:second]

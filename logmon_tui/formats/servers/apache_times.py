"""The times in Apache's LogFormat strings: `%t` and `%{format}t`, alone or several together.

Source: httpd.apache.org/docs/2.4/mod/mod_log_config.html. The format in braces is that of strftime.
"""

import re

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited.tokens import token
from logmon_tui.formats.model.converters import Clock
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.servers.definitions import Part

_TIME = r"%[<>]*(?:\{[^}]*\})?t"
TIMES = rf"(?P<times>{_TIME}(?:[-T:., ]?{_TIME})*)"
"""Directives so close to each other that they may write one time: `%{%F %T}t.%{msec_frac}t`."""

_FORMAT = re.compile(r"%[<>]*(?:\{(?:begin:|end:)?(?P<format>[^}]*)\})?t")
_SHORT = {
    "%F": "%Y-%m-%d",
    "%T": "%H:%M:%S",
    "%h": "%b",
    "%e": "%d",
    "%c": "%a %b %d %H:%M:%S %Y",
    "msec_frac": "%f",
    "usec_frac": "%f",
    "msec": "%s",
    "usec": "%s",
    "sec": "%s",
}

_DAY = r"(?:%d/%b/%Y|%Y-%m-%d)"
_CLOCKS: tuple[tuple[str, Field, Clock], ...] = (
    (r"%d/%b/%Y:%H:%M:%S %z", Field.TIME, Clock.CLF),
    (r"%d/%b/%Y:%H:%M:%S(?:\.%f)?", Field.TIME, Clock.CLF_UTC),
    (r"%Y-%m-%d[T ]%H:%M:%S(?:[.,]%f)?(?:%z|Z|\+00:00)?", Field.TIME, Clock.ISO),
    (_DAY + r"[:T ]%H:%M:%S(?:[.,]%f)? ?%z", Field.TIME, Clock.ZONED),
    (r"%s(?:\.%f)?", Field.TIME, Clock.EPOCH),
    (r"%a %b %d %H:%M:%S %Y", Field.TIME, Clock.CTIME),
    (r"%Y-%m-%d", Field.DATE, Clock.DATE),
    (r"%H:%M:%S", Field.CLOCK, Clock.TIME_OF_DAY),
)
"""Expressions that match formats of strftime, with field and converter of what they write."""

_USUAL = "%{%Y-%m-%dT%H:%M:%S%z}t"


def time_parts(text: str, definition: str) -> list[bytes | Part]:
    """Return the parts for `text`, which is one directive for a time or several.

    Raises FormatError for a time format that is not supported.
    """
    whole = _read(_FORMAT.sub(_written, text))
    if whole is not None:
        return whole
    parts: list[bytes | Part] = []
    place = 0
    for found in _FORMAT.finditer(text):
        parts += [text[place : found.start()].encode(), *_one(found, definition)]
        place = found.end()
    return parts


def _one(found: re.Match[str], definition: str) -> list[bytes | Part]:
    written = _written(found)
    if re.fullmatch(r"%\w", written) and written != "%s":  # a fragment of a time
        return [Part(token(Field.OTHER))]
    parts = _read(written)
    if parts is None:
        message = f"format {definition!r}: the time {found[0]} is not understood"
        raise FormatError(f"{message}; use %t, %{{sec}}t or {_USUAL}")
    return parts


def _written(found: re.Match[str]) -> str:
    """Return the strftime format that a directive writes, with abbreviations expanded."""
    if found["format"] is None:
        return "[%d/%b/%Y:%H:%M:%S %z]"
    text = _SHORT.get(found["format"], found["format"])
    return re.sub(r"%\w", lambda each: _SHORT.get(each[0], each[0]), text)


def _read(written: str) -> list[bytes | Part] | None:
    """Return the parts that read the time of a strftime format, None if it is not supported."""
    bare = written.removeprefix("[").removesuffix("]")
    for expression, field, clock in _CLOCKS:
        if re.fullmatch(expression, bare):
            before, behind = written.split(bare)
            return [before.encode(), Part(token(field, clock)), behind.encode()]
    return None

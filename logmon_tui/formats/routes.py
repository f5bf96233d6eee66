r"""Routes: paths in which the parts that identify one thing, such as `42`, become `:id`; sections.

This module has the rules for one path; `route_columns` applies them to hits. It must be quick to
import, because the settings need it before the first paint.

A segment, the text between two `/`, becomes `:id` if the whole of it is

- a number, or numbers joined by `-`, `_`, `,` or `:` (also as `%2C`, `%3A`): `42`, `1,2,3`, a date
  such as `2026-11-22` or `20261122`; or a date with a time, `2026-11-22T08:26:40Z`
- a UUID
- 8 or more hexadecimal digits, with or without a leading `0x`
- 20 or more small letters and digits; or 20 or more of `A-Za-z0-9_-`, where somewhere a capital
  follows a digit with at most small letters between, as in random tokens and in no title
- an e-mail address: something, `@` or `%40`, and a domain of at least two labels, of which each
  is a number or begins with a letter (`logo@2x.png` and `vue@3.2.1` are none)

and it contains a digit or an `@`: `facade` and `deadbeef` are words. Up to two file endings of 2 to
5 characters are kept: `/users/42.json` gives `/users/:id.json`. Three segments that are year, month
and day become one `:id`. Everything else is unchanged: `v2`, `3.11`, `jquery-3.2.1.min.js`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from logmon_tui.formats.linear_patterns import linear_pattern
from logmon_tui.late_patterns import late_pattern

_ID = b":id"
"""Replaces a part of a path that identifies one thing."""

_ENDING = r"(?:\.[A-Za-z][0-9A-Za-z]{1,4}){0,2}"
_NUMBERS = r"[0-9]+(?:(?:[-_,:]|%2[Cc]|%3[Aa])[0-9]+)*"
_TIME = r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9][0-9:.%AaZ+-]*"
_UUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_HASH = r"(?:0x)?[0-9A-Fa-f]{8,}"
_LABEL = r"(?:[A-Za-z][0-9A-Za-z-]*|[0-9]+)"
_EMAIL = rf"[^@]+(?:@|%40){_LABEL}(?:\.{_LABEL})*\.[A-Za-z]{{2,}}"

_CANDIDATE = re.compile(rb"[0-9@]")
"""Found in every path or segment to which a rule applies."""
_PLAIN = rf"(?:{_NUMBERS}|{_TIME}|{_UUID}|{_HASH}|[0-9a-z]{{20,}})({_ENDING})"
_PLAIN_ID = late_pattern(_PLAIN.encode())
"""A whole segment that becomes `:id`, and the file endings that are kept."""
_PLAIN_LINE = late_pattern(rf"^({_PLAIN})$".encode(), re.MULTILINE)
"""The same in a text in which each segment is a line."""
_EMAIL_ID = late_pattern(rf"{_EMAIL}({_ENDING})".encode())
"""As `_PLAIN_ID`, but an address. It is slow where there is neither `@` nor `%40`."""
_RANDOM_MARK = late_pattern(rb"[0-9][a-z]*[A-Z]")
"""Found in every segment to which `_RANDOM` applies."""
_MIN_RANDOM = 20
"""Minimum bytes of a segment to which `_RANDOM` applies."""
_RANDOM = late_pattern(rf"[0-9A-Za-z_-]{{{_MIN_RANDOM},}}({_ENDING})".encode())
"""A whole segment that becomes `:id` if `_RANDOM_MARK` is in it, and the endings that are kept."""
_DATE = late_pattern(rb"/(?:19|20)[0-9]{2}/(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12][0-9]|3[01])(/|\Z)")
"""Year, month and day, and the separator after them."""


class OwnRoute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    r"""A rule of the user: every match of `pattern` in a path becomes `replace`.

    `pattern` is a regular expression of RE2 (https://github.com/google/re2/wiki/Syntax) on bytes;
    `replace` may contain `\1` … `\9` for its groups, and `\0` for the whole match.
    """

    pattern: str
    replace: str

    def applied(self, path: bytes) -> bytes:
        """Return `path` with every match replaced, in linear time for any path.

        Raises ValueError if the rule has a problem.
        """
        replacement = _replacement(self.pattern, self.replace)
        done: list[bytes] = []
        begin, last = 0, -1
        for found in replacement.pattern.finditer(path):
            start, end = found.span()
            if start == end == last:
                continue  # no empty match directly after another match
            done.append(path[begin:start])
            done += (
                part if isinstance(part, bytes) else found[part] or b""
                for part in replacement.parts
            )
            begin = last = end
        return b"".join([*done, path[begin:]]) if done else path

    def problem(self) -> str | None:
        """Return what is wrong with the rule, None if it is valid."""
        try:
            _replacement(self.pattern, self.replace)
        except ValueError as error:
            return f"{self.pattern!r} to {self.replace!r}: {error}"
        return None


class _Replacement(msgspec.Struct, frozen=True):
    """A compiled pattern, and its replacement: texts, and numbers of groups."""

    pattern: Any
    parts: tuple[bytes | int, ...]


@lru_cache(maxsize=64)
def _replacement(pattern: str, replace: str) -> _Replacement:
    """Compile a rule. Raises ValueError that says what is wrong with it."""
    compiled = linear_pattern(pattern.encode())
    parts = tuple(map(_part, _PARTS().findall(replace.encode())))
    groups = max((part for part in parts if isinstance(part, int)), default=0)
    if groups > compiled.groups:
        raise ValueError(
            f"\\{groups} is asked for, but the pattern only has {compiled.groups} groups"
        )
    return _Replacement(compiled, parts)


_PARTS = late_pattern(rb"\\.?|[^\\]+", re.DOTALL)


def _part(text: bytes) -> bytes | int:
    """Return a part of a replacement: a text, or the number of a group."""
    if not text.startswith(b"\\"):
        return text
    if text == b"\\":
        raise ValueError("a backslash is not allowed at end of what replaces")
    if text == b"\\\\":
        return b"\\"
    if not text[1:].isdigit():
        raise ValueError("a backslash in what replaces is followed by a digit or a backslash")
    return int(text[1:])


class Routing(msgspec.Struct, frozen=True):
    """How paths are grouped: into sections of `section_depth` segments, and into routes.

    The user's `own` rules apply first, in their order, each to the result of the one before.
    """

    section_depth: int = 1
    own: tuple[OwnRoute, ...] = ()
    routes: bool = False
    """Whether hits are counted by route."""

    def section_of(self, path: bytes) -> bytes:
        """Return the first segment of `path`, or the first N segments with a depth of N.

        `*`, `host:port` and whatever else is no path stay unchanged.
        """
        end = 0 if path.startswith(b"/") else -1
        for _ in range(self.section_depth):
            if end >= 0:
                end = path.find(b"/", end + 1)
        return path if end < 0 else path[:end]

    def route_of(self, path: bytes) -> bytes:
        """Return the route of a path; a text that does not start with `/` stays unchanged."""
        if not path.startswith(b"/"):
            return path
        for rule in self.own:
            path = rule.applied(path)
        return _without_ids(path) if _CANDIDATE.search(path) else path

    def routes_of(self, paths: Sequence[bytes]) -> list[bytes]:
        """Return the route of each path, as `route_of` does, but faster for many distinct ones."""
        if self.own or b"\n" in b"".join(paths):
            return list(map(self.route_of, paths))
        lines = [path if path.startswith(b"/") else b"/" for path in paths]
        text = _without_dates(b"/\n".join(lines))
        segments = text.split(b"/")  # one between two paths is a newline
        route_of = _route_segments(set(segments))
        routes = b"/".join(map(route_of.__getitem__, segments)).split(b"/\n")
        return [
            route if path.startswith(b"/") else path
            for route, path in zip(routes if lines else (), paths, strict=True)
        ]


def _without_ids(path: bytes) -> bytes:
    """Return the route of a path in which `_CANDIDATE` is found, by the rules above."""
    # Most paths recur, so they are cached; long ones rarely do, and would take much memory.
    return _route_parts(path) if len(path) > _REMEMBERED_BYTES else _remembered(path)


_REMEMBERED_BYTES = 200
"""Maximum bytes of a path whose route is cached."""


def _route_parts(path: bytes) -> bytes:
    # Most candidates are plain numbers, for which no pattern is needed.
    segments = _without_dates(path).split(b"/")
    return b"/".join([_ID if each.isdigit() else _route_segment(each) for each in segments])


_remembered = lru_cache(maxsize=32_768)(_route_parts)


def _without_dates(path: bytes) -> bytes:
    return _DATE().sub(rb"/:id\1", path) if b"/20" in path or b"/19" in path else path


@lru_cache(maxsize=8_192)
def _route_segment(segment: bytes) -> bytes:
    if not _CANDIDATE.search(segment):
        return segment
    found = _PLAIN_ID().fullmatch(segment)
    if found is None and (b"@" in segment or b"%40" in segment):
        found = _EMAIL_ID().fullmatch(segment)
    if found is None and len(segment) >= _MIN_RANDOM and _RANDOM_MARK().search(segment):
        found = _RANDOM().fullmatch(segment)
    return _ID + found[1] if found else segment


def _route_segments(segments: set[bytes]) -> dict[bytes, bytes]:
    """Return what `_route_segment` does for each segment, for many at once."""
    routes = dict(zip(segments, segments, strict=True))
    text = b"\n".join(segments)
    for segment, ending in _PLAIN_LINE().findall(text):
        if _CANDIDATE.search(segment):
            routes[segment] = _ID + ending
    with_at = b"@" in text or b"%40" in text
    for each in segments:
        if len(each) >= _MIN_RANDOM or (with_at and (b"@" in each or b"%40" in each)):
            routes[each] = _route_segment(each)
    return routes

"""The names of a log's files: its own name, and the names that rotation gives. Pure."""

import os
import re
from typing import TypeAlias

import msgspec

from logmon_tui.late_patterns import late_pattern

_COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".Z", ".zip", ".br")

# What rotation appends to a name: numbers, dates and times, `old`. Other endings are other files:
# copies, extracts, another host's log.
_ROTATED = late_pattern(r"(?:[.-](?:\d[\d.:_T-]*|old|prev))+")

# What rotation inserts before a name's ending. A bare number there may distinguish hosts.
_DATED = late_pattern(r"[._-]\d{4}[._-]?\d\d[._-]?\d\d(?:[.:_T-]?\d\d){0,3}")

Numbers: TypeAlias = tuple[int, ...]


class Member(msgspec.Struct, frozen=True):
    """What a file's name says about it.

    - `numbers`: those in the name of the log that it belongs to.
    - `current`: the file has such a log's own name.
    - `rotated`: the file has a name that rotation gives.
    - `inserted`: something is inserted before the ending, as in `access.1.log`; it may be another
      host's log.
    """

    numbers: Numbers = ()
    current: bool = False
    rotated: bool = False
    inserted: bool = False


class LogNames:
    """Recognises the file names that belong to the log called `log`.

    In a `series`, names that differ from `log` only in numbers belong to it too: Kubernetes makes
    its link point to `1.log` instead of `0.log` when a container restarts.
    """

    def __init__(self, log: str, *, series: bool = False) -> None:
        stem, ending = os.path.splitext(log)  # noqa: PTH122 - as a string
        self._whole = _expression(log, series=series)
        self._stem = _expression(stem, series=series)
        self._ending = ending
        self._series = series

    def member(self, name: str) -> Member | None:
        """Return what a file's name says; None if it does not belong to the log."""
        plain = uncompressed_name(name)
        if found := self._whole.match(plain):
            rest = plain[found.end() :]
            if not rest:
                return Member(self._numbers(found), current=plain == name)
            if rest[0] in ".-":
                rotated = _ROTATED().fullmatch(rest) is not None
                return Member(self._numbers(found), rotated=rotated)
        if self._ending and plain.endswith(self._ending) and (found := self._stem.match(plain)):
            between = plain[found.end() : -len(self._ending)]
            if between[:1] in {".", "-", "_"} and between[1:2].isdigit():
                rotated = _DATED().fullmatch(between) is not None
                return Member(self._numbers(found), rotated=rotated, inserted=True)
        return None

    def _numbers(self, found: re.Match[str]) -> Numbers:
        return tuple(map(int, re.findall(r"\d+", found[0]))) if self._series else ()


def _expression(name: str, *, series: bool) -> re.Pattern[str]:
    """Return an expression that matches `name`; in a series, with any numbers in it."""
    pieces = re.split(r"\d+", name) if series else [name]
    return re.compile(r"\d+".join(map(re.escape, pieces)))


def is_rotated_name(name: str, log: str) -> bool:
    """Tell whether a file called `name` may be a rotated file of the log called `log`.

    Examples for `access.log`: `access.log.1`, `access.log-20261122.gz`, `access-20261122.log`.
    """
    member = LogNames(log).member(name)
    return member is not None and member.rotated


def uncompressed_name(name: str) -> str:
    """Return the name that a file had before it was compressed."""
    return next((name.removesuffix(each) for each in _COMPRESSED if name.endswith(each)), name)


def is_compressed_name(name: str) -> bool:
    """Tell whether a file's name says that it is compressed."""
    return name.endswith(_COMPRESSED)

"""Parses points in time as users type them: `2h` ago, `fri 14:00`, `2026-11-22`; all UTC. Pure."""

import re
from datetime import UTC, datetime, time, timedelta
from math import ceil

from logmon_tui.late_patterns import late_pattern

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_SHIFT = "([0-9]{1,9})([smhdw])"
_AGO = late_pattern(_SHIFT, re.ASCII)


def moment(text: str, now: float) -> float:
    """Return `text` as wall time (epoch seconds); a date alone means its midnight.

    Raises ValueError, whose message shows examples.
    """
    ago = _AGO().fullmatch(text)
    if ago:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        like = "such as 2h, 3d, 2026-11-22 or 2026-11-22T08:26:40Z"
        raise ValueError(f"{text!r} is no moment {like}") from error


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = rf"(today|yesterday|{'|'.join(_WEEKDAYS)})(?: +|\Z)"
_TIME = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
_CLOCK = late_pattern(f"(?:{_DAY})?(?:{_TIME})?", re.ASCII | re.IGNORECASE)
_AGO_IN_LOG = late_pattern(f"-?{_SHIFT}", re.ASCII)
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""The seconds in which the years 1 to 9999 begin and end: a calendar shows no others."""
_LIKE_IN_LOG = (
    "such as -2h, 14:00, 'yesterday 14:00', 'fri 14:00', 2026-11-22 or 2026-11-22T08:26:40Z"
)


def in_calendar(moment: float) -> bool:
    """Tell whether a moment (epoch seconds), rounded up, is in the years 1 to 9999."""
    return _FIRST <= ceil(moment) <= _LAST


def is_relative(text: str) -> bool:
    """Tell whether `moment_in_log` counts `text` from the last hit."""
    return bool(_AGO_IN_LOG().fullmatch(text) or _clock_of(text))


def shift_of(text: str) -> int | None:
    """Return the seconds by which `-2h` (or `2h`) goes back; None if `text` is no such moment."""
    found = _AGO_IN_LOG().fullmatch(text)
    return int(found[1]) * _UNITS[found[2]] if found else None


def moment_in_log(text: str, last: int) -> float:
    """Return a point in the time of a log whose last hit is of second `last` (epoch seconds).

    `-2h` (or `2h`) counts back from that hit, `14:00` is the last such time until it; `today` and
    `yesterday` are its day and the one before, `fri 14:00` the last such Friday until it.
    Everything else is as in `moment`. Raises ValueError, whose message shows examples.
    """
    found = _clock_of(text)
    if found:
        return _at_clock(found, last)
    problem = f"{text!r} is no moment {_LIKE_IN_LOG}"
    try:
        then = moment(text.removeprefix("-"), last)
    except ValueError:
        raise ValueError(problem) from None
    if not in_calendar(then):
        raise ValueError(problem)
    return then


def _clock_of(text: str) -> re.Match[str] | None:
    return _CLOCK().fullmatch(text) if text else None


def _at_clock(found: re.Match[str], last: int) -> float:
    """Return the time of day that `_CLOCK` has found, on the day it names. Raises ValueError."""
    word, *numbers = found.groups()
    word = word and word.lower()
    hour, minute, second = (int(each or 0) for each in numbers)
    try:
        at = time(hour, minute, second)
    except ValueError:
        raise ValueError(f"{found[0]!r} is no moment {_LIKE_IN_LOG}") from None
    day = datetime.fromtimestamp(last, UTC).date()
    if word == "yesterday":
        day -= timedelta(days=1)
    elif word in _WEEKDAYS:
        day -= timedelta(days=(day.weekday() - _WEEKDAYS.index(word)) % 7)
    moment_then = datetime.combine(day, at, UTC)
    if moment_then.timestamp() > last and word not in {"today", "yesterday"}:
        moment_then -= timedelta(days=1 if word is None else 7)
    return moment_then.timestamp()

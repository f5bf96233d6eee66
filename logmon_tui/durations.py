"""Reads durations as people write them: `90s`, `5m`, `1h30m`, `500ms`. Pure."""

import re

from logmon_tui.late_patterns import late_pattern

_UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
"""Milliseconds by unit."""

_DECIMALS = 6
"""Maximum decimals of a number."""
_SECOND = 1_000_000_000
"""A second in millionths of a millisecond, which are exact for every number."""

_PART = r"[0-9]{1,9}(?:\.[0-9]{1,6})?(?:ms|min|s|m|h|d)"
PATTERN = f"^(?:{_PART})+$"
"""A regular expression for durations; JavaScript reads it too."""

_WHOLE = late_pattern(PATTERN, re.ASCII)
_PARTS = late_pattern(r"([0-9]+)\.?([0-9]*)([a-z]+)", re.ASCII)


def seconds_in(text: str) -> float:
    """Return the seconds that `text` stands for, as a whole number if it is one.

    Raises ValueError if it is no duration: every number needs a unit.
    """
    if not _WHOLE().fullmatch(text) or text.endswith("\n"):
        raise ValueError(f"{text!r} is no duration")
    total = 0
    for whole, decimals, unit in _PARTS().findall(text):
        total += int(whole + decimals.ljust(_DECIMALS, "0")) * _UNITS[unit]
    return total / _SECOND if total % _SECOND else total // _SECOND


def read_seconds(value: object) -> object:
    """Return the seconds that a value of the settings stands for; no duration stays as it is."""
    try:
        return seconds_in(value) if isinstance(value, str) else value
    except ValueError:
        return value

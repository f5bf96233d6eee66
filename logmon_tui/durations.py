"""Reads durations as people write them: `90s`, `5m`, `1h30m`, `500ms`. Pure."""

import re
from fractions import Fraction

_UNITS = {
    "ms": Fraction(1, 1_000),
    "s": Fraction(1),
    "m": Fraction(60),
    "min": Fraction(60),
    "h": Fraction(3_600),
    "d": Fraction(86_400),
}
"""Seconds by unit."""

_PART = r"[0-9]{1,9}(?:\.[0-9]{1,6})?(?:ms|min|s|m|h|d)"
PATTERN = f"^(?:{_PART})+$"
"""A regular expression for durations; JavaScript reads it too."""

_WHOLE = re.compile(PATTERN, re.ASCII)
_PARTS = re.compile(r"([0-9.]+)([a-z]+)", re.ASCII)


def seconds_in(text: str) -> float:
    """Return the seconds that `text` stands for, as a whole number if it is one.

    Raises ValueError if it is no duration: every number needs a unit.
    """
    if not _WHOLE.fullmatch(text) or text.endswith("\n"):
        raise ValueError(f"{text!r} is no duration")
    total = sum(Fraction(number) * _UNITS[unit] for number, unit in _PARTS.findall(text))
    total = Fraction(total)
    return total.numerator if total.denominator == 1 else float(total)


def read_seconds(value: object) -> object:
    """Return the seconds that a value of the settings stands for; no duration stays as it is."""
    try:
        return seconds_in(value) if isinstance(value, str) else value
    except ValueError:
        return value

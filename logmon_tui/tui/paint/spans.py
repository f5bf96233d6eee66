"""Spans of time as a user types them. Pure."""

import re

from logmon_tui.alerts.history.silence import LONGEST

_UNITS = {"d": 86_400, "h": 3_600, "m": 60}
_SPAN = re.compile(r"(?:(\d{1,4}) ?d)? ?(?:(\d{1,4}) ?h)? ?(?:(\d{1,5}) ?m)?")


def seconds_of(text: str) -> int | None:
    """Return the seconds of a span such as `90m`, `1h30m` or `2d`; a bare number means minutes.

    Return None for a text that is no span, for a span of 0, and for more than 30 days.
    """
    text = text.strip().lower()
    match = _SPAN.fullmatch(f"{text}m" if text.isdecimal() else text)
    if match is None:
        return None
    given = zip(_UNITS.values(), match.groups(), strict=True)
    seconds = sum(unit * int(number) for unit, number in given if number)
    return seconds if 0 < seconds <= LONGEST else None

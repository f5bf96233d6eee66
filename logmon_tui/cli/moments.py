"""Parses points in time from options: `2h` ago, `2026-11-22`, `2026-11-22T08:26:40Z`; all UTC."""

import re
from datetime import UTC, datetime

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_AGO = re.compile(r"([0-9]{1,9})([smhdw])", re.ASCII)


def moment(text: str, now: float) -> float:
    """Return `text` as wall time (epoch seconds); a date alone means its midnight.

    Raises ValueError, whose message shows examples.
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        like = "such as 2h, 3d, 2026-11-22 or 2026-11-22T08:26:40Z"
        raise ValueError(f"{text!r} is no moment {like}") from error

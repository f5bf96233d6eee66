"""The settings of the past: how long minutes and hours are kept, and how many keys of each."""

import re
from typing import Annotated

import msgspec

from logmon_tui.errors import TableError
from logmon_tui.late_patterns import late_pattern
from logmon_tui.toml_tables import shown

HOUR, DAY = 3_600, 86_400

MAX_DAYS = 400
"""Maximum days for which minutes or hours are kept."""

_TIME = late_pattern(r"([1-9][0-9]{0,3})([hd])", re.ASCII)


class Retention(msgspec.Struct, frozen=True):
    """For how many seconds minutes and hours are kept, and keys of each dimension in a minute.

    An hour keeps twice as many keys.
    """

    minutes: int = 48 * HOUR
    hours: int = 35 * DAY
    keys: int = 50


DEFAULTS = Retention()


class History(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table `history`; times are such as `48h` or `35d`."""

    enabled: bool = True
    minutes: str = "48h"
    hours: str = "35d"
    keys: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = DEFAULTS.keys

    def retention(self) -> Retention | None:
        """Return how much of the past is kept, None for nothing. Raises TableError."""
        times = _seconds("minutes", self.minutes), _seconds("hours", self.hours)
        return Retention(*times, self.keys) if self.enabled else None


def _seconds(key: str, text: str) -> int:
    found = _TIME().fullmatch(text)
    seconds = int(found[1]) * (HOUR if found[2] == "h" else DAY) if found else 0
    if not 0 < seconds <= MAX_DAYS * DAY:
        problem = f"must be a time such as 48h or 35d, {MAX_DAYS}d at most, not {shown(text)}"
        raise TableError(("history", key), problem)
    return seconds

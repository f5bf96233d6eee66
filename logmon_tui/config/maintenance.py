"""Maintenance windows of the settings: at which times, again and again, nobody is notified."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from logmon_tui.errors import FilterError, TableError
from logmon_tui.escape import printable
from logmon_tui.late_patterns import late_pattern
from logmon_tui.toml_tables import shown, unknown

if TYPE_CHECKING:
    from logmon_tui.alerts.history.silence import Silence

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = r"([01]?[0-9]|2[0-4]):([0-5][0-9])"
_WHEN = late_pattern(rf"([a-z, -]+?) +{_CLOCK} *- *{_CLOCK}", re.ASCII)
_LIKE = '"daily 02:00-02:30", "mon-fri 22:00-06:00" or "sat,sun 00:00-24:00"'
_MINUTES_OF_DAY = 24 * 60


class _Recurring(msgspec.Struct, frozen=True):
    """Times that return on some weekdays, from 0 for Monday on; minutes of the local day.

    A window whose end is not after its start ends on the next day.
    """

    days: frozenset[int]
    start: int
    end: int


class Maintenance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """One table `[maintenance.NAME]`: alerts of `rules`, patterns of names, are silenced `when`.

    `where` limits that to the alerts that this expression chooses.
    """

    when: str | tuple[str, ...]
    timezone: str = "UTC"
    rules: str | tuple[str, ...] = ("*",)
    where: str = ""

    @cached_property
    def _times(self) -> tuple[_Recurring, ...]:
        given = (self.when,) if isinstance(self.when, str) else self.when
        return tuple(map(_recurring, given))

    @cached_property
    def _zone(self) -> tzinfo:
        # UTC is known without the system's database of time zones, which a container may lack.
        if self.timezone == "UTC":
            return UTC
        from zoneinfo import ZoneInfo  # imported late: few settings name a zone

        return ZoneInfo(self.timezone)

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of the rules' names."""
        return (self.rules,) if isinstance(self.rules, str) else self.rules

    def check(self, keys: tuple[str, ...], names: Sequence[str]) -> None:
        """Raise TableError for a wrong time or zone, and a pattern that fits none of `names`."""
        try:
            if not self._times:
                raise TableError((*keys, "when"), f"names no time; write {_LIKE}")
        except ValueError as error:
            raise TableError((*keys, "when"), str(error)) from error
        try:
            _ = self._zone
        except (KeyError, ValueError, OSError) as error:  # KeyError: no such zone
            problem = f"{shown(self.timezone)} is no time zone such as Europe/Berlin or UTC"
            raise TableError((*keys, "timezone"), problem) from error
        for pattern in self.patterns:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise TableError((*keys, "rules"), f"{shown(pattern)} {unknown(pattern, names)}")
        if self.where:
            from logmon_tui.alerts.history.expression import checked  # few have an expression

            try:
                checked(self.where)
            except FilterError as error:
                raise TableError((*keys, "where"), printable(str(error))) from error

    def windows(self, wall: float) -> Iterator[tuple[float, float]]:
        """Yield the begin and the end (epoch seconds) of each window around `wall`.

        Clocks that are put back show a time twice: a window is at the first one.
        """
        today = datetime.fromtimestamp(wall, UTC).astimezone(self._zone).date()
        for each in self._times:
            start, end = each.start, each.end
            for day in (today - timedelta(days=1), today):
                if day.weekday() in each.days:
                    begin = self._moment(day, start)
                    until = self._moment(day, end if end > start else end + _MINUTES_OF_DAY)
                    if begin <= wall < until:
                        yield begin, until

    def _moment(self, day: date, minutes: int) -> float:
        days, minute = divmod(minutes, _MINUTES_OF_DAY)
        clock = time(*divmod(minute, 60))
        return datetime.combine(day + timedelta(days=days), clock, self._zone).timestamp()


class MaintenanceWindows:
    """All maintenance windows, for rules of the given `names`. Pure: time comes in."""

    def __init__(
        self, tables: Sequence[tuple[str, Maintenance]] = (), names: Sequence[str] = ()
    ) -> None:
        self._tables = tables
        self._names = names

    def silences(self, wall: float) -> "list[Silence]":
        """Return what is silenced at `wall`, each silence as long as its window."""
        from logmon_tui.alerts.history.silence import Silence  # a report asks for none

        return [
            Silence(begin, until, rule, maintenance=name, where=table.where)
            for name, table in self._tables
            for begin, until in table.windows(wall)
            for rule in self._rules(table)
        ]

    def _rules(self, table: Maintenance) -> list[str | None]:
        if "*" in table.patterns:
            return [None]
        return [
            name
            for name in self._names
            if any(fnmatchcase(name, pattern) for pattern in table.patterns)
        ]


def _recurring(text: str) -> _Recurring:
    """Return the times that a text names. Raises ValueError, whose message shows examples."""
    found = _WHEN().fullmatch(" ".join(text.lower().split()))
    days = _days(found[1]) if found else None
    if found is None or days is None:
        raise ValueError(f"must be such as {_LIKE}, not {shown(text)}")
    start, end = (60 * int(found[at]) + int(found[at + 1]) for at in (2, 4))
    if start >= _MINUTES_OF_DAY or end > _MINUTES_OF_DAY:
        raise ValueError(f"{shown(text)} has no such time of day; 24:00 is the last end")
    if start == end:
        raise ValueError(f"{shown(text)} ends when it begins; a whole day is 00:00-24:00")
    return _Recurring(days, start, end)


def _days(text: str) -> frozenset[int] | None:
    """Return the weekdays that a text names; None if it does not name days."""
    if text == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _DAYS or (last or first) not in _DAYS or part.endswith("-"):
            return None
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        found.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return frozenset(found)

"""Silence: send no notifications about some incidents for a time. They stay in the history."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.rule import Scope

LONGEST = 30 * 86_400
"""Maximum seconds of a silence."""


class Silence(NamedTuple):
    """Mutes the incidents that it covers from `since` to `until` (wall time, epoch seconds).

    By default that is every incident. `rule` limits it to one rule, `scope` and `subject` to one
    subject; given all, it covers one rule for one subject. `where` limits it to what an expression
    chooses, such as `label.team:payments`, of the incident as it is now. `maintenance` is the name
    of the maintenance window that made it, empty for those of users.
    """

    since: float
    until: float
    rule: str | None = None
    scope: Scope | None = None
    subject: Subject = None
    maintenance: str = ""
    where: str = ""

    @property
    def about(self) -> tuple[str | None, Scope | None, Subject, str]:
        """What it limits itself to; equal for silences that cover the same."""
        return self.rule, self.scope, self.subject, self.where

    def covers(self, incident: Incident, wall: float) -> bool:
        """Tell whether `incident` is silenced at the wall time `wall`."""
        return (
            self.since <= wall < self.until
            and self.rule in {None, incident.rule}
            and (
                self.scope is None
                or (self.scope, self.subject) == (incident.scope, incident.subject)
            )
            and (not self.where or _chooses(self.where, incident))
        )


def _chooses(where: str, incident: Incident) -> bool:
    from logmon_tui.alerts.history.expression import chooses  # few silences have an expression

    return chooses(where, incident)


def silenced(incident: Incident, silences: tuple[Silence, ...], wall: float) -> bool:
    """Tell whether any of `silences` covers `incident` at the wall time `wall`."""
    return any(silence.covers(incident, wall) for silence in silences)


def is_silenced(incident: Incident, silences: tuple[Silence, ...], wall: float) -> bool:
    """Tell whether a silence covers `incident` at `wall`, and began before the incident ended."""
    end = incident.recovered_at
    return silenced(
        incident, tuple(each for each in silences if end is None or each.since <= end), wall
    )


class Silences:
    """The silences of a watch: `all` of users that are known, of which some may have ended.

    `recurring` returns those of maintenance windows at a wall time; `ended` are such ones that a
    user ended early.
    """

    def __init__(self, recurring: Callable[[float], Sequence[Silence]] = lambda _wall: ()) -> None:
        self.all: tuple[Silence, ...] = ()
        self.ended: tuple[Silence, ...] = ()
        self.recurring = recurring

    def add(self, silence: Silence) -> None:
        """Notify nobody of what `silence` covers."""
        if silence not in self.all:
            self.all = (*self.all, silence)

    def end(self, silence: Silence) -> None:
        """End a silence before its time."""
        if silence.maintenance and silence not in self.ended:
            self.ended = (*self.ended, silence)
        self.all = tuple(each for each in self.all if each != silence)

    def in_force(self, wall: float) -> tuple[Silence, ...]:
        """Return those in force at the wall time `wall`, the first to end first; forget others."""
        if any(each.until <= wall for each in self.all):
            self.all = tuple(each for each in self.all if each.until > wall)
        if any(each.until <= wall for each in self.ended):
            self.ended = tuple(each for each in self.ended if each.until > wall)
        recurring = (each for each in self.recurring(wall) if each not in self.ended)
        return tuple(sorted((*self.all, *recurring), key=lambda each: each.until))

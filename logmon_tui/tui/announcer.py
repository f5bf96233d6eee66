"""Decides what deserves a toast, and the bell. Pure: it shows and rings nothing itself."""

from typing import NamedTuple

from logmon_tui.alerts.incident import Incident
from logmon_tui.snapshot import Saving, Snapshot
from logmon_tui.sources.base import SourceState
from logmon_tui.tui.cells import shown

MAX_TOASTS = 3


class Toast(NamedTuple):
    """A short message; `firing` tells whether it is bad news, `ring` whether to ring the bell."""

    title: str
    message: str
    firing: bool
    ring: bool = False


class Announcer:
    """Compares each Snapshot with those before and tells what is new.

    Incidents of the backlog are old news: they make one toast at most, once it is read.
    """

    def __init__(self) -> None:
        """Begin knowing of no incident."""
        self._known: dict[str, bool] = {}
        self._seen: tuple[Incident, ...] = ()
        self._caught_up = False
        self._note = ""

    def announce(self, snapshot: Snapshot) -> list[Toast]:
        """Return the toasts that `snapshot` calls for, the most urgent first."""
        return [*self._alerts(snapshot), *self._saving(snapshot.saving)]

    def _saving(self, saving: Saving) -> list[Toast]:
        """Tell once what was found about the saved state."""
        if not saving.note or saving.note == self._note:
            return []
        self._note = saving.note
        return [Toast("Saved state", shown(saving.note), firing=False)]

    def _alerts(self, snapshot: Snapshot) -> list[Toast]:
        incidents = snapshot.alerts.incidents
        if incidents is self._seen and self._caught_up:
            return []
        self._seen = incidents
        fired = [i for i in incidents if i.firing and i.id not in self._known]
        over = [i for i in incidents if not i.firing and self._known.get(i.id, True)]
        # An incident that fired and recovered between two pictures is news as well.
        self._known = {incident.id: incident.firing for incident in incidents}
        if not self._caught_up:
            self._caught_up = _caught_up(snapshot)
            return _backlog(snapshot) if self._caught_up else []
        news = [toast._replace(ring=True) for toast in _toasts(fired, firing=True)]
        return [*news, *_toasts(over, firing=False)]


def _caught_up(snapshot: Snapshot) -> bool:
    states = {source.state for source in snapshot.sources}
    return SourceState.CATCHING_UP not in states


def _backlog(snapshot: Snapshot) -> list[Toast]:
    firing = [incident for incident in snapshot.alerts.incidents if incident.firing]
    if not firing:
        return []
    if len(firing) == 1:
        return _toasts(firing, firing=True)
    return [Toast("▲ Alerts", f"{len(firing):,} alerts are firing", firing=True)]


def _toasts(incidents: list[Incident], *, firing: bool) -> list[Toast]:
    named = incidents if len(incidents) <= MAX_TOASTS else incidents[: MAX_TOASTS - 1]
    toasts = [_toast(incident, firing=firing) for incident in named]
    if more := len(incidents) - len(named):
        what = "fired" if firing else "recovered"
        toasts.append(Toast(_sign(firing=firing), f"and {more:,} more alerts {what}", firing))
    return toasts


def _toast(incident: Incident, *, firing: bool) -> Toast:
    title = f"{_sign(firing=firing)} {name_of(incident)}"
    return Toast(title, shown(incident.message if firing else incident.recovery), firing)


def _sign(*, firing: bool) -> str:
    return "▲ Firing:" if firing else "✓ Recovered:"


def name_of(incident: Incident) -> str:
    """Return the incident's title, and its subject where it has one."""
    if incident.subject is None:
        return shown(incident.title)
    return f"{shown(incident.title)} {shown(incident.subject)}"

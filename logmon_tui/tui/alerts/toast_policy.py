"""Decides what deserves a toast. Pure: it shows nothing itself."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from logmon_tui import units
from logmon_tui.alerts.history.silence import silenced
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.snapshot import Saving, Snapshot
from logmon_tui.tui.alerts.incident_text import SEVERITY_SIGNS, name_of, names_of, worst
from logmon_tui.tui.paint.cells import shown
from logmon_tui.tui.paint.reading import caught_up

MOST_NAMES = 3
FRESH_SECONDS = 6.0
"""For so long a toast is read; what comes meanwhile is told together with what it told."""


class News(StrEnum):
    """What a toast is about; a newer one takes the place of the last of its kind."""

    FIRED = "fired"
    CHANGED = "changed"
    RECOVERED = "recovered"
    STANDING = "standing"  # what has fired for some time already
    SAVING = "saving"


class Toast(NamedTuple):
    """A short message."""

    news: News
    title: str
    message: str
    severity: Literal["information", "warning", "error"] = "information"


class _Known(NamedTuple):
    firing: bool
    severity: Severity


class ToastPolicy:
    """Compares each Snapshot with those before and tells what is new, in a toast for each News.

    Incidents of the backlog, or of a run before, are old news: they make one toast at most, once
    all is read. Silenced ones make none.
    """

    def __init__(self) -> None:
        """Begin knowing of no incident."""
        self._known: dict[str, _Known] = {}
        self._seen: tuple[Incident, ...] = ()
        self._caught_up = False
        self._note = ""
        self._recent: dict[News, list[tuple[float, Incident]]] = {}

    def announce(self, snapshot: Snapshot, wall: float, now: float) -> list[Toast]:
        """Return the toasts that `snapshot` calls for, the most urgent first.

        `wall` is the wall time, by which silences go; `now` measures how long ago a toast was.
        """
        return [*self._alerts(snapshot, wall, now), *self._saving(snapshot.saving)]

    def _saving(self, saving: Saving) -> list[Toast]:
        """Tell once what was found about the saved state."""
        if not saving.note or saving.note == self._note:
            return []
        self._note = saving.note
        return [Toast(News.SAVING, "Saved state", shown(saving.note))]

    def _alerts(self, snapshot: Snapshot, wall: float, now: float) -> list[Toast]:
        incidents = snapshot.alerts.incidents
        # A picture of a fault has no logs: it knows nothing of the alerts, which are still there.
        if not snapshot.sources or (incidents is self._seen and self._caught_up):
            return []
        before, self._seen = self._known, incidents
        self._known = {each.id: _Known(each.firing, each.severity) for each in incidents}
        silences = snapshot.alerts.silences
        if not self._caught_up:
            self._caught_up = caught_up(snapshot)
            firing = [each for each in incidents if each.firing]
            heard = [each for each in firing if not silenced(each, silences, wall)]
            return _standing(heard) if self._caught_up and heard else []
        news = [each for each in incidents if before.get(each.id) != self._known[each.id]]
        return self._told(
            [each for each in news if not silenced(each, silences, wall)], before, now
        )

    def _told(self, changed: list[Incident], before: dict[str, _Known], now: float) -> list[Toast]:
        news: dict[News, list[Incident]] = {}
        for incident in changed:
            if not incident.firing:
                # One that fired and recovered between two pictures is news as well.
                kind = News.RECOVERED
            else:
                kind = News.CHANGED if incident.id in before else News.FIRED
            news.setdefault(kind, []).append(incident)
        return [
            make(self._with_recent(kind, news[kind], now))
            for kind, make in _MAKERS.items()
            if kind in news
        ]

    def _with_recent(self, kind: News, incidents: list[Incident], now: float) -> list[Incident]:
        """Return `incidents`, and before them what was told so lately that it is read still."""
        ids = {incident.id for incident in incidents}
        recent = [
            (at, incident)
            for at, incident in self._recent.get(kind, [])
            if 0 <= now - at < FRESH_SECONDS and incident.id not in ids
        ]
        self._recent[kind] = [*((now, incident) for incident in incidents), *recent]
        return [incident for _, incident in self._recent[kind]]


def _standing(firing: list[Incident]) -> list[Toast]:
    sign, severity = _sign(firing), _severity(firing)
    if len(firing) == 1:
        (incident,) = firing
        title = f"{sign} Still firing: {name_of(incident)}"
        since = f"since {units.clock(incident.triggered_at)} UTC"
        return [Toast(News.STANDING, title, since, severity)]
    title = f"{sign} {len(firing):,} alerts still fire"
    return [Toast(News.STANDING, title, names_of(firing, MOST_NAMES), severity)]


def _fired(told: Sequence[Incident]) -> Toast:
    sign, severity = _sign(told), _severity(told)
    if len(told) == 1:
        (incident,) = told
        word = "Firing" if severity == "error" else "Warning"
        title = f"{sign} {word}: {name_of(incident)}"
        return Toast(News.FIRED, title, shown(incident.message), severity)
    title = f"{sign} {len(told):,} alerts fired"
    return Toast(News.FIRED, title, names_of(told, MOST_NAMES), severity)


def _changed(told: Sequence[Incident]) -> Toast:
    """Tell of those that are critical now; of the others only if there are none."""
    risen = [each for each in told if each.severity is Severity.CRITICAL]
    named = risen or told
    sign = SEVERITY_SIGNS[named[0].severity]
    word = "now critical" if risen else "now a warning"
    severity: Literal["warning", "error"] = "error" if risen else "warning"
    if len(named) == 1:
        (incident,) = named
        message = f"{worst(incident)}, firing since {units.clock(incident.triggered_at)} UTC"
        title = f"{sign} {word.capitalize()}: {name_of(incident)}"
        return Toast(News.CHANGED, title, message, severity)
    title = f"{sign} {len(named):,} alerts {word}"
    return Toast(News.CHANGED, title, names_of(named, MOST_NAMES), severity)


def _recovered(told: Sequence[Incident]) -> Toast:
    if len(told) == 1:
        (incident,) = told
        message = shown(incident.recovery)
        return Toast(News.RECOVERED, f"✓ Recovered: {name_of(incident)}", message)
    title = f"✓ {len(told):,} alerts recovered"
    return Toast(News.RECOVERED, title, names_of(told, MOST_NAMES))


_MAKERS = {News.FIRED: _fired, News.CHANGED: _changed, News.RECOVERED: _recovered}


def _sign(incidents: Sequence[Incident]) -> str:
    critical = any(each.severity is Severity.CRITICAL for each in incidents)
    return SEVERITY_SIGNS[Severity.CRITICAL if critical else Severity.WARNING]


def _severity(incidents: Sequence[Incident]) -> Literal["warning", "error"]:
    return "error" if _sign(incidents) == SEVERITY_SIGNS[Severity.CRITICAL] else "warning"

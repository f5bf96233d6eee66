"""Decides which toasts to show. Pure."""

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

MAX_NAMES = 3
"""Maximum incidents that a toast names."""
FRESH_SECONDS = 6.0
"""Seconds until a toast counts as read; until then, the next of its kind repeats its incidents."""


class News(StrEnum):
    """The kind of a toast; a newer toast replaces the last of its kind."""

    FIRED = "fired"
    CHANGED = "changed"
    RECOVERED = "recovered"
    STILL_FIRING = "still firing"  # since before the logs had been read
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
    """Compares each Snapshot with the one before, and makes a toast for each kind of News.

    Incidents from the backlog or a former run are old news: they make at most one toast, once the
    logs have been read. Silenced incidents make none.
    """

    def __init__(self) -> None:
        """Start without any known incident."""
        self._known: dict[str, _Known] = {}
        self._seen: tuple[Incident, ...] = ()
        self._caught_up = False
        self._note = ""
        self._recent: dict[News, list[tuple[float, Incident]]] = {}

    def step(self, snapshot: Snapshot, wall: float, now: float) -> list[Toast]:
        """Return the toasts to show for `snapshot`, the most urgent first.

        Silences depend on the wall time `wall`, the age of toasts on the monotonic time `now`.
        """
        return [*self._alerts(snapshot, wall, now), *self._saving(snapshot.saving)]

    def _saving(self, saving: Saving) -> list[Toast]:
        """Return a toast for a new note about the saved state."""
        if not saving.note or saving.note == self._note:
            return []
        self._note = saving.note
        return [Toast(News.SAVING, "Saved state", shown(saving.note))]

    def _alerts(self, snapshot: Snapshot, wall: float, now: float) -> list[Toast]:
        incidents = snapshot.alerts.incidents
        # Without sources, reading has failed: the Snapshot lacks the alerts, which still exist.
        if not snapshot.sources or (incidents is self._seen and self._caught_up):
            return []
        before, self._seen = self._known, incidents
        self._known = {each.id: _Known(each.firing, each.severity) for each in incidents}
        silences = snapshot.alerts.silences
        if not self._caught_up:
            self._caught_up = caught_up(snapshot)
            firing = [each for each in incidents if each.firing]
            audible = [each for each in firing if not silenced(each, silences, wall)]
            return _still_firing(audible) if self._caught_up and audible else []
        news = [each for each in incidents if before.get(each.id) != self._known[each.id]]
        return self._toasts(
            [each for each in news if not silenced(each, silences, wall)], before, now
        )

    def _toasts(
        self, changed: list[Incident], before: dict[str, _Known], now: float
    ) -> list[Toast]:
        news: dict[News, list[Incident]] = {}
        for incident in changed:
            if not incident.firing:
                # This includes incidents that fired and recovered between two Snapshots.
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
        """Return `incidents`, then those of toasts of the same kind that are still fresh."""
        ids = {incident.id for incident in incidents}
        recent = [
            (at, incident)
            for at, incident in self._recent.get(kind, [])
            if 0 <= now - at < FRESH_SECONDS and incident.id not in ids
        ]
        self._recent[kind] = [*((now, incident) for incident in incidents), *recent]
        return [incident for _, incident in self._recent[kind]]


def _still_firing(firing: list[Incident]) -> list[Toast]:
    sign, severity = _sign(firing), _severity(firing)
    if len(firing) == 1:
        (incident,) = firing
        title = f"{sign} Still firing: {name_of(incident)}"
        since = f"since {units.clock(incident.triggered_at)} UTC"
        return [Toast(News.STILL_FIRING, title, since, severity)]
    title = f"{sign} {len(firing):,} alerts still fire"
    return [Toast(News.STILL_FIRING, title, names_of(firing, MAX_NAMES), severity)]


def _fired(incidents: Sequence[Incident]) -> Toast:
    sign, severity = _sign(incidents), _severity(incidents)
    if len(incidents) == 1:
        (incident,) = incidents
        word = "Firing" if severity == "error" else "Warning"
        title = f"{sign} {word}: {name_of(incident)}"
        return Toast(News.FIRED, title, f"{shown(incident.message)}{incident.remarks}", severity)
    title = f"{sign} {len(incidents):,} alerts fired"
    return Toast(News.FIRED, title, names_of(incidents, MAX_NAMES), severity)


def _changed(incidents: Sequence[Incident]) -> Toast:
    """Return a toast about the incidents that are critical now; without any, about the others."""
    risen = [each for each in incidents if each.severity is Severity.CRITICAL]
    named = risen or incidents
    sign = SEVERITY_SIGNS[named[0].severity]
    word = "now critical" if risen else "now a warning"
    severity: Literal["warning", "error"] = "error" if risen else "warning"
    if len(named) == 1:
        (incident,) = named
        message = f"{worst(incident)}, firing since {units.clock(incident.triggered_at)} UTC"
        title = f"{sign} {word.capitalize()}: {name_of(incident)}"
        return Toast(News.CHANGED, title, message, severity)
    title = f"{sign} {len(named):,} alerts {word}"
    return Toast(News.CHANGED, title, names_of(named, MAX_NAMES), severity)


def _recovered(incidents: Sequence[Incident]) -> Toast:
    if len(incidents) == 1:
        (incident,) = incidents
        message = shown(incident.recovery)
        return Toast(News.RECOVERED, f"✓ Recovered: {name_of(incident)}", message)
    title = f"✓ {len(incidents):,} alerts recovered"
    return Toast(News.RECOVERED, title, names_of(incidents, MAX_NAMES))


_MAKERS = {News.FIRED: _fired, News.CHANGED: _changed, News.RECOVERED: _recovered}


def _sign(incidents: Sequence[Incident]) -> str:
    critical = any(each.severity is Severity.CRITICAL for each in incidents)
    return SEVERITY_SIGNS[Severity.CRITICAL if critical else Severity.WARNING]


def _severity(incidents: Sequence[Incident]) -> Literal["warning", "error"]:
    return "error" if _sign(incidents) == SEVERITY_SIGNS[Severity.CRITICAL] else "warning"

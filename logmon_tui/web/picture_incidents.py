"""The incidents of the document for a browser: what fired, the answer, and what it is made of."""

from collections.abc import Iterator
from typing import Any

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.history.evidence_text import (
    KIND_NAMES,
    absent_text,
    amount_text,
    compared_text,
    evidence_title,
)
from logmon_tui.alerts.history.silence import is_silenced
from logmon_tui.alerts.model.evidence import Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import spoken_value, subject_text, whole_line
from logmon_tui.escape import printable, readable
from logmon_tui.snapshot import Snapshot
from logmon_tui.units import percent

MAX_INCIDENTS = 50
"""Maximum incidents in a document: those that fire first, then the newest."""

EXPLAINED = 12
"""Maximum incidents with all that their evidence tells; the others have the one line."""

MAX_MOVERS = 3
"""Maximum keys of each kind."""

MAX_LINES, MAX_LINE = 3, 400
"""Maximum lines of the log with an incident, and bytes of each."""


def incident_parts(snapshot: Snapshot, wall: float) -> list[dict[str, Any]]:
    """Return the incidents, those that fire first; `wall` is in epoch seconds."""
    return [
        _incident(each, snapshot, wall, explained=place < EXPLAINED)
        for place, each in enumerate(snapshot.alerts.incidents[:MAX_INCIDENTS])
    ]


def _incident(
    incident: Incident, snapshot: Snapshot, wall: float, *, explained: bool
) -> dict[str, Any]:
    alerts, mark = snapshot.alerts, incident.mark
    now = alerts.messages_now.get(incident.id)
    return {
        "id": incident.id,
        "rule": printable(incident.rule),
        "title": printable(incident.title),
        "subject": None if incident.subject is None else subject_text(incident.subject),
        "firing": incident.firing,
        "recovering": incident.firing and incident.recovering_since is not None,
        "severity": incident.severity.value,
        "worst": incident.worst.value,
        "triggered_at": incident.triggered_at,
        "recovered_at": incident.recovered_at,
        "peak": printable(spoken_value(incident.unit, incident.peak)),
        "line": printable(now or whole_line(incident)),
        "why": answer(incident),
        "mark": None if mark is None else printable(incident.after_mark),
        "acknowledged": incident.acknowledged,
        "silenced": is_silenced(incident, alerts.silences, wall),
        "note": printable(incident.note),
        "explained": list(_explained(incident)) if explained else None,
    }


def _explained(incident: Incident) -> Iterator[dict[str, Any]]:
    """Yield the parts of why it fired: a title with text, rows of keys, or lines of the log."""
    evidence = incident.evidence
    if evidence is None:
        yield {"title": "Why it fired", "text": absent_text(incident)}
        return
    yield {
        "title": evidence_title(incident, evidence),
        "text": printable(compared_text(incident, evidence)),
    }
    for kind, movers in evidence.movers:
        if movers:
            rows = [_mover(incident, kind, each) for each in movers[:MAX_MOVERS]]
            yield {"title": KIND_NAMES[kind].capitalize(), "rows": rows}
    if evidence.samples:
        lines = [printable(line[:MAX_LINE]) for line in evidence.samples[:MAX_LINES]]
        yield {"title": "Lines of the log that belong to it", "lines": lines}


def _mover(incident: Incident, kind: Kind, mover: Mover) -> dict[str, Any]:
    text = readable if kind in {Kind.PATH, Kind.SECTION} else printable
    return {
        "key": text(mover.key),
        "before": amount_text(incident, mover.before),
        "now": amount_text(incident, mover.now),
        "share": f"{percent(mover.share)} %",
        "part": min(1.0, max(0.0, round(mover.share, 4))),
    }

"""Incidents as a sheet: what the panel of alerts tells of each, and why it fired."""

from collections.abc import Sequence

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.reports.sheet import Sheet, Value, sheet_of

_COLUMNS = (
    *("alert", "state", "severity", "rule", "scope", "subject", "triggered_at", "recovered_at"),
    *("hits", "unit", "value", "peak", "threshold", "message", "why", "acknowledged_at", "note"),
    *("mark", "id"),
)


def incident_sheet(title: str, incidents: Sequence[Incident]) -> Sheet:
    """Return a sheet of incidents, in their order."""
    return sheet_of(title, _COLUMNS, map(_row, incidents))


def _row(incident: Incident) -> tuple[Value, ...]:
    recovering = incident.firing and incident.recovering_since is not None
    state = "recovering" if recovering else "firing" if incident.firing else "recovered"
    return (
        *(incident.title, state, incident.severity.value, incident.rule, incident.scope.value),
        *(incident.subject, iso_time(incident.triggered_at), _time(incident.recovered_at)),
        *(incident.hits, incident.unit.value, incident.value, incident.peak, incident.threshold),
        incident.message,
        answer(incident) or None,
        _time(incident.acknowledged_at),
        incident.note or None,
        incident.after_mark or None,
        incident.id,
    )


def _time(second: float | None) -> str | None:
    return None if second is None else iso_time(int(second))

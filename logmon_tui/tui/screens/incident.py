"""One incident in full."""

from textual.content import Content

from logmon_tui import numbers
from logmon_tui.alerts.incident import Incident
from logmon_tui.tui.announcer import name_of
from logmon_tui.tui.cells import left, shown
from logmon_tui.tui.screens.window import Window
from logmon_tui.tui.widgets.alerts import measure

_LABEL_WIDTH = 12


class IncidentWindow(Window):
    """The window of an incident: its messages and everything it measured."""

    def __init__(self, incident: Incident) -> None:
        super().__init__(name_of(incident), incident_text(incident))


def incident_text(incident: Incident) -> Content:
    """Return the incident's messages and figures, one a line."""
    facts = [
        ("rule", shown(incident.rule)),
        ("severity", str(incident.severity)),
        ("subject", "all traffic" if incident.subject is None else shown(incident.subject)),
        ("triggered", f"{numbers.date_time(incident.triggered_at)} UTC"),
        ("recovered", _recovered(incident)),
        ("threshold", measure(incident, incident.threshold)),
        ("value", f"{measure(incident, incident.value)} ({incident.hits:,} hits in the window)"),
        ("peak", measure(incident, incident.peak)),
        ("id", shown(incident.id)),
    ]
    lines = [Content.assemble(("▲ ", "$text-error"), (shown(incident.message), "bold"))]
    if incident.recovery:
        lines.append(Content.assemble(("✓ ", "$text-success"), shown(incident.recovery)))
    lines.append(Content(""))
    lines += [
        Content.assemble((left(label, _LABEL_WIDTH), "$foreground-muted"), value)
        for label, value in facts
    ]
    return Content("\n").join(lines)


def _recovered(incident: Incident) -> str:
    if incident.recovered_at is None:
        return "not yet"
    after = numbers.duration(incident.recovered_at - incident.triggered_at)
    return f"{numbers.date_time(incident.recovered_at)} UTC, after {after}"

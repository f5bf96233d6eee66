"""The text of an incident's window, as lines of a given width. Pure.

All text from a log passes through `shown`; no markup is parsed.
"""

from textual.content import Content

from logmon_tui import units
from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.rules.messages import parts_text, with_hits
from logmon_tui.tui.alerts.incident_text import (
    MARK_SIGN,
    RECOVERED_SIGN,
    measure,
    name_of,
    sign_of,
    worst,
)
from logmon_tui.tui.alerts.why_chart import Row, graph, legend
from logmon_tui.tui.alerts.why_movers import why_blocks
from logmon_tui.tui.paint.blocks import DIM, facts, facts_beside, heading, paragraph
from logmon_tui.tui.paint.cells import crop, shown, width_of

_DAY = 86_400


def incident_lines(
    incident: Incident, now: float, width: int, height: int, *, no_colour: bool = False
) -> list[Content]:
    """Return everything about an incident, in lines of at most `width` cells.

    `now` is log time in epoch seconds, `height` the graph's height in cells.
    """
    blocks = [
        _headline(incident, now, width),
        facts_beside(_figures(incident), width),
        _graph(incident, now, width, height, no_colour=no_colour),
        *why_blocks(incident, width),
        _details(incident, width),
    ]
    lines: list[Content] = []
    for block in blocks:
        lines += [Content(""), *block] if lines and block else block
    return lines


# What happened


def _headline(incident: Incident, now: float, width: int) -> list[Content]:
    ink = _ink(incident)
    title = crop(f"{sign_of(incident)} {name_of(incident)}", width)
    lines = [Content.styled(title, f"bold {ink}")]
    lines += paragraph(_state_text(incident, now), width, ink)
    if why := answer(incident):
        lines += paragraph(why, width, "bold")
    lines += paragraph(shown(incident.message), width, "")
    if incident.hosts is not None:
        lines += paragraph(incident.hosts.text, width, "$text-warning")
    if incident.mark is not None and incident.evidence is None:
        lines += paragraph(f"{MARK_SIGN} {incident.after_mark}", width, "$text-primary")
    if incident.recovery:
        lines += paragraph(f"{RECOVERED_SIGN} {shown(incident.recovery)}", width, "$text-success")
    if incident.note:
        lines += paragraph(f"✎ {shown(incident.note)}", width, "italic")
    return lines


def _ink(incident: Incident) -> str:
    if not incident.firing:
        return "$text-success"
    return "$text-error" if incident.severity is Severity.CRITICAL else "$text-warning"


def _state_text(incident: Incident, now: float) -> str:
    """Return severity, state and duration in a few words."""
    began = incident.triggered_at
    words = [str(incident.severity)]
    if incident.recovered_at is not None:
        words = [f"was {incident.worst}"]
        words.append(f"recovered after {units.duration(incident.recovered_at - began)}")
    elif incident.recovering_since is not None:
        words.append(f"recovering for {units.duration(now - incident.recovering_since)}")
    else:
        words.append(f"firing for {units.duration(now - began)}")
    same_day = began // _DAY == int(now) // _DAY
    since = "since" if incident.firing else "fired at"
    words.append(f"{since} {units.clock(began) if same_day else units.date_time(began)} UTC")
    if incident.acknowledged:
        words.append("acknowledged")
    return " · ".join(words)


# Figures


def _figures(incident: Incident) -> list[tuple[str, str]]:
    at = "" if incident.peak_at is None else f" at {units.clock(incident.peak_at)}"
    figures = [
        ("threshold", _thresholds(incident)),
        ("at trigger", with_hits(incident, measure(incident, incident.value))),
        ("worst", f"{worst(incident)}{at}"),
    ]
    if incident.window and incident.counts_hits:
        figures.insert(1, ("window", units.window(incident.window)))
    return figures


def _thresholds(incident: Incident) -> str:
    """Return the threshold, or the thresholds of both severities."""
    if len(incident.limits) < 2:
        return measure(incident, incident.threshold)
    both = (f"{each.severity} {measure(incident, each.threshold)}" for each in incident.limits)
    return " · ".join(both)


def _details(incident: Incident, width: int) -> list[Content]:
    short = [
        ("rule", shown(incident.rule)),
        ("scope", _scope(incident)),
        ("triggered", f"{units.date_time(incident.triggered_at)} UTC"),
        ("recovered", _recovered(incident)),
    ]
    return [
        heading("Details", width),
        *facts_beside(short, width),
        *facts(_longer(incident), width),
    ]


def _longer(incident: Incident) -> list[tuple[str, str]]:
    """Return the facts that may need a whole line."""
    found = []
    if len(incident.changes) > 1:
        newest = incident.changes[-6:]
        had = [f"{each.severity} {units.clock(each.second)}" for each in newest]
        found.append(("severities", ", ".join(had)))
    if incident.acknowledged_at is not None:
        found.append(("acknowledged", f"{units.date_time(incident.acknowledged_at)} UTC"))
    if incident.labels:
        labels = (f"{shown(name)}={shown(value)}" for name, value in incident.labels)
        found.append(("labels", " ".join(labels)))
    if incident.parts:
        found.append(("parts", shown(parts_text(incident))))
    if incident.runbook:
        found.append(("runbook", shown(incident.runbook)))
    return [*found, ("id", shown(incident.id))]


def _scope(incident: Incident) -> str:
    if incident.subject is None:
        return "all traffic"
    return f"{incident.scope_name.replace('_', ' ')} {shown(incident.subject)}"


def _recovered(incident: Incident) -> str:
    if incident.recovered_at is None:
        return "not yet"
    return f"{units.date_time(incident.recovered_at)} UTC"


# The graph


def _graph(
    incident: Incident, now: float, width: int, height: int, *, no_colour: bool
) -> list[Content]:
    rows = graph(incident, width, height, no_colour=no_colour)
    if not rows:
        return []
    return [*map(_content, rows), *_legend(incident, now, width)]


def _content(row: Row) -> Content:
    return Content.assemble(*row)


def _legend(incident: Incident, now: float, width: int) -> list[Content]:
    """Return the states with their durations, in as many lines as they need."""
    lines: list[Row] = [[]]
    for text, ink in legend(incident, now):
        used = sum(width_of(piece) for piece, _ in lines[-1])
        if lines[-1] and used + 3 + width_of(text) > width:
            lines.append([])
        if lines[-1]:
            lines[-1].append(("   ", DIM))
        lines[-1].append((crop(text, width), ink))
    return [_content(line) for line in lines]

"""The history of alerts, as `alerts` prints it: text for people, JSON and CSV for programs.

Text and CSV pass all that a log or a user wrote through `printable`; CSV guards formulas, too.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import click

from logmon_tui.alerts.evidence import Evidence
from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.messages import iso_time, value_text
from logmon_tui.escape import decoded, printable
from logmon_tui.numbers import clock, date_time, duration
from logmon_tui.reports.csv import cell
from logmon_tui.reports.json import incident_object
from logmon_tui.reports.text import SEVERITY_SIGNS

_SHORT_ID = 8
_LONGEST_SUBJECT = 100
_COLUMNS = (
    "id",
    "rule",
    "title",
    "scope",
    "subject",
    "severity",
    "changes",
    "triggered_at",
    "recovered_at",
    "seconds",
    "hits",
    "unit",
    "value",
    "threshold",
    "peak",
    "peak_at",
    "acknowledged_at",
    "note",
    "labels",
    "message",
)


def history_text(incidents: Sequence[Incident], *, colour: bool) -> Iterator[str]:
    """Yield the lines that tell of each incident; `colour` puts on terminal styles."""
    firing = sum(incident.firing for incident in incidents)
    yield f"Alerts: {len(incidents):,}, {firing:,} firing"
    for incident in incidents:
        yield ""
        sign, fg = SEVERITY_SIGNS[incident.severity] if incident.firing else ("✓", "green")
        of_whom = "" if incident.subject is None else f": {_cropped(incident.subject)}"
        name = f"{printable(incident.title)}{of_whom}"
        mark = click.style(sign, fg=fg) if colour else sign
        yield f"{mark} {click.style(name, bold=True) if colour else name}"
        for what, told in _facts(incident):
            yield f"    {what:<13} {told}"


def _cropped(subject: bytes) -> str:
    text = printable(subject[: 4 * _LONGEST_SUBJECT])  # a character takes up to 4 bytes
    return text if len(text) <= _LONGEST_SUBJECT else f"{text[: _LONGEST_SUBJECT - 1]}…"


def _facts(incident: Incident) -> Iterator[tuple[str, str]]:
    yield "id", f"{incident.id[:_SHORT_ID]}, rule {printable(incident.rule)}"
    yield "began", f"{date_time(incident.triggered_at)}, {_severities(incident)}"
    if incident.recovered_at is None:
        yield "ended", "still firing"
    else:
        lasted = duration(incident.recovered_at - incident.triggered_at)
        yield "ended", f"{date_time(incident.recovered_at)}, after {lasted}"
    unit = incident.unit
    value, limit = value_text(unit, incident.value), value_text(unit, incident.threshold)
    yield "value", f"{value} of {incident.hits:,} hits, threshold {limit}"
    reached = "" if incident.peak_at is None else f" at {date_time(incident.peak_at)}"
    yield "peak", f"{value_text(unit, incident.peak)}{reached}"
    if incident.acknowledged_at is not None:
        yield "acknowledged", date_time(incident.acknowledged_at)
    if incident.note:
        yield "note", printable(incident.note)
    if incident.labels:
        yield "labels", _labels(incident)


def _severities(incident: Incident) -> str:
    """Return the severities it had, with the time of day at which each but the first began."""
    (_, first), *later = incident.changes or ((0, incident.severity),)
    return " → ".join((first, *(f"{severity} {clock(second)}" for second, severity in later)))


def _labels(incident: Incident) -> str:
    return ", ".join(f"{printable(name)}={printable(text)}" for name, text in incident.labels)


def history_json(incidents: Sequence[Incident]) -> str:
    """Return a list of objects: those of a report's `alerts`, with all that is kept besides."""
    return json.dumps([_object(incident) for incident in incidents], indent=2)


def _object(incident: Incident) -> dict[str, Any]:
    evidence = incident.evidence
    return {
        **incident_object(incident, incident.message),
        "recovery": incident.recovery,
        "title": incident.title,
        "unit": incident.unit.value,
        "threshold": incident.threshold,
        "window": incident.window,
        "acknowledged_at": _time(incident.acknowledged_at),
        "note": incident.note,
        "evidence": None if evidence is None else _evidence(evidence),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "before": evidence.before,
        "now": evidence.now,
        "sampled": evidence.sampled,
        "since": _time(evidence.since),
        "movers": {
            kind.value: [
                {
                    "key": decoded(mover.key),
                    "before": mover.before,
                    "now": mover.now,
                    "share": round(mover.share, 6),
                }
                for mover in movers
            ]
            for kind, movers in evidence.movers
        },
        "samples": [decoded(line) for line in evidence.samples],
        "start": _time(evidence.start),
        "step": evidence.step,
        "values": evidence.values,
    }


def history_csv(incidents: Sequence[Incident]) -> str:
    """Return a table with a row for each incident; what is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(map(_row, incidents))
    return text.getvalue()


def _row(incident: Incident) -> tuple[str | float, ...]:
    end = incident.recovered_at
    return (
        incident.id,
        cell(incident.rule),
        cell(incident.title),
        incident.scope.value,
        "" if incident.subject is None else cell(incident.subject),
        incident.severity.value,
        " ".join(f"{severity}@{iso_time(second)}" for second, severity in incident.changes),
        iso_time(incident.triggered_at),
        _time(end) or "",
        "" if end is None else end - incident.triggered_at,
        incident.hits,
        incident.unit.value,
        round(incident.value, 6),
        incident.threshold,
        round(incident.peak, 6),
        _time(incident.peak_at) or "",
        _time(incident.acknowledged_at) or "",
        cell(incident.note),
        cell(_labels(incident)),
        cell(incident.message),
    )


def _time(second: float | None) -> str | None:
    return None if second is None else iso_time(int(second))

"""The history of alerts, as `alerts` prints it: text for people, JSON and CSV for programs.

Text and CSV pass all that a log or a user wrote through `printable`; CSV guards formulas, too.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import click
from msgspec.structs import asdict

from logmon_tui.alerts.evidence import Evidence
from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.messages import iso_time, spoken_value, value_text
from logmon_tui.alerts.rule import Unit
from logmon_tui.alerts.silence import Silence, silenced
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
    "state",
    "silenced",
    "watched",
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


class Seen(NamedTuple):
    """When and how the history was looked at: at wall time `wall`, with these `silences`.

    `watched` tells whether a watch saves into it; else what fired is as of `saved_at` (wall time,
    None if unknown). Times are in epoch seconds.
    """

    wall: float
    silences: tuple[Silence, ...]
    watched: bool
    saved_at: float | None

    def is_silenced(self, incident: Incident) -> bool:
        """Tell whether nobody hears of an incident that fires."""
        return incident.firing and silenced(incident, self.silences, self.wall)


def history_text(incidents: Sequence[Incident], seen: Seen, *, colour: bool) -> Iterator[str]:
    """Yield the lines that tell of each incident; `colour` puts on terminal styles."""
    firing = sum(incident.firing for incident in incidents)
    as_of = f" {_as_of(seen)}" if firing and not seen.watched else ""
    yield f"Alerts: {len(incidents):,}, {firing:,} firing{as_of}"
    for incident in incidents:
        yield ""
        sign, fg = SEVERITY_SIGNS[incident.severity] if incident.firing else ("✓", "green")
        of_whom = "" if incident.subject is None else f": {_cropped(incident.subject)}"
        name = f"{printable(incident.title)}{of_whom}"
        mark = click.style(sign, fg=fg) if colour else sign
        yield f"{mark} {click.style(name, bold=True) if colour else name}"
        for what, told in _facts(incident, seen):
            yield f"    {what:<13} {told}"


def _cropped(subject: bytes) -> str:
    text = printable(subject[: 4 * _LONGEST_SUBJECT])  # a character takes up to 4 bytes
    return text if len(text) <= _LONGEST_SUBJECT else f"{text[: _LONGEST_SUBJECT - 1]}…"


def _facts(incident: Incident, seen: Seen) -> Iterator[tuple[str, str]]:
    yield "id", f"{incident.id[:_SHORT_ID]}, rule {printable(incident.rule)}"
    yield "began", f"{_utc(incident.triggered_at)}, {_severities(incident)}"
    yield "ended", _end(incident, seen)
    if seen.is_silenced(incident):
        yield "silenced", "nobody is notified of it"
    yield "value", f"{_value(incident)} at first"
    yield "threshold", _thresholds(incident)
    reached = "" if incident.peak_at is None else f" at {_utc(incident.peak_at)}"
    yield "peak", f"{spoken_value(incident.unit, incident.peak)}{reached}"
    yield "message", printable(incident.message)
    if incident.acknowledged_at is not None:
        yield "acknowledged", _utc(incident.acknowledged_at)
    if incident.note:
        yield "note", printable(incident.note)
    if incident.labels:
        yield "labels", _labels(incident)


def _utc(epoch: float) -> str:
    return f"{date_time(epoch)} UTC"


def _end(incident: Incident, seen: Seen) -> str:
    if incident.recovered_at is not None:
        lasted = duration(incident.recovered_at - incident.triggered_at)
        return f"{_utc(incident.recovered_at)}, after {lasted}"
    since = incident.recovering_since
    state = "firing" if since is None else f"recovering since {_utc(since)}"
    return f"still {state}" if seen.watched else f"{state} {_as_of(seen)}"


def _as_of(seen: Seen) -> str:
    """Say that nobody knows what became of it."""
    when = "when last saved" if seen.saved_at is None else f"as of {_utc(seen.saved_at)}"
    return f"{when}, not being watched"


def _value(incident: Incident) -> str:
    value = spoken_value(incident.unit, incident.value)
    return value if incident.unit is Unit.HITS else f"{value} of {incident.hits:,} hits"


def _thresholds(incident: Incident) -> str:
    if not incident.limits:  # a state of old
        return value_text(incident.unit, incident.threshold)
    return ", ".join(
        f"{value_text(incident.unit, limit.threshold)} {limit.severity}"
        for limit in incident.limits
    )


def _severities(incident: Incident) -> str:
    """Return the severities it had, with the time of day at which each but the first began."""
    (_, first), *later = incident.changes or ((0, incident.severity),)
    return " → ".join((first, *(f"{severity} {clock(second)}" for second, severity in later)))


def _state(incident: Incident) -> str:
    if not incident.firing:
        return "recovered"
    return "firing" if incident.recovering_since is None else "recovering"


def _labels(incident: Incident) -> str:
    return ", ".join(f"{printable(name)}={printable(text)}" for name, text in incident.labels)


def history_json(incidents: Sequence[Incident], seen: Seen) -> str:
    """Return a list of objects: those of a report's `alerts`, with all that is kept besides."""
    return json.dumps([_object(incident, seen) for incident in incidents], indent=2)


def _object(incident: Incident, seen: Seen) -> dict[str, Any]:
    evidence = incident.evidence
    return {
        **incident_object(incident, incident.message),
        "state": _state(incident),
        "silenced": seen.is_silenced(incident),
        "watched": seen.watched,
        "recovery": incident.recovery,
        "title": incident.title,
        "unit": incident.unit.value,
        "threshold": incident.present_threshold,
        "limits": [asdict(limit) for limit in incident.limits],
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


def history_csv(incidents: Sequence[Incident], seen: Seen) -> str:
    """Return a table with a row for each incident; what is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_row(incident, seen) for incident in incidents)
    return text.getvalue()


def _row(incident: Incident, seen: Seen) -> tuple[str | float, ...]:
    end = incident.recovered_at
    return (
        incident.id,
        cell(incident.rule),
        cell(incident.title),
        incident.scope.value,
        "" if incident.subject is None else cell(incident.subject),
        incident.severity.value,
        _state(incident),
        str(seen.is_silenced(incident)).lower(),
        str(seen.watched).lower(),
        " ".join(f"{severity}@{iso_time(second)}" for second, severity in incident.changes),
        iso_time(incident.triggered_at),
        _time(end) or "",
        "" if end is None else end - incident.triggered_at,
        incident.hits,
        incident.unit.value,
        round(incident.value, 6),
        incident.present_threshold,
        round(incident.peak, 6),
        _time(incident.peak_at) or "",
        _time(incident.acknowledged_at) or "",
        cell(incident.note),
        cell(_labels(incident)),
        cell(incident.message),
    )


def _time(second: float | None) -> str | None:
    return None if second is None else iso_time(int(second))

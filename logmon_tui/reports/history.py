"""The history of alerts, as the command `alerts` prints it for programs: JSON and CSV.

In CSV, all text from a log or a user passes through `cell`, which escapes it and guards formulas.
"""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec.structs import asdict

from logmon_tui.alerts.history.silence import Silence, silenced
from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.escape import decoded, printable
from logmon_tui.reports.csv import cell
from logmon_tui.reports.json_objects import incident_object

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
    "mark",
    "marked_at",
    "runbook",
)


class HistoryContext(NamedTuple):
    """When and how the history was read: at wall time `wall`, with `silences` in force.

    `watched` says whether a watch is updating the history. If not, incidents are as of `saved_at`,
    None if that is unknown. Both times are wall time in epoch seconds.
    """

    wall: float
    silences: tuple[Silence, ...]
    watched: bool
    saved_at: float | None

    def is_silenced(self, incident: Incident) -> bool:
        """Tell whether an incident fires and a silence covers it."""
        return incident.firing and silenced(incident, self.silences, self.wall)


def state_of(incident: Incident) -> str:
    """Return the state of an incident: `firing`, `recovering` or `recovered`."""
    if not incident.firing:
        return "recovered"
    return "firing" if incident.recovering_since is None else "recovering"


def labels_text(incident: Incident) -> str:
    """Return the labels of the incident's rule: `team=web, tier=1`."""
    return ", ".join(f"{printable(name)}={printable(text)}" for name, text in incident.labels)


def history_json(incidents: Sequence[Incident], context: HistoryContext) -> str:
    """Return a JSON list of a report's `alerts` objects, with everything else that is saved."""
    return json.dumps([history_object(incident, context) for incident in incidents], indent=2)


def history_object(
    incident: Incident, context: HistoryContext, *, with_evidence: bool = True
) -> dict[str, Any]:
    """Return the object of an incident, with everything that is saved of it."""
    evidence = incident.evidence
    found = {
        **incident_object(incident, incident.message),
        "state": state_of(incident),
        "silenced": context.is_silenced(incident),
        "watched": context.watched,
        "recovery": incident.recovery,
        "title": incident.title,
        "unit": incident.unit.value,
        "threshold": incident.present_threshold,
        "limits": [asdict(limit) for limit in incident.limits],
        "window": incident.window,
        "acknowledged_at": _time(incident.acknowledged_at),
        "note": incident.note,
    }
    if with_evidence:
        found["evidence"] = None if evidence is None else _evidence(evidence)
    return found


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


def history_csv(incidents: Sequence[Incident], context: HistoryContext) -> str:
    """Return a table with a row for each incident; unknown values are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_row(incident, context) for incident in incidents)
    return text.getvalue()


def _row(incident: Incident, context: HistoryContext) -> tuple[str | float, ...]:
    end = incident.recovered_at
    return (
        incident.id,
        cell(incident.rule),
        cell(incident.title),
        incident.scope_name,
        "" if incident.subject is None else cell(incident.subject),
        incident.severity.value,
        state_of(incident),
        str(context.is_silenced(incident)).lower(),
        str(context.watched).lower(),
        " ".join(f"{severity}@{iso_time(second)}" for second, severity in incident.changes),
        iso_time(incident.triggered_at),
        _time(end) or "",
        "" if end is None else end - incident.triggered_at,
        incident.hits,
        incident.unit.value,
        _number(incident.value),
        incident.present_threshold,
        _number(incident.peak),
        _time(incident.peak_at) or "",
        _time(incident.acknowledged_at) or "",
        cell(incident.note),
        cell(labels_text(incident)),
        cell(incident.message),
        "" if incident.mark is None else cell(incident.mark.text),
        "" if incident.mark is None else iso_time(incident.mark.second),
        cell(incident.runbook),
    )


def _number(value: float | None) -> float | str:
    return "" if value is None else round(value, 6)


def _time(second: float | None) -> str | None:
    return None if second is None else iso_time(int(second))

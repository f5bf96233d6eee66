"""The objects that several JSON outputs share: of incidents, limits, objectives and marks."""

from collections.abc import Iterable, Sequence
from typing import Any

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.escape import decoded
from logmon_tui.snapshot.verdicts import Verdict


def limit_objects(limits: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return the objects of the limits that a report was judged by."""
    return [
        {
            "limit": verdict.limit,
            "state": verdict.state.value,
            "baseline": rounded(verdict.baseline),
            "present": rounded(verdict.present),
            "message": verdict.message,
        }
        for verdict in limits
    ]


def incident_object(incident: Incident, message: str) -> dict[str, Any]:
    """Return the object of an incident that all JSON outputs share."""
    return {
        "id": incident.id,
        "firing": incident.firing,
        "rule": incident.rule,
        "severity": incident.severity.value,
        "worst": incident.worst.value,
        "scope": incident.scope_name,
        "subject": None if incident.subject is None else decoded(incident.subject),
        "triggered_at": time_text(incident.triggered_at),
        "recovered_at": time_text(incident.recovered_at),
        "hits": incident.hits,
        "value": rounded(incident.value),
        "peak": rounded(incident.peak),
        "peak_at": time_text(incident.peak_at),
        "message": message,
        "why": answer(incident),
        "changes": [
            {"at": time_text(second), "severity": severity.value}
            for second, severity in incident.changes
        ],
        "labels": dict(incident.labels),
        "runbook": incident.runbook,
        "mark": mark_object(incident),
        **({} if incident.hosts is None else {"hosts": incident.hosts._asdict()}),
        **({} if not incident.parts else {"parts": part_objects(incident)}),
    }


def part_objects(incident: Incident) -> list[dict[str, Any]]:
    """Return the incidents that fired at the trigger of a rule that combines others."""
    return [
        {
            "id": each.id,
            "rule": each.rule,
            "subject": None if each.subject is None else decoded(each.subject),
        }
        for each in incident.parts
    ]


def objective_objects(objectives: Sequence[ObjectiveStatus]) -> dict[str, Any]:
    """Return how objectives stand over the last 30 days, if there are any."""
    if not objectives:
        return {}
    return {"objectives": [_objective(each) for each in objectives]}


def _objective(status: ObjectiveStatus) -> dict[str, Any]:
    good = status.good_share
    return {
        "objective": status.name,
        "title": status.title,
        "target": status.target,
        "hits": status.hits,
        "bad": status.bad,
        "good_share": None if good is None else round(good, 9),
        "budget_left": round(status.budget_left, 6),
        "since": time_text(status.since),
    }


def mark_object(incident: Incident) -> dict[str, Any] | None:
    """Return the mark that an incident follows, and after how many seconds; None without one."""
    if incident.mark is None:
        return None
    return {**_mark(incident.mark), "seconds": incident.triggered_at - incident.mark.second}


def mark_objects(marks: Iterable[Mark]) -> list[dict[str, str]]:
    """Return the objects of marks."""
    return [_mark(mark) for mark in marks]


def _mark(mark: Mark) -> dict[str, str]:
    return {"at": iso_time(mark.second), "text": encodable(mark.text)}


def time_text(second: int | None) -> str | None:
    """Return a second (epoch) as JSON tells it; None stays None."""
    return None if second is None else iso_time(second)


def rounded(value: float | None) -> float | None:
    """Return a value as JSON tells it, to six places; None stays None."""
    return None if value is None else round(value, 6)


def encodable(text: str) -> str:
    r"""Return `text` with lone surrogates, which UTF-8 cannot encode, escaped as `\udcNN`."""
    return text.encode("utf-8", "backslashreplace").decode()

"""Compares what rules find in a log with what is expected, and says how they differ. Pure."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.config.expectations import ExpectedIncident, Trial, second_of
from logmon_tui.escape import decoded, printable
from logmon_tui.snapshot import Report


class Differing(NamedTuple):
    """The expected incidents that are `missing`, and found ones that were not expected."""

    missing: Sequence[ExpectedIncident]
    unexpected: Sequence[Incident]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected)


def differing(trial: Trial, report: Report) -> Differing:
    """Return how the incidents of a report differ from those that a trial expects.

    Each expected incident takes one that was found, those with the most said of them first.
    """
    found = [
        incident
        for incident in report.incidents
        if any(fnmatchcase(incident.rule, pattern) for pattern in trial.rules)
    ]
    missing = []
    for expected in sorted(trial.incident, key=_left_open):
        first = report.first_hit or 0
        fitting = next((each for each in found if _fits(each, expected, first)), None)
        if fitting is None:
            missing.append(expected)
        else:
            found.remove(fitting)
    order = {id(each): place for place, each in enumerate(trial.incident)}
    return Differing(sorted(missing, key=lambda each: order[id(each)]), found)


def _left_open(expected: ExpectedIncident) -> int:
    return (expected.recovers is None) + (expected.severity is None)


def _fits(incident: Incident, expected: ExpectedIncident, first: int) -> bool:
    subject = None if incident.subject is None else decoded(incident.subject)
    if (incident.rule, subject) != (expected.rule, expected.subject):
        return False
    if incident.triggered_at != second_of(expected.fires, first):
        return False
    if expected.severity is not None and incident.worst is not expected.severity:
        return False
    if expected.recovers is None or expected.recovers is False:
        return expected.recovers is None or incident.firing
    return incident.recovered_at == second_of(expected.recovers, first)


def difference_lines(differs: Differing, first: int) -> Iterator[str]:
    """Yield a line for each difference: `-` is expected and missing, `+` found but not expected.

    They are in the order of time, so that an incident that only differs stands beside its like.
    `first` is the second of the log's first hit.
    """
    lines = [
        (second_of(each.fires, first), each.rule, 0, _expected_text(each, first))
        for each in differs.missing
    ]
    lines += [
        (each.triggered_at, each.rule, 1, _found_text(each, first)) for each in differs.unexpected
    ]
    for *_, sign, text in sorted(lines):
        yield f"  {'-+'[sign]} {text}"


def _expected_text(expected: ExpectedIncident, first: int) -> str:
    subject = "all traffic" if expected.subject is None else printable(expected.subject)
    end = ""
    if expected.recovers is False:
        end = "  still firing"
    elif expected.recovers is not None:
        end = f"  to {_moment(second_of(expected.recovers, first), first)}"
    severity = "" if expected.severity is None else f"  {expected.severity}"
    fires = _moment(second_of(expected.fires, first), first)
    return f"{printable(expected.rule)}  {subject}  {fires}{end}{severity}"


def _found_text(incident: Incident, first: int) -> str:
    subject = "all traffic" if incident.subject is None else printable(incident.subject)
    end = incident.recovered_at
    until = "still firing" if end is None else f"to {_moment(end, first)}"
    fires = _moment(incident.triggered_at, first)
    return f"{incident.rule}  {subject}  {fires}  {until}  {incident.worst}"


def _moment(second: int, first: int) -> str:
    """Return a moment in both forms in which it may be expected."""
    return f"{iso_time(second)} ({second - first})"

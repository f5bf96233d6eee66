r"""What is told of incidents: the JSON body, a line, and a longer text. Pure.

The body is one object, whatever the target::

    {"version": 1,
     "host": "web1",                  the machine that logmon-tui runs on
     "logs": ["access.log"],          as they were given to logmon-tui
     "text": "critical: High traffic generated an alert - …",       one line, for people
     "more": 0,                       events that are summed up, beyond those that follow
     "events": [{                     what fires first, the worst before the others
       "event": "fired",              fired | severity | firing | recovered | test
       "id": "8c2a…",                 the same for all that is told of one incident
       "rule": "traffic", "title": "High traffic",
       "scope": "all",                all | section | path | route | client | virtual_host |
                                      status | user_agent
       "subject": null,               the section, client …; null for the whole traffic
       "severity": "critical",        warning | critical: the present one
       "unit": "req/s",               of value, threshold and peak: req/s | share (0 to 1) | hits |
                                      B/s | s | B | clients | ×
       "value": 402.1, "hits": 48252,                                 at the trigger
       "threshold": 400.0,                                            of the present severity
       "peak": 431.0,                 the worst so far
       "window": 120,                 seconds
       "triggered_at": "2026-11-22T08:26:40Z",
       "recovered_at": null,          null while it fires; so is duration
       "duration": null,              seconds from trigger to recovery
       "acknowledged": false,
       "note": "",                    what a user wrote
       "message": "High traffic generated an alert - …",
       "labels": {"team": "web"}}]}

`severity` tells of an incident whose severity changed, `firing` that it still fires after the
rule's `renotify`. What comes from the log is text in which everything unprintable is spelt out:
`\x1b`, `\u202e`, `\xff`. More fields may be added to version 1; none changes or goes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Severity, Unit
from logmon_tui.alerts.rules.messages import iso_time, placed, value_text
from logmon_tui.escape import printable
from logmon_tui.units import duration

VERSION = 1
_LONGEST_SUBJECT = 1_000
_LONGEST_MESSAGE = 2_000


class EventKind(StrEnum):
    """What is told of an incident."""

    FIRED = "fired"
    SEVERITY = "severity"
    FIRING = "firing"  # still
    RECOVERED = "recovered"
    TEST = "test"


class Event(NamedTuple):
    """One thing told: the incident as it is then."""

    kind: EventKind
    incident: Incident


class Group(NamedTuple):
    """Events told at once; `more` are only counted."""

    events: tuple[Event, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A group of events as one message, from `host` which watches `logs`."""

    group: Group
    host: str = ""
    logs: Sequence[str] = field(default=())

    @property
    def line(self) -> str:
        """The message in one printable line."""
        first, *others = self.group.events
        more = len(others) + self.group.more
        return sentence(first) + (f" (and {more:,} more)" if more else "")

    @property
    def text(self) -> str:
        """The message in printable lines: a sentence for each event, and figures below it."""
        lines = [line for event in self.group.events for line in _paragraph(event)]
        if self.group.more:
            lines += [f"and {self.group.more:,} more", ""]
        where = ", ".join(map(printable, self.logs))
        return "\n".join([*lines, f"{where} on {printable(self.host)}".removeprefix(" on ")])

    def body(self) -> dict[str, Any]:
        """Return the object described above."""
        return {
            "version": VERSION,
            "host": printable(self.host),
            "logs": [printable(log) for log in self.logs],
            "text": self.line,
            "more": self.group.more,
            "events": [fields(event) for event in self.group.events],
        }

    def json(self) -> bytes:
        """Return the body as JSON in ASCII."""
        return json.dumps(self.body()).encode("ascii")


def fields(event: Event) -> dict[str, Any]:
    """Return what an event is in the JSON body."""
    kind, incident = event
    ended = incident.recovered_at
    return {
        "event": kind.value,
        "id": incident.id,
        "rule": incident.rule,
        "title": printable(incident.title),
        "scope": incident.scope.value,
        "subject": None if incident.subject is None else _subject(incident.subject),
        "severity": incident.severity.value,
        "unit": incident.unit.value,
        "value": _number(incident.value),
        "threshold": _number(incident.present_threshold),
        "peak": _number(incident.peak),
        "hits": incident.hits,
        "window": incident.window,
        "triggered_at": iso_time(incident.triggered_at),
        "recovered_at": None if ended is None else iso_time(ended),
        "duration": None if ended is None else ended - incident.triggered_at,
        "acknowledged": incident.acknowledged,
        "note": printable(incident.note),
        "message": _said(event),
        "labels": {printable(key): printable(value) for key, value in incident.labels},
    }


def sentence(event: Event) -> str:
    """Say in one printable line what happened."""
    severity = event.incident.severity.value
    lead = {
        EventKind.FIRED: severity,
        EventKind.SEVERITY: f"now {severity}",
        EventKind.FIRING: f"still {severity}",
        EventKind.RECOVERED: "recovered",
        EventKind.TEST: "test",
    }[event.kind]
    return f"{lead}: {_placed(event, _said(event))}"


def _placed(event: Event, said: str) -> str:
    """Return what is said with the rule's title and the time, if it tells neither of itself.

    A rule's own message may leave out both.
    """
    incident = event.incident
    if event.kind is EventKind.TEST:
        return said
    title = printable(incident.title)
    recovered = event.kind is EventKind.RECOVERED and incident.recovered_at is not None
    second = incident.recovered_at if recovered else incident.triggered_at
    when = f"{'recovered' if recovered else 'triggered'} at {iso_time(second or 0)}"
    return placed(said, title, (title, incident.rule), when)


def _said(event: Event) -> str:
    incident = event.incident
    recovered = event.kind is EventKind.RECOVERED
    said = ((incident.recovery if recovered else "") or incident.message)[:_LONGEST_MESSAGE]
    if event.kind is EventKind.SEVERITY:
        peak, threshold = (
            value_text(incident.unit, value)
            for value in (incident.peak, incident.present_threshold)
        )
        said += f"; by now {peak} at worst, {incident.severity} is beyond {threshold}"
    return printable(said)


def _paragraph(event: Event) -> list[str]:
    incident = event.incident
    peak, threshold = (
        value_text(incident.unit, value) for value in (incident.peak, incident.present_threshold)
    )
    since = f"since {iso_time(incident.triggered_at)}"
    if incident.recovered_at is not None:
        since = f"lasted {duration(incident.recovered_at - incident.triggered_at)}"
    facts = [f"  rule {incident.rule}, peak {peak}, threshold {threshold}, {since}"]
    if incident.labels:
        facts.append("  " + ", ".join(f"{printable(k)}={printable(v)}" for k, v in incident.labels))
    if incident.note:
        facts.append(f"  note: {printable(incident.note)}")
    return [sentence(event), *facts, ""]


def _subject(subject: bytes) -> str:
    return printable(subject[:_LONGEST_SUBJECT])


def _number(value: float) -> float | None:
    """Return a value for JSON, which knows neither nan nor inf."""
    return round(value, 6) if abs(value) < float("inf") else None


def trial_group(id_: str, second: int) -> Group:
    """Return what `notify test` sends at an epoch second, with an id of its own each time."""
    incident = Incident(
        id=id_,
        rule="test",
        title="Test",
        severity=Severity.WARNING,
        unit=Unit.RATE,
        subject=None,
        triggered_at=second,
        threshold=10.0,
        hits=0,
        value=0.0,
        peak=0.0,
        message="This is a test of logmon-tui; nothing is wrong",
    )
    return Group((Event(EventKind.TEST, incident),))

r"""Message: a group of events as a JSON body, as one line, and as a longer text. Pure.

The body is one object, whatever the target::

    {"version": 1,
     "host": "web1",                  the machine that logmon-tui runs on
     "logs": ["access.log"],          as they were given to logmon-tui
     "text": "critical: High traffic generated an alert - …",       one line, for people
     "more": 0,                       number of further events, which are only counted
     "events": [{                     new fires first, critical before warning
       "event": "fired",              fired | severity | firing | recovered | test
       "id": "8c2a…",                 the same in all events of one incident
       "firing": true,                whether it has not recovered yet
       "rule": "traffic", "title": "High traffic",
       "scope": "all",                all | section | path | route | client | virtual_host |
                                      status | user_agent | server | site
       "subject": null,               the section, client …; null for the whole traffic
       "severity": "critical",        warning | critical: the present one
       "unit": "req/s",               of value, threshold and peak: req/s | share (0 to 1) | hits |
                                      B/s | s | B | clients | paths | × | rules
       "value": 402.1, "hits": 48252,                                 at the trigger
       "threshold": 400.0,                                            of the present severity
       "peak": 431.0,                 the worst value so far
       "window": 120,                 seconds
       "triggered_at": "2026-11-22T08:26:40Z",
       "recovered_at": null,          null while it fires; so is duration
       "duration": null,              seconds from trigger to recovery
       "acknowledged": false,
       "note": "",                    what a user wrote
       "message": "High traffic generated an alert - …",
       "why": "High traffic rose from 12.0/s to …",      one line; empty if it was not kept
       "labels": {"team": "web"},
       "runbook": "https://…",        where to read what to do; empty if the rule has none
       "mark": {                      the mark that it follows, null if there is none
         "at": "2026-11-22T08:26:28Z", "text": "api 4.12",
         "seconds": 12},              from the mark to the trigger
       "hosts": {                     only if the figures of some hosts were not known then:
         "heard": 37, "known": 40},  of how many it speaks, and how many there were
       "parts": [{                    only of a rule that combines others: the first 20 incidents
         "id": "…", "rule": "ddos",   that fired then
         "subject": "10.0.0.1"}]}]}

`severity` means that an incident's severity changed, `firing` that it still fires after the rule's
`renotify` seconds. Values from the log are text with unprintable characters escaped: `\x1b`,
`\u202e`, `\xff`. Version 1 may get more fields; no field changes or goes.
"""

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.model.incident import Incident, Part
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.rules.messages import SAYS_SILENT, iso_time, parts_text, placed, value_text
from logmon_tui.escape import printable
from logmon_tui.units import duration

VERSION = 1
_MAX_SUBJECT = 1_000
"""Maximum bytes of an incident's subject."""
_MAX_MESSAGE = 2_000
"""Maximum characters of an incident's message."""


class EventKind(StrEnum):
    """What happened to an incident."""

    FIRED = "fired"
    SEVERITY = "severity"
    FIRING = "firing"  # still
    RECOVERED = "recovered"
    TEST = "test"


class Event(NamedTuple):
    """Something that happened to an incident, with the incident as it was then."""

    kind: EventKind
    incident: Incident


class Group(msgspec.Struct, frozen=True):
    """The events of one message; `more` is the number of events that are only counted."""

    events: tuple[Event, ...]
    more: int = 0


class Message(msgspec.Struct, frozen=True):
    """A message about a group of events, from the machine `host` that watches `logs`."""

    group: Group
    host: str = ""
    logs: Sequence[str] = ()

    @property
    def line(self) -> str:
        """The message in one printable line."""
        first, *others = self.group.events
        more = len(others) + self.group.more
        return sentence(first) + (f" (and {more:,} more)" if more else "")

    @property
    def text(self) -> str:
        """The message in printable lines: for each event a sentence, and figures below it."""
        lines = [line for event in self.group.events for line in _paragraph(event)]
        if self.group.more:
            lines += [f"and {self.group.more:,} more", ""]
        where = ", ".join(map(printable, self.logs))
        return "\n".join([*lines, f"{where} on {printable(self.host)}".removeprefix(" on ")])

    def body(self) -> dict[str, Any]:
        """Return the object that the module's docstring describes."""
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
    """Return the object of an event in the JSON body."""
    kind, incident = event
    ended = incident.recovered_at
    return {
        "event": kind.value,
        "id": incident.id,
        "firing": incident.firing,
        "rule": incident.rule,
        "title": printable(incident.title),
        "scope": incident.scope_name,
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
        "message": _message_text(event),
        "why": answer(incident),
        "labels": {printable(key): printable(value) for key, value in incident.labels},
        "runbook": printable(incident.runbook),
        "mark": _mark(incident),
        **({} if incident.hosts is None else {"hosts": incident.hosts._asdict()}),
        **({} if not incident.parts else {"parts": list(map(_part, incident.parts))}),
    }


def _part(part: Part) -> dict[str, Any]:
    subject = None if part.subject is None else _subject(part.subject)
    return {"id": part.id, "rule": part.rule, "subject": subject}


def _mark(incident: Incident) -> dict[str, Any] | None:
    mark = incident.mark
    if mark is None:
        return None
    seconds = incident.triggered_at - mark.second
    return {"at": iso_time(mark.second), "text": printable(mark.text), "seconds": seconds}


def sentence(event: Event) -> str:
    """Return what happened, in one printable line."""
    severity = event.incident.severity.value
    lead = {
        EventKind.FIRED: severity,
        EventKind.SEVERITY: f"now {severity}",
        EventKind.FIRING: f"still {severity}",
        EventKind.RECOVERED: "recovered",
        EventKind.TEST: "test",
    }[event.kind]
    return f"{lead}: {_with_title_and_time(event, _message_text(event))}"


def _with_title_and_time(event: Event, text: str) -> str:
    """Return a message that names the rule's title and the time: it adds what is missing.

    A message that a user wrote for a rule may leave out both.
    """
    incident = event.incident
    if event.kind is EventKind.TEST:
        return text
    title = printable(incident.title)
    recovered = event.kind is EventKind.RECOVERED and incident.recovered_at is not None
    second = incident.recovered_at if recovered else incident.triggered_at
    when = f"{'recovered' if recovered else 'triggered'} at {iso_time(second or 0)}"
    line = placed(text, title, (title, incident.rule, SAYS_SILENT), when)
    return line if recovered else f"{line}{incident.remarks}"


def _message_text(event: Event) -> str:
    incident = event.incident
    recovered = event.kind is EventKind.RECOVERED
    text = ((incident.recovery if recovered else "") or incident.message)[:_MAX_MESSAGE]
    if event.kind is EventKind.SEVERITY:
        peak, threshold = (
            value_text(incident.unit, value)
            for value in (incident.peak, incident.present_threshold)
        )
        text += f"; by now {peak} at worst, {incident.severity} is beyond {threshold}"
    return printable(text)


def _paragraph(event: Event) -> list[str]:
    incident = event.incident
    peak, threshold = (
        value_text(incident.unit, value) for value in (incident.peak, incident.present_threshold)
    )
    since = f"since {iso_time(incident.triggered_at)}"
    if incident.recovered_at is not None:
        since = f"lasted {duration(incident.recovered_at - incident.triggered_at)}"
    why = answer(incident)
    facts = [f"  {why}"] if why else []
    facts.append(f"  rule {incident.rule}, peak {peak}, threshold {threshold}, {since}")
    if incident.parts:
        facts.append(f"  parts: {parts_text(incident)}")
    if incident.labels:
        facts.append("  " + ", ".join(f"{printable(k)}={printable(v)}" for k, v in incident.labels))
    if incident.runbook:
        facts.append(f"  runbook: {printable(incident.runbook)}")
    if incident.note:
        facts.append(f"  note: {printable(incident.note)}")
    return [sentence(event), *facts, ""]


def _subject(subject: bytes) -> str:
    return printable(subject[:_MAX_SUBJECT])


def _number(value: float | None) -> float | None:
    """Return a value for JSON: None for no data, and for nan and infinity, which JSON lacks."""
    known = value is not None and abs(value) < float("inf")
    return round(value, 6) if value is not None and known else None


def trial_group(id_: str, second: int) -> Group:
    """Return the group that `notify test` sends; `second` is the epoch second of the test."""
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

"""Incidents and messages to send, and waiting for what threads do."""

import time
from collections.abc import Callable
from typing import Any

from logmon_tui.alerts.model.incident import Incident, incident_id
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.notify.message import Event, EventKind, Group, Message

START = 1_700_000_000
HOSTILE = b'/x\r\nBcc: all@example.com\n\x1b]0;owned\x07"$(id)`\xff\xe2\x80\xae<!channel> @everyone'
"""Ends headers, commands a terminal, turns text around, begs a shell, calls a chat room."""


def incident(
    rule: str = "traffic", subject: bytes | None = None, second: int = START, **more: Any
) -> Incident:
    given: dict[str, Any] = {
        "id": incident_id(rule, subject, second),
        "rule": rule,
        "title": "High traffic",
        "severity": Severity.CRITICAL,
        "unit": Unit.RATE,
        "scope": Scope.ALL if subject is None else Scope.CLIENT,
        "subject": subject,
        "triggered_at": second,
        "threshold": 10.0,
        "hits": 1_500,
        "value": 12.5,
        "peak": 14.25,
        "window": 120,
        "message": f"{rule} generated an alert - hits = 1500",
        **more,
    }
    return Incident(**given)


def message(*events: Event, more: int = 0) -> Message:
    told = events or (Event(EventKind.FIRED, incident()),)
    return Message(Group(told, more), "web1", ("/var/log/access.log",))


def hostile_message() -> Message:
    hostile = incident(
        "ddos",
        HOSTILE,
        title="Noisy\nclient",
        message=HOSTILE.decode("utf-8", "replace"),
        note="seen\r\nto",
        labels=(("team", "we\x1bb"),),
    )
    return message(Event(EventKind.FIRED, hostile))


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came to hold"
        time.sleep(0.005)

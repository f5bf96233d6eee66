"""What is told, as JSON, as a line, as a text."""

import json

from msgspec.structs import replace

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.rule import Limit, Scope, Severity
from logmon_tui.escape import printable
from logmon_tui.notify.message import Event, EventKind
from tests.notify.examples import START, hostile_message, incident, message

AT = "triggered at 2023-11-14T22:13:20Z"


def test_the_body_is_the_one_documented() -> None:
    ended = incident(
        "errors",
        b"/api",
        scope=Scope.SECTION,
        severity=Severity.WARNING,
        recovered_at=START + 133,
        recovery="errors recovered",
        acknowledged_at=5.0,
        note="known",
        labels=(("team", "web"),),
        runbook="https://wiki.example/errors",
    )
    told = message(
        Event(EventKind.FIRED, incident()), Event(EventKind.RECOVERED, ended), more=1_200
    )
    body = json.loads(told.json())
    text = f"critical: traffic generated an alert - hits = 1500, {AT} (and 1,201 more)"
    assert body == {
        "version": 1,
        "host": "web1",
        "logs": ["/var/log/access.log"],
        "text": text,
        "more": 1_200,
        "events": [
            {
                "event": "fired",
                "id": incident().id,
                "firing": True,
                "rule": "traffic",
                "title": "High traffic",
                "scope": "all",
                "subject": None,
                "severity": "critical",
                "unit": "req/s",
                "value": 12.5,
                "threshold": 10.0,
                "peak": 14.25,
                "hits": 1_500,
                "window": 120,
                "triggered_at": "2023-11-14T22:13:20Z",
                "recovered_at": None,
                "duration": None,
                "acknowledged": False,
                "note": "",
                "message": "traffic generated an alert - hits = 1500",
                "why": "",
                "labels": {},
                "runbook": "",
                "mark": None,
            },
            {
                "event": "recovered",
                "id": ended.id,
                "firing": False,
                "rule": "errors",
                "title": "High traffic",
                "scope": "section",
                "subject": "/api",
                "severity": "warning",
                "unit": "req/s",
                "value": 12.5,
                "threshold": 10.0,
                "peak": 14.25,
                "hits": 1_500,
                "window": 120,
                "triggered_at": "2023-11-14T22:13:20Z",
                "recovered_at": "2023-11-14T22:15:33Z",
                "duration": 133,
                "acknowledged": True,
                "note": "known",
                "message": "errors recovered",
                "why": "",
                "labels": {"team": "web"},
                "runbook": "https://wiki.example/errors",
                "mark": None,
            },
        ],
    }
    assert told.line == text


def test_the_text_tells_each_event_and_its_figures() -> None:
    ended = incident("errors", recovered_at=START + 133, recovery="errors recovered", note="known")
    ended = replace(ended, runbook="restart it")
    told = message(Event(EventKind.FIRING, incident()), Event(EventKind.RECOVERED, ended), more=3)
    assert told.text.splitlines() == [
        f"still critical: traffic generated an alert - hits = 1500, {AT}",
        "  rule traffic, peak 14.2/s, threshold 10.0/s, since 2023-11-14T22:13:20Z",
        "",
        "recovered: errors recovered, recovered at 2023-11-14T22:15:33Z",
        "  rule errors, peak 14.2/s, threshold 10.0/s, lasted 2 m 13 s",
        "  runbook: restart it",
        "  note: known",
        "",
        "and 3 more",
        "",
        "/var/log/access.log on web1",
    ]


def test_what_fires_says_the_mark_that_it_follows_and_a_recovery_need_not() -> None:
    marked = replace(incident(), mark=Mark(START - 12, "api\x1b[2J 4.12"))
    told = message(Event(EventKind.FIRED, marked))
    assert told.line.endswith(f"{AT}; 12 s after mark api\\x1b[2J 4.12")
    assert told.text.startswith(told.line)
    assert json.loads(told.json())["events"][0]["mark"] == {
        "at": "2023-11-14T22:13:08Z",
        "text": "api\\x1b[2J 4.12",
        "seconds": 12,
    }
    assert "mark" not in message(Event(EventKind.TEST, marked)).line
    over = replace(marked, recovered_at=START + 9, recovery="errors recovered")
    assert "mark" not in message(Event(EventKind.RECOVERED, over)).line


def test_a_change_of_severity_says_which_it_is_now() -> None:
    milder = replace(incident(), severity=Severity.WARNING)
    assert message(Event(EventKind.SEVERITY, milder)).line.startswith("now warning: traffic")


def test_a_change_of_severity_tells_how_bad_it_is_and_beyond_which_threshold() -> None:
    limits = (Limit(Severity.WARNING, 10.0, 8.0), Limit(Severity.CRITICAL, 14.0, 14.0))
    worse = message(Event(EventKind.SEVERITY, incident(limits=limits)))
    assert worse.line == (
        "now critical: traffic generated an alert - hits = 1500; "
        "by now 14.2/s at worst, critical is beyond 14.0/s, " + AT
    )
    assert worse.body()["events"][0]["threshold"] == 14.0


def test_a_message_of_the_rules_own_gets_the_title_and_time_that_it_lacks() -> None:
    own = incident("api_5xx", title="API errors\x1b", message="call Ann", recovery="thank Ann")
    ended = replace(own, recovered_at=START + 60)
    title = "API errors\\x1b"
    assert message(Event(EventKind.FIRED, own)).line == f"critical: {title}: call Ann, {AT}"
    assert message(Event(EventKind.RECOVERED, ended)).line == (
        f"recovered: {title}: thank Ann, recovered at 2023-11-14T22:14:20Z"
    )
    whole = replace(own, message="api_5xx at 2023-11-14T22:13:20Z")
    assert message(Event(EventKind.FIRED, whole)).line == f"critical: {whole.message}"


def test_hostile_subjects_are_spelt_out_everywhere() -> None:
    told = hostile_message()
    assert told.line == printable(told.line)
    assert all(line == printable(line) for line in told.text.splitlines())
    (event,) = json.loads(told.json())["events"]
    for value in (*event.values(), *event["labels"].values()):
        assert not isinstance(value, str) or value == printable(value)
    assert event["subject"].startswith("/x\\x0d\\x0aBcc: all@example.com\\x0a\\x1b]0;owned\\x07")
    assert told.json().isascii()


def test_what_no_json_can_hold_is_null() -> None:
    odd = incident(value=float("nan"), peak=float("inf"))
    (event,) = json.loads(message(Event(EventKind.FIRED, odd)).json())["events"]
    assert (event["value"], event["peak"]) == (None, None)

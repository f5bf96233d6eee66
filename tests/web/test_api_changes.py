"""What requests may change, and only with control."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.history.silence import LONGEST, Silence
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.monitor.commands import Acknowledge, AddSilence, EndSilence, SetNote
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Saving, Snapshot
from logmon_tui.state.marks import read_marks
from logmon_tui.web.api import control
from tests.web.api_runs import END, MonitorEngine, application, got, monitor_of, sent, settings

CHANGES = (
    ("PUT", "/incidents/ID/acknowledgement", None),
    ("DELETE", "/incidents/ID/acknowledgement", None),
    ("PUT", "/incidents/ID/note", {"note": "x"}),
    ("POST", "/silences", {"seconds": 60}),
    ("DELETE", "/silences/0123456789abcdef", None),
    ("POST", "/marks", {"text": "api 4.12"}),
)


class Watch:
    """A watch with the API in front of it, and the incident of the loud client."""

    def __init__(
        self, marks: Path | None = None, monitor: HTTPMonitor | None = None, **given: Any
    ) -> None:
        self.settings = settings(**given)
        self.engine = MonitorEngine(monitor_of(self.settings) if monitor is None else monitor)
        self.marks = marks
        self.app = application(self.engine, self.settings, marks)
        incidents = self.engine.latest.alerts.incidents
        self.incident = next(each for each in incidents if each.rule == "ddos")

    def path(self, path: str) -> str:
        return path.replace("ID", self.incident.id)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path / "log.marks")


@pytest.fixture(scope="module")
def read() -> HTTPMonitor:
    """A monitor that no test changes."""
    return monitor_of(settings())


@pytest.fixture
def unchanged(read: HTTPMonitor, tmp_path: Path) -> Iterator[Watch]:
    """A watch that no request changes."""
    watch = Watch(tmp_path / "log.marks", read)
    yield watch
    assert watch.engine.posted == []
    assert list(tmp_path.iterdir()) == []


async def test_an_acknowledgement_and_back(watch: Watch) -> None:
    path = watch.path("/incidents/ID/acknowledgement")
    found = await sent(watch.app, "PUT", path)
    assert found["acknowledged_at"] == iso_time(END)
    assert found == await got(watch.app, watch.path("/incidents/ID"))
    assert (await sent(watch.app, "DELETE", path))["acknowledged_at"] is None
    wanted = [Acknowledge(watch.incident.id, END), Acknowledge(watch.incident.id, None)]
    assert watch.engine.posted == wanted


async def test_a_note_and_none(watch: Watch) -> None:
    path = watch.path("/incidents/ID/note")
    assert (await sent(watch.app, "PUT", path, {"note": " seen <b> "}))["note"] == "seen <b>"
    assert (await sent(watch.app, "PUT", path, {"note": ""}))["note"] == ""
    assert watch.engine.posted[0] == SetNote(watch.incident.id, "seen <b>")


async def test_a_silence_and_its_end(watch: Watch) -> None:
    body = {"seconds": 3_600, "incident": watch.incident.id[:8]}
    made = await sent(watch.app, "POST", "/silences", body, status=201)
    silence = Silence(END, END + 3_600, "ddos", watch.incident.scope, watch.incident.subject)
    assert watch.engine.posted == [AddSilence(silence)]
    assert made["rule"] == "ddos"
    assert made["subject"] == "10.9.9.9"
    assert made["until"] == iso_time(END + 3_600)
    assert (await got(watch.app, "/silences"))["silences"] == [made]
    assert await sent(watch.app, "DELETE", f"/silences/{made['id']}") == made
    assert watch.engine.posted[-1] == EndSilence(silence)
    assert (await got(watch.app, "/silences"))["silences"] == []
    await sent(watch.app, "DELETE", f"/silences/{made['id']}", status=404)


@pytest.mark.parametrize(
    ("body", "rule"),
    [({"seconds": 60}, None), ({"seconds": LONGEST, "rule": "traffic"}, "traffic")],
)
async def test_a_silence_of_a_rule_and_of_everything(
    watch: Watch, body: dict[str, Any], rule: str | None
) -> None:
    made = await sent(watch.app, "POST", "/silences", body, status=201)
    assert (made["rule"], made["scope"], made["subject"]) == (rule, None, None)


async def test_a_mark(watch: Watch, tmp_path: Path) -> None:
    made = await sent(watch.app, "POST", "/marks", {"text": " api 4.12 "}, status=201)
    assert made == {"at": iso_time(END), "text": "api 4.12"}
    earlier = {"text": "cache off", "at": "2026-11-21T13:00:00+01:00"}
    made = await sent(watch.app, "POST", "/marks", earlier, status=201)
    assert made["at"] == "2026-11-21T12:00:00Z"
    file = tmp_path / "log.marks"
    assert [each.text for each in read_marks(file).marks] == ["cache off", "api 4.12"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_without_control_nothing_changes(
    unchanged: Watch, method: str, path: str, body: object
) -> None:
    app = application(unchanged.engine, settings(web_control=False), unchanged.marks)
    answer = await sent(app, method, unchanged.path(path), body, status=403)
    assert "--web-control" in answer["detail"]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES[:-1])
async def test_what_another_watch_keeps_is_changed_there(
    unchanged: Watch, method: str, path: str, body: object
) -> None:
    elsewhere = Saving(problem="another logmon-tui saves this state")
    unchanged.engine.latest = replace(unchanged.engine.latest, saving=elsewhere)
    answer = await sent(unchanged.app, method, unchanged.path(path), body, status=409)
    assert "another logmon-tui" in answer["detail"]


@pytest.mark.parametrize(
    ("change", "body", "status", "told"),
    [
        ("PUT /incidents/abcd/acknowledgement", None, 404, "no incident has such an id"),
        ("PUT /incidents/x/acknowledgement", None, 400, "id: x does not look like one"),
        ("PUT /incidents/ID/note", {"note": "x" * 501}, 400, "note: its length is at most 500"),
        ("PUT /incidents/ID/note", {}, 400, "needs note"),
        ("PUT /incidents/ID/note", {"note": None}, 400, "note: expected a text"),
        ("PUT /incidents/ID/note", {"nota": "x"}, 400, "did you mean note?"),
        ("POST /silences", {"seconds": 59}, 400, "seconds: expected a whole number of at least"),
        ("POST /silences", {"seconds": LONGEST + 1}, 400, "of at most 2,592,000"),
        ("POST /silences", {"seconds": 60, "rule": "ddso"}, 422, "did you mean ddos?"),
        ("POST /silences", {"seconds": 60, "rule": "ddos", "incident": "ID"}, 422, "leave one"),
        ("POST /silences", {"seconds": 60, "incident": "abcd"}, 404, "no incident has such"),
        ("POST /marks", {"text": ""}, 400, "text: its length is at least 1"),
        ("POST /marks", {"text": "  "}, 422, "needs a text"),
        ("POST /marks", {"text": "a\u202eb"}, 422, "one line of plain text"),
        ("POST /marks", {"text": "a\nb"}, 422, "one line of plain text"),
        ("POST /marks", {"text": "x", "at": "noon"}, 422, "no time such as"),
        ("POST /marks", {"text": "x", "at": "1969-12-31"}, 422, "years 1970 to 9999"),
        ("POST /marks", [], 400, "no JSON object"),
    ],
)
async def test_bad_changes_are_refused(
    unchanged: Watch, change: str, body: Any, status: int, told: str
) -> None:
    if isinstance(body, dict) and body.get("incident") == "ID":
        body = {**body, "incident": unchanged.incident.id}
    method, path = unchanged.path(change).split(" ")
    answer = await sent(unchanged.app, method, path, body, status=status)
    assert told in answer["detail"]
    assert answer["status"] == status


async def test_an_id_that_several_begin_with(unchanged: Watch) -> None:
    watch, incident = unchanged, unchanged.incident
    alike = replace(incident, id=incident.id[:-1] + ("0" if incident.id[-1] != "0" else "1"))
    alerts = watch.engine.latest.alerts
    alerts = replace(alerts, incidents=(*alerts.incidents, alike))
    watch.engine.latest = replace(watch.engine.latest, alerts=alerts)
    answer = await got(watch.app, f"/incidents/{incident.id[:8]}", status=404)
    assert answer["detail"] == "id: the ids of 2 incidents begin so; give more of one"


async def test_a_change_is_there_at_once(watch: Watch) -> None:
    class Late(MonitorEngine):
        """An engine whose pipeline publishes Snapshots only now and then."""

        def picture(self) -> Snapshot:
            return before

    before = watch.engine.latest
    engine = Late(watch.engine.monitor)
    app = application(engine, watch.settings)
    made = await sent(app, "POST", "/silences", {"seconds": 60}, status=201)
    assert engine.latest.alerts.silences == ()
    assert (await got(app, "/silences"))["silences"] == [made]
    assert await sent(app, "DELETE", f"/silences/{made['id']}") == made
    assert (await got(app, "/silences"))["silences"] == []


async def test_silences_are_bounded(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "MAX_SILENCES", 1)
    await sent(watch.app, "POST", "/silences", {"seconds": 60}, status=201)
    answer = await sent(watch.app, "POST", "/silences", {"seconds": 60}, status=409)
    assert answer["detail"] == "1 silences are in force already; end one"


async def test_a_watch_without_a_file_of_marks_takes_none(read: HTTPMonitor) -> None:
    watch = Watch(None, read)
    answer = await sent(watch.app, "POST", "/marks", {"text": "x"}, status=409)
    assert "--marks FILE" in answer["detail"]


async def test_a_mark_that_cannot_be_kept_is_told(read: HTTPMonitor, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    watch = Watch(tmp_path / "link", read)
    answer = await sent(watch.app, "POST", "/marks", {"text": "x"}, status=500)
    assert "symbolic link" in answer["detail"]
    watch = Watch(tmp_path, read)
    answer = await sent(watch.app, "POST", "/marks", {"text": "x"}, status=500)
    assert "cannot be kept" in answer["detail"]
    assert not (tmp_path / "elsewhere").exists()

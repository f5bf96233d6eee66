"""The window of an incident: all there is to say, at every size, live, safe and closable."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from textual.containers import VerticalScroll

from logmon_tui.alerts.model.evidence import Evidence, Kind, Mover
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope
from logmon_tui.config.settings import Panel
from logmon_tui.monitor.commands import Acknowledge, AddSilence
from logmon_tui.snapshot import Saving, Snapshot
from logmon_tui.tui.alerts.incident_window import IncidentWindow
from logmon_tui.tui.alerts.why_text import incident_lines
from logmon_tui.tui.app import LogmonApp
from tests.tui.fakes import HOSTILE, FakeEngine, snapshot
from tests.tui.incidents import AT, incident
from tests.tui.screens import (
    assert_tidy,
    each_size,
    make_app,
    screen_lines,
    screen_text,
    until,
    until_shown,
    until_still,
)


def picture(*incidents: Incident, at: float = AT + 83.0) -> Snapshot:
    return replace(snapshot(incidents=incidents), log_time=at)


async def opened(app: LogmonApp, pilot: Any) -> IncidentWindow:
    """Open the first incident of the alerts panel, as a user does."""
    await until_still(app)
    app.dashboard.panels[Panel.ALERTS].focus()
    await pilot.press("enter")
    await until(lambda: isinstance(app.screen, IncidentWindow))
    await until_still(app)
    assert isinstance(app.screen, IncidentWindow)
    return app.screen


def window_text(app: LogmonApp) -> str:
    """Return what the screen shows of the window, without what lies behind it."""
    box = app.screen.query_one(VerticalScroll).region
    lines = screen_lines(app)[box.y : box.bottom]
    return "\n".join(line[box.x : box.right].rstrip() for line in lines) + "\n"


def text_of(given: Incident, width: int = 120, now: float = AT + 83.0) -> str:
    return "\n".join(line.plain for line in incident_lines(given, now, width, 6))


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24), (40, 12)], ids=str)
async def test_the_window_as_text(size: tuple[int, int], screen_snapshot: Any) -> None:
    app = make_app(FakeEngine(picture(incident())))
    async with app.run_test(size=size) as pilot:
        window = await opened(app, pilot)
        pages = [window_text(app)]
        await pilot.press("end")
        box = window.query_one(VerticalScroll)
        await until(lambda: box.scroll_offset.y == box.max_scroll_y)
        await until_still(app)
        pages.append(window_text(app))
        screen_snapshot("\n".join(pages), f"incident-{size[0]}x{size[1]}.txt")


@pytest.fixture
def screen_snapshot(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"

    def check(text: str, name: str) -> None:
        snapshot.assert_match(text, name)

    return check


def hostile(key: bytes) -> Incident:
    """Return an incident with hostile text wherever there can be any."""
    text = key.decode("utf-8", "surrogateescape")
    movers = tuple((kind, (Mover(key, 0, 9, 1.0), Mover(key, 1, 2, 0.1))) for kind in Kind)
    return replace(
        incident(recovered=True),
        rule=text,
        title=text,
        subject=key,
        message=text,
        recovery=text,
        note=text,
        labels=((text, text),),
        runbook=text,
        evidence=replace(
            incident().evidence or Evidence(0, 0, ()), movers=movers, samples=(key, key * 200)
        ),
    )


@pytest.mark.parametrize("size", each_size())
async def test_hostile_names_are_tidy_at_every_size(size: tuple[int, int]) -> None:
    await assert_hostile_names_are_tidy(size)


async def test_hostile_names_are_tidy_without_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    await assert_hostile_names_are_tidy((120, 36))


async def assert_hostile_names_are_tidy(size: tuple[int, int]) -> None:
    app = make_app(FakeEngine(picture(hostile(HOSTILE[3] + HOSTILE[0] + HOSTILE[5]))))
    async with app.run_test(size=size) as pilot:
        window = await opened(app, pilot)
        assert_tidy(app, size)
        await pilot.press("end")
        box = window.query_one(VerticalScroll)
        await until(lambda: box.scroll_offset.y == box.max_scroll_y)
        await until_still(app)
        assert_tidy(app, size)
        assert any("id" in line for line in screen_lines(app)), "the end can be reached"


@pytest.mark.parametrize("key", HOSTILE)
@pytest.mark.parametrize("width", [1, 20, 31, 72, 92, 93, 140])
def test_no_line_is_wider_than_there_is_room(key: bytes, width: int) -> None:
    for given in (hostile(key), replace(hostile(key), evidence=None), incident()):
        lines = incident_lines(given, AT + 83.0, width, 6)
        if width >= 31:
            assert max(line.cell_length for line in lines) <= width


async def test_it_opens_scrolls_and_closes() -> None:
    app = make_app(FakeEngine(picture(incident())))
    async with app.run_test(size=(80, 24)) as pilot:
        window = await opened(app, pilot)
        box = window.query_one(VerticalScroll)
        await pilot.press("j")
        await until(lambda: box.scroll_offset.y == 1)
        await pilot.press("k")
        await until(lambda: box.scroll_offset.y == 0)
        await pilot.press("pagedown")
        await until_shown(app, "What rose")
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, IncidentWindow))


async def test_it_follows_an_incident_while_it_lasts() -> None:
    engine = FakeEngine(picture(incident()))
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(app, pilot)
        await until_shown(app, "firing for 1 m 23 s")
        assert engine.publish is not None
        engine.publish(picture(incident(), at=AT + 90.0))
        await until_shown(app, "firing for 1 m 30 s")
        engine.publish(picture(incident(recovered=True), at=AT + 150.0))
        await until_shown(app, "recovered after 2 m 20 s")
        engine.publish(picture(at=AT + 160.0))
        await until_shown(app, "recovered after 2 m 20 s")


async def test_an_incident_is_acknowledged_noted_and_silenced_in_its_window() -> None:
    engine = FakeEngine(picture(incident()))
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await opened(app, pilot)
        await until_shown(
            app, "esc closes · a ack · n note · S silence · o go there · b bundle · ↑ ↓"
        )
        await pilot.press("a")
        await until(lambda: engine.posted == [Acknowledge(incident().id, None)])
        await until(lambda: "· acknowledged" not in screen_text(app))
        await pilot.press("n")
        await until_shown(app, "✎ Errors in /api")
        await pilot.press("!", "enter")
        await until_shown(app, "✎ Deployed 4.12 at 12:01; rolled back.!")
        await pilot.press("S", "enter")
        await until(lambda: len(engine.posted) == 3)
        command = engine.posted[2]
        assert isinstance(command, AddSilence)
        assert (command.silence.rule, command.silence.subject) == ("api_errors", b"/api")
        assert isinstance(app.screen, IncidentWindow)


async def test_where_another_instance_keeps_the_alerts_nothing_is_done_about_them_here() -> None:
    problem = "another logmon-tui watches these logs and saves their state; this one does not"
    given = replace(picture(incident()), saving=Saving("/state", problem))
    engine = FakeEngine(given)
    app = make_app(engine)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_still(app)
        app.dashboard.panels[Panel.ALERTS].focus()
        for key in ("a", "n", "S"):
            await pilot.press(key)
            await until_shown(app, "Another logmon-tui watches these logs")
            assert app.screen_stack == [app.screen]
        await opened(app, pilot)
        await until_shown(app, "another logmon-tui keeps the alerts")
        await pilot.press("a", "n", "S")
        assert isinstance(app.screen, IncidentWindow)
        assert engine.posted == []


@pytest.mark.parametrize("width", [44, 80, 140])
def test_lines_of_the_log_are_whole_in_up_to_three_rows(width: int) -> None:
    given = incident()
    assert given.evidence is not None
    short, long = given.evidence.samples[0], b"x" * 1_000
    evidence = replace(given.evidence, samples=(short, long))
    text = text_of(replace(given, evidence=evidence), width)
    _, _, rows = text.partition("Lines of the log that belong to it\n")
    told = rows.partition("\n\n")[0].split("\n")
    place = next(n for n, row in enumerate(told) if row.startswith("xx"))
    assert len(told) - place == 3
    assert told[-1].endswith("…")
    if width > 70:
        assert told[0] + "".join(row[2:] for row in told[1:place]) == short.decode()


def test_everything_kept_is_told() -> None:
    text = text_of(incident(recovered=True), 160)
    for told in (
        "✓ Errors in /api",
        "was critical · recovered after 2 m 20 s · fired at 12:03:10 UTC · acknowledged",
        "5.1 % of 1,204 hits are 5xx",
        "✎ Deployed 4.12 at 12:01; rolled back.",
        "peak 24.2 % at 12:04:27",
        "44 → 537 hits",
        "/checkout/café",
        "95.7 %",
        "GET /api/orders/1004?token=abcdef0123",
        "warning 12:03:10, critical 12:03:48",
        "team=shop runbook=https://wiki.example.org/errors",
        "section /api",
        incident().id,
    ):
        assert told in text, told


def test_a_kind_that_the_subject_settles_has_no_table() -> None:
    assert "sections" not in text_of(incident())
    assert "sections" in text_of(replace(incident(), scope=Scope.CLIENT))
    assert "clients" not in text_of(replace(incident(), scope=Scope.CLIENT))


def test_without_evidence_it_says_why() -> None:
    text = text_of(replace(incident(), evidence=None))
    assert "Why it fired was not kept" in text
    assert "What rose" not in text


def with_evidence(**given: Any) -> Incident:
    return replace(incident(), evidence=replace(incident().evidence or Evidence(0, 0, ()), **given))


def test_what_is_not_known_or_estimated_is_said() -> None:
    text = text_of(with_evidence(since=AT - 100, sampled=True), 160)
    assert "hits are known since 12:01:30 only" in text
    assert "estimates" in text
    assert "estimates" not in text_of(incident())
    assert "known since" not in text_of(incident())


def test_what_fell_is_called_so() -> None:
    fell = replace(with_evidence(before=500, now=3), value=0.001)
    assert "What fell" in text_of(fell)
    assert "What there was most of" in text_of(with_evidence(before=500, now=3))
    assert "What there was" in text_of(with_evidence(movers=()))


def test_bytes_are_told_as_such() -> None:
    text = text_of(replace(with_evidence(before=10, now=5_000_000), unit=Unit.BYTES_RATE))
    assert "10 B → 5.0 MB" in text

"""The running program: each key does what the help says."""

import subprocess
import sys
import threading

import pytest
from msgspec.structs import replace
from textual.widgets._toast import Toast

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import SetThreshold
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.incident_window import IncidentWindow
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.styles import theme_names
from logmon_tui.tui.panels.keys import ALL_GROUPS
from logmon_tui.tui.screens.help import Help
from tests.tui.fakes import NOW, FakeEngine, incident, ranking, snapshot
from tests.tui.screens import ALL, Clock, make_app, screen_text, until, until_shown


async def test_the_engine_starts_after_the_first_paint_and_stops_with_the_screen() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test() as pilot:
        await until(lambda: engine.publish)
        assert not engine.stopped
        await pilot.press("q")
    assert engine.stopped


async def test_the_engine_rests_while_a_picture_or_a_key_is_painted() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await until(engine.idle.is_set)
        engine.publish(replace(snapshot(), rate=777.0))
        assert not engine.idle.is_set()
        await until(engine.idle.is_set)
        assert "777.0 req/s now" in screen_text(app)
        seen: list[bool] = []
        app.action_pause = lambda: seen.append(engine.idle.is_set())  # type: ignore[method-assign]
        await pilot.press("space")
        await until(lambda: seen)
        await until(engine.idle.is_set)
        assert seen == [False]


async def test_the_address_of_the_page_is_told_at_the_start() -> None:
    url = "http://127.0.0.1:8080/#token=[b]3456789_-23456789"  # as long as one that is made
    app = make_app(FakeEngine(snapshot()), page=url)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_shown(app, url)
        await pilot.press("q")


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_quit_keys_quit(key: str) -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        await pilot.press(key)
        await until(lambda: not app.is_running)


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_quit_keys_quit_from_the_help_too(key: str) -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        await pilot.press("question_mark", key)
        await until(lambda: not app.is_running)


@pytest.mark.parametrize("key", ["space", "p"])
async def test_pause_lets_the_picture_stand_still(key: str) -> None:
    engine, clock = FakeEngine(snapshot()), Clock()
    app = make_app(engine, monotonic=clock)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press(key)
        await until_shown(app, "❚❚ PAUSED 00:00")
        engine.publish(replace(snapshot(), rate=777.0))
        clock.now += 75
        await until_shown(app, "❚❚ PAUSED 01:15")
        assert "412.3 req/s now" in screen_text(app)
        await pilot.press(key)
        await until_shown(app, "777.0 req/s now")
        assert "PAUSED" not in screen_text(app)


async def test_an_alert_is_announced_even_while_paused() -> None:
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("space")
        engine.publish(snapshot())
        await until(lambda: app.query(Toast))
        assert "4 Alerts ─ ✓ none" in screen_text(app)


async def test_plus_and_minus_move_the_threshold_at_once() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "threshold 400 req/s")
        await pilot.press("plus")
        await until_shown(app, "threshold 440 req/s")
        await pilot.press("equals_sign", "minus", "minus")
        await until_shown(app, "threshold 390 req/s")
        assert engine.posted == [SetThreshold(each) for each in (440, 480, 430, 390)]
        engine.publish(snapshot())  # made before the engine heard of it
        await pilot.pause()
        assert "threshold 390 req/s" in screen_text(app)


async def test_c_returns_to_the_configured_threshold() -> None:
    kept = snapshot(threshold=440)
    engine = FakeEngine(replace(kept, alerts=replace(kept.alerts, configured=400)))
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "of 440 set by key")
        await pilot.press("plus")
        await until_shown(app, "of 480 set by key")
        await pilot.press("C")
        await until_shown(app, "threshold 400 req/s")
        assert "set by key" not in screen_text(app)
        await pilot.press("C")
        assert engine.posted == [SetThreshold(480), SetThreshold(None)]


async def test_the_threshold_line_moves_up_when_the_threshold_rises() -> None:
    app = make_app(FakeEngine(snapshot(threshold=200)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "threshold 200 req/s")
        before = _line_of(app, "200 ┤")
        await pilot.press(*["plus"] * 4)
        await until_shown(app, "threshold 290 req/s")
        assert _line_of(app, "290 ┤") < before


def _line_of(app: LogmonApp, text: str) -> int:
    return next(y for y, line in enumerate(screen_text(app).splitlines()) if text in line)


async def test_the_threshold_can_be_moved_before_the_first_picture() -> None:
    engine = FakeEngine()
    app = make_app(engine, Settings(threshold=50))
    async with app.run_test() as pilot:
        await pilot.press("plus")
        assert engine.posted == [SetThreshold(55)]


async def test_an_alert_hides_neither_header_nor_alerts_on_a_narrow_screen() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24), notifications=True):
        app.notify("A toast", markup=False)
        await until_shown(app, "A toast")
        await until_shown(app, "1 FIRING")
        await until_shown(app, "4 Alerts")


async def test_titles_show_before_the_first_hit() -> None:
    app = make_app(FakeEngine(Snapshot()))
    async with app.run_test(size=(120, 36)):
        for title in ("1 Traffic", "2 Sections", "3 Status", "4 Alerts"):
            await until_shown(app, title)


@pytest.mark.parametrize("key", ["escape", "question_mark"])
async def test_help_lists_every_key_and_closes(key: str) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 120)) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, Help)
        await until_shown(app, "Keys and signs")
        text = screen_text(app)
        for group in ALL_GROUPS:
            for binding in group.bindings:
                assert binding.tooltip in text
                assert (binding.key_display or binding.key) in text
        await pilot.press(key)
        assert not isinstance(app.screen, Help)


def test_every_action_in_the_key_table_exists() -> None:
    for group in ALL_GROUPS:
        for binding in group.bindings:
            assert binding.tooltip
            assert binding.description
    ids = [binding.id for binding in LogmonApp.BINDINGS if binding.id]
    assert len(ids) == len(set(ids))


async def test_the_palette_has_every_action_and_theme() -> None:
    app = make_app(FakeEngine())
    async with app.run_test() as pilot:
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {f"Theme: {name}" for name in theme_names()} <= titles
        assert "Picture: Pause" in titles
        for command in app.get_system_commands(app.screen):
            if command.title == "Picture: Pause":
                await command.callback()
        await until_shown(app, "PAUSED")
        await pilot.press("ctrl+p")
        assert type(app.screen).__name__ == "CommandPalette"


async def test_firing_alerts_ring_and_show_a_toast(monkeypatch: pytest.MonkeyPatch) -> None:
    rung = []
    monkeypatch.setattr(LogmonApp, "bell", lambda _: rung.append("ding"))
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine)
    async with app.run_test(size=(120, 36), notifications=True):
        await until_shown(app, "412.3 req/s now")
        engine.publish(snapshot(incidents=(incident(subject=b"[/]\x1b[31m"),)))
        await until_shown(app, "▲ Firing: High traffic [/]\\x1b[31m")
        assert len(rung) == 1


async def test_no_bell_rings_when_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    rung = []
    monkeypatch.setattr(LogmonApp, "bell", lambda _: rung.append("ding"))
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine, Settings(no_bell=True))
    async with app.run_test(size=(120, 36), notifications=True):
        await until_shown(app, "412.3 req/s now")
        engine.publish(snapshot())
        await until(lambda: app.query(Toast))
        assert rung == []


async def test_enter_shows_an_incident_in_full() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "Errors in /api")
        app.dashboard.panels[Panel.ALERTS].focus()
        await pilot.press("j", "enter")
        assert isinstance(app.screen, IncidentWindow)
        await until_shown(app, "recovered after 2 m 13 s")
        await pilot.press("escape")
        assert not isinstance(app.screen, IncidentWindow)


async def test_snapshots_from_another_thread_are_painted_and_only_the_newest_counts() -> None:
    engine = FakeEngine()
    app = make_app(engine)
    async with app.run_test(size=(120, 36)):
        await until(lambda: engine.publish)
        shown = []
        watch = app.dashboard.show
        app.dashboard.show = lambda picture: (shown.append(picture), watch(picture))
        pictures = [replace(snapshot(), rate=float(n)) for n in range(500)]
        thread = threading.Thread(target=lambda: [engine.publish(p) for p in pictures])
        thread.start()
        await until_shown(app, "499.0 req/s now")
        thread.join()
        assert len(shown) < len(pictures)


async def test_keys_at_the_bottom_can_be_clicked() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        x = screen_text(app).splitlines()[-1].index("? help")
        await pilot.click("KeyBar", offset=(x, 0))
        await until(lambda: isinstance(app.screen, Help))


async def test_the_terminal_s_title_is_not_set_from_the_log() -> None:
    app = make_app(FakeEngine(snapshot()), name_of_log="/tmp/evil\x1b]0;x")
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "/tmp/evil\\x1b]0;x")
        assert app.title == "logmon"


async def test_an_empty_picture_and_a_full_one_can_follow_each_other() -> None:
    engine = FakeEngine(Snapshot())
    app = make_app(engine, Settings(show=ALL))
    async with app.run_test(size=(160, 45)):
        await until(lambda: engine.publish)
        for picture in (snapshot(), Snapshot(), snapshot(time=NOW + 9_999_999), Snapshot()):
            engine.publish(picture)
            await until(lambda picture=picture: app.snapshot is picture)


async def test_a_ranking_that_shrinks_under_the_cursor_is_no_problem() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "/assets")
        await pilot.press("G")
        few = snapshot()
        engine.publish(replace(few, now=replace(few.now, sections=ranking((b"/one",), 5))))
        await until(lambda: "/assets" not in screen_text(app))
        assert app.dashboard.panels[Panel.SECTIONS].cursor_key == b"/one"


def test_the_screen_does_not_import_the_engine_s_libraries() -> None:
    code = (
        "import sys, logmon_tui.tui.app; "
        "print(sorted({'numpy', 're2', 'watchdog', 'datasketches'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""ctrl+c quits at once, but where it may mean something else it asks first."""

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from logmon_tui.config.settings import Panel
from logmon_tui.tui import leaving
from logmon_tui.tui.app import LogmonApp
from tests.tui.alert_fakes import HIGH, SLOW, with_alerts
from tests.tui.fakes import FakeEngine, incident, snapshot
from tests.tui.screens import Clock, make_app, screen_text, until, until_shown, until_still

SIZE = (120, 36)
PAST = incident(lasted=30)
ASKED_SECONDS = 600.0


@pytest.fixture(autouse=True)
def _time_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a question stay for as long as a busy machine may take to look at it."""
    monkeypatch.setattr(leaving, "ASKED_SECONDS", ASKED_SECONDS)


async def quits(app: LogmonApp) -> None:
    await until(lambda: not app.is_running)


async def test_ctrl_c_asks_once_while_an_alert_fires() -> None:
    clock = Clock()
    app = make_app(FakeEngine(with_alerts(incidents=(HIGH,))), monotonic=clock)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "1 FIRING")
        await pilot.press("ctrl+c")
        await until_shown(app, "An alert is firing; ctrl+c again quits.")
        clock.now += ASKED_SECONDS - 0.1
        await pilot.press("ctrl+c")
        await quits(app)


async def test_after_a_while_ctrl_c_asks_again() -> None:
    clock = Clock()
    app = make_app(FakeEngine(with_alerts(incidents=(HIGH, SLOW, PAST))), monotonic=clock)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "2 FIRING")
        for _ in range(3):
            await pilot.press("ctrl+c")
            await until_shown(app, "2 alerts are firing; ctrl+c again quits.")
            clock.now += ASKED_SECONDS
        assert app.is_running
        await pilot.press("ctrl+c", "ctrl+c")
        await quits(app)


async def test_what_began_to_fire_while_the_picture_stands_still_counts() -> None:
    engine = FakeEngine(snapshot(incidents=(PAST,)))
    app = make_app(engine)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("space")
        engine.publish(with_alerts(incidents=(HIGH,)))
        await pilot.press("ctrl+c")
        await until_shown(app, "An alert is firing; ctrl+c again quits.")


@pytest.mark.parametrize("key", ["ctrl+c", "q", "ctrl+q"])
async def test_where_only_recovered_alerts_stand_all_quit_at_once(key: str) -> None:
    app = make_app(FakeEngine(snapshot(incidents=(PAST,))))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "1 recovered")
        await pilot.press(key)
        await quits(app)


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_q_quits_at_once_though_an_alert_fires(key: str) -> None:
    app = make_app(FakeEngine(with_alerts()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "4 FIRING")
        await pilot.press(key)
        await quits(app)


async def test_ctrl_c_copies_what_is_selected_and_quits_when_pressed_again() -> None:
    app = make_app(FakeEngine(snapshot(incidents=(PAST,))))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("slash", *"abc", "shift+left", "shift+left", "ctrl+c")
        await until_shown(app, "Copied; ctrl+c again quits.")
        assert app.clipboard == "bc"
        await pilot.press("ctrl+c")
        await quits(app)


async def test_ctrl_c_quits_at_once_while_something_is_typed_and_nothing_selected() -> None:
    app = make_app(FakeEngine(snapshot(incidents=(PAST,))))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("slash", *"abc")
        assert app.screen.query_one(Input).value == "abc"
        await pilot.press("ctrl+c")
        await quits(app)


@pytest.mark.parametrize("key", ["question_mark", "f1", "S", "enter", "slash"])
async def test_the_question_shows_over_a_window_too(key: str) -> None:
    app = make_app(FakeEngine(with_alerts(incidents=(HIGH,))))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "1 FIRING")
        app.dashboard.panels[Panel.ALERTS].focus()
        await pilot.press(key)
        await until(lambda: len(app.screen_stack) == 2)
        await pilot.press("ctrl+c")
        await until_shown(app, "An alert is firing; ctrl+c again quits.")
        await pilot.press("ctrl+c")
        await quits(app)


async def test_ctrl_z_says_so_where_it_can_do_nothing() -> None:
    app = make_app(FakeEngine(replace(snapshot(), rate=5.0)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "5.0 req/s now")
        await pilot.press("ctrl+z")
        await until_shown(app, "There is no shell here")
        await until_still(app)
        assert "5.0 req/s now" in screen_text(app)

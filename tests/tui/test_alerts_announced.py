"""How alerts are announced: toasts, also over windows, and notifications of the desktop."""

import io

import pytest
from msgspec.structs import replace
from textual.widgets._toast import Toast

from logmon_tui.config.settings import Settings
from logmon_tui.notify.screen import Desktop
from logmon_tui.tui.app import LogmonApp
from tests.tui.alert_fakes import (
    ERRORS,
    HIGH,
    SLOW,
    with_alerts,
)
from tests.tui.alerts_panel import ROOMY, see
from tests.tui.fakes import NOW, FakeEngine, incident, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown, until_still


@pytest.mark.parametrize("key", ["question_mark", "enter", "S"])
async def test_what_fires_while_a_window_is_open_is_told_when_it_is_closed(key: str) -> None:
    engine = FakeEngine(with_alerts(incidents=(SLOW,)))
    app = make_app(engine)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await see(app, "Slow endpoint")
        await until(lambda: app.query(Toast))  # on what has fired for some time
        await pilot.press(key)
        await until(lambda: len(app.screen_stack) == 2)
        await until_still(app)
        assert not any(toast.display for toast in app.screen.query(Toast))
        for fired in ((HIGH, SLOW), (HIGH, ERRORS, SLOW)):
            engine.publish(with_alerts(incidents=fired))
            await until_still(app)
            assert "alerts fired" not in screen_text(app)
        await pilot.press("escape")
        await until(lambda: len(app.screen_stack) == 1)
        engine.publish(with_alerts(incidents=(HIGH, ERRORS, SLOW)))
        await until_shown(app, "▲ 2 alerts fired")
        assert all(toast.size.width < 46 for toast in app.query(Toast))


async def test_many_alerts_show_one_toast_which_the_next_replaces() -> None:
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine)
    clients = tuple(incident("Noisy client", "ddos", b"10.0.0.%d" % n) for n in range(9))
    async with app.run_test(size=ROOMY, notifications=True):
        await until_shown(app, "412.3 req/s now")
        engine.publish(snapshot(incidents=clients[:5]))
        await until_shown(app, "▲ 5 alerts fired")
        engine.publish(snapshot(incidents=clients))
        await until_shown(app, "▲ 9 alerts fired")
        await until(lambda: len(app.query(Toast)) == 1)
        engine.publish(snapshot(incidents=tuple(replace(c, recovered_at=NOW) for c in clients)))
        await until_shown(app, "✓ 9 alerts recovered")
        await until(lambda: len(app.query(Toast)) == 2)


async def test_a_toast_replaces_the_last_in_one_go(layouts: list[object]) -> None:
    """Textual lays out the screen for a toast that goes, then for one that comes, for its size."""
    engine = FakeEngine(snapshot(incidents=(HIGH,)))
    app = make_app(engine)
    async with app.run_test(size=ROOMY, notifications=True):
        await until_shown(app, "Still firing")
        engine.publish(snapshot(incidents=(HIGH, ERRORS)))
        await until_shown(app, "Firing: ")
        layouts.clear()
        former = app.query(Toast).last()
        engine.publish(snapshot(incidents=(HIGH, replace(ERRORS, id="another"))))
        await until_shown(app, "alerts fired")
        assert former not in app.query(Toast)
        assert 1 <= len(layouts) <= 2


async def test_a_notification_of_the_desktop_is_written_by_the_terminal_s_driver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(LogmonApp, "is_headless", False)
    monkeypatch.delenv("TMUX", raising=False)
    written = io.StringIO()
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine, Settings(no_bell=True), targets=(Desktop(group_wait=0.0),))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "412.3 req/s now")
        monkeypatch.setattr(app._driver, "write", written.write)
        engine.publish(snapshot(incidents=(replace(incident(), message="x\x1b\\;\x07y"),)))
        await until(lambda: "notify" in written.getvalue())
        assert "\x1b]777;notify;logmon;critical: " in written.getvalue()
        assert "x\\x1b\\,\\x07y" in written.getvalue()

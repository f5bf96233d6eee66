"""Which panel has the focus can be seen in every state, by its shape and by its colour."""

from pathlib import Path

import pytest
from textual.color import Color

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.styles import theme_names
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import ALL, make_app, screen_text, until, until_shown, until_still

SIZE = (120, 36)
DEMO_CSS = Path(__file__).parents[2] / "demo.tcss"


def border_of(app: LogmonApp, name: Panel) -> tuple[str, Color]:
    """Return the kind and the colour of a panel's border."""
    return app.dashboard.panels[name].styles.border_top


async def focus(app: LogmonApp, name: Panel) -> None:
    app.dashboard.panels[name].focus()
    await until(lambda: app.dashboard.panels[name].has_focus)


@pytest.mark.parametrize("firing", [True, False], ids=["firing", "calm"])
@pytest.mark.parametrize("no_colour", [False, True], ids=["colour", "no-colour"])
async def test_the_focus_has_a_shape_of_its_own_in_every_panel(
    monkeypatch: pytest.MonkeyPatch, *, firing: bool, no_colour: bool
) -> None:
    if no_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    picture = snapshot() if firing else snapshot(incidents=())
    app = make_app(FakeEngine(picture), Settings(show=ALL))
    async with app.run_test(size=(160, 90)):
        await until_shown(app, "412.3 req/s now")
        for name in ALL:
            await focus(app, name)
            kinds = {each: border_of(app, each)[0] for each in ALL}
            assert kinds.pop(name) == "heavy"
            assert set(kinds.values()) == {"round"}


async def test_the_focus_has_its_colour_while_alerts_fire_in_every_theme() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE):
        await until_shown(app, "▲ 1 firing")
        for theme in theme_names():
            app.theme = theme
            await focus(app, Panel.SECTIONS)
            await until_still(app)
            unfocused, focused = border_of(app, Panel.ALERTS), border_of(app, Panel.SECTIONS)
            await focus(app, Panel.ALERTS)
            await until_still(app)
            assert border_of(app, Panel.ALERTS) == focused, theme
            assert focused[1] != unfocused[1], theme


async def test_the_focus_is_on_the_screen_as_a_heavy_box() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE):
        await until_shown(app, "┏━ 2 Sections")
        await focus(app, Panel.ALERTS)
        await until_shown(app, "┏━ 4 Alerts")
        assert screen_text(app).count("┏") == 1


async def test_the_hint_goes_with_the_focus() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "2 Sections")
        await pilot.press("tab")
        await until_shown(app, " enter, double click: why ")
        await pilot.press("tab")
        await until_shown(app, " v: codes · enter: only ")
        assert "double click" not in screen_text(app)


async def test_the_example_stylesheet_shows_the_focus_of_panels_that_it_names() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(css=str(DEMO_CSS), show=ALL))
    async with app.run_test(size=(160, 90)):
        await until_shown(app, "▲ 1 firing")
        for name in ALL:
            await focus(app, name)
            assert [each for each in ALL if border_of(app, each)[0] == "double"] == [name]

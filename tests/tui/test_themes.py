"""Themes, stylesheets and what the screen remembers from run to run."""

from pathlib import Path

import pytest

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.errors import UsageError
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.styles import theme_names
from logmon_tui.tui.panels.memory import recall
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import make_app, until, until_shown


async def test_a_theme_chosen_in_the_palette_dresses_the_screen_and_is_remembered(
    tmp_path: Path,
) -> None:
    state = tmp_path / "screen.json"
    app = make_app(FakeEngine(), state_file=state)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("ctrl+p", *"light", "down")
        await pilot.pause(0.2)
        for command in app.get_system_commands(app.screen):
            if command.title == "Theme: logmon-light":
                command.callback()
        await until(lambda: app.theme == "logmon-light")
    again = make_app(FakeEngine(), state_file=state)
    async with again.run_test():
        assert again.theme == "logmon-light"
    given = make_app(FakeEngine(), Settings(theme="nord"), state_file=state)
    async with given.run_test():
        assert given.theme == "nord"


async def test_panels_and_sort_are_remembered(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    app = make_app(FakeEngine(snapshot()), state_file=state)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("s", "r", "5", "1", "1", "0")
    again = make_app(FakeEngine(snapshot()), state_file=state)
    async with again.run_test(size=(120, 36)):
        expected = (Panel.SECTIONS, Panel.STATUS, Panel.ALERTS, Panel.CLIENTS, Panel.INGEST)
        assert again.dashboard.shown == expected
        await until_shown(again, "▲%")
    given = make_app(FakeEngine(), Settings(show=(Panel.TAIL, Panel.SIZE)), state_file=state)
    async with given.run_test():
        assert given.dashboard.shown == (Panel.TAIL,)


async def test_choices_that_cannot_be_saved_are_told_once(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    state.mkdir()
    app = make_app(FakeEngine(snapshot(incidents=())), state_file=state)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("1", "1", "2", "2")
        await until_shown(app, "Choices are not saved")
        assert len(app._notifications) == 1
    assert recall(state).show is None


async def test_editing_the_stylesheet_restyles_the_running_program(tmp_path: Path) -> None:
    css = tmp_path / "mine.tcss"
    css.write_text("#status { width: 30; }")
    app = make_app(FakeEngine(snapshot()), Settings(css=str(css)))
    async with app.run_test(size=(120, 36), notifications=True):
        status = app.dashboard.panels[Panel.STATUS]
        await until(lambda: status.region.width == 30)
        css.write_text("#status { width: 34; }")
        await until(lambda: status.region.width == 34)
        css.write_text("#status { width: }\nnonsense [/] {{{")
        await until_shown(app, "mine.tcss:")
        assert status.region.width == 34
        css.write_text("#status { width: 32; }")
        await until(lambda: status.region.width == 32)


def test_a_bad_stylesheet_or_theme_is_refused_before_the_screen_opens(tmp_path: Path) -> None:
    css = tmp_path / "bad.tcss"
    css.write_text("Panel { color: }")
    with pytest.raises(UsageError, match=r"bad\.tcss:1: "):
        make_app(FakeEngine(), Settings(css=str(css)))
    with pytest.raises(UsageError, match="no theme is called"):
        make_app(FakeEngine(), Settings(theme="nonsuch"))


@pytest.mark.parametrize("theme", ["logmon-light", "nord", "ansi-dark"])
async def test_the_screen_begins_as_if_its_theme_was_chosen_later(theme: str) -> None:
    def looks(app: LogmonApp) -> list[object]:
        styled = [app.screen, app.summary, *app.dashboard.panels.values()]
        rules = [widget.styles.css for widget in styled]
        return [app.classes, app.get_pseudo_classes(), rules, *map(vars, app._filters)]

    begun, changed = (
        make_app(FakeEngine(snapshot()), Settings(theme=each)) for each in (theme, "dracula")
    )
    async with begun.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        expected = looks(begun)
    async with changed.run_test(size=(120, 36)) as pilot:
        changed.theme = theme
        await pilot.pause()
        assert looks(changed) == expected


@pytest.mark.parametrize(
    "theme",
    [
        pytest.param(name, marks=() if name.startswith("logmon") else pytest.mark.slow)
        for name in theme_names()
    ],
)
async def test_every_theme_works(theme: str) -> None:
    app = make_app(FakeEngine(snapshot()), Settings(theme=theme))
    async with app.run_test(size=(100, 30)):
        await until_shown(app, "412.3 req/s now")

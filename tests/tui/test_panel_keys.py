"""The keys that show, hide, focus and arrange panels."""

from pathlib import Path

import pytest

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.key_bar import ENTRIES, WITH_ALERTS, WITH_GRAPH
from logmon_tui.tui.panels.keys import ALL_GROUPS, APP_GROUPS
from logmon_tui.tui.panels.memory import Sort, recall
from tests.tui.fakes import FakeEngine, full_snapshot, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown

SIZE = (120, 36)


def focused(app: LogmonApp) -> str | None:
    return app.focused.id if app.focused else None


def sorts(app: LogmonApp) -> dict[str, Sort]:
    return {table.NAME: table.sort for table in app.dashboard.tables if table.sort != Sort()}


@pytest.mark.parametrize("name", [Panel.TRAFFIC, Panel.STATUS, Panel.ALERTS])
async def test_the_key_of_a_panel_that_shows_focuses_it_and_then_hides_it(name: Panel) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        shown = app.dashboard.shown
        key = app.dashboard.panels[name].KEYS[0]
        await pilot.press(key)
        assert (focused(app), app.dashboard.shown) == (name, shown)
        await pilot.press(key)
        assert focused(app) == "sections"
        assert name not in app.dashboard.shown
        await pilot.press(key)
        assert (focused(app), app.dashboard.shown) == (name, shown)


async def test_the_focus_goes_back_to_where_it_was_when_its_panel_is_hidden() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("3", "4", "5", "5")
        assert focused(app) == "alerts"
        await pilot.press("4")
        assert focused(app) == "status"
        await pilot.press("3", "2")
        assert (focused(app), app.dashboard.shown) == ("traffic", (Panel.TRAFFIC,))
        await pilot.press("1")
        assert (focused(app), app.dashboard.shown) == (None, ())
        await until_shown(app, "No panel is shown. Press a digit.")
        await pilot.press("9")
        assert (focused(app), app.dashboard.shown) == ("tail", (Panel.TAIL,))


async def test_the_key_of_a_shown_panel_goes_there_from_a_maximised_one() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("m", "4")
        assert app.screen.maximized is None
        assert focused(app) == "alerts"
        assert Panel.ALERTS in app.dashboard.shown


async def test_to_go_to_a_panel_is_no_choice_to_save(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    app = make_app(FakeEngine(snapshot()), state_file=state)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("4", "1")
        assert not state.exists()
        await pilot.press("1")
        await until(state.exists)
        assert recall(state).show == (Panel.SECTIONS, Panel.STATUS, Panel.ALERTS)


async def test_a_panel_shows_before_the_choice_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    app = make_app(FakeEngine(snapshot()), state_file=tmp_path / "screen.json")
    panel = app.dashboard.panels[Panel.CLIENTS]
    monkeypatch.setattr(
        "logmon_tui.tui.choices.remember", lambda *_: seen.append(bool(panel.region))
    )
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("5")
        await until(lambda: seen)
    assert seen == [True]


async def test_a_choice_just_before_the_end_is_written(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    app = make_app(FakeEngine(snapshot()), state_file=state)
    async with app.run_test(size=SIZE):
        await until_shown(app, "412.3 req/s now")
        app.action_toggle_panel(Panel.CLIENTS)
        app.exit()
    assert Panel.CLIENTS in (recall(state).show or ())


@pytest.mark.parametrize("keys", [("4", "m"), ("2", "2")], ids=["maximised", "hidden"])
async def test_a_table_that_is_not_seen_is_neither_arranged_nor_saved(
    keys: tuple[str, ...], tmp_path: Path
) -> None:
    state = tmp_path / "screen.json"
    show = (Panel.TRAFFIC, Panel.STATUS, Panel.ALERTS, Panel.SECTIONS)
    app = make_app(FakeEngine(full_snapshot()), Settings(show=show), state_file=state)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "412.3 req/s now")
        app.dashboard.panels[Panel.TRAFFIC].focus()
        await pilot.press(*keys, "s", "r", "v")
        await until_shown(app, "No table is shown.")
        await until_shown(app, "No table that is shown has other views.")
    assert sorts(app) == {}
    assert recall(state).sort == {}
    assert recall(state).view == {}


async def test_s_and_r_arrange_the_first_table_that_shows_if_none_has_the_focus() -> None:
    show = (Panel.ALERTS, Panel.PATHS, Panel.AGENTS)
    app = make_app(FakeEngine(full_snapshot()), Settings(show=show))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("4", "s", "r")
        assert sorts(app) == {Panel.PATHS: Sort("share", reverse=True)}
        await pilot.press("7", "s")
        assert sorts(app)[Panel.AGENTS] == Sort("share")
        assert sorts(app)[Panel.PATHS] == Sort("share", reverse=True)


async def test_v_changes_the_focused_table_though_another_stands_before_it() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.PATHS, Panel.AGENTS)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("7", "m", "v")
        await until_shown(app, "7 User agents ─ browsers")
        await pilot.press("m")
        await until_shown(app, "6 Paths ─ last 10 s")


def test_no_key_of_the_program_does_two_things() -> None:
    bindings = [binding for group in APP_GROUPS for binding in group.bindings]
    keys = [key for binding in bindings for key in binding.key.split(",")]
    assert sorted(keys) == sorted(set(keys))


def test_the_bar_s_keys_are_those_of_the_table() -> None:
    entries = (*ENTRIES, *WITH_ALERTS, *WITH_GRAPH)
    known = {
        (key, binding.action)
        for group in ALL_GROUPS
        for binding in group.bindings
        for key in (binding.key_display or binding.key).split()
    }
    acting = {(entry.key, entry.action) for entry in entries if entry.action}
    assert acting <= known
    assert {("s", "sort_next"), ("q", "quit"), ("a", "acknowledge")} <= acting
    told = {entry.label: entry.key for entry in entries}
    assert told["panels"] == "0-9"
    assert told["threshold"] == "+ - C"
    assert (told["filter"], told["find"]) == ("f", "/")
    assert told["why"] == "enter"


async def test_a_click_on_the_bar_does_what_the_key_does() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "s sort")
        clicks = ("s sort", "▼%"), ("space pause", "PAUSED"), ("/ find", "text in a name")
        for text, effect in clicks:
            x = screen_text(app).splitlines()[-1].index(text)
            await pilot.click("KeyBar", offset=(x, 0))
            await until_shown(app, effect)

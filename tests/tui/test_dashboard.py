"""The dashboard: panels are shown, hidden, focused and maximised."""

import pytest

from logmon_tui.config.settings import Panel, Settings
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import ALL, make_app, screen_text, until, until_shown


@pytest.mark.parametrize(
    ("key", "name"), [*zip("1234567890MVRTLQH", ALL, strict=True), ("i", "ingest")]
)
async def test_a_key_toggles_its_panel(key: str, name: Panel) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(160, 45)) as pilot:
        app.dashboard.panels[name].focus()
        await pilot.pause()
        before = name in app.dashboard.shown
        await pilot.press(key)
        assert (name in app.dashboard.shown) != before
        await pilot.press(key)
        assert (name in app.dashboard.shown) == before


@pytest.mark.parametrize("key", "567890MVRTLQ")
async def test_a_panel_that_is_asked_for_comes_into_view(key: str) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press(key)
        await until(lambda: app.dashboard.region.contains_region(app.focused.region))
        await until_shown(app, f"┏━ {key} ")


async def test_panels_take_the_room_of_those_that_are_hidden() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        panels = app.dashboard.panels
        await pilot.press("4", "4", "3", "3")
        await until(lambda: panels[Panel.SECTIONS].region.width == 120)
        await pilot.press("1", "1")
        await until(lambda: panels[Panel.SECTIONS].region.height == 33)
        await pilot.press("2")
        await until_shown(app, "No panel is shown. Press a digit.")
        await pilot.press("9")
        await until(lambda: panels[Panel.TAIL].region.height == 33)


async def test_a_hidden_panel_does_no_work() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        clients = app.dashboard.panels[Panel.CLIENTS]
        drawn = []
        clients.paint = lambda size: drawn.append(size) or []
        engine.publish(snapshot(seed=2))
        await until(lambda: app.snapshot.now.sections.rows[0].hits)
        await pilot.pause()
        assert drawn == []
        await pilot.press("5")
        await until(lambda: drawn)


async def test_tab_moves_the_focus_through_the_panels_that_show() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        seen = set()
        for _ in range(4):
            seen.add(app.focused.id)
            await pilot.press("tab")
        assert seen == {"traffic", "sections", "status", "alerts"}
        here = app.focused.id
        await pilot.press("tab", "shift+tab")
        assert app.focused.id == here


async def test_m_gives_the_focused_panel_the_screen_and_gives_it_back() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        sections = app.dashboard.panels[Panel.SECTIONS]
        assert app.focused is sections
        await pilot.press("m")
        await until(lambda: sections.region.width == 120)
        assert "12:04:31 UTC" in screen_text(app)
        assert "? help" in screen_text(app)
        await pilot.press("m")
        await until(lambda: sections.region.width < 100)
        await pilot.press("m", "escape")
        await until(lambda: sections.region.width < 100)


async def test_esc_in_a_maximised_panel_first_ends_the_search_then_restores_it() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(where="status:5xx"))
    async with app.run_test(size=(120, 36)) as pilot:
        sections = app.dashboard.panels[Panel.SECTIONS]
        await pilot.press("m", "slash", "a", "p", "i", "enter")
        await until_shown(app, "esc: all rows")
        await pilot.press("escape")
        await until(lambda: sections.filter_text == "")
        assert app.screen.maximized is sections
        await pilot.press("escape")
        await until(lambda: app.screen.maximized is None)
        await until_shown(app, "status:5xx ×")
        await pilot.press("escape")
        await until(lambda: "status:5xx ×" not in screen_text(app))


@pytest.mark.parametrize("panel", [Panel.REQUESTS, Panel.TAIL])
async def test_r_reverses_no_table_from_lines_that_have_no_order(panel: Panel) -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.SECTIONS, panel)))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_shown(app, "412.3 req/s now")
        sections = app.dashboard.panels[Panel.SECTIONS]
        before = sections.sorted_by
        app.screen.set_focus(app.dashboard.panels[panel])
        await pilot.press("r")
        await until_shown(app, "Only tables can be reversed.")
        assert sections.sorted_by == before


async def test_toggling_a_panel_restores_a_maximised_one() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("m", "5")
        assert app.screen.maximized is None
        assert app.focused.id == "clients"


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_a_maximised_panel_takes_the_whole_width(size: tuple[int, int]) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "3 Status")
        for panel in ("status", "alerts", "sections"):
            app.query_one(f"#{panel}").focus()
            await pilot.press("m")
            await until(lambda: app.screen.maximized and app.focused.size.width == size[0] - 2)
            await pilot.press("m")


@pytest.mark.parametrize("panel", ["clients", "tail", "ingest"])
async def test_a_maximised_panel_takes_the_whole_height_of_a_crowded_screen(panel: str) -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=ALL))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "412.3 req/s now")
        app.query_one(f"#{panel}").focus()
        await pilot.press("m")
        await until(lambda: app.screen.maximized and app.focused.region.height == 24 - 3)

"""The screen asks for the rankings that its tables show, and at once for those that open."""

from logmon_tui.config.settings import Panel, Settings
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import make_app, until, until_shown


async def test_what_opens_is_asked_for_and_what_closes_no_longer() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.SECTIONS, Panel.CLIENTS)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await until(lambda: engine.tables == {"sections", "hosts"})
        await pilot.press("8")
        assert engine.tables == {"sections", "hosts", "users"}
        await pilot.press("8")
        assert engine.tables == {"sections", "hosts"}


async def test_another_view_of_a_table_is_asked_for() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.CLIENTS,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await until(lambda: engine.tables == {"hosts"})
        await pilot.press("v")
        await until(lambda: engine.tables == {"networks"})


async def test_the_view_that_is_usual_in_a_narrow_panel_is_asked_for() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.AGENTS,)))
    async with app.run_test(size=(60, 20)):
        await until_shown(app, "412.3 req/s now")
        agents = app.dashboard.panels[Panel.AGENTS]
        await until(lambda: engine.tables == {agents.view.shows})  # type: ignore[attr-defined]

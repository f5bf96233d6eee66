"""What clicks do in panels with rows: as the keys do, and a double click never undoes itself."""

from msgspec.structs import replace
from textual.pilot import Pilot

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.filters.language import parsed
from logmon_tui.monitor.commands import SetFilter
from logmon_tui.snapshot import CountRow, Ranking, Snapshot
from logmon_tui.tui.alerts.incident_window import IncidentWindow
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.alerts import Alerts
from tests.tui.alert_fakes import INCIDENTS, with_alerts
from tests.tui.fakes import FakeEngine, incident, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown, until_still

SIZE = (120, 36)


def app_with(picture: Snapshot, panel: Panel) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(picture)
    return make_app(engine, Settings(show=(panel,))), engine


def window_of(app: LogmonApp) -> IncidentWindow | None:
    return app.screen if isinstance(app.screen, IncidentWindow) else None


async def click(pilot: Pilot[None], text: str, times: int = 1) -> None:
    """Click the row that shows `text`, near its start; not in the header."""
    lines = screen_text(pilot.app).splitlines()
    y = next(y for y, line in enumerate(lines) if text in line and y > 1)
    await pilot.click(offset=(lines[y].index(text) + 2, y), times=times)


async def test_a_double_click_opens_an_alert() -> None:
    app, _ = app_with(with_alerts(), Panel.ALERTS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Slow endpoint /search")
        await click(pilot, "Slow endpoint /search", times=2)
        await until(lambda: window_of(app))
        await until_shown(app, "─ Slow endpoint /search ─")
        await pilot.press("escape")
        await until(lambda: window_of(app) is None)
        await click(pilot, "7.1 % of 1,204", times=2)  # the second line of a row
        await until_shown(app, "─ Endpoint errors /checkout ─")


async def test_one_click_on_an_alert_only_selects_it() -> None:
    app, _ = app_with(with_alerts(), Panel.ALERTS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Slow endpoint /search")
        await click(pilot, "Slow endpoint /search")
        panel = app.dashboard.panels[Panel.ALERTS]
        assert panel.has_focus
        assert panel.cursor_key == INCIDENTS[2].id
        await until_still(app)
        assert window_of(app) is None


async def test_two_clicks_on_different_alerts_open_none() -> None:
    app, _ = app_with(with_alerts(), Panel.ALERTS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Slow endpoint /search")
        await click(pilot, "Slow endpoint /search")
        await click(pilot, "Noisy client")
        assert app.dashboard.panels[Panel.ALERTS].cursor_key == INCIDENTS[3].id
        await until_still(app)
        assert window_of(app) is None


async def test_a_double_click_opens_the_alert_that_was_clicked_though_rows_move_meanwhile() -> None:
    app, engine = app_with(with_alerts(), Panel.ALERTS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Slow endpoint /search")
        panel = app.dashboard.panels[Panel.ALERTS]
        assert isinstance(panel, Alerts)
        row = panel.row_clicked

        def clicked() -> None:
            """Let another alert fire between both clicks."""
            row()
            assert engine.publish is not None
            panel.show(with_alerts(incidents=(incident("New one", "new"), *INCIDENTS)))

        panel.row_clicked = clicked
        await click(pilot, "Slow endpoint /search", times=2)
        await until_shown(app, "─ Slow endpoint /search ─")


async def test_a_double_click_where_there_is_no_alert_opens_none() -> None:
    app, _ = app_with(with_alerts(), Panel.ALERTS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Slow endpoint /search")
        await pilot.click(offset=(10, 30), times=2)
        await until_still(app)
        assert window_of(app) is None


async def test_a_click_opens_a_status_class_and_another_closes_it() -> None:
    app, _ = app_with(snapshot(), Panel.STATUS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "! 4xx")
        await click(pilot, "! 4xx")
        await until_shown(app, "404 Not Found")
        await click(pilot, "! 4xx")
        await until(lambda: "404 Not Found" not in screen_text(app))


async def test_a_click_on_a_code_selects_it_and_a_double_click_narrows_to_it() -> None:
    app, engine = app_with(snapshot(), Panel.STATUS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "! 4xx")
        await click(pilot, "! 4xx")
        await until_shown(app, "404 Not Found")
        await click(pilot, "404 Not Found")
        assert app.dashboard.panels[Panel.STATUS].cursor_key == 404
        await until_still(app)
        assert "404 Not Found" in screen_text(app)
        assert engine.posted == []
        await click(pilot, "404 Not Found", times=2)
        await until(lambda: engine.posted == [SetFilter(parsed("status:404"))])


async def test_a_double_click_opens_a_status_class_and_leaves_it_open() -> None:
    app, _ = app_with(snapshot(), Panel.STATUS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "! 4xx")
        await click(pilot, "! 4xx", times=2)
        await until_still(app)
        assert "404 Not Found" in screen_text(app)


async def test_a_status_class_without_hits_says_so_when_it_is_opened() -> None:
    picture = snapshot()
    codes = tuple(each for each in picture.now.status if each[0] < 500)
    calm = (*picture.now.by_class[:5], 0, *picture.now.by_class[6:])
    picture = replace(picture, now=replace(picture.now, status=codes, by_class=calm))
    app, _ = app_with(picture, Panel.STATUS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "✗ 5xx")
        await click(pilot, "✗ 5xx")
        await until_shown(app, "no hits")
        await click(pilot, "no hits")
        await until(lambda: "no hits" not in screen_text(app))


async def test_a_double_click_chooses_a_log_as_the_enter_key_does() -> None:
    names = (b"a.log", b"b.log")
    ranking = Ranking(tuple(CountRow(name, 9, 9) for name in names), 2)
    picture = snapshot()
    picture = replace(picture, logs=names, now=replace(picture.now, sources=ranking))
    app, engine = app_with(picture, Panel.LOGS)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "b.log ")
        await pilot.click("#logs", offset=(3, 3))
        assert engine.posted == []
        await pilot.click("#logs", offset=(3, 3), times=2)
        await until(lambda: engine.posted == [SetFilter(parsed("log:b.log"))])

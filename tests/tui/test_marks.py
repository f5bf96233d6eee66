"""Marks of the requests panel where there is no row to mark."""

import pytest

from logmon_tui.config.settings import Panel, Settings
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.request_fakes import ROWS, with_requests
from tests.tui.screens import make_app, until, until_shown

SIZE = (120, 36)
ONLY = Settings(show=(Panel.REQUESTS,))


@pytest.mark.parametrize("picture", [snapshot(), with_requests(())], ids=["asked", "none"])
async def test_without_rows_there_is_no_next_mark(picture: object) -> None:
    app = make_app(FakeEngine(picture), ONLY)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "Q Requests")
        await pilot.press("B")
        await until_shown(app, "No request is marked; b marks one.")


async def test_the_next_mark_after_the_last_one_is_the_first_or_the_only_one() -> None:
    app = make_app(FakeEngine(with_requests(ROWS[:5])), ONLY)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Q Requests")
        panel = app.dashboard.panels[Panel.REQUESTS]
        await pilot.press("j", "b", "B")
        assert panel.cursor_index == 1
        await pilot.press("j", "j", "b", "B")
        assert panel.cursor_index == 1
        await pilot.press("B")
        assert panel.cursor_index == 3


async def test_the_marked_requests_without_a_mark_tell_the_way_back() -> None:
    app = make_app(FakeEngine(with_requests()), ONLY)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Q Requests")
        await pilot.press("b", "v", "b")
        await until_shown(app, "no request is marked; v shows all")
        await pilot.press("v")
        await until(app.dashboard.panels[Panel.REQUESTS].row_keys)

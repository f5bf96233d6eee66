"""What the screen shows of objectives: only where there are any."""

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.state import State
from logmon_tui.snapshot import AlertState, RuleStatus, Snapshot
from logmon_tui.tui.alerts.rules_text import objectives_line, rules_line
from tests.traffic import START
from tests.tui.alerts_panel import app_with
from tests.tui.fakes import snapshot
from tests.tui.screens import screen_text, until_shown

SHOP = ObjectiveStatus("shop", "Shop", 0.999, 100_000, 48, START)
SEARCH = ObjectiveStatus("search", "Search \x1b[31m", 0.9, 1_000, 300, START)


def picture_of(*objectives: ObjectiveStatus) -> Snapshot:
    shown = snapshot(incidents=())
    return replace(shown, alerts=AlertState(objectives=objectives))


async def test_the_panel_lists_all_and_the_header_the_one_with_the_least_budget() -> None:
    app, _ = app_with(picture_of(SHOP, SEARCH))
    async with app.run_test(size=(160, 36)):
        await until_shown(
            app, "◎ Shop 99.952 % · budget 52 %, Search \\x1b[31m 70 % · budget -200 %"
        )
        header = screen_text(app).splitlines()[1]
        assert "Search \\x1b[31m 70 % budget -200 %" in header


async def test_the_budget_stays_longer_than_the_share_of_good_hits() -> None:
    app, _ = app_with(picture_of(SHOP))
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "◎ Shop")
        header = screen_text(app).splitlines()[1]
        assert "budget 52 %" in header
        assert "99.952" not in header


def test_that_an_objective_has_no_hits_is_not_told_by_each_of_its_rules() -> None:
    rules = [
        RuleStatus(name, "Title", Unit.RATIO, State.NO_DATA) for name in ("slo.shop.1h", "own")
    ]
    assert rules_line(rules) == "◌ no data: Title"
    assert objectives_line([replace(SHOP, hits=0)]) == "◎ Shop no hits · budget 100 %"


@pytest.mark.parametrize("width", [60, 160])
async def test_without_objectives_nothing_is_said_of_them(width: int) -> None:
    app, _ = app_with(picture_of())
    async with app.run_test(size=(width, 24)):
        await until_shown(app, "No alerts.")
        assert "budget" not in screen_text(app)
        assert "◎" not in screen_text(app)

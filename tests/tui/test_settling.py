"""However layouts and pictures fall together, panels come to rest as the size they have asks."""

import pytest
from textual.widget import Widget

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.tui.app import LogmonApp
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import (
    ALL,
    assert_arranged,
    make_app,
    screen_lines,
    until_shown,
    until_still,
)

CROWDED = (80, 24)  # all panels at once do not fit: most are out of sight


def crowded_app() -> LogmonApp:
    return make_app(FakeEngine(snapshot()), Settings(show=ALL))


def ask_early(app: LogmonApp, panel: Widget, lines: int) -> None:
    """Make `panel` higher; repaint another one, out of sight, before the layout that this needs."""
    panel.styles.min_height = lines
    app.dashboard.reflow()
    for widget in (panel, *panel.ancestors):
        if isinstance(widget, Widget):
            widget._check_refresh()  # as each does when it is idle
    app.screen._compositor.update_widgets({app.dashboard.panels[Panel.INGEST]})


@pytest.mark.parametrize("lines", [8, 9])
async def test_a_panel_hears_of_a_size_that_somebody_asked_for_before_the_layout(
    lines: int,
) -> None:
    """So it is when a repaint falls between a change of styles and the layout that it needs."""
    app = crowded_app()
    async with app.run_test(size=CROWDED):
        await until_shown(app, "412.3 req/s now")
        alerts = app.dashboard.panels[Panel.ALERTS]
        ask_early(app, alerts, lines)
        assert alerts.region.height == lines
        await until_still(app)
        assert alerts.region.height == lines
        assert_arranged(app)


async def test_a_layout_writes_what_somebody_asked_for_before_it_to_the_terminal() -> None:
    app = crowded_app()
    async with app.run_test(size=CROWDED):
        await until_shown(app, "412.3 req/s now")
        compositor = app.screen._compositor
        alerts = app.dashboard.panels[Panel.ALERTS]
        before = alerts.region
        ask_early(app, alerts, before.height + 3)
        assert alerts.region != before
        compositor._dirty_regions.clear()
        compositor.reflow(app.screen, app.size)
        assert any(alerts.region in dirty for dirty in compositor._dirty_regions)


async def test_a_panel_that_opens_before_it_was_laid_out_as_collapsed_has_its_scrollbar() -> None:
    """A border changes how many lines a panel has; Textual sends no Resize for that."""
    app = crowded_app()
    async with app.run_test(size=CROWDED):
        await until_shown(app, "412.3 req/s now")
        before = screen_lines(app)
        alerts = app.dashboard.panels[Panel.ALERTS]
        alerts.collapse(collapsed=True)
        alerts.arrange_items()
        alerts.collapse(collapsed=False)
        await until_still(app)
        assert_arranged(app)
        assert screen_lines(app) == before

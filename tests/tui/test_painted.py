"""What every widget here draws with: the styles of component classes."""

from pathlib import Path

import pytest

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.painted import Painted
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import make_app, until, until_still

SIZE = (120, 36)
CSS = """
Painted > .panel--header { color: #112233; }
Painted:focus > .panel--header { color: #445566; }
"""


def ink_of(app: LogmonApp, panel: Panel) -> str:
    """Return the colour of the heads of a panel's columns, as the screen shows them."""
    style = app.dashboard.panels[panel].ink("panel--header")
    assert style.color is not None
    return style.color.name


async def test_a_component_follows_its_widget_and_the_sheets_that_change(tmp_path: Path) -> None:
    css = tmp_path / "own.tcss"
    css.write_text(CSS)
    app = make_app(FakeEngine(snapshot()), Settings(css=str(css)))
    async with app.run_test(size=SIZE) as pilot:
        await until_still(app)
        app.dashboard.panels[Panel.SECTIONS].focus()
        await pilot.pause()
        colours = [ink_of(app, panel) for panel in (Panel.PATHS, Panel.SECTIONS)]
        assert colours == ["#112233", "#445566"]
        app.dashboard.panels[Panel.PATHS].focus()
        await pilot.pause()
        colours = [ink_of(app, panel) for panel in (Panel.PATHS, Panel.SECTIONS)]
        assert colours == ["#445566", "#112233"]
        css.write_text(CSS.replace("#112233", "#778899"))
        await until(lambda: ink_of(app, Panel.SECTIONS) == "#778899")


async def test_only_components_that_are_drawn_are_worked_out() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE):
        await until_still(app)
        widgets = app.screen.query(Painted)
        worked_out = sum(len(widget._component_styles) for widget in widgets)
        assert 0 < worked_out < len(widgets) * len(Painted.COMPONENT_CLASSES) / 3
        paths = app.dashboard.panels[Panel.PATHS]
        with pytest.raises(KeyError):
            paths.get_component_styles("panel--nonesuch")

"""The alerts panel in a program of its own, for tests of what it shows and does."""

from typing import Any

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.alerts import Alerts
from tests.tui.fakes import FakeEngine
from tests.tui.screens import make_app, until_shown

ROOMY = (120, 36)


def panel_of(app: LogmonApp) -> Alerts:
    panel = app.dashboard.panels[Panel.ALERTS]
    assert isinstance(panel, Alerts)
    return panel


def app_with(picture: Snapshot, **options: Any) -> tuple[LogmonApp, FakeEngine]:
    """Return a program that shows nothing but alerts, and its engine."""
    engine = FakeEngine(picture)
    return make_app(engine, Settings(show=(Panel.ALERTS,)), **options), engine


async def see(app: LogmonApp, text: str = "High traffic") -> None:
    """Wait for the picture, and give the panel the focus."""
    await until_shown(app, text)
    panel_of(app).focus()

"""Reads what the screen shows as text, as a person would."""

import asyncio
import itertools
import time
import unicodedata
from collections.abc import Callable

import pytest
from _pytest.mark import ParameterSet
from rich.cells import cell_len
from textual.app import App

from logmon_tui.config.settings import Settings
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.registry import PANELS
from tests.tui.fakes import NOW, FakeEngine

ALL = tuple(panel.NAME for panel in PANELS)
"""All panels of the screen, in the order of their keys."""
SIZES = ((160, 45), (120, 36), (100, 30), (99, 30), (80, 24), (60, 20), (55, 20), (40, 12))
QUICK_SIZES = ((120, 36), (80, 24), (40, 12))
"""Of the sizes, those at which the quick tests look; the others are for `-m slow`."""
DEADLINE = 60  # seconds


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def make_app(engine: FakeEngine, settings: Settings | None = None, **options: object) -> LogmonApp:
    options.setdefault("name_of_log", "/var/log/nginx/access.log")
    return LogmonApp(engine, settings or Settings(), clock=lambda: NOW + 0.5, **options)


def each_size() -> list[ParameterSet]:
    """Return every size as a case of a test, slow ones marked."""
    return [
        pytest.param(size, id=str(size), marks=() if size in QUICK_SIZES else pytest.mark.slow)
        for size in SIZES
    ]


def screen_lines(app: App[object]) -> list[str]:
    """Return the lines of the screen as the compositor would send them to the terminal."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def screen_text(app: App[object]) -> str:
    """Return the screen without the spaces at its right edge, ended by a newline."""
    return "\n".join(line.rstrip() for line in screen_lines(app)) + "\n"


async def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds; fail after a generous while."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "the screen did not come to show what it should"
        await asyncio.sleep(0.02)


async def until_shown(app: App[object], text: str) -> None:
    """Wait until the screen shows `text` and has come to rest."""
    await until(lambda: text in screen_text(app))
    await until_still(app)


async def until_still(app: App[object]) -> None:
    """Wait until nothing waits to be done, and the screen stays the same for a few refreshes."""
    deadline = time.monotonic() + DEADLINE
    same, before = 0, ""
    while same < 3:
        await asyncio.sleep(0.03)
        now = screen_text(app)
        same, before = (same + 1 if now == before and not _is_busy(app) else 0), now
        assert time.monotonic() < deadline, "the screen does not come to rest"


def _is_busy(app: App[object]) -> bool:
    """Tell whether a message, a layout, a repaint or an animation waits for its turn."""
    screen = app.screen
    widgets = (widget for each in app.screen_stack for widget in each.walk_children())
    return bool(
        any(pump.message_queue_size for pump in (app, *app.screen_stack, *widgets))
        or screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._dirty_widgets
        or screen._callbacks
        or app.animator._animations
        or app.animator._scheduled
    )


def assert_arranged(app: LogmonApp) -> None:
    """Assert that what a panel shows, and how far it scrolls, is right for the size it has."""
    for panel in app.dashboard.panels.values():
        if panel.display and panel in app.screen._compositor.visible_widgets:
            before = panel.virtual_size
            panel.arrange_items()
            assert panel.virtual_size == before, panel.id


def assert_tidy(app: LogmonApp, size: tuple[int, int]) -> None:
    """Assert that every line fills the screen exactly and holds nothing a terminal obeys."""
    lines = screen_lines(app)
    assert len(lines) == size[1]
    for line in lines:
        assert cell_len(line) == size[0], line
        bad = [c for c in line if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}]
        assert bad == [], line


def assert_no_overlap(app: LogmonApp) -> None:
    """Assert that panels neither overlap nor leave the dashboard's width, and none is too small."""
    shown = [panel for panel in app.dashboard.panels.values() if panel.display]
    for one, other in itertools.combinations(shown, 2):
        assert not one.region.overlaps(other.region), (one.id, other.id)
    for panel in shown:
        least = 1 if panel.has_class("-collapsed") else 5
        assert panel.region.height >= least, panel.id
        assert panel.region.width >= 20, panel.id
        assert panel.region.x >= 0
        assert panel.region.right <= app.size.width

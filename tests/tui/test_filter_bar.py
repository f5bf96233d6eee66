"""The line of the filter under the header: what it shows in how much room, and its clicks."""

import os
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.filters.language import parsed
from logmon_tui.monitor.commands import SetFilter, SetWindow
from logmon_tui.snapshot import Scope
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.filter_prompt import FilterPrompt
from logmon_tui.tui.paint.cells import crop
from logmon_tui.tui.panels import filter_bar
from logmon_tui.tui.panels.filter_bar import TERM_WIDTHS, FilterBar
from tests.tui.fakes import FakeEngine, full_snapshot
from tests.tui.screens import make_app, screen_lines, until, until_shown

LONG = "status:5xx section:/api,/checkout !is:bot client:203.0.113.0/24 path:/a/long/path/of/it"
WIDTHS = (160, 120, 80, 40)


def app_of(text: str = LONG, **settings: object) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(full_snapshot())
    return make_app(engine, Settings(where=text, **settings)), engine


def bar_of(app: LogmonApp) -> str:
    bar = app.query_one(FilterBar)
    return screen_lines(app)[bar.region.y] if bar.display else ""


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_bar_as_text(width: int, bar_matches: Callable[[str, str], None]) -> None:
    app, _ = app_of()
    async with app.run_test(size=(width, 36)):
        await until_shown(app, "only ")
        bar_matches(bar_of(app).rstrip() + "\n", f"filter-bar-{width}.txt")


@pytest.fixture
def bar_matches(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    return snapshot.assert_match


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("number", [1, 3, 30])
async def test_every_term_shows_or_is_counted_and_the_newest_always_shows(
    width: int, number: int
) -> None:
    terms = [f"path:/{'long/' * 9}{place:02}" for place in range(number)]
    app, _ = app_of(" ".join(terms))
    async with app.run_test(size=(width, 24)):
        await until_shown(app, "only ")
        line = bar_of(app)
        hidden = int(line.split("+")[1].split()[0]) if "+" in line else 0
        assert line.count(" × ") == number - hidden > 0
        assert len(line) == width


@pytest.mark.parametrize("width", [0, 40, 120, 400])
def test_only_the_terms_that_fit_are_measured(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[str] = []

    def noted(text: str, most: int) -> str:
        measured.append(text)
        return crop(text, most)

    monkeypatch.setattr(filter_bar, "crop", noted)
    terms = tuple(f"path:/{'long/' * 9}{place:03}" for place in range(999))
    bar = FilterBar(10, Scope(" ".join(terms), terms, 10))
    layout = bar._layout(width)
    assert len(measured) < width * 2 + 20
    assert layout.before == 999 - len(layout.chips)
    assert layout.chips[-1].place == 998
    tighter = filter_bar._laid_out(terms, layout.before - 1, TERM_WIDTHS[-1], "")
    assert tighter.width > width


async def test_a_click_on_a_term_takes_that_one_off_and_elsewhere_edits() -> None:
    app, engine = app_of("status:5xx section:/api !is:bot")
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, " section:/api × ")
        await pilot.click(FilterBar, offset=(bar_of(app).index("section"), 0))
        await until(lambda: engine.posted == [SetFilter(parsed("status:5xx !is:bot"))])
        await until(lambda: "section" not in bar_of(app))
        await pilot.click(FilterBar, offset=(bar_of(app).index("alerts judge"), 0))
        await until(lambda: isinstance(app.screen, FilterPrompt))


async def test_the_bar_tells_what_of_the_window_is_known() -> None:
    app, engine = app_of("status:5xx")
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "status:5xx ×")
        await pilot.press("w")
        await until_shown(app, "last 1 min")
        scope = Scope("status:5xx", ("status:5xx",), 60, since=0, sampled=True)
        engine.publish(replace(full_snapshot(), scope=scope))
        await until_shown(app, "last 1 min  known since 00:00:00  ≈ sampled")


@pytest.mark.parametrize("usual", [7, 10, 20])
async def test_w_goes_through_all_windows_and_the_bar_hides_at_the_usual_one(usual: int) -> None:
    app, engine = app_of("", stats_interval=usual)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3 req/s now")
        assert bar_of(app) == ""
        lengths = sorted({usual, 10, 60, 300, 900})
        at = lengths.index(usual)
        expected = [*lengths[at + 1 :], None, *lengths[: at + 1]]
        for seconds in expected:
            await pilot.press("w")
            await until(lambda: bar_of(app) != "" or app._seconds == usual)
            assert engine.posted[-1] == SetWindow(seconds)
        await until(lambda: bar_of(app) == "")
        assert len(engine.posted) == len(expected)
        await pilot.press("w")
        await until_shown(app, "w next window")


async def test_terms_have_a_shape_without_colours() -> None:
    with mock.patch.dict(os.environ, {"NO_COLOR": "1"}):
        app, _ = app_of("status:5xx !is:bot")
        async with app.run_test(size=(120, 36)):
            await until_shown(app, " only  status:5xx ×   !is:bot × ")
            assert app.no_color

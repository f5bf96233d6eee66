"""Own panels on the screen: shown by name, narrowed by their rows, reached by the palette."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.command import CommandPalette

from logmon_tui.config.own_panels import OwnPanel
from logmon_tui.config.settings import Settings
from logmon_tui.monitor.commands import SetFilter
from logmon_tui.snapshot import CountRow, Ranking, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.own import OwnTable
from tests.tui.fakes import FakeEngine, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown

PANELS = {
    "cache": OwnPanel("upstream_cache_status"),
    "tenant": OwnPanel("%{X-Tenant}i", "Tenants"),
}
SHOWN = Settings(panels=PANELS, show=("sections", "cache", "tenant"))
HOSTILE = b"\x1b[31mred[/] [bold]x"


def with_own(**rankings: Ranking) -> Snapshot:
    base = snapshot()
    return replace(base, now=replace(base.now, own=rankings))


HITS = with_own(
    cache=Ranking((CountRow(b"HIT", 80, 800), CountRow(HOSTILE, 20, 200)), 2), tenant=Ranking()
)


def app_of(settings: Settings = SHOWN) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(HITS)
    return make_app(engine, settings), engine


@pytest.mark.parametrize("size", [(120, 40), (160, 45), (80, 24)])
async def test_panels_are_shown_by_their_names(size: tuple[int, int]) -> None:
    app, _ = app_of()
    async with app.run_test(size=size) as pilot:
        await until(lambda: app.dashboard.panels["cache"].snapshot is not None)
        await pilot.press("tab")
        assert app.dashboard.shown == ("sections", "cache", "tenant")
        await until_shown(app, "HIT")
        text = screen_text(app)
        assert "Cache" in text
        assert "Tenants" in text
        assert "\x1b" not in text


async def test_a_format_without_the_field_is_told() -> None:
    app, _ = app_of()
    async with app.run_test(size=(200, 45)):
        await until_shown(app, "this log's format has no")
        await until_shown(app, "%{X-Tenant}i")


async def test_enter_narrows_to_a_row_and_the_prompt_knows_the_field() -> None:
    app, engine = app_of()
    async with app.run_test(size=(120, 40)) as pilot:
        await until_shown(app, "HIT")
        app.screen.set_focus(app.dashboard.panels["cache"])
        await pilot.press("enter")
        await until(lambda: engine.posted)
        narrowed = engine.posted[-1]
        assert isinstance(narrowed, SetFilter)
        assert narrowed.where.text == "cache=HIT"
        await pilot.press("f")
        await pilot.press(*"!tena")
        await until_shown(app, "tenant:")
        await pilot.press("tab", "x", "enter")
        await until(lambda: engine.posted[-1] is not narrowed)
        last = engine.posted[-1]
        assert isinstance(last, SetFilter)
        assert last.where.text == "cache=HIT !tenant:x"


async def test_the_palette_shows_and_hides_a_panel() -> None:
    app, _ = app_of(Settings(panels=PANELS))
    async with app.run_test(size=(120, 40)):
        panel = app.dashboard.panels["cache"]
        assert isinstance(panel, OwnTable)
        assert not panel.display
        commands = {each.title: each for each in app.get_system_commands(app.screen)}
        assert "Panels: Tenants" in commands
        await commands["Panels: Cache"].callback()
        await until(lambda: panel.display and app.focused is panel)
        await commands["Panels: Cache"].callback()
        await until(lambda: not panel.display)


@pytest.mark.parametrize("title", ["[@click=app.quit]Ten[/]x[/b]", "[/b Ten", "\\[b]Ten\\"])
async def test_the_palette_shows_and_finds_a_title_with_brackets(title: str) -> None:
    app, _ = app_of(Settings(panels={"cache": OwnPanel("upstream_cache_status", title)}))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"ten")
        await until_shown(app, f"Panels: {title}")
        await until_shown(app, f"Go to the {title} panel")


async def test_a_panel_that_is_shown_is_so_at_the_next_start_until_it_is_gone(
    tmp_path: Path,
) -> None:
    file = tmp_path / "screen.json"
    first = make_app(FakeEngine(HITS), Settings(panels=PANELS), state_file=file)
    async with first.run_test(size=(120, 40)):
        first.action_toggle_panel("cache")
        await until(lambda: file.exists() and "cache" in file.read_text())
        shown = first.dashboard.shown
        assert "cache" in shown
    again = make_app(FakeEngine(HITS), Settings(panels=PANELS), state_file=file)
    async with again.run_test(size=(120, 40)):
        assert again.dashboard.shown == shown
    gone = make_app(FakeEngine(HITS), Settings(), state_file=file)
    async with gone.run_test(size=(120, 40)):
        assert gone.dashboard.shown == shown[:-1]


async def test_without_own_panels_there_are_none() -> None:
    app, _ = app_of(Settings())
    async with app.run_test(size=(120, 40)):
        assert not [each for each in app.dashboard.tables if isinstance(each, OwnTable)]

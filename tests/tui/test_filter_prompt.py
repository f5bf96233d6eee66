"""The input of a filter: what it proposes, takes and refuses, and filters saved from it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from logmon_tui.config.settings import Settings
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.monitor.commands import SetFilter
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.filter_prompt import PROPOSALS, FilterPrompt
from tests.tui.fakes import HOSTILE, FakeEngine, full_snapshot, hostile_snapshot
from tests.tui.screens import make_app, screen_lines, screen_text, until, until_shown

SIZE = (120, 36)
SIZES = ((160, 45), (80, 24), (40, 12))


@pytest.fixture
def screen_matches(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    return snapshot.assert_match


def app_of(
    text: str = "", *, saved: dict[str, str] | None = None, state_file: Path | None = None
) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(full_snapshot())
    settings = Settings(where=text, filters=saved or {})
    return make_app(engine, settings, state_file=state_file), engine


async def open_prompt(app: LogmonApp, pilot: Pilot[None]) -> None:
    await until_shown(app, "412.3 req/s now")
    await pilot.press("f")
    await until(lambda: isinstance(app.screen, FilterPrompt))


def value_of(app: LogmonApp) -> str:
    return app.screen.query_one(Input).value


async def is_closed(app: LogmonApp) -> None:
    await until(lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_prompt_as_text(
    size: tuple[int, int], screen_matches: Callable[[str, str], None]
) -> None:
    app, _ = app_of("status:5xx", saved={"office": "client:10.0.0.0/8"})
    async with app.run_test(size=size) as pilot:
        await open_prompt(app, pilot)
        await until_shown(app, "▸ ")
        screen_matches(screen_text(app), f"filter-prompt-{size[0]}x{size[1]}.txt")
        await pilot.press(*"statis:4", "enter")
        await until_shown(app, "↑")
        screen_matches(screen_text(app), f"filter-mistake-{size[0]}x{size[1]}.txt")


async def test_tab_takes_the_marked_proposal_and_the_arrows_mark_another() -> None:
    app, engine = app_of()
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        await pilot.press(*"sec", "tab")
        await until(lambda: value_of(app) == "section:")
        await until_shown(app, "▸ section:/pages")
        await pilot.press("down")
        await until_shown(app, "▸ section:/api")
        await pilot.press("up", "up", "down", "down", "tab")
        await until(lambda: value_of(app) == "section:/api")
        await pilot.press("space", *"status:5", "tab", "enter")
        await is_closed(app)
        assert engine.posted == [SetFilter(parsed("section:/api status:5xx"))]


async def test_proposals_follow_the_size_of_the_screen() -> None:
    app, _ = app_of()
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        await pilot.press(*"path:")
        await until(lambda: screen_text(app).count(" path:/") == PROPOSALS)
        await pilot.resize_terminal(80, 10)
        await until(lambda: screen_text(app).count(" path:/") == 4)
        await until_shown(app, "tab takes it")
        await pilot.resize_terminal(*SIZE)
        await until(lambda: screen_text(app).count(" path:/") == PROPOSALS)


async def test_proposals_follow_the_cursor() -> None:
    app, _ = app_of("method:PO status:404")
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        await pilot.press("home", *["right"] * len("method:PO"))
        await until_shown(app, "▸ method:POST")
        await pilot.press("tab")
        await until(lambda: value_of(app) == "method:POST status:404 ")


@pytest.mark.parametrize(
    ("typed", "place", "told"),
    [
        ("statis:4", 0, "statis is no field; did you mean status?"),
        ("status:5xx time>1parsec", 15, "1parsec"),
        ("section:/api (status:5xx", 13, "this parenthesis is not closed"),
        ("日本 statis:4", 3, "statis is no field"),
        ("@nosuch", 0, "@nosuch is no saved filter"),
    ],
)
async def test_a_mistake_is_told_and_pointed_at_and_nothing_is_filtered(
    typed: str, place: int, told: str
) -> None:
    app, engine = app_of()
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        app.screen.query_one(Input).value = typed
        await pilot.press("enter")
        await until_shown(app, "↑")
        lines = screen_lines(app)
        wide = place + typed[:place].count("日") + typed[:place].count("本")
        assert lines[3].index("↑") == lines[2].index(" only ") + len(" only ") + wide
        assert told in lines[4]
        assert isinstance(app.screen, FilterPrompt)
        await pilot.press("end", "backspace")  # typing on proposes again
        await until(lambda: "↑ ↓ another" in screen_text(app))
        await pilot.press("escape")
        await is_closed(app)
        assert engine.posted == []


async def test_the_arrow_stands_below_the_mistake_in_a_line_that_is_scrolled() -> None:
    app, _ = app_of()
    async with app.run_test(size=(60, 24)) as pilot:
        await open_prompt(app, pilot)
        app.screen.query_one(Input).value = f"path:/{'x' * 200} statis:4 status:5xx"
        await pilot.press("enter")
        await until_shown(app, "↑")
        lines = screen_lines(app)
        assert lines[2][lines[3].index("↑") :].startswith("statis:4")


async def test_esc_keeps_the_filter_and_an_empty_line_means_all_hits() -> None:
    app, engine = app_of("status:5xx")
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        assert value_of(app) == "status:5xx "
        await pilot.press(*"method:GET", "escape")
        await is_closed(app)
        assert engine.posted == []
        assert " status:5xx × " in screen_text(app)
        await open_prompt(app, pilot)
        await pilot.press("ctrl+u", "enter")
        await is_closed(app)
        assert engine.posted == [SetFilter(Filter())]


async def test_a_filter_is_saved_and_picked_by_its_name_also_after_a_new_start(
    tmp_path: Path,
) -> None:
    state = tmp_path / "screen.json"
    app, engine = app_of("status:5xx section:/api", state_file=state)
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        await pilot.press("ctrl+s")
        await until_shown(app, "save as @")
        await pilot.press(*"api-errors", "enter")
        await until_shown(app, "saved as @api-errors")
        await pilot.press("ctrl+u", "at", *"ap", "tab", "enter")
        await is_closed(app)
        await until_shown(app, " @api-errors × ")
        (posted,) = engine.posted
        assert posted.where.saved == {"api-errors": "status:5xx section:/api"}
    again, engine = app_of(state_file=state)
    async with again.run_test(size=SIZE) as pilot:
        await open_prompt(again, pilot)
        await pilot.press("at")
        await until_shown(again, "▸ @api-errors")
        await pilot.press("tab", "enter")
        await is_closed(again)
        assert [each.where.text for each in engine.posted] == ["@api-errors"]


@pytest.mark.parametrize(
    ("typed", "name", "told"),
    [
        ("status:5xx", "office", "@office is in the settings file; choose another name"),
        ("status:5xx", "two words", "a name has letters, digits, - and _ only"),
        ("status:5xx", "[x]", "a name has letters, digits, - and _ only"),
        ("", "nosuch", "@nosuch is no saved filter"),
        ("@mine", "mine", "@mine stands for itself"),
    ],
)
async def test_a_name_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, typed: str, name: str, told: str
) -> None:
    state = tmp_path / "screen.json"
    state.write_text('{"filters": {"mine": "status:404", "no name": "status:5xx"}}')
    app, _ = app_of(saved={"office": "client:10.0.0.0/8"}, state_file=state)
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        app.screen.query_one(Input).value = typed
        await pilot.press("ctrl+s")
        await until_shown(app, "save as @" if typed else "forget @")
        app.screen.query_one(Input).value = name
        await pilot.press("enter")
        await until_shown(app, told)
        assert "no name" not in screen_text(app)
    assert state.read_text().count("status:404") == 1


async def test_a_saved_filter_is_forgotten_and_a_full_disk_is_told(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    state.write_text('{"filters": {"mine": "status:404"}}')
    app, _ = app_of(state_file=state)
    async with app.run_test(size=SIZE) as pilot:
        await open_prompt(app, pilot)
        await pilot.press("ctrl+s", *"@mine", "enter")
        await until_shown(app, "@mine is forgotten")
        assert "mine" not in state.read_text()
        state.unlink()
        state.mkdir()
        await pilot.press(*"status:5xx", "ctrl+s", *"mine", "enter")
        await until_shown(app, "Choices are not saved: ")


@pytest.mark.parametrize("key", HOSTILE[:-1], ids=ascii)
async def test_hostile_values_are_proposed_literally(key: bytes) -> None:
    app = make_app(FakeEngine(hostile_snapshot()), Settings())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "owned")
        await pilot.press("f", *"path:")
        await until_shown(app, "▸ path:")
        place = HOSTILE.index(key)
        await pilot.press(*["down"] * (place % 8), "tab")
        await until(lambda: value_of(app) != "path:")
        parsed(value_of(app))
        assert app.return_code is None

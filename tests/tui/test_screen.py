"""The whole screen as text: at every size, in every state, with hostile content."""

from collections.abc import Callable
from typing import Any

import pytest

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Snapshot
from tests.tui.fakes import HOSTILE, FakeEngine, hostile_snapshot, snapshot
from tests.tui.screens import (
    ALL,
    SIZES,
    assert_arranged,
    assert_no_overlap,
    assert_tidy,
    each_size,
    make_app,
    screen_lines,
    screen_text,
    until,
    until_shown,
    until_still,
)


@pytest.mark.parametrize(
    "size",
    [(200, 60), (160, 45), (120, 36), (80, 24), (40, 12)],
    ids=["200x60", "160x45", "120x36", "80x24", "40x12"],
)
@pytest.mark.parametrize("panels", ["default", "all"])
async def test_the_screen_as_text(
    snapshot_of_screen: Callable[[str, str], None], size: tuple[int, int], panels: str
) -> None:
    settings = Settings(show=ALL if panels == "all" else None)
    app = make_app(FakeEngine(snapshot()), settings)
    async with app.run_test(size=size):
        await until_shown(app, "412.3 req/s now")
        snapshot_of_screen(screen_text(app), f"{panels}-{size[0]}x{size[1]}.txt")


@pytest.fixture
def snapshot_of_screen(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"

    def check(text: str, name: str) -> None:
        snapshot.assert_match(text, name)

    return check


@pytest.mark.parametrize("size", each_size())
@pytest.mark.parametrize("panels", [None, ALL], ids=["default", "all"])
@pytest.mark.parametrize("picture", [snapshot, hostile_snapshot, Snapshot])
async def test_every_size_is_tidy(
    size: tuple[int, int], panels: tuple[Panel, ...] | None, picture: Callable[[], Snapshot]
) -> None:
    app = make_app(FakeEngine(picture()), Settings(show=panels))
    async with app.run_test(size=size):
        await until_still(app)
        assert_tidy(app, size)
        assert_no_overlap(app)
        assert_arranged(app)


async def test_the_running_program_can_be_resized() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(160, 45)) as pilot:
        for size in (*SIZES, (10, 3), (1, 1), *reversed(SIZES)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.05)
            if size in SIZES:
                await until(lambda size=size: len(screen_lines(app)) == size[1])
                await until_still(app)
                assert_tidy(app, size)
                assert_no_overlap(app)
                assert_arranged(app)


async def test_sections_status_and_alerts_are_visible_at_80_by_24() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)):
        await until_still(app)
        text = screen_text(app)
        assert all(f" {title} ─ " in text for title in ("2 Sections", "3 Status", "4 Alerts"))
        assert app.dashboard.max_scroll_y == 0
        assert "/pages" in text
        assert "✗ 5xx" in text
        assert "▲ 12:03:10" in text


async def test_hostile_content_shows_literally_and_commands_nothing() -> None:
    app = make_app(
        FakeEngine(hostile_snapshot()), Settings(show=ALL), name_of_log="[/]\x1b]0;x\x07"
    )
    async with app.run_test(size=(160, 45), notifications=True) as pilot:
        seen = ""
        for name in ALL:
            app.dashboard.panels[name].focus()
            await pilot.press("m")
            await pilot.pause(0.05)
            assert_tidy(app, (160, 45))
            seen += screen_text(app)
            await pilot.press("m")
        for literal in (
            "[@click=app.quit]/x[/]",
            "/a[/]b",
            "/users/[id]/x",
            "\\x1b]0;owned\\x07",
            "\\u202e",
            "\\u200b",
            "日本語",
            "\\xff\\xfe",
            "[/]\\x1b]0;x\\x07",
        ):
            assert literal in seen, literal


@pytest.mark.parametrize("index", range(len(HOSTILE)))
async def test_hostile_incidents_show_literally_in_full(index: int) -> None:
    app = make_app(FakeEngine(hostile_snapshot()), Settings(show=(Panel.ALERTS,)))
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "Alerts")
        await pilot.press("home", *["j"] * index, "enter")
        await until_shown(app, "esc closes")
        assert_tidy(app, (160, 45))
        assert "[@click=app.quit]" in screen_text(app)


async def test_a_click_on_hostile_content_does_nothing_of_its_own() -> None:
    app = make_app(FakeEngine(hostile_snapshot()), Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "┃[@click=app.quit]/x[/]")
        await until_still(app)
        lines = screen_text(app).splitlines()
        y = next(y for y, line in enumerate(lines) if "┃[@click" in line)
        await pilot.click(offset=(6, y))
        await until(lambda: app.dashboard.panels[Panel.SECTIONS].cursor_key == HOSTILE[0])
        assert app.is_running


async def test_without_colours_every_state_keeps_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "▲ 1 FIRING")
        strips = app.screen._compositor.render_strips()
        for strip in strips:
            filtered = strip.apply_filter(app._filters[-1], app.screen.styles.background)
            for segment in filtered:
                for colour in (segment.style.color, segment.style.bgcolor):
                    if colour is not None and colour.triplet is not None:
                        assert len(set(colour.triplet)) == 1
        text = screen_text(app)
        assert all(sign in text for sign in ("✓ 2xx", "→ 3xx", "! 4xx", "✗ 5xx", "✓ 11:58:02"))

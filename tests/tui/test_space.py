"""How panels share the screen: which are open, how high they are, and when they collapse."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.events import AppBlur

from logmon_tui.config.settings import DEFAULT_SHOW, ROOMY_SHOW, Panel, Settings
from logmon_tui.snapshot import Ranking, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.memory import Memory, recall, remember
from tests.tui.fakes import INCIDENTS, NOW, FakeEngine, incident, ranking, snapshot
from tests.tui.screens import make_app, screen_lines, screen_text, until, until_shown, until_still

ROOMY, SMALL = (160, 45), (120, 36)
MANY = tuple(incident(at=NOW - 60 * n, lasted=30) for n in range(1, 40))


def height(app: LogmonApp, panel: Panel) -> int:
    return app.dashboard.panels[panel].region.height


def without(picture: Snapshot, **rankings: Ranking) -> Snapshot:
    return replace(picture, now=replace(picture.now, **rankings))


# Which panels are open


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((200, 60), ROOMY_SHOW),
        (ROOMY, ROOMY_SHOW),
        ((159, 45), DEFAULT_SHOW),
        ((160, 30), DEFAULT_SHOW),
        (SMALL, DEFAULT_SHOW),
        ((40, 12), DEFAULT_SHOW),
    ],
)
async def test_a_screen_with_room_opens_more_panels(
    size: tuple[int, int], shown: tuple[Panel, ...]
) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=size):
        await until_shown(app, "412.3 req/s now")
        assert {*app.dashboard.shown} == {*shown}


async def test_panels_come_and_go_with_the_size_until_the_user_chooses() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SMALL) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.resize_terminal(*ROOMY)
        await until(lambda: {*app.dashboard.shown} == {*ROOMY_SHOW})
        await pilot.resize_terminal(*SMALL)
        await until(lambda: {*app.dashboard.shown} == {*DEFAULT_SHOW})
        await pilot.press("8")
        chosen = {*DEFAULT_SHOW, Panel.USERS}
        for size in (ROOMY, SMALL, ROOMY):
            await pilot.resize_terminal(*size)
            await until(lambda size=size: len(screen_lines(app)) == size[1])
            await until_still(app)
            assert {*app.dashboard.shown} == chosen


async def test_a_smaller_screen_does_not_hide_the_panel_in_use() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("5")
        await pilot.resize_terminal(*SMALL)
        await until(lambda: {*app.dashboard.shown} == {*DEFAULT_SHOW, Panel.CLIENTS})
        assert app.focused is app.dashboard.panels[Panel.CLIENTS]


@pytest.mark.parametrize("how", ["blur", "prompt", "maximised"])
async def test_a_smaller_screen_hides_no_panel_in_use_that_has_no_focus_just_now(how: str) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("5")
        if how == "prompt":
            await pilot.press("slash")
            await until(lambda: len(app.screen_stack) == 2)
        if how == "maximised":
            await pilot.press("m")
        if how != "prompt":
            app.post_message(AppBlur())
            await until(lambda: app.focused is None)
        await pilot.resize_terminal(*SMALL)
        await until(lambda: {*app.dashboard.shown} == {*DEFAULT_SHOW, Panel.CLIENTS})


@pytest.mark.parametrize("maximised", [False, True])
async def test_an_empty_panel_in_use_stays_open_while_the_terminal_has_no_focus(
    maximised: bool,
) -> None:
    app = make_app(FakeEngine(snapshot(incidents=())))
    async with app.run_test(size=SMALL) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("4", *["m"] * maximised)
        await until_shown(app, "✓ No alerts.")
        opened = height(app, Panel.ALERTS)
        app.post_message(AppBlur())
        await until(lambda: app.focused is None)
        await until_still(app)
        assert height(app, Panel.ALERTS) == opened > 1
        assert not app.dashboard.panels[Panel.ALERTS].has_class("-collapsed")


@pytest.mark.parametrize("by", ["settings", "memory"])
async def test_a_size_changes_nothing_that_was_chosen_before(by: str, tmp_path: Path) -> None:
    state, show = tmp_path / "screen.json", (Panel.SECTIONS, Panel.TAIL)
    if by == "memory":
        remember(state, Memory(show))
    settings = Settings(show=show if by == "settings" else None)
    app = make_app(FakeEngine(snapshot()), settings, state_file=state)
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "412.3 req/s now")
        assert app.dashboard.shown == show
        await pilot.resize_terminal(*SMALL)
        await until(lambda: len(screen_lines(app)) == SMALL[1])
        await until_still(app)
        assert app.dashboard.shown == show


async def test_what_is_open_by_itself_is_no_choice_to_save(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    app = make_app(FakeEngine(snapshot()), state_file=state)
    async with app.run_test(size=ROOMY) as pilot:
        await pilot.resize_terminal(*SMALL)
        await until(lambda: {*app.dashboard.shown} == {*DEFAULT_SHOW})
    assert recall(state).show is None


# The alerts take what they need


@pytest.mark.parametrize("size", [ROOMY, SMALL, (100, 30)], ids=str)
async def test_the_alerts_are_as_high_as_their_content(size: tuple[int, int]) -> None:
    engine = FakeEngine(snapshot(incidents=INCIDENTS[:2]))
    app = make_app(engine)
    async with app.run_test(size=size):
        await until_shown(app, "412.3 req/s now")
        assert height(app, Panel.ALERTS) == 2 * 2 + 2
        column = height(app, Panel.ALERTS) + height(app, Panel.STATUS)
        assert engine.publish is not None
        engine.publish(snapshot(incidents=INCIDENTS))
        await until(lambda: height(app, Panel.ALERTS) == 4 * 2 + 2)
        engine.publish(snapshot(incidents=MANY))
        await until(lambda: height(app, Panel.STATUS) == 6)
        assert height(app, Panel.ALERTS) + height(app, Panel.STATUS) == column


async def test_the_screen_is_laid_out_only_if_the_alerts_need_another_room(
    layouts: list[object],
) -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=ROOMY):
        await until_shown(app, "412.3 req/s now")
        layouts.clear()
        assert engine.publish is not None
        changed = replace(INCIDENTS[0], peak=987.0)
        engine.publish(snapshot(incidents=(changed, *INCIDENTS[1:])))
        await until_shown(app, "peak 987/s")
        assert len(layouts) == 0
        engine.publish(snapshot(incidents=(incident("More", at=NOW - 5), *INCIDENTS)))
        await until_shown(app, "More")
        assert 1 <= len(layouts) <= 2  # Textual shows a scrollbar until the panel has grown


async def test_alerts_without_more_room_are_not_laid_out_for_each_incident(
    layouts: list[object],
) -> None:
    firing = incident(at=NOW - 9)
    engine = FakeEngine(snapshot(incidents=(firing, *MANY)))
    app = make_app(engine)
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "412.3 req/s now")
        assert engine.publish is not None
        layouts.clear()
        engine.publish(snapshot(incidents=(incident("More", at=NOW - 5), firing, *MANY)))
        await until_shown(app, "More")
        assert layouts == []
        whole = height(app, Panel.ALERTS)
        await pilot.resize_terminal(ROOMY[0], ROOMY[1] - 4)
        await until(lambda: height(app, Panel.ALERTS) < whole)
        engine.publish(snapshot(incidents=MANY[:4]))
        await until_shown(app, "412.3 req/s now")
        await pilot.resize_terminal(*ROOMY)
        await until(lambda: height(app, Panel.ALERTS) == 4 * 2 + 2)


async def test_alerts_that_just_filled_a_smaller_screen_grow_with_the_next_ones() -> None:
    engine = FakeEngine(snapshot(incidents=MANY))
    app = make_app(engine)
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "412.3 req/s now")
        assert engine.publish is not None
        full = height(app, Panel.ALERTS)
        engine.publish(snapshot(incidents=MANY[: (full - 2) // 2]))
        await until_still(app)
        assert height(app, Panel.ALERTS) == full == (full - 2) // 2 * 2 + 2
        await pilot.resize_terminal(ROOMY[0], ROOMY[1] + 10)
        await until(lambda: len(screen_lines(app)) == ROOMY[1] + 10)
        await until_still(app)
        engine.publish(snapshot(incidents=MANY))
        await until(lambda: height(app, Panel.ALERTS) > full)


@pytest.mark.parametrize("size", [ROOMY, SMALL, (80, 24)], ids=str)
async def test_without_alerts_the_panel_is_a_line_until_one_fires(size: tuple[int, int]) -> None:
    engine = FakeEngine(snapshot(incidents=()))
    app = make_app(engine)
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "─ 4 Alerts ─ ✓ none ─")
        assert height(app, Panel.ALERTS) == 1
        await pilot.press("4")
        await until_shown(app, "✓ No alerts.")
        await pilot.press("2")
        await until(lambda: height(app, Panel.ALERTS) == 1)
        assert engine.publish is not None
        engine.publish(snapshot())
        await until_shown(app, "▲ 12:03:10")


async def test_alerts_without_neighbours_say_when_one_would_fire() -> None:
    app = make_app(FakeEngine(snapshot(incidents=())), Settings(show=(Panel.PATHS, Panel.ALERTS)))
    async with app.run_test(size=SMALL):
        await until_shown(app, "✓ No alerts.")


# Tables without rows


@pytest.mark.parametrize("size", [ROOMY, SMALL, (80, 24), (40, 40)], ids=str)
async def test_a_table_that_the_log_brings_nothing_for_is_a_line(size: tuple[int, int]) -> None:
    show = (Panel.SECTIONS, Panel.CLIENTS, Panel.USERS, Panel.VHOSTS, Panel.TLS)
    picture = without(snapshot(), users=Ranking())
    engine = FakeEngine(picture)
    app = make_app(engine, Settings(show=show))
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "412.3 req/s now")
        for panel in (Panel.USERS, Panel.VHOSTS, Panel.TLS):
            assert height(app, panel) == 1
        assert height(app, Panel.CLIENTS) > 5
        assert "─ T TLS ─ this log's format has no" in screen_text(app)
        await pilot.press("8")
        await until(lambda: height(app, Panel.USERS) > 5)
        await pilot.press("2")
        await until(lambda: height(app, Panel.USERS) == 1)
        assert engine.publish is not None
        engine.publish(without(picture, users=ranking((b"alice",), 10)))
        await until(lambda: height(app, Panel.USERS) > 5)


async def test_a_pause_of_the_traffic_collapses_no_table() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.SECTIONS, Panel.CLIENTS, Panel.USERS)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "412.3 req/s now")
        before = height(app, Panel.CLIENTS)
        none, picture = Ranking(), snapshot()
        assert engine.publish is not None
        engine.publish(without(picture, users=none, hosts=none))
        await until_shown(app, "no clients")
        assert height(app, Panel.CLIENTS) == height(app, Panel.USERS) == before
        engine.publish(without(picture, hits=0, users=none, hosts=none, sections=none))
        await until_shown(app, "no hits in this window")
        assert height(app, Panel.CLIENTS) == height(app, Panel.USERS) == before


async def test_before_the_first_hit_nothing_is_collapsed() -> None:
    app = make_app(FakeEngine(Snapshot()), Settings(show=(Panel.SECTIONS, Panel.USERS)))
    async with app.run_test(size=SMALL):
        await until_shown(app, "no hits yet")
        assert height(app, Panel.USERS) > 5

"""The filter of tables and of the tail, and whom the slash belongs to."""

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.monitor.commands import SetFilter
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.prompt import Prompt
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.rank_table import OTHER
from tests.tui.fakes import HOSTILE, FakeEngine, full_snapshot, hostile_snapshot, snapshot
from tests.tui.screens import assert_tidy, make_app, screen_text, until, until_shown, until_still

SIZE = (120, 36)


def panel_of(app: LogmonApp, name: Panel) -> Filtered:
    panel = app.dashboard.panels[name]
    assert isinstance(panel, Filtered)
    return panel


async def test_a_table_shows_only_the_rows_with_a_text_as_it_is_typed() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout")
        sections = panel_of(app, Panel.SECTIONS)
        await pilot.press("slash", *"C")
        found = {b"/static", b"/search", b"/checkout", b"/cart", b"/docs"}
        await until(lambda: set(sections.row_keys()) == found)
        await pilot.press(*"h", "enter")
        await until_shown(app, "2 Sections ─ 2 of 15 match Ch · last 10 s")
        await until_shown(app, "esc: all rows")
        assert "/checkout" in screen_text(app)
        assert "/pages" not in screen_text(app)
        await pilot.press("escape")
        await until_shown(app, "/pages")
        await until_shown(app, "2 Sections ─ last 10 s")


async def test_a_filter_stays_while_numbers_move_and_others_have_the_focus() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout")
        await pilot.press("slash", *"check", "enter", "1")
        engine.publish(replace(snapshot(seed=4), rate=777.0))
        await until_shown(app, "777.0 req/s now")
        await until_shown(app, "2 Sections ─ 1 of 15 match check")
        assert panel_of(app, Panel.SECTIONS).row_keys() == [b"/checkout"]
        await pilot.press("escape")  # in another panel
        await until_still(app)
        assert panel_of(app, Panel.SECTIONS).row_keys() == [b"/checkout"]


async def test_a_filter_leaves_out_the_row_of_the_rest_and_nothing_is_told_of_it() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.CLIENTS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "1,204 seen")
        clients = panel_of(app, Panel.CLIENTS)
        assert clients.row_keys()[-1] == OTHER
        await pilot.press("slash", *".113.2", "enter")
        await until_shown(app, "5 Clients ─ 11 of 29 match .113.2 · last 10 s · 1,204 seen")
        assert OTHER not in clients.row_keys()


async def test_the_filter_stays_when_the_view_changes_and_goes_by_what_shows() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.PATHS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout/x")
        await pilot.press("slash", *"users", "enter")
        await until_shown(app, "6 Paths ─ 1 of 15 match users")
        await pilot.press("v")
        await until_shown(app, "6 Paths ─ routes · 1 of 3 match users")


async def test_a_filter_that_nothing_matches_says_so() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.SECTIONS, Panel.LOGS, Panel.TAIL)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout")
        for key, row in (("2", "row"), ("9", "line")):
            await pilot.press(*(key if row == "line" else ""), "slash", *"[/]x", "enter")
            await until_shown(app, f"No {row} matches [/]x; esc shows all.")
            await pilot.press("j", "G", "enter", "escape")
            await until(lambda row=row: f"No {row} matches" not in screen_text(app))


async def test_the_tail_shows_only_the_lines_with_a_text() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.TAIL,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "GET /checkout")
        tail = panel_of(app, Panel.TAIL)
        await pilot.press("slash", *"get /CHECK", "enter")
        await until_shown(app, "9 Tail ─ 13 of 200 match get /CHECK · raw lines")
        assert tail.max_scroll_y == 0
        assert "/pages" not in screen_text(app)
        newer = (*snapshot().tail[1:], b"a line that asks to GET /checkout")
        engine.publish(replace(snapshot(), tail=newer))
        await until_shown(app, "a line that asks")
        await pilot.press("escape")
        await until_shown(app, "GET /pages")
        assert tail.scroll_offset.y == tail.max_scroll_y > 0
        assert "9 Tail ─ raw lines" in screen_text(app)


async def test_a_filtered_tail_that_is_scrolled_up_stands_still() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.TAIL,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "GET /checkout")
        await pilot.press("slash", *"/", "enter", "home")
        await until_shown(app, "200 of 200 match / · standing still, G follows")
        before = screen_text(app).splitlines()[4:-2]
        engine.publish(replace(snapshot(), rate=777.0, tail=(b"GET /new",) * 200))
        await until_shown(app, "777.0 req/s now")
        assert screen_text(app).splitlines()[4:-2] == before
        await pilot.press("G")
        await until_shown(app, "GET /new")


@pytest.mark.parametrize("name", [Panel.TRAFFIC, Panel.STATUS])
async def test_where_nothing_can_be_filtered_the_slash_says_where(name: Panel) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "412.3 req/s now")
        app.dashboard.panels[name].focus()
        await pilot.press("slash")
        await until_shown(app, "To find rows, go to one of: 2 Sections, 4 Alerts.")
        assert app.focused.id == name
        await pilot.press("m", "slash")
        await until_shown(app, "There are no rows to find here.")


async def test_the_slash_goes_to_the_only_panel_that_can_be_filtered() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.TRAFFIC, Panel.ALERTS)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        assert app.focused.id == "traffic"
        await pilot.press("slash")
        await until_shown(app, "rule: severity:")
        assert app.screen_stack[0].focused.id == "alerts"


async def test_the_palette_filters_the_focused_panel() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE):
        await until_shown(app, "412.3 req/s now")
        commands = {each.title: each for each in app.get_system_commands(app.screen)}
        await commands["Panels: Find"].callback()
        await until(lambda: isinstance(app.screen, Prompt))
        await until_shown(app, "text in a name")


async def test_esc_in_the_logs_panel_shows_all_its_rows_and_then_all_logs() -> None:
    only = SetFilter(parsed("log:/var/log/nginx/api.log"))
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(Panel.LOGS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "api.log")
        await pilot.press("slash", *"api", "enter", "enter")
        await until(lambda: engine.posted == [only])
        await pilot.press("escape")
        await until(lambda: not panel_of(app, Panel.LOGS).filter_text)
        assert engine.posted == [only]
        await pilot.press("escape")
        assert engine.posted == [only, SetFilter(Filter())]


@pytest.mark.parametrize("name", [Panel.SECTIONS, Panel.PATHS, Panel.TAIL])
@pytest.mark.parametrize("size", [SIZE, (40, 12)], ids=str)
async def test_a_filter_with_hostile_text_shows_literally(
    name: Panel, size: tuple[int, int]
) -> None:
    app = make_app(FakeEngine(hostile_snapshot()), Settings(show=(name,)))
    async with app.run_test(size=size):
        await until_shown(app, "owned")
        panel = panel_of(app, name)
        for key in HOSTILE:
            panel.set_filter(key.decode("utf-8", "surrogateescape"))
            await until_still(app)
            assert_tidy(app, size)

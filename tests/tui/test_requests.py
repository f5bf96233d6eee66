"""The requests panel: what it asks for, how it follows and stands still, marks and copies."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.formats.model.hit import Dimension
from logmon_tui.monitor.commands import FindLine, SetFilter, ShowRequests
from logmon_tui.snapshot import FoundLine, Order, Scope, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.requests import Requests
from tests.tui.fakes import NOW, FakeEngine, snapshot
from tests.tui.request_fakes import ROWS, newer, request, with_requests
from tests.tui.screens import ALL, make_app, screen_text, until, until_shown, until_still

SIZE = (120, 36)
NEWEST, NOTHING = ShowRequests(Order.NEWEST), ShowRequests(None)


def panel_of(app: LogmonApp) -> Requests:
    panel = app.dashboard.panels[Panel.REQUESTS]
    assert isinstance(panel, Requests)
    return panel


def app_with(picture: Snapshot, *panels: Panel) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(picture)
    return make_app(engine, Settings(show=(Panel.REQUESTS, *panels))), engine


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24), (40, 12)], ids=str)
async def test_the_panel_as_text(
    snapshot: Any, request: pytest.FixtureRequest, size: tuple[int, int]
) -> None:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    app, _ = app_with(with_requests())
    async with app.run_test(size=size):
        await until_shown(app, "/login/199")
        snapshot.assert_match(screen_text(app), f"requests-{size[0]}x{size[1]}.txt")


# What it asks for


async def test_requests_are_asked_for_only_while_the_panel_is_seen() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        assert engine.posted == []
        await pilot.press("Q")
        await until(lambda: engine.posted == [NEWEST])
        await pilot.press("2", "m")  # the sections alone
        await until(lambda: engine.posted == [NEWEST, NOTHING])
        await pilot.press("m")
        await until(lambda: engine.posted == [NEWEST, NOTHING, NEWEST])
        await pilot.press("Q", "Q")
        await until(lambda: engine.posted == [NEWEST, NOTHING, NEWEST, NOTHING])


async def test_a_panel_that_shows_at_the_start_asks_at_once() -> None:
    app, engine = app_with(snapshot())
    async with app.run_test(size=SIZE):
        await until(lambda: engine.posted == [NEWEST])
        await until_shown(app, "the requests come with the next picture")


async def test_a_panel_scrolled_out_of_sight_asks_for_nothing() -> None:
    app, engine = app_with(with_requests(), *ALL)
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "412.3 req/s now")
        app.dashboard.scroll_to(y=0, animate=False, force=True)
        await until_still(app)
        engine.publish(with_requests(newer(ROWS, 3)))
        await until(lambda: engine.posted in ([], [NEWEST, NOTHING]))
        panel_of(app).scroll_visible(animate=False)
        await until_still(app)
        engine.publish(with_requests(newer(ROWS, 5)))
        await until(lambda: engine.posted[-1:] == [NEWEST])


async def test_s_shows_the_newest_the_slowest_and_the_largest() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "Q Requests ─ newest · last 10 s")
        await until_shown(app, "s: slowest")
        await pilot.press("s")
        await until_shown(app, "Q Requests ─ slowest … · last 10 s")
        engine.publish(with_requests(ROWS[5:9], Order.SLOWEST))
        await until_shown(app, "Q Requests ─ slowest · last 10 s")
        await pilot.press("s", "s")
        orders = [NEWEST, ShowRequests(Order.SLOWEST), ShowRequests(Order.LARGEST), NEWEST]
        await until(lambda: engine.posted == orders)


async def test_without_requests_the_panel_says_why() -> None:
    app, engine = app_with(with_requests(()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "no hits in this window")
        await pilot.press("s")
        engine.publish(with_requests((), Order.SLOWEST))
        await until_shown(app, "no hit in this window tells its response time")
        engine.publish(Snapshot())
        await until_shown(app, "no hits yet")


# Following and standing still


async def test_it_follows_until_the_cursor_moves_and_again_after_g() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/docs/193")
        engine.publish(with_requests(newer(ROWS, 1)))
        await until(lambda: panel_of(app).request.number == 200)
        await pilot.press("j")
        await until_shown(app, "standing still, Home follows")
        engine.publish(with_requests(newer(ROWS, 150)))
        await until_still(app)
        assert panel_of(app).row_keys()[0] == 200
        assert panel_of(app).request.number == 199
        await pilot.press("home")
        await until(lambda: panel_of(app).request.number == 349)
        assert "standing still" not in screen_text(app)


async def test_it_stands_still_while_scrolled_and_follows_at_the_top() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE):
        await until_shown(app, "/docs/193")
        panel = panel_of(app)
        panel.scroll_to(y=10, animate=False)
        await until_shown(app, "standing still, Home follows")
        engine.publish(with_requests(newer(ROWS, 4)))
        await until_still(app)
        assert panel.row_keys()[0] == 199
        panel.scroll_to(y=0, animate=False)
        await until(lambda: panel.row_keys()[0] == 203)


async def test_another_filter_ends_standing_still() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("j", "j")
        await until_shown(app, "standing still")
        picture = with_requests([request(300)])
        engine.publish(replace_scope(picture, Scope("status:5xx", ("status:5xx",), 10)))
        await until(lambda: panel_of(app).row_keys() == [300])


def replace_scope(picture: Snapshot, scope: Scope) -> Snapshot:
    return replace(picture, scope=scope)


# Search


async def test_the_slash_shows_only_matches_and_esc_all_again() -> None:
    app, _ = app_with(with_requests())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("slash", *"/CART/", "enter")
        await until_shown(app, "newest · 13 of 200 match /CART/ · last 10 s")
        assert len(panel_of(app).row_keys()) == 13
        assert highlighted_texts(app) == {"/cart/"}
        await pilot.press("escape")
        await until(lambda: len(panel_of(app).row_keys()) == 200)
        assert highlighted_texts(app) == set()


async def test_n_goes_from_match_to_match_among_all_rows() -> None:
    app, _ = app_with(with_requests())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/docs/193")
        panel = panel_of(app)
        await pilot.press("slash", *"/cart/", "enter", "n")
        await until_shown(app, "n N find /cart/ · standing still")
        matches = [row.number for row in ROWS if b"/cart/" in row.texts[Dimension.PATH]]
        assert len(panel.row_keys()) == 200
        assert panel.request.number == matches[1]  # the cursor was on the first
        await pilot.press("n")
        assert panel.request.number == matches[2]
        await pilot.press("N", "N", "N")
        assert panel.request.number == matches[-1]
        assert highlighted_texts(app) == {"/cart/"}
        await pilot.press("escape")
        await until(lambda: highlighted_texts(app) == set())
        await pilot.press("n")  # the text of the last search is known
        assert panel.request.number == matches[0]


async def test_n_without_a_search_or_a_match_says_so() -> None:
    app, _ = app_with(with_requests())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("n")
        await until_shown(app, "Nothing to look for yet: press / and type a text.")
        await pilot.press("slash", *"[/]zz", "enter")
        await until_shown(app, "No request matches [/]zz; esc shows all.")
        await pilot.press("n")
        await until_shown(app, "No line contains [/]zz.")


def highlighted_texts(app: LogmonApp) -> set[str]:
    """Return what is highlighted on the screen, in small letters."""
    colour = panel_of(app).ink("search--match").bgcolor
    strips = app.screen._compositor.render_strips()
    return {
        segment.text.lower()
        for strip in strips
        for segment in strip
        if segment.style is not None and segment.style.bgcolor == colour
    }


# Sideways


async def test_long_paths_slide_to_their_end_and_short_ones_stay() -> None:
    path = b"/long/" + b"0123456789" * 20 + b"/end"
    app, _ = app_with(with_requests([request(2, path=path), request(1)]))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/long/012")
        await pilot.press(*["right"] * 30)
        await until_shown(app, "/end ")
        assert "/pages/1" in screen_text(app)
        slid = panel_of(app).shift
        await pilot.press("right")
        assert panel_of(app).shift == slid
        await pilot.press(*"h" * 40)
        await until_shown(app, "/long/012")


# Marks


async def test_marks_stay_on_their_rows_and_are_kept_when_these_have_gone_by() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("B")
        await until_shown(app, "No request is marked; b marks one.")
        await pilot.press("b")
        await until_shown(app, "◆ 12:04:31 203.0.113.199")
        engine.publish(with_requests(newer(ROWS, 2)))
        await until_shown(app, "newest · 1 marked")
        lines = screen_text(app).splitlines()
        assert [line[1:3] for line in lines if "203.0.113.199" in line] == ["◆ "]
        await pilot.press("B")
        assert panel_of(app).request.number == 199
        await pilot.press("home")
        engine.publish(with_requests(newer(ROWS, 200)))
        await until(lambda: panel_of(app).request.number == 399)
        await pilot.press("B")
        await until_shown(app, "have gone by; v shows them")
        await pilot.press("v")
        await until_shown(app, "Q Requests ─ marked")
        assert panel_of(app).row_keys() == [199]
        await pilot.press("b", "v")
        await until_shown(app, "Q Requests ─ newest")


# Copies


async def test_y_copies_the_raw_line_without_control_characters() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("y")
        await until(lambda: engine.posted[-1] == FindLine(ROWS[0]))
        copied = app.clipboard
        engine.publish(with_line(FoundLine(7, b"the line of another request")))
        engine.publish(with_line(FoundLine(199, b"GET /\x1b[31m\r\n\xff \xe2\x80\xae")))
        await until(lambda: app.clipboard != copied)
        assert app.clipboard == "GET /\\x1b[31m\\x0d\\x0a\\xff \\u202e"
        await until_shown(app, "Copied GET /\\x1b[31m")
        await pilot.press("Y")
        await until(lambda: app.clipboard == "203.0.113.199")


async def test_y_says_if_the_line_is_gone() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("y")
        await until(lambda: engine.posted[-1] == FindLine(ROWS[0]))
        engine.publish(with_line(FoundLine(199, None)))
        await until_shown(app, "The line is no longer kept.")


async def test_a_line_comes_even_while_the_picture_is_paused() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("space", "y")
        await until(lambda: engine.posted[-1] == FindLine(ROWS[0]))
        engine.publish(with_line(FoundLine(199, b"here")))
        await until(lambda: app.clipboard == "here")


def with_line(line: FoundLine) -> Snapshot:
    return replace(with_requests(), line=line)


async def test_a_copy_goes_to_the_terminal_as_osc_52(monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = app_with(with_requests())
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/docs/193")
        written: list[str] = []
        write: Callable[[str], None] = written.append
        monkeypatch.setattr(app._driver, "write", write)
        await pilot.press("Y")
        await until(lambda: "\x1b]52;c;MjAzLjAuMTEzLjE5OQ==\a" in written)


async def test_y_in_a_table_copies_the_name_of_the_row() -> None:
    engine = FakeEngine(snapshot(keys=(b"/a\x1b[31m", b"/b")))
    app = make_app(engine, Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "/b")
        await pilot.press("y")
        await until_shown(app, "Copied /")
        assert app.clipboard in {"/a\\x1b[31m", "/b"}


async def test_a_row_alone_cannot_be_left_out_but_its_fields_can() -> None:
    app, engine = app_with(with_requests())
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "/docs/193")
        await pilot.press("exclamation_mark")
        await until_shown(app, "enter shows the fields")
        assert not any(isinstance(each, SetFilter) for each in engine.posted)


async def test_times_of_another_day_have_a_date() -> None:
    app, _ = app_with(with_requests([request(1), request(2, second=NOW - 86_400)]))
    async with app.run_test(size=SIZE):
        await until_shown(app, "11-20 12:04:31 203.0.113.2")

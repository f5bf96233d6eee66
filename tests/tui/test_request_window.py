"""The window of a request: every field, the raw line, and the filters that its fields make."""

import numpy as np
import pytest
from msgspec.structs import replace
from textual.containers import VerticalScroll
from textual.events import MouseScrollDown

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.hit import Dimension, Hit, Measure
from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.formats.presets import PRESETS
from logmon_tui.monitor.commands import FindLine, SetFilter
from logmon_tui.recent.requests import requests_in
from logmon_tui.snapshot import FoundLine, Request, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.screens.request_fields import Field, fields_of
from logmon_tui.tui.screens.request_window import RequestText, RequestWindow
from tests.tui.fakes import HOSTILE, FakeEngine
from tests.tui.request_fakes import ROWS, hostile_requests, request, with_requests
from tests.tui.screens import assert_tidy, make_app, screen_text, until, until_shown

SIZE = (120, 36)
FULL = request(
    3,
    user=b"anna",
    virtual_host=b"shop.example.org",
    user_agent=b"curl/8.11.0",
    tls=b"TLSv1.3",
    route=b"/images/:id",
    source=b"shop.log",
    server=b"eu/web1",
    site=b"eu",
    upstream_time=1_230_000,
    bytes_in=512,
    size=310_222,
    own_1=b"HIT",
    own_2=b"backend-1",
    own_3=b"eu",
    own_4=b"a1b2",
)
OWN = ("cache", "backend", "region", "trace")
LINE = b'203.0.113.3 - anna "GET /images/3" 502 \x1b[31m' + b"0123456789" * 30


def app_with(rows: tuple[Request, ...]) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(with_requests(rows))
    return make_app(engine, Settings(show=(Panel.REQUESTS,))), engine


def with_line(rows: tuple[Request, ...], number: int, line: bytes | None) -> Snapshot:
    return replace(with_requests(rows), line=FoundLine(number, line))


def by_label(request: Request) -> dict[str, Field]:
    return {field.label: field for field in fields_of(request, 0.001, OWN)}


def test_every_dimension_and_measure_is_a_field() -> None:
    fields = by_label(FULL)
    assert len(FULL.texts) == len(Dimension)
    assert len(FULL.measures) == len(Measure)
    for value in FULL.texts.values():
        assert value in [field.value for field in fields.values()]
    assert fields["took"].text == "4 ms"
    assert fields["upstream"].text == "1.23 s"
    assert fields["received"].text == "512 bytes"
    assert fields["size"].text == "310 kB (310,222 bytes)"
    assert fields["status"].text == "✗ 502 Bad Gateway"
    assert fields["time"].text.endswith(" UTC")
    assert (fields["cache"].text, fields["cache"].term) == ("HIT", "cache=HIT")


def test_what_a_hit_lacks_is_no_field() -> None:
    fields = by_label(replace(FULL, texts={Dimension.USER: b"-"}, measures={}))
    assert list(fields) == ["time", "status", "size"]


@pytest.mark.parametrize("row", [FULL, *ROWS[:4], *hostile_requests()], ids=str)
def test_the_term_of_a_field_takes_the_hit_and_its_negation_does_not(row: Request) -> None:
    log_format = next(each for each in PRESETS if each.name == "combined")
    hit = Hit(row.second, row.status, row.size, row.texts[Dimension.HOST])
    batch = batch_of_hits([hit], log_format)
    batch = replace(
        batch,
        columns={each: Column.constant(text, 1) for each, text in row.texts.items()},
        measures={each: np.array([value]) for each, value in row.measures.items()},
    )
    assert list(requests_in(batch, [row.number])) == [row]
    for field in fields_of(row, 0.001):
        if field.term:
            assert parsed(field.term).mask(batch).all(), field
            assert not parsed(field.without).mask(batch).any(), field


async def test_the_window_shows_the_fields_and_then_the_line() -> None:
    app, engine = app_with((FULL, *ROWS[5:8]))
    async with app.run_test(size=(120, 45)) as pilot:
        await until_shown(app, "203.0.113.3 ")
        await pilot.press("enter")
        await until_shown(app, "looking for the line …")
        assert FindLine(FULL) in engine.posted
        for text in ("Request 1 of 4", "shop.example.org", "TLSv1.3", "✗ 502 Bad Gateway", "anna"):
            assert text in screen_text(app)
        engine.publish(with_line((FULL,), 3, LINE))
        await until_shown(app, '"GET /images/3" 502 \\x1b[31m')
        assert_tidy(app, (120, 45))
        await pilot.press("y")
        await until(lambda: app.clipboard == LINE.decode().replace("\x1b", "\\x1b"))
        await until_shown(app, "Copied 203.0.113.3")
        await pilot.press(*"jjjjj", "Y")
        assert app.clipboard == "203.0.113.3"
        await pilot.press("n")
        await until_shown(app, "Request 2 of 4")
        await until_shown(app, "looking for the line …")
        engine.publish(with_line((FULL,), 194, None))
        await until_shown(app, "The line is no longer kept.")
        await pilot.press("y")
        await until_shown(app, "There is no raw line to copy.")
        await pilot.press("N", "N")
        await until_shown(app, "There is no further request.")
        await pilot.press("escape")
        await until(lambda: not isinstance(app.screen, RequestWindow))


async def test_arrows_move_the_cursor_though_the_text_is_higher_than_the_window() -> None:
    app, _ = app_with((FULL,))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "203.0.113.3 ")
        await pilot.press("enter")
        await until_shown(app, "▸ status")
        assert isinstance(app.screen, RequestWindow)
        box = app.screen.query_one(VerticalScroll)
        assert box.max_scroll_y > 0
        await pilot.press("down", "down")
        assert app.screen.query_one(RequestText).cursor == 3
        for _ in range(30):
            await pilot.press("down")
        await until(lambda: box.scroll_y == box.max_scroll_y)
        for _ in range(30):
            await pilot.press("up")
        await until_shown(app, "▸ time")
        await pilot.press("pagedown")
        await until(lambda: box.scroll_y > 0)
        await pilot.press("pageup")
        await until(lambda: box.scroll_y == 0)
        await pilot._post_mouse_events([MouseScrollDown], VerticalScroll)
        await until(lambda: box.scroll_y > 0)


@pytest.mark.parametrize(("key", "sign"), [("enter", ""), ("exclamation_mark", "!")])
async def test_a_field_narrows_all_panels_or_is_left_out(key: str, sign: str) -> None:
    app, engine = app_with((FULL,))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "203.0.113.3 ")
        await pilot.press("enter")
        await until_shown(app, "Request 1 of 1")
        await pilot.press("up", key)
        await until_shown(app, "A filter cannot choose by this field")
        await pilot.press("j", key)
        await until(lambda: engine.posted[-1] == SetFilter(parsed(f"{sign}status:502")))
        await until(lambda: not isinstance(app.screen, RequestWindow))


@pytest.mark.parametrize("index", range(len(HOSTILE)))
@pytest.mark.parametrize("size", [SIZE, (40, 12)], ids=str)
async def test_hostile_fields_and_lines_show_literally(index: int, size: tuple[int, int]) -> None:
    row = hostile_requests()[index]
    app, engine = app_with((row,))
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "Requests")
        await until(app.dashboard.panels[Panel.REQUESTS].row_keys)
        assert_tidy(app, size)
        await pilot.press("enter")
        await until_shown(app, "Request 1 of 1")
        engine.publish(with_line((row,), row.number, HOSTILE[index] * 30))
        await until(lambda: "looking" not in screen_text(app))
        for _ in range(30):
            assert_tidy(app, size)
            await pilot.press("j")

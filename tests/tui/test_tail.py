"""The tail: parsed or raw, searched from match to match, sideways, with the colour of statuses."""

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import ParseTail
from logmon_tui.snapshot import Request, Scope, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.tail import Tail
from tests.tui.fakes import HOSTILE, FakeEngine, snapshot
from tests.tui.request_fakes import hostile_requests, request
from tests.tui.screens import assert_tidy, make_app, screen_text, until, until_shown, until_still

SIZE = (120, 36)
LINES = tuple(
    b'203.0.113.%d - - "GET /%s HTTP/1.1" %d 512' % (n % 250, b"needle" if n % 50 == 7 else b"x", n)
    for n in range(200, 400)
)


def tail_of(app: LogmonApp) -> Tail:
    tail = app.dashboard.panels[Panel.TAIL]
    assert isinstance(tail, Tail)
    return tail


def app_with(picture: Snapshot) -> tuple[LogmonApp, FakeEngine]:
    engine = FakeEngine(picture)
    return make_app(engine, Settings(show=(Panel.TAIL,))), engine


def parsed_tail(hits: tuple[Request, ...]) -> Snapshot:
    lines = tuple(b"raw line %d" % hit.number for hit in hits)
    return replace(snapshot(), tail=lines, tail_hits=hits)


def cursor_lines(app: LogmonApp) -> list[str]:
    """Return the lines of the screen that have the cursor's background."""
    colour = tail_of(app).ink("panel--cursor").bgcolor
    return [
        "".join(segment.text for segment in strip)
        for strip in app.screen._compositor.render_strips()
        if any(segment.style and segment.style.bgcolor == colour for segment in strip)
    ]


async def test_n_goes_to_the_newest_match_and_then_up_and_down() -> None:
    app, engine = app_with(replace(snapshot(), tail=LINES))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "399 512")
        await pilot.press("slash", *"needle", "enter")
        await until_shown(app, "9 Tail ─ 4 of 200 match needle · raw lines")
        await pilot.press("n")
        await until_shown(app, "9 Tail ─ n N find needle · standing still, G follows")
        await until(lambda: [" 357 512" in line for line in cursor_lines(app)] == [True])
        await pilot.press("N")
        await until(lambda: [" 307 512" in line for line in cursor_lines(app)] == [True])
        await pilot.press("n")
        await until(lambda: [" 357 512" in line for line in cursor_lines(app)] == [True])
        engine.publish(replace(snapshot(), rate=777.0, tail=LINES[100:]))
        await until_shown(app, "777.0 req/s now")
        assert len(cursor_lines(app)) == 1
        await pilot.press("y")
        assert app.clipboard == LINES[157].decode()
        await pilot.press("G")
        await until(lambda: not cursor_lines(app))
        await pilot.press("escape", "y")
        await until_shown(app, "9 Tail ─ raw lines")
        assert app.clipboard == LINES[-1].decode()


async def test_v_shows_the_lines_parsed_and_raw_again() -> None:
    hits = tuple(request(n) for n in range(50))
    app, engine = app_with(replace(snapshot(), tail=LINES))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "399 512")
        await pilot.press("v")
        await until(lambda: engine.posted == [ParseTail(parsed=True)])
        engine.publish(parsed_tail(hits))
        await until_shown(app, "9 Tail ─ parsed")
        await until_shown(app, "203.0.113.49    POST    /login/49")
        assert screen_text(app).index("/images/48") < screen_text(app).index("/login/49")
        assert "raw line 4" not in screen_text(app)
        await pilot.press("slash", *"login", "enter")
        await until_shown(app, "9 Tail ─ 4 of 50 match login · parsed")
        await pilot.press("y")
        assert app.clipboard == "raw line 49"
        await pilot.press("escape", "v")
        await until_shown(app, "raw line 49")
        await until(lambda: engine.posted[-1] == ParseTail(parsed=False))


async def test_lines_are_parsed_only_while_the_tail_is_seen() -> None:
    app, engine = app_with(replace(snapshot(), tail=LINES))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "399 512")
        await pilot.press("v")
        await until(lambda: engine.posted == [ParseTail(parsed=True)])
        await pilot.press("9")
        await until(lambda: engine.posted[-1] == ParseTail(parsed=False))
        await pilot.press("9")
        await until(lambda: engine.posted[-1] == ParseTail(parsed=True))


async def test_long_lines_slide_sideways() -> None:
    line = b'203.0.113.1 - - "GET /' + b"0123456789" * 30 + b' HTTP/1.1" 502 9 the end'
    app, _ = app_with(replace(snapshot(), tail=(line,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "✗ 203.0.113.1")
        await pilot.press(*["right"] * 40)
        await until_shown(app, "the end")
        assert "✗ …" in screen_text(app)
        await pilot.press(*["left"] * 40)
        await until_shown(app, "✗ 203.0.113.1")


async def test_the_status_of_a_line_has_its_colour() -> None:
    line = b'203.0.113.1 - - "GET /502 HTTP/1.1" 404 9'
    app, _ = app_with(replace(snapshot(), tail=(line,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "! 203.0.113.1")
        colour = tail_of(app).ink("status--4xx").color
        strip = next(s for s in app.screen._compositor.render_strips() if "203.0" in s_text(s))
        inked = [seg.text for seg in strip if seg.style and seg.style.color == colour]
        assert inked == ["! ", "404"]
        await pilot.press("slash", *"04 9", "enter")  # a match across the colours shows whole
        await until_still(app)
        match = tail_of(app).ink("search--match").bgcolor
        strip = next(s for s in app.screen._compositor.render_strips() if "203.0" in s_text(s))
        assert "".join(s.text for s in strip if s.style and s.style.bgcolor == match) == "04 9"


def s_text(strip: object) -> str:
    return "".join(segment.text for segment in strip)


async def test_another_filter_ends_standing_still() -> None:
    app, engine = app_with(replace(snapshot(), tail=LINES))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "399 512")
        await pilot.press("home")
        await until_shown(app, "standing still, G follows")
        scope = Scope("status:5xx", ("status:5xx",), 10)
        engine.publish(replace(snapshot(), tail=(b"only this",), scope=scope))
        await until_shown(app, "only this")


@pytest.mark.parametrize("size", [SIZE, (40, 12)], ids=str)
async def test_hostile_lines_show_literally_raw_and_parsed(size: tuple[int, int]) -> None:
    lines = tuple(b'" 502 ' + key * 3 for key in HOSTILE)
    app, engine = app_with(replace(snapshot(), tail=lines))
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "✗ ")
        for keys in (["right"] * 3, ["left"] * 3, ["slash", *"/", "enter"], ["n"], ["v"]):
            await pilot.press(*keys)
            await until_still(app)
            assert_tidy(app, size)
        engine.publish(replace(snapshot(), tail=lines, tail_hits=hostile_requests()))
        await until_still(app)
        for keys in (["right"] * 3, ["slash", *"/", "enter"], ["n"], ["escape"]):
            await pilot.press(*keys)
            await until_still(app)
            assert_tidy(app, size)

"""What the panels do with keys, clicks and moving numbers."""

from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import replace
from textual.dom import DOMNode
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import CountRow, Errors, Ranking, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.panels.alerts import Alerts
from logmon_tui.tui.panels.sections import Sections
from logmon_tui.tui.panels.status import Status, reason
from logmon_tui.tui.panels.traffic import Traffic
from tests.tui.fakes import INCIDENTS, FakeEngine, incident, snapshot
from tests.tui.screens import make_app, screen_text, until, until_shown, until_still

SIZE = (120, 36)
Paint = Callable[[Painted, Size], list[Strip]]


def with_sections(*rows: tuple[bytes, int, int, int], other: int = 0) -> Snapshot:
    base = snapshot()
    full = tuple(
        CountRow(key, hits, size, trend=(1, 2, 3), errors=Errors(0, errors))
        for key, hits, size, errors in rows
    )
    ranking = Ranking(full, len(full), other, other * 10)
    return replace(base, now=replace(base.now, sections=ranking))


BEFORE = with_sections((b"/a", 300, 10, 0), (b"/b", 200, 30, 20), (b"/c", 100, 20, 5), other=50)
AFTER = with_sections(
    (b"/c", 500, 20, 5), (b"/d", 300, 1, 0), (b"/a", 250, 10, 0), (b"/b", 200, 30, 20), other=50
)


def order(app: LogmonApp) -> list[str]:
    """Return the first cell of each line of the sections table."""
    region = app.dashboard.panels[Panel.SECTIONS].content_region
    lines = screen_text(app).splitlines()[region.y + 1 : region.bottom]
    cells = [line[region.x : region.x + 12].split() for line in lines]
    return [words[0] for words in cells if words]


async def test_the_cursor_stays_on_its_row_while_rows_re_sort() -> None:
    engine = FakeEngine(BEFORE)
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until(lambda: order(app) == ["/a", "/b", "/c", "(other)"])
        sections = app.dashboard.panels[Panel.SECTIONS]
        await pilot.press("down")
        assert sections.cursor_key == b"/b"
        engine.publish(AFTER)
        await until(lambda: order(app) == ["/c", "/d", "/a", "/b", "(other)"])
        assert (sections.cursor_key, sections.cursor_index) == (b"/b", 3)
        await pilot.press("s", "s", "s", "r")
        assert sections.cursor_key == b"/b"


async def test_keys_move_the_cursor() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        sections = app.dashboard.panels[Panel.SECTIONS]
        await until_shown(app, "/assets")
        where = []
        for key in ("j", "down", "k", "up", "G", "home", "end", "home", "pagedown", "pageup", "up"):
            await pilot.press(key)
            where.append(sections.cursor_index)
        last = 14
        assert where[:8] == [1, 2, 1, 0, last, 0, last, 0]
        assert where[8] > 5
        assert where[9:] == [0, 0]


async def test_the_table_scrolls_with_the_cursor_under_a_header_that_stays() -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "/pages")
        assert "/assets" not in screen_text(app)
        await pilot.press("G")
        await until_shown(app, "/assets")
        assert "/pages" not in screen_text(app)
        assert "section " in screen_text(app)


async def test_s_sorts_by_the_next_column_and_r_turns_the_order_around() -> None:
    app = make_app(FakeEngine(BEFORE))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "▼hits")
        await pilot.press("r")
        await until(lambda: order(app) == ["/c", "/b", "/a", "(other)"])
        assert "▲hits" in screen_text(app)
        await pilot.press("r", "s", "s", "s", "s")
        await until_shown(app, "▼5xx%")
        assert order(app) == ["/b", "/c", "/a", "(other)"]
        await pilot.press("s", "s")
        await until_shown(app, "▼trend")
        await pilot.press("s")
        await until_shown(app, "section▲")
        assert order(app) == ["/a", "/b", "/c", "(other)"]


async def test_a_click_on_a_header_sorts_and_again_reverses() -> None:
    app = make_app(FakeEngine(BEFORE))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "▼hits")
        region = app.dashboard.panels[Panel.SECTIONS].content_region
        line = screen_text(app).splitlines()[region.y]
        x = line.index("5xx%") - region.x + 1
        await pilot.click("#sections", offset=(x + 1, 1))
        await until_shown(app, "▼5xx%")
        await pilot.click("#sections", offset=(x + 1, 1))
        await until_shown(app, "▲5xx%")
        assert order(app) == ["/a", "/c", "/b", "(other)"]


async def test_a_click_selects_a_row() -> None:
    app = make_app(FakeEngine(BEFORE))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "▼hits")
        await pilot.click("#sections", offset=(3, 4))
        assert app.dashboard.panels[Panel.SECTIONS].cursor_key == b"/c"


async def test_the_rest_is_one_row_shown_last() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.CLIENTS,)))
    async with app.run_test(size=(100, 40)) as pilot:
        await until_shown(app, "(other)")
        lines = [line for line in screen_text(app).splitlines() if line.startswith("┃")]
        filled = [line for line in lines if line.strip("┃ ")]
        name, _bar, hits = filled[-1].split()[:3]
        assert (name, hits) == ("┃(other)", "312")
        await pilot.press("s", "r")
        await until_shown(app, "▲%")
        lines = [line for line in screen_text(app).splitlines() if line.startswith("┃")]
        assert "(other)" in [line for line in lines if line.strip("┃ ")][-1]
        assert "1,204 seen" in screen_text(app)


async def test_narrow_tables_drop_the_less_important_columns() -> None:
    app = make_app(FakeEngine(BEFORE), Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "trend")
        await pilot.resize_terminal(42, 30)
        await until(lambda: "trend" not in screen_text(app))
        assert "▼hits" in screen_text(app)
        assert "5xx%" in screen_text(app)


async def test_sorting_without_a_focused_table_sorts_the_sections() -> None:
    app = make_app(FakeEngine(BEFORE))
    async with app.run_test(size=SIZE) as pilot:
        app.dashboard.panels[Panel.ALERTS].focus()
        await pilot.press("r")
        await until_shown(app, "▲hits")


async def test_a_status_class_opens_into_its_codes() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.STATUS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "! 4xx")
        assert "Not Found" not in screen_text(app)
        await pilot.press("j", "j", "v")
        await until_shown(app, "404 Not Found")
        assert "499 Client Closed Request" in screen_text(app)
        await pilot.press("j", "v")  # from one of the codes
        await until(lambda: "Not Found" not in screen_text(app))
        await pilot.click("#status", offset=(5, 1))
        await until_shown(app, "200 OK")


def test_reasons_are_known_for_what_servers_send() -> None:
    assert reason(404) == "Not Found"
    assert reason(499) == "Client Closed Request"
    assert reason(799) == ""


async def test_firing_alerts_come_first_with_what_they_measured() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.ALERTS,)))
    async with app.run_test(size=SIZE):
        await until_shown(app, "▲ 12:03:10  High traffic")
        lines = screen_text(app).splitlines()
        assert "4 Alerts ─ ▲ 1 firing" in lines[2]
        assert lines[3].endswith("1 m 21 s┃")
        assert "hits = 48,211 · 401.8/s · peak 431/s" in lines[4].replace("402/s", "401.8/s")
        assert "✓ 11:58:02  Errors in /api" in lines[5]
        assert lines[5].endswith("2 m 13 s┃")
        assert "7.1 % of 1,204 · peak 9.8 %" in lines[6]
        assert "✓ 11-20 11:04  High traffic" in lines[9]


async def test_without_alerts_the_panel_says_when_one_fires() -> None:
    app = make_app(FakeEngine(snapshot(incidents=())))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("4")
        await until_shown(app, "more than 400 req/s.")
        await pilot.press("plus")
        await until_shown(app, "more than 440 req/s.")


async def test_the_cursor_stays_on_its_incident_while_others_fire() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        alerts = app.dashboard.panels[Panel.ALERTS]
        await until_shown(app, "Errors in /api")
        alerts.focus()
        await pilot.press("j")
        chosen = alerts.cursor_key
        old = snapshot().alerts.incidents
        new = tuple(incident(subject=b"/%d" % n) for n in range(30))
        engine.publish(snapshot(incidents=(*new, *old)))
        await until(lambda: len(app.snapshot.alerts.incidents) == 34)
        assert (alerts.cursor_key, alerts.cursor_index) == (chosen, 31)
        await until_shown(app, "Errors in /api")


async def test_subjects_without_an_incident_are_counted() -> None:
    quiet = snapshot()
    many = replace(quiet, alerts=replace(quiet.alerts, suppressed=4_321))
    app = make_app(FakeEngine(many))
    async with app.run_test(size=SIZE):
        await until_shown(app, "and 4,321 more over a threshold")


async def test_the_tail_follows_the_end_unless_scrolled_up() -> None:
    def tail(first: int, last: int) -> Snapshot:
        return replace(snapshot(), tail=tuple(b"line %d." % n for n in range(first, last + 1)))

    engine = FakeEngine(tail(1, 100))
    app = make_app(engine, Settings(show=(Panel.TAIL,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "line 100.")
        engine.publish(tail(2, 101))
        await until_shown(app, "line 101.")
        await pilot.press("pageup")
        await until_shown(app, "standing still")
        held = screen_text(app).splitlines()[3:-2]
        engine.publish(tail(80, 200))
        await until(lambda: app.snapshot.tail[-1] == b"line 200.")
        await pilot.pause()
        assert screen_text(app).splitlines()[3:-2] == held
        await pilot.press("G")
        await until_shown(app, "line 200.")
        assert "raw lines" in screen_text(app)


async def test_only_lines_that_changed_are_painted_again() -> None:
    engine = FakeEngine(BEFORE)
    app = make_app(engine)
    async with app.run_test(size=SIZE):
        await until(lambda: order(app) == ["/a", "/b", "/c", "(other)"])
        sections = app.dashboard.panels[Panel.SECTIONS]
        await until_still(app)
        sections.show(replace(BEFORE))  # the first one after new styles paints all
        await until_still(app)
        painted = []
        sections.refresh = lambda *regions, **_: painted.extend(region.y for region in regions)
        rows = list(BEFORE.now.sections.rows)
        rows[1] = rows[1]._replace(hits=222)
        ranking = replace(BEFORE.now.sections, rows=tuple(rows))
        sections.show(replace(BEFORE, now=replace(BEFORE.now, sections=ranking)))
        assert painted == [2]


async def test_a_panel_is_drawn_again_only_when_what_it_shows_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[str] = []
    for panel in (Traffic, Sections, Status, Alerts):
        monkeypatch.setattr(panel, "paint", _noted(panel.paint, drawn))
    engine = FakeEngine(snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE):
        await until_shown(app, "412.3 req/s now")
        for rate in (55.0, 66.0):  # until styles have come to rest
            engine.publish(replace(snapshot(), rate=rate))
            await until_shown(app, f"{rate} req/s now")
        drawn.clear()
        engine.publish(replace(snapshot(), rate=77.0))
        await until_shown(app, "77.0 req/s now")
        assert drawn == []
        drawn.clear()
        engine.publish(with_sections((b"/new", 300, 10, 0)))
        await until_shown(app, "/new")
        assert "Sections" in drawn
        assert "Traffic" not in drawn
        drawn.clear()
        grown = replace(INCIDENTS[0], evidence=Evidence(1, 2, (), values=(8.0,)))
        engine.publish(replace(snapshot(incidents=(grown, *INCIDENTS[1:])), rate=88.0))
        await until_shown(app, "88.0 req/s now")
        assert "Traffic" not in drawn


def _noted(paint: Paint, drawn: list[str]) -> Paint:
    def noted(panel: Painted, size: Size) -> list[Strip]:
        drawn.append(type(panel).__name__)
        return paint(panel, size)

    return noted


async def test_a_panel_that_comes_or_goes_leaves_the_styles_of_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(FakeEngine(snapshot()))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        restyled = set[str | None]()
        update = app.stylesheet.update_nodes

        def noted(nodes: Iterable[DOMNode], animate: bool = False) -> None:
            nodes = list(nodes)
            restyled.update(node.id for node in nodes if isinstance(node, Painted))
            update(nodes, animate)

        monkeypatch.setattr(app.stylesheet, "update_nodes", noted)
        await pilot.press("5", "5")
        await until_still(app)
    assert restyled == {"clients", "sections"}  # the focus goes from one to the other


async def test_the_tail_has_a_sign_for_the_status_that_a_line_tells() -> None:
    signs = {
        b'1.2.3.4 - - [21/Nov/2026:12:04:31 +0000] "GET / HTTP/1.1" 301 5': "→",
        b'{"status":503,"agent":" \\"status\\":200,"}': "✗",
        b'{"agent":"\\"status\\":200,","status": "404"}': "!",
        b'{"DownstreamStatus":204}': "✓",
        b'{"response_code":500,"path":"/"}': "✗",
        b'{"status":"active"}': " ",
        b'{"agent":"\\" 200 "}': " ",
    }
    app = make_app(FakeEngine(replace(snapshot(), tail=tuple(signs))), Settings(show=(Panel.TAIL,)))
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "active")
        lines = [line for line in screen_text(app).splitlines() if line.startswith("┃")]
        assert [line[1] for line in lines[: len(signs)]] == list(signs.values())

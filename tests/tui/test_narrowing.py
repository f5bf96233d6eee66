"""Narrowing all panels to the hits of a row, or to all others, and taking that back."""

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.filters.language import Filter, parsed, term_of
from logmon_tui.monitor.commands import Command, SetFilter
from logmon_tui.snapshot import Ingest, Scope, Snapshot
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.filter_bar import FilterBar
from logmon_tui.tui.panels.rank_table import OTHER, RankTable
from tests.tui.fakes import HOSTILE, FakeEngine, full_snapshot, hostile_snapshot, snapshot
from tests.tui.screens import make_app, screen_lines, screen_text, until, until_shown, until_still

SIZE = (120, 36)

TABLES = (
    (Panel.SECTIONS, 0, "section:/pages"),
    (Panel.PATHS, 0, "path:/pages/x"),
    (Panel.PATHS, 1, "route:/pages/:id/edit"),
    (Panel.CLIENTS, 0, "client:203.0.113.1"),
    (Panel.AGENTS, 0, 'agent="Chrome 130"'),
    (Panel.AGENTS, 1, "browser=Chrome"),
    (Panel.AGENTS, 2, "system=Windows"),
    (Panel.AGENTS, 3, "is:human"),
    (Panel.USERS, 0, "user:-"),
    (Panel.METHODS, 0, "method=GET"),
    (Panel.VHOSTS, 0, "host=shop.example.org"),
    (Panel.REFERRERS, 0, 'referrer="https://www.google.com/"'),
    (Panel.TLS, 0, "tls=TLSv1.3"),
    (Panel.LOGS, 0, "log:/var/log/nginx/access.log"),
)


def only(text: str) -> SetFilter:
    return SetFilter(parsed(text))


def scoped(where: Filter, picture: Snapshot | None = None) -> Snapshot:
    return replace(picture or full_snapshot(), scope=Scope(where.text, where.terms, 10))


def texts(commands: list[Command]) -> list[str]:
    return [each.where.text for each in commands if isinstance(each, SetFilter)]


@pytest.mark.parametrize(("name", "views", "term"), TABLES, ids=str)
async def test_enter_narrows_to_a_row_and_the_exclamation_mark_leaves_it_out(
    name: Panel, views: int, term: str
) -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(name,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "412.3 req/s now")
        table = app.dashboard.panels[name]
        assert isinstance(table, RankTable)
        table.set_view(table.VIEWS[views].name)
        table.move_cursor(table.row_keys().index(cursor_key(term)))
        await pilot.press("enter")
        await until(lambda: engine.posted == [only(term)])
        await pilot.press("backspace", "exclamation_mark")
        await until(lambda: engine.posted == [only(term), only(""), only(f"!{term}")])


def cursor_key(term: str) -> bytes:
    """Return the key of the row whose term this is."""
    keys = {"is:human": b"(not a bot)"}
    value = term.split("=" if "=" in term else ":", 1)[1].strip('"')
    return keys.get(term, value.encode())


async def test_status_classes_and_codes_narrow_as_rows_do() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(Panel.STATUS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "! 4xx")
        await pilot.press("j", "j", "enter")
        await until(lambda: texts(engine.posted) == ["status:4xx"])
        await pilot.press("v", "j")
        await until_shown(app, "404 Not Found")
        await pilot.press("exclamation_mark")
        await until(lambda: texts(engine.posted)[1:] == ["status:4xx !status:404"])


@pytest.mark.parametrize("name", [Panel.SECTIONS, Panel.CLIENTS])
async def test_the_row_of_the_rest_and_an_empty_table_narrow_nothing(name: Panel) -> None:
    picture = snapshot()
    window = picture.now
    rest = replace(window.sections, other_hits=9, other_bytes=9)
    engine = FakeEngine(replace(picture, now=replace(window, sections=rest)))
    app = make_app(engine, Settings(show=(name,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, OTHER)
        await pilot.press("end", "enter", "exclamation_mark", "slash", *"nosuch", "enter")
        await until_shown(app, "No row matches nosuch")
        await pilot.press("enter", "exclamation_mark")
        await until_still(app)
        assert engine.posted == []


async def test_terms_add_up_each_once_and_backspace_takes_the_last_off() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(Panel.METHODS, Panel.TLS)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "TLSv1.3")
        await pilot.press("enter", "T", "enter", "enter")
        now = full_snapshot().now
        one = term_of("method", now.methods.rows[0].key)
        other = term_of("tls", now.tls.rows[0].key)
        await until_shown(app, f" {one} ×   {other} × ")
        await pilot.press("backspace", "backspace", "backspace")
        await until(lambda: texts(engine.posted) == [one, f"{one} {other}", one, ""])
        await until(lambda: not app.query_one(FilterBar).display)


@pytest.mark.parametrize("index", range(len(HOSTILE)))
async def test_hostile_keys_narrow_and_show_literally(index: int) -> None:
    engine = FakeEngine(hostile_snapshot())
    app = make_app(engine, Settings(show=(Panel.PATHS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "owned")
        table = app.dashboard.panels[Panel.PATHS]
        table.move_cursor(table.row_keys().index(HOSTILE[index]))
        await pilot.press("enter")
        where = parsed(term_of("path", HOSTILE[index]))
        await until(lambda: engine.posted == [SetFilter(where)])
        await until_shown(app, f" {where.text} × ")
        await pilot.press("f")  # what the prompt shows is the same filter
        await until_shown(app, " only ")
        await pilot.press("enter")
        await until(lambda: len(app.screen_stack) == 1)
        assert engine.posted == [SetFilter(where)]
        assert app.return_code is None


async def test_esc_closes_a_window_then_clears_rows_then_restores_then_takes_a_term_off() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout")
        await pilot.press("enter", "m", "slash", *"pa", "enter", "question_mark")
        await until_shown(app, "Keys and signs")
        sections = app.dashboard.panels[Panel.SECTIONS]
        steps = []
        while texts(engine.posted)[-1:] != [""]:
            await pilot.press("escape")
            await until_still(app)
            found = len(app.screen_stack) > 1, bool(sections.filter_text)
            steps.append((*found, app.screen.maximized is not None, len(engine.posted) == 1))
        assert steps == [
            (False, True, True, True),
            (False, False, True, True),
            (False, False, False, True),
            (False, False, False, False),
        ]


async def test_a_filter_outlives_a_new_start_of_the_engine() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout")
        await pilot.press("enter")
        await until_shown(app, " section:/pages × ")
        engine.publish(Snapshot(ingest=Ingest(failure="disk gone; trying again")))
        await until_shown(app, "disk gone")
        assert " section:/pages × " in screen_text(app)
        engine.publish(scoped(parsed("section:/pages")))
        await until(lambda: "disk gone" not in screen_text(app))
        assert " section:/pages × " in screen_text(app)
        assert texts(engine.posted) == ["section:/pages"]


async def test_a_picture_that_answers_an_older_filter_does_not_change_what_the_bar_says() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout")
        await pilot.press("enter")
        await until_shown(app, " section:/pages × ")
        engine.publish(replace(full_snapshot(), rate=777.0))
        await until_shown(app, "777.0 req/s now")
        assert " section:/pages × " in screen_text(app)


async def test_while_paused_the_first_picture_that_answers_shows_and_no_other() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "/checkout")
        await pilot.press("space", "enter")
        await until_shown(app, " section:/pages × ")
        for where, rate in (("", 777.0), ("section:/pages", 12.5), ("section:/pages", 13.5)):
            engine.publish(replace(scoped(parsed(where)), rate=rate))
            await until_still(app)
            shown = 12.5 if where else 412.3
            assert f" {shown} req/s now" in screen_lines(app)[1]
        await pilot.press("space")
        await until_shown(app, " 13.5 req/s now")


async def assert_told(app: LogmonApp, *told: str) -> None:
    for each in told:
        await until_shown(app, each)


async def test_what_is_filtered_and_what_is_not_is_told() -> None:
    where = parsed("status:5xx")
    engine = FakeEngine(scoped(where))
    app = make_app(engine, Settings(where=where.text))
    async with app.run_test(size=(160, 45)):
        await until_shown(app, " status:5xx × ")
        await assert_told(
            app,
            "alerts judge all hits",
            "4 Alerts ─ ▲ 1 firing · all hits",
            "1 Traffic ─ req/s that pass the filter, last 5 min",
            "threshold 400 req/s of all hits",
            "clients │ all hits 388.0/s over 2 min",
        )
        calm = replace(full_snapshot(), alerts=replace(full_snapshot().alerts, incidents=()))
        engine.publish(scoped(where, calm))
        await assert_told(app, "4 Alerts ─ ✓ none · all hits")


async def test_a_panel_without_rows_under_a_filter_says_why() -> None:
    where = parsed("user:nobody")
    picture = full_snapshot()
    window = replace(picture.now, hits=0, sections=replace(picture.now.sections, rows=()))
    engine = FakeEngine(scoped(where, replace(picture, now=window)))
    app = make_app(engine, Settings(where=where.text))
    async with app.run_test(size=SIZE):
        await until_shown(app, "no hits pass the filter; esc widens it")
        engine.publish(scoped(where, replace(picture, now=replace(window, hits=4))))
        await until_shown(app, "the hits that pass the filter have no sections")


async def test_a_double_click_narrows_as_the_enter_key_does() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(Panel.METHODS,)))
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "GET")
        await pilot.click("#methods", offset=(3, 2), times=2)
        first = term_of("method", full_snapshot().now.methods.rows[0].key)
        await until(lambda: texts(engine.posted) == [first])


async def test_a_row_that_is_too_long_for_a_filter_says_so() -> None:
    picture = full_snapshot()
    row = picture.now.paths.rows[0]._replace(key=b"/" + b"\xff" * 9_000)
    window = replace(picture.now, paths=replace(picture.now.paths, rows=(row,)))
    engine = FakeEngine(replace(picture, now=window))
    app = make_app(engine, Settings(show=(Panel.PATHS,)))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until_shown(app, "xff")
        await pilot.press("enter")
        await until_shown(app, "No filter can be made of this row: is longer than 20,000")
        assert engine.posted == []

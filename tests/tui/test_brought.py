"""What a log's format brings is shown, and nothing else; views of a panel; one log of several."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.monitor.commands import SetFilter
from logmon_tui.snapshot import CountRow, Ranking, Scope, Snapshot, Window
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.panels.rank_table import RankTable
from tests.tui.fakes import RANKINGS, FakeEngine, full_snapshot, snapshot
from tests.tui.screens import (
    ALL,
    make_app,
    screen_lines,
    screen_text,
    until,
    until_shown,
    until_still,
)

DEFAULT = (Panel.TRAFFIC, Panel.SECTIONS, Panel.STATUS, Panel.ALERTS)
NEW = (Panel.METHODS, Panel.VHOSTS, Panel.REFERRERS, Panel.TLS, Panel.LOGS)
SIZES = {"160x45": (160, 45), "120x36": (120, 36), "80x24": (80, 24)}
API_LOG = "/var/log/nginx/api.log"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panels", ["default", "brought"])
async def test_all_that_a_format_can_bring_as_text(
    snapshot: Any, request: pytest.FixtureRequest, size: str, panels: str
) -> None:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    show = DEFAULT if panels == "default" else (Panel.PATHS, Panel.AGENTS, *NEW)
    app = make_app(FakeEngine(full_snapshot()), Settings(show=show))
    async with app.run_test(size=SIZES[size]):
        await until_shown(app, "412.3 req/s now")
        snapshot.assert_match(screen_text(app), f"full-{panels}-{size}.txt")


@pytest.mark.parametrize("size", SIZES.values(), ids=str)
async def test_the_keys_stay_on_one_line(size: tuple[int, int]) -> None:
    app = make_app(FakeEngine(full_snapshot()))
    async with app.run_test(size=size):
        await until_shown(app, "412.3 req/s now")
        keys = screen_lines(app)[-1]
        assert "0-9 panels" in keys
        assert keys.rstrip().endswith("q quit")


@pytest.mark.parametrize(
    ("panel", "texts"),
    [
        (Panel.METHODS, ("M Methods", "GET", "POST")),
        (Panel.VHOSTS, ("V Virtual hosts", "shop.example.org")),
        (Panel.REFERRERS, ("R Referrers", "https://www.google.com/")),
        (Panel.TLS, ("T TLS", "TLSv1.3")),
        (Panel.LOGS, ("L Logs", API_LOG, "enter: only · !: without")),
    ],
)
async def test_each_panel_shows_its_ranking(panel: Panel, texts: tuple[str, ...]) -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(panel,)))
    async with app.run_test(size=(100, 30)):
        for text in texts:
            await until_shown(app, text)


def without_rankings(picture: Snapshot) -> Snapshot:
    return replace(picture, now=replace(picture.now, **dict.fromkeys(RANKINGS, Ranking())))


@pytest.mark.parametrize(
    ("panel", "text"),
    [
        (Panel.USERS, "this log's format has no users"),
        (Panel.AGENTS, "this log's format has no user agents"),
        (Panel.METHODS, "this log's format has no methods"),
        (Panel.VHOSTS, "this log's format has no virtual hosts"),
        (Panel.REFERRERS, "this log's format has no referrers"),
        (Panel.TLS, "this log's format has no TLS versions"),
        (Panel.LOGS, "only one log is read"),
    ],
)
async def test_a_panel_says_so_where_the_log_does_not_bring_it(panel: Panel, text: str) -> None:
    engine = FakeEngine(Snapshot())
    app = make_app(engine, Settings(show=(panel,)))
    async with app.run_test(size=(100, 30)):
        await until_shown(app, "no hits yet")
        engine.publish(without_rankings(snapshot()))
        await until_shown(app, text)


async def test_response_times_show_only_where_the_log_tells_them() -> None:
    engine = FakeEngine(snapshot())
    app = make_app(engine, Settings(show=(Panel.SECTIONS, Panel.STATUS, Panel.PATHS)))
    async with app.run_test(size=(160, 45)):
        await until_shown(app, "412.3 req/s now")
        before = screen_text(app)
        assert not any(text in before for text in ("p50", "p95", "upstream", "received"))
        engine.publish(full_snapshot())
        for text in ("p50 12 ms p95 51 ms", "upstream p95", "1.2 MB/s", "   p50    p95    p99"):
            await until_shown(app, text)
        engine.publish(snapshot())
        await until(lambda: screen_text(app) == before)


async def sort_by(app: LogmonApp, pilot: Pilot[None], title: str) -> None:
    """Press the key until the table is sorted by the column with this title."""
    for _ in range(12):
        if f"▼{title}" in screen_text(app):
            return
        await pilot.press("s")
        await until_still(app)
    raise AssertionError(f"no column is called {title}")


async def test_a_table_sorts_by_response_time_with_rows_that_tell_none_last() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "▼hits")
        await sort_by(app, pilot, "p50")
        await pilot.press("s")
        await until_shown(app, "▼p95")
        rows = [line.split() for line in screen_lines(app)[4:19]]
        assert rows[0][0] == "┃/"  # its median is the longest
        assert rows[-1][0] == "┃/assets"


@pytest.mark.parametrize("width", [80, 64])
async def test_the_95th_percentile_stays_longest_in_a_narrow_table(width: int) -> None:
    app = make_app(FakeEngine(full_snapshot()))
    async with app.run_test(size=(width, 36)):
        await until_shown(app, " p95")
        (titles,) = (each for each in screen_lines(app) if "▼hits" in each)
        assert " p95" in titles
        assert not any(each in titles for each in ("p50", "p99"))


async def test_v_shows_the_next_view_and_comes_round() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.AGENTS,)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "v: browsers")
        for title, key, hint in (
            ("browsers", "Mobile Safari", "v: systems"),
            ("systems", "Windows", "v: bots"),
            ("bots", "Googlebot", "v: kinds"),
            ("kinds", "kind", "v: user agents"),
        ):
            await pilot.press("v")
            await until_shown(app, f"7 User agents ─ {title} · last 10 s")
            await until_shown(app, key)
            await until_shown(app, hint)
        await pilot.press("v")
        await until_shown(app, "7 User agents ─ last 10 s")


async def test_v_changes_the_first_panel_with_views_if_the_focused_one_has_none() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.SECTIONS, Panel.AGENTS)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "412.3 req/s now")
        assert app.focused.id == "sections"
        await pilot.press("v")
        await until_shown(app, "7 User agents ─ browsers")
        await pilot.press("6", "v")  # which has the focus now
        await until_shown(app, "6 Paths ─ routes")
        assert "7 User agents ─ browsers" in screen_text(app)


async def test_v_does_nothing_where_no_panel_has_views() -> None:
    app = make_app(FakeEngine(full_snapshot()))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "412.3 req/s now")
        before = screen_text(app)
        await pilot.press("v")
        await until_still(app)
        assert screen_text(app) == before


async def test_a_new_view_begins_at_its_top() -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(Panel.PATHS,)))
    async with app.run_test(size=(100, 12)) as pilot:
        await until_shown(app, "▼hits")
        await pilot.press("G", "v")
        await until_shown(app, "/api/users/:id")
        assert app.focused.cursor_index == 0
        assert app.focused.scroll_offset.y == 0


async def test_a_view_is_remembered_like_the_order(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    app = make_app(FakeEngine(full_snapshot()), state_file=state)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("7", "v", "v", "s")
    again = make_app(FakeEngine(full_snapshot()), state_file=state)
    async with again.run_test(size=(120, 36)):
        await until_shown(again, "7 User agents ─ systems")
        await until_shown(again, "▼%")


async def test_a_view_that_is_no_more_is_ignored(tmp_path: Path) -> None:
    state = tmp_path / "screen.json"
    state.write_text('{"show": ["paths"], "view": {"paths": "nonsense", "gone": "x"}}')
    app = make_app(FakeEngine(full_snapshot()), state_file=state)
    async with app.run_test(size=(100, 30)):
        await until_shown(app, "6 Paths ─ last 10 s")


async def test_enter_in_the_logs_shows_one_only_and_esc_all_again() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(Panel.LOGS,)))
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, API_LOG)
        await pilot.press("escape")
        assert engine.posted == []
        await pilot.press("down", "enter")
        chosen = full_snapshot().now.sources.rows[1].key.decode()
        only = SetFilter(parsed(f"log:{chosen}"))
        await until(lambda: engine.posted == [only])
        await until_shown(app, f" only  log:{chosen} ")
        engine.publish(replace(full_snapshot(), scope=Scope(only.where.text, only.where.terms, 10)))
        await until_still(app)
        assert f" only  log:{chosen} " in screen_lines(app)[2]
        await pilot.press("enter", "escape")
        assert engine.posted == [only, SetFilter(Filter())]
        engine.publish(full_snapshot())
        await until(lambda: f"log:{chosen}" not in screen_text(app))


async def test_esc_restores_a_maximised_panel_before_it_shows_all_logs() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(Panel.LOGS, Panel.TAIL)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, API_LOG)
        await pilot.press("L", "enter")
        only = SetFilter(parsed(f"log:{API_LOG}"))
        await until(lambda: engine.posted == [only])
        await pilot.press("m", "escape")
        assert app.screen.maximized is None
        assert engine.posted == [only]
        await pilot.press("escape")
        assert engine.posted == [only, SetFilter(Filter())]


async def test_a_log_that_fell_silent_is_listed_and_can_be_shown_alone() -> None:
    busy = [row.key for row in full_snapshot().now.sources.rows]
    picture = replace(full_snapshot(), logs=(b"quiet.log", busy[1], busy[0]))
    engine = FakeEngine(picture)
    app = make_app(engine, Settings(show=(Panel.LOGS,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "quiet.log")
        assert "quiet.log      " in screen_lines(app)[6]
        assert screen_lines(app)[6].split()[1] == "0"
        await pilot.press("end", "enter")
        only = SetFilter(parsed("log:quiet.log"))
        await until(lambda: engine.posted == [only])
        alone = replace(picture.now, sources=Ranking(), hits=0)
        scope = Scope(only.where.text, only.where.terms, 10)
        engine.publish(replace(picture, scope=scope, now=alone))
        # The others have no hits that the filter takes; they can be gone to all the same.
        await until(lambda: all(each.split()[1] == "0" for each in screen_lines(app)[5:8]))
        assert [each.split()[0].strip("┃") for each in screen_lines(app)[5:8]] == sorted(
            each.decode() for each in (b"quiet.log", *busy)
        )


async def test_the_header_tells_of_several_logs_and_whose_the_alert_window_is() -> None:
    picture = replace(full_snapshot(), logs=(b"access.log", b"api.log"))
    engine = FakeEngine(picture)
    app = make_app(engine)
    async with app.run_test(size=(160, 36)):
        await until_shown(app, "logmon  2 logs access.log, api.log  ")
        assert "all hits" not in screen_text(app)
        engine.publish(replace(picture, scope=Scope("log:api.log", ("log:api.log",), 10)))
        await until_shown(app, "clients │ all hits 388.0/s over 2 min")
        assert "clients │ all hits 388.0/s over 2 min" in screen_lines(app)[1]


async def test_a_table_goes_by_hits_while_the_log_lacks_the_column_that_was_chosen() -> None:
    engine = FakeEngine(full_snapshot())
    app = make_app(engine, Settings(show=(Panel.PATHS,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "▼hits")
        await sort_by(app, pilot, "p50")
        await pilot.press("v")
        await until_shown(app, "6 Paths ─ routes")
        assert "▼p50" in screen_text(app)
        engine.publish(snapshot())
        await until_shown(app, "▼hits")
        engine.publish(full_snapshot())
        await until_shown(app, "▼p50")
        engine.publish(snapshot())
        await pilot.press("r")
        await until_shown(app, "▲hits")


async def test_of_many_logs_any_one_can_be_shown_alone_but_not_the_rest() -> None:
    rows = tuple(CountRow(b"log%02d" % n, 90 - n, 9) for n in range(40))
    window = replace(full_snapshot().now, sources=Ranking(rows, 50, other_hits=10))
    engine = FakeEngine(replace(full_snapshot(), now=window))
    app = make_app(engine, Settings(show=(Panel.LOGS,)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until_shown(app, "log00")
        await pilot.press("end", "enter", "exclamation_mark")
        await until_still(app)
        assert engine.posted == []
        await pilot.press("up", "enter")
        await until(lambda: engine.posted == [SetFilter(parsed("log:log39"))])


async def test_a_long_name_of_a_log_keeps_its_end() -> None:
    name = b"/srv/www/virtual/" + b"deep/" * 30 + b"shop-access.log"
    picture = full_snapshot()
    row = picture.now.sources.rows[0]._replace(key=name)
    window = replace(picture.now, sources=Ranking((row,), 1))
    app = make_app(FakeEngine(replace(picture, now=window)), Settings(show=(Panel.LOGS,)))
    async with app.run_test(size=(80, 24)):
        await until_shown(app, "deep/shop-access.log")


@pytest.mark.parametrize("name", ALL)
async def test_every_panel_can_be_asked_for_by_its_name(name: Panel) -> None:
    app = make_app(FakeEngine(full_snapshot()), Settings(show=(name,)))
    async with app.run_test(size=(100, 30)):
        await until_still(app)
        assert app.dashboard.shown == (name,)


def test_every_view_shows_another_ranking() -> None:
    app = make_app(FakeEngine())
    marked = Window(**{name: Ranking(distinct=place) for place, name in enumerate(RANKINGS)})
    tables = [table for table in app.dashboard.tables if isinstance(table, RankTable)]
    shown = [RANKINGS[view.ranking(marked).distinct] for table in tables for view in table.VIEWS]
    # The panel of hosts shows what their agents tell of them, too, so it is no ranking.
    assert sorted(shown) == sorted({*RANKINGS} - {"servers", "sites"})

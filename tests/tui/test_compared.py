"""What changed against former traffic: the key, the columns, the order, and what is not known."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.filters.language import parsed
from logmon_tui.monitor.commands import Compare
from logmon_tui.snapshot import (
    Baseline,
    CountRow,
    Errors,
    Known,
    Moment,
    Ranking,
    Scope,
    Snapshot,
    Window,
)
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.changes import GONE, NEW, compared_with
from logmon_tui.tui.paint.time_view import DAY
from logmon_tui.tui.panels.filter_bar import FilterBar
from tests.tui.fakes import (
    HOSTILE,
    NOW,
    FakeEngine,
    full_snapshot,
    hostile_snapshot,
    snapshot,
    times_around,
)
from tests.tui.screens import (
    ALL,
    assert_no_overlap,
    assert_tidy,
    make_app,
    screen_lines,
    screen_text,
    until_shown,
    until_still,
)

RANKINGS = ("sections", "paths", "hosts", "users", "user_agents")
FACTORS = (0.3, 0.95, 1.0, 1.05, 1.5, 4.0)


def former_window(window: Window, seed: int = 5) -> Window:
    """Return a window of yesterday: with other hits, without some keys, with one that is gone."""
    chance = random.Random(seed)

    def changed(ranking: Ranking) -> Ranking:
        kept = [row for row in ranking.rows if chance.random() < 0.8]
        rows = [row._replace(hits=1 + int(row.hits * chance.choice(FACTORS))) for row in kept]
        rows.append(CountRow(b"/gone", 60, 100))
        return replace(ranking, rows=tuple(sorted(rows, key=lambda row: (-row.hits, row.key))))

    return replace(
        window,
        end=window.end - DAY,
        hits=2_000,
        by_class=(0, 0, 1_890, 92, 15, 3, 0, 0, 0, 0),
        status=((200, 1_890), (301, 92), (404, 15), (503, 3)),
        **{name: changed(getattr(window, name)) for name in RANKINGS},
    )


def compared(picture: Snapshot, known: Known = Known.HITS, offset: int = DAY) -> Snapshot:
    window = former_window(picture.now) if known is not Known.NOTHING else Window(NOW - DAY, 10)
    baseline = Baseline(offset, window, known)
    return replace(picture, baseline=baseline, scope=Scope(seconds=10))


def with_sections(now: tuple[CountRow, ...], then: tuple[CountRow, ...], **kept: Any) -> Snapshot:
    """Return a Snapshot of sections; what is `kept` of former ones are a Ranking's fields."""
    base = snapshot()
    present = replace(base.now, seconds=10, sections=Ranking(now, len(now)))
    former = replace(present, end=NOW - DAY, sections=replace(Ranking(then, len(then)), **kept))
    baseline = Baseline(DAY, former, Known.HITS)
    return replace(base, now=present, baseline=baseline, scope=Scope(seconds=10))


def app_of(picture: Snapshot, *, show: tuple[Panel, ...] | None = None) -> LogmonApp:
    app = make_app(FakeEngine(picture), Settings(show=show))
    offset = None if picture.baseline is None else picture.baseline.offset
    app._time = replace(app._time, compared=offset)
    return app


def cells(app: LogmonApp, panel: Panel = Panel.SECTIONS) -> dict[str, list[str]]:
    """Return the cells of each line of a table, by the first cell, in their order."""
    region = app.dashboard.panels[panel].content_region
    lines = screen_text(app).splitlines()[region.y : region.bottom]
    words = [line[region.x : region.right].split() for line in lines]
    return {first: rest for first, *rest in filter(None, words)}


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24)])
async def test_a_compared_screen_as_text(
    screen_matches: Callable[[str, str], None], size: tuple[int, int]
) -> None:
    app = app_of(compared(full_snapshot()))
    async with app.run_test(size=size) as pilot:
        await until_shown(app, "yesterday 12:04")
        await pilot.press("s")
        await until_shown(app, "▼Δ")
        screen_matches(screen_text(app), f"compared-{size[0]}x{size[1]}.txt")


@pytest.fixture
def screen_matches(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"
    return snapshot.assert_match


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 20), (40, 12)])
@pytest.mark.parametrize("picture", [full_snapshot, hostile_snapshot])
async def test_a_compared_screen_is_tidy(
    size: tuple[int, int], picture: Callable[[], Snapshot]
) -> None:
    then = replace(
        picture().now, sections=Ranking(tuple(CountRow(key + b"!", 9, 9) for key in HOSTILE), 12)
    )
    base = replace(picture(), baseline=Baseline(DAY, then, Known.MINUTES))
    app = app_of(base, show=ALL)
    async with app.run_test(size=size):
        await until_still(app)
        assert_tidy(app, size)
        assert_no_overlap(app)


async def test_the_key_goes_through_all_that_can_be_compared_with() -> None:
    engine = FakeEngine(replace(snapshot(), scope=Scope(seconds=10)))
    app = make_app(engine)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3 req/s now")
        told = []
        for _ in range(4):
            await pilot.press("c")
            await until_still(app)
            bar = app.query_one(FilterBar)
            told.append(screen_lines(app)[bar.region.y] if bar.display else "")
        posted = [each for each in engine.posted if isinstance(each, Compare)]
        assert posted == [Compare(0), Compare(DAY), Compare(7 * DAY), Compare(None)]
        assert ["window before" in told[0], "day before" in told[1], "week before" in told[2]] == [
            True
        ] * 3
        assert told[3] == ""


async def test_while_paused_the_first_compared_picture_shows() -> None:
    engine = FakeEngine(replace(snapshot(), scope=Scope(seconds=10)))
    app = make_app(engine, Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "412.3 req/s now")
        await pilot.press("space", "c", "c")
        engine.publish(replace(compared(snapshot(), offset=0), rate=1.5))
        await until_still(app)
        assert app.snapshot.rate == 412.3
        engine.publish(replace(compared(snapshot()), rate=2.5))
        await until_shown(app, "2.5 req/s now")
        engine.publish(replace(compared(snapshot()), rate=3.5))
        await until_still(app)
        assert app.snapshot.rate == 2.5


async def test_each_kind_of_change_has_its_words() -> None:
    now = {
        "up": 138,
        "many": 1_200,
        "down": 60,
        "same": 100,
        "new": 50,
        "little": 1_001,
        "almost": 1,
    }
    then = {
        "up": 100,
        "many": 100,
        "down": 100,
        "same": 100,
        "little": 1_000,
        "gone": 80,
        "almost": 999,
    }
    picture = with_sections(
        tuple(CountRow(b"/" + key.encode(), hits, 0) for key, hits in now.items()),
        tuple(CountRow(b"/" + key.encode(), hits, 0) for key, hits in then.items()),
    )
    app = app_of(picture, show=(Panel.SECTIONS,))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "GONE")
        shown = {key: " ".join(rest) for key, rest in cells(app).items()}
        assert " +38 % " in shown["/up"]
        assert " ×12 " in shown["/many"]
        assert " −40 % " in shown["/down"]
        assert " −99 % " in shown["/almost"], "something is left of it"
        assert f" {NEW} " in shown["/new"]
        assert f"0 {GONE} 0.0" in shown["/gone"]
        assert " = " in shown["/same"]
        assert " = " in shown["/little"]


async def test_s_sorts_by_what_changed_most_and_gone_keys_have_their_place() -> None:
    now = (CountRow(b"/a", 900, 0), CountRow(b"/b", 500, 0), CountRow(b"/c", 90, 0))
    then = (CountRow(b"/a", 880, 0), CountRow(b"/gone", 300, 0), CountRow(b"/c", 500, 0))
    app = app_of(with_sections(now, then), show=(Panel.SECTIONS,))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "GONE")
        assert list(cells(app))[1:] == ["/a", "/b", "/c", "/gone"]
        await pilot.press("s")
        await until_shown(app, "▼Δ")
        assert list(cells(app))[1:] == ["/b", "/c", "/gone", "/a"]
        await pilot.press("r")
        await until_shown(app, "▲Δ")
        assert list(cells(app))[1:] == ["/a", "/gone", "/c", "/b"]


async def test_a_key_that_may_have_been_below_the_top_keys_is_not_called_new() -> None:
    now = (CountRow(b"/loud", 400, 0), CountRow(b"/quiet", 3, 0))
    then = (CountRow(b"/other", 900, 0),)
    picture = with_sections(now, then, distinct=500, other_hits=700, other_most=4)
    app = app_of(picture, show=(Panel.SECTIONS,))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "/quiet")
        shown = cells(app)
        assert "≥×100" in shown["/loud"]
        assert "?" in shown["/quiet"]
        assert NEW not in screen_text(app)


async def test_a_rare_key_is_not_gone_because_a_short_window_lacks_it() -> None:
    then = (CountRow(b"/gone", 90, 0), CountRow(b"/rare", 9, 0))
    picture = with_sections((CountRow(b"/a", 5, 0),), then)
    assert picture.baseline is not None
    former = replace(picture.baseline.window, seconds=100)
    picture = replace(picture, baseline=replace(picture.baseline, window=former))
    app = app_of(picture, show=(Panel.SECTIONS,))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "/gone")
        assert "/rare" not in cells(app)


async def test_what_is_not_recorded_is_told_and_no_column_is_empty() -> None:
    app = app_of(compared(snapshot(), Known.NOTHING))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "nothing recorded then")
        text = screen_text(app)
        assert "Δ" not in text.replace("sorts by Δ", "")
        assert "(was" not in text


async def test_without_kept_hits_a_filter_is_told_to_be_the_reason() -> None:
    where = parsed("status:5xx")
    base = compared(snapshot(), Known.NOTHING)
    picture = replace(base, scope=Scope(where.text, where.terms, 10))
    app = make_app(FakeEngine(picture), Settings(where=where.text))
    app._time = replace(app._time, compared=DAY)
    async with app.run_test(size=(160, 45)):
        await until_shown(app, "no filter can be applied to what is kept")


async def test_a_ranking_that_was_not_counted_then_has_no_column() -> None:
    base = compared(snapshot(), Known.MINUTES)
    assert base.baseline is not None
    former = replace(base.baseline.window, hosts=Ranking())
    picture = replace(base, baseline=replace(base.baseline, window=former))
    app = app_of(picture, show=(Panel.SECTIONS, Panel.CLIENTS))
    async with app.run_test(size=(120, 36)):
        await until_shown(app, "203.0.113.1")
        assert "Δ" in cells(app)["section"]
        assert "Δ" not in cells(app, Panel.CLIENTS)["client"]


async def test_the_edge_tells_what_the_row_under_the_cursor_was() -> None:
    now = (CountRow(b"/a", 900, 0), CountRow(b"/new", 50, 0))
    then = (CountRow(b"/a", 800, 0, errors=Errors(0, 8), times=times_around(0.02)),)
    app = app_of(with_sections(now, then), show=(Panel.SECTIONS,))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "then 80.0/s · 5xx 1.0 % · p95 84 ms")
        await pilot.press("down")
        await until_shown(app, "then no hits")


async def test_the_status_panel_shows_classes_and_codes() -> None:
    app = app_of(compared(snapshot()), show=(Panel.STATUS,))
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "✗ 5xx")
        app.screen.set_focus(app.dashboard.panels[Panel.STATUS])
        await pilot.press("down", "down", "down", "v")
        await until_shown(app, "Bad Gateway")
        lines = screen_text(app).splitlines()
        assert any("503" in line and GONE in line for line in lines)
        assert any("502" in line and NEW in line for line in lines)
        assert any("5xx" in line and "+733 %" in line for line in lines)


async def test_the_header_tells_what_its_figures_were() -> None:
    app = app_of(compared(snapshot()))
    async with app.run_test(size=(160, 45)):
        await until_shown(app, "(was 200.0)")
        assert "✗ 5xx 0.6 % (was 0.1 %)" in screen_text(app)


@pytest.mark.parametrize(
    ("known", "offset", "seconds", "told"),
    [
        (Known.HITS, 0, 10, "the 10 s before"),
        (Known.MINUTES, 0, 60, "the time before, 12:04"),
        (Known.HITS, DAY, 10, "yesterday 12:04"),
        (Known.MINUTES, DAY, 60, "yesterday 12:04"),
        (Known.MINUTES, DAY, 300, "yesterday 12:00–12:05"),
        (Known.HOURS, 7 * DAY, 3_600, "last week, Sat 21 Nov 11:05–12:05"),
        (Known.NOTHING, DAY, 10, "yesterday 12:04"),
    ],
)
def test_the_time_that_is_compared_with_has_its_words(
    known: Known, offset: int, seconds: int, told: str
) -> None:
    end = NOW // 60 * 60 + 59
    picture = replace(snapshot(), baseline=Baseline(offset, Window(end, seconds), known))
    assert compared_with(picture) == told


def test_a_past_moment_is_compared_with_a_date() -> None:
    baseline = Baseline(DAY, Window(NOW, 10), Known.HITS)
    moment = Moment(NOW + DAY, 10, Known.HITS)
    assert (
        compared_with(replace(snapshot(), baseline=baseline, moment=moment)) == "Sat 21 Nov 12:04"
    )

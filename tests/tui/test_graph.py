"""The views of the graph: what columns show, in which units, beside which other time."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.monitor.commands import ShowGraph
from logmon_tui.snapshot import GraphColumn
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint import bands, graph_axis
from logmon_tui.tui.paint.chart import TimeAxis
from logmon_tui.tui.paint.graph import is_of
from logmon_tui.tui.paint.graph_views import BYTES, CLIENTS, ERRORS, RATE, TIMES, VIEWS
from logmon_tui.tui.paint.time_view import DAY, HOUR, MINUTE
from tests.effort import examples
from tests.tui.fakes import NOW, by_class, times_around
from tests.tui.past_fakes import past_app
from tests.tui.screens import assert_tidy, screen_text, until_shown, until_still

SIZES = [(160, 45), (120, 36), (80, 24)]
COLUMN = GraphColumn(
    60, 1_200, 6_000_000, by_class(1_080, 0, 84, 36), times_around(0.01), clients=42.0
)


@pytest.fixture
def snapshot_of_screen(snapshot: Any, request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    snapshot.snapshot_dir = request.path.parent / "snapshots"

    def check(text: str, name: str) -> None:
        snapshot.assert_match(text, name)

    return check


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_past_and_the_views_as_text(
    snapshot_of_screen: Callable[[str, str], None], size: tuple[int, int]
) -> None:
    app, _ = past_app()

    async def check(name: str, *keys: str) -> None:
        await pilot.press(*keys)
        await until_still(app)
        assert_tidy(app, size)
        snapshot_of_screen(screen_text(app), f"past-{name}-{size[0]}x{size[1]}.txt")

    async with app.run_test(size=size) as pilot:
        await until_shown(app, "LIVE")
        await check("seconds", "1", "left", "left")
        await check("alert", "z", "z", "left_square_bracket", "left_square_bracket")
        await check("errors", "g")
        await check("times", "g", "z", "z")
        await check("bytes", "g", "z", "z", "z", "z")
        await check("clients-compared", "g", "c", "Z", "Z", "Z")


@pytest.mark.parametrize(
    ("view", "values", "told"),
    [
        (RATE, (0.6, 1.4, 0, 18, 0), ["0.6", "1.4", "0", "18", "0"]),
        (ERRORS, (0.03, 0.07), ["3%", "7%"]),
        (TIMES, (0.01, 0.032, 0.068), ["10 ms", "42 ms", "110 ms"]),
        (BYTES, (100_000,), ["100k"]),
        (CLIENTS, (42,), ["42"]),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_a_view_shows_a_column_in_its_unit(
    view: Any, values: tuple[float, ...], told: list[str]
) -> None:
    found = view.values(COLUMN)
    assert found == pytest.approx(values)
    assert [view.text(each) for each in view.told(found)] == told


def test_what_a_column_does_not_tell_is_not_zero() -> None:
    nothing = replace_column(times=None, clients=None, hits=0, by_class=by_class(0, 0, 0, 0))
    assert [view.values(nothing) for view in (ERRORS, TIMES, CLIENTS)] == [None] * 3
    assert sum(RATE.values(nothing) or ()) == 0


def replace_column(**changes: Any) -> GraphColumn:
    return COLUMN._replace(**changes)


HEIGHTS = st.lists(st.floats(0, 1_000, allow_subnormal=False), min_size=1, max_size=3)


@given(HEIGHTS, st.integers(1, 20), st.floats(1, 1_000))
@settings(max_examples=examples(300))
def test_bands_stand_on_each_other_within_the_graph(
    values: list[float], height: int, top: float
) -> None:
    edges = bands.edges(values, top, height)
    assert edges == sorted(edges)
    assert all(0 <= edge <= height * 8 for edge in edges)
    whole = sum(values)
    assert abs(edges[-1] - min(height * 8, whole / top * height * 8)) <= 1
    assert (edges[-1] > 0) is (whole > 0)
    column = bands.column(tuple(values), top, height)
    assert len(column.cells) == height
    filled = [cell.glyph != " " for cell in column.cells]
    assert filled == sorted(filled, reverse=True)
    assert sum(filled) == -(-edges[-1] // 8)


@given(st.integers(1, 200), st.integers(0, 100))
@settings(max_examples=examples(300))
def test_every_cell_belongs_to_the_column_that_has_it(columns: int, more: int) -> None:
    width = columns + more
    owners = graph_axis.columns_of_cells(columns, width)
    for column in range(columns):
        cells = graph_axis.cells_of(column, columns, width)
        assert cells
        assert {owners[cell] for cell in cells} == {column}
    assert sum(len(graph_axis.cells_of(each, columns, width)) for each in range(columns)) == width


@pytest.mark.parametrize(
    ("step", "columns", "first"),
    [
        (5, 72, "11:59"),
        (MINUTE, 60, "11:10"),
        (HOUR // 2, 48, "15:00"),
        (2 * HOUR, 84, "Sun 15"),
        (12 * HOUR, 70, "22 Oct"),
    ],
)
def test_times_are_round_and_days_are_named(step: int, columns: int, first: str) -> None:
    axis = TimeAxis((NOW // step - columns + 1) * step, step, columns)
    labels = graph_axis.labelled(axis, max(72, columns))
    assert labels[0][1] == first
    begins = [begin for begin, _ in labels]
    assert all(later - sooner >= 8 for sooner, later in pairwise(begins))


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (NOW, NOW, "12:04:31"),
        (NOW - 31, NOW + 28, "12:04:00–12:04:59"),
        (NOW - 2 * DAY, NOW, "19 Nov 12:04:31–21 Nov 12:04:31"),
    ],
)
def test_a_span_of_time_has_its_days_if_there_are_several(first: int, last: int, text: str) -> None:
    assert graph_axis.time_text(first, last) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(300, "5 min"), (HOUR, "1 h"), (6_600, "1 h 50 m"), (DAY, "24 h"), (7 * DAY, "7 d")],
)
def test_the_length_of_a_graph(seconds: int, text: str) -> None:
    assert graph_axis.span_text(seconds) == text


async def test_g_shows_the_views_in_turn_each_with_the_marks_of_alerts() -> None:
    app, _ = past_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "req/s, last 6 min")
        for view in (*VIEWS[1:], RATE):
            await pilot.press("g")
            await until_shown(app, f"1 Traffic ─ {view.name}, last ")
            await until_still(app)
        await pilot.press("z", "z", "z")
        for view in (*VIEWS[1:], RATE):
            await pilot.press("g")
            await until_shown(app, f"1 Traffic ─ {view.name}, last 6 h")
            await until_still(app)
            axis = next(line for line in screen_text(app).splitlines() if " 0 └" in line)
            assert "▲" in axis
            assert "✓" in axis


async def test_a_deploy_is_marked_in_every_view_at_any_zoom() -> None:
    app, engine = past_app()
    deploy = Mark(NOW - 2 * HOUR - 300, "api 4.12")
    engine.present = replace(engine.present, marks=(deploy,))
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("z", "z", "z")
        for _ in VIEWS:
            await pilot.press("g")
            await until_still(app)
            axis = next(line for line in screen_text(app).splitlines() if " 0 └" in line)
            assert "⚑" in axis
        await until_shown(app, "⚑ api 4.12")


async def test_c_compares_with_former_times_in_turn() -> None:
    app, engine = past_app()
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("z", "z")
        told = "• the window before", "• the day before", "• a week before: not recorded"
        for each, offset in zip(told, (HOUR, 24 * HOUR, 7 * 24 * HOUR), strict=True):
            await pilot.press("c")
            await until_shown(app, each)
            assert (engine.graph.offset, engine.graph.step) == (offset, MINUTE)
            assert (screen_text(app).count("•") > 50) is ("not recorded" not in each)
        await pilot.press("c")
        await until_still(app)
        assert engine.graph.offset is None
        assert "•" not in screen_text(app)


async def test_z_leads_to_35_days_and_back_and_what_is_not_recorded_is_said() -> None:
    app, engine = past_app()
    async with app.run_test(size=(120, 36)) as pilot:
        for told in ("15 min", "1 h", "6 h", "24 h", "48 h", "7 d", "35 d"):
            await until_shown(app, "LIVE")
            await pilot.press("z")
            await until_shown(app, f"req/s, last {told}")
        await until_shown(app, " not recorded ")
        await pilot.press("z")
        await until_still(app)
        assert engine.graph.step == 12 * HOUR
        await pilot.press(*"ZZZZZZZZ")
        await until_shown(app, "req/s, last 6 min")
        assert engine.graph == ShowGraph()


async def test_the_graph_of_a_filter_says_if_it_shows_all_hits() -> None:
    app, _ = past_app()
    async with app.run_test(size=(160, 45)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("f", *"status:5xx", "enter", "z", "z")
        await until_shown(app, "req/s of all hits, last 1 h")


async def test_a_hidden_graph_is_not_asked_for_and_g_tells_where_it_is() -> None:
    app, engine = past_app(settings=Settings(show=(Panel.SECTIONS,)))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("left")
        await until_shown(app, "◀ ")
        assert not any(isinstance(each, ShowGraph) and each.columns for each in engine.posted)
        await pilot.press("g")
        await until_shown(app, "The graph is hidden")
        await pilot.press("1")
        await until_shown(app, "share of errors")
        assert engine.graph.columns


async def test_a_resized_graph_has_as_many_columns_as_have_room() -> None:
    app, engine = past_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("z")
        await until_shown(app, "last 15 min")
        before = engine.graph
        await pilot.resize_terminal(80, 24)
        await until_still(app)
        assert engine.graph.columns
        await pilot.resize_terminal(200, 60)
        await until_still(app)
        assert engine.graph != before
        assert is_of(engine.picture().graph, engine.graph)  # type: ignore[arg-type]


async def test_without_colours_bands_differ_by_their_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, _ = past_app(settings=Settings(show=(Panel.TRAFFIC,)))
    async with app.run_test(size=(120, 60)) as pilot:
        await until_shown(app, "LIVE")
        await pilot.press("z", "z", "g", "g")
        await until_shown(app, "response time")
        await until_still(app)
        graph = graph_text(app)
        assert all(block in graph for block in "█▓░")


def graph_text(app: LogmonApp) -> str:
    """Return the graph without its legend."""
    panel = app.dashboard.panels[Panel.TRAFFIC].region
    return "\n".join(screen_text(app).splitlines()[panel.y + 1 : panel.bottom - 1])

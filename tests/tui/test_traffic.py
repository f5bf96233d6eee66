"""The traffic graph on the screen: shares, threshold, alert marks and times."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.color import Color

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.snapshot import Snapshot, TrafficHistory
from logmon_tui.tui.app import LogmonApp
from logmon_tui.tui.paint.cells import EIGHTHS_HIGH
from logmon_tui.tui.paint.graph_axis import places_of_times
from logmon_tui.tui.panels.traffic import Traffic
from tests.tui.fakes import NOW, FakeEngine, by_class, incident, snapshot
from tests.tui.screens import make_app, screen_text, until_shown

SHORT, ROOMY = (80, 24), (120, 36)
STEP = 5  # seconds in a column of the short graph
MINUTE = NOW // 60 * 60 - 60


def axis_line(app: LogmonApp) -> str:
    return next(line for line in screen_text(app).splitlines() if " 0 └" in line)


def eighths_by_column(app: LogmonApp) -> list[Counter[Color]]:
    """Return how many eighths of each colour every column of the graph shows."""
    panel = app.dashboard.panels[Panel.TRAFFIC]
    first = panel._gutter
    counts = [Counter[Color]() for _ in range(panel.view_size.width - first)]
    for y in range(panel._height):
        cells = [(char, segment.style) for segment in panel.render_line(y) for char in segment.text]
        for count, (char, style) in zip(counts, cells[first:], strict=True):
            if char == "╌" or style is None or style.color is None:
                continue
            filled = EIGHTHS_HIGH.index(char)
            count[style.color] += filled
            if style.bgcolor is not None and style.bgcolor != panel.ink("").bgcolor:
                count[style.bgcolor] += 8 - filled
    return counts


def steady(client: float, rates: range) -> TrafficHistory:
    """Return ten minutes of rising traffic, with this share of 4xx and a 5xx now and then."""
    seconds = []
    for second in range(600):
        hits = 100 * rates[second * len(rates) // 600]
        bad = round(hits * client)
        few = hits // 200 if second % 15 == 0 else 0
        seconds.append(by_class(hits - bad - few - hits // 20, hits // 20, bad, few))
    return TrafficHistory(NOW - 599, tuple(seconds))


async def test_a_steady_share_of_4xx_is_steady_in_a_graph_of_three_rows() -> None:
    picture = replace(snapshot(threshold=10_000), traffic=steady(0.11, range(40, 90)))
    app = make_app(FakeEngine(picture))
    async with app.run_test(size=SHORT):
        await until_shown(app, "12:03")
        panel = app.dashboard.panels[Panel.TRAFFIC]
        assert panel._height == 3
        client, server = panel.ink("status--4xx").color, panel.ink("status--5xx").color
        columns = eighths_by_column(app)
        assert len(columns) == 72
        for column in columns:
            assert abs(column[client] - 0.11 * column.total()) < 1.5
            assert column[server] == 0
        # Each 5xx has its mark below the axis instead, in every third column but under a time.
        assert axis_line(app).count("▔") > len(columns) // 8


@pytest.mark.parametrize("size", [SHORT, ROOMY], ids=str)
@pytest.mark.parametrize("threshold", [20, 200, 430])
async def test_the_threshold_is_named_at_the_edge_and_covers_no_bar(
    size: tuple[int, int], threshold: float
) -> None:
    app = make_app(FakeEngine(snapshot(threshold=threshold)), Settings(show=(Panel.TRAFFIC,)))
    async with app.run_test(size=size):
        await until_shown(app, f" ╌ threshold {threshold} req/s  ✓ 2xx")
        panel = app.dashboard.panels[Panel.TRAFFIC]
        lines = screen_text(app).splitlines()[panel.content_region.y :]
        graph = [line[1 + panel._gutter : -1] for line in lines[: panel._height]]
        assert not any(char.isalnum() for line in graph for char in line)
        # Where it would hide the colours of the lowest cells, its number on the axis tells.
        assert any("╌" in line for line in graph) == (threshold > 20 or size == ROOMY)
        assert f"{threshold} ┤" in screen_text(app)


async def test_a_threshold_on_the_edge_of_two_rows_is_written_once() -> None:
    engine = FakeEngine(snapshot(threshold=20, incidents=()))
    app = make_app(engine, Settings(show=(Panel.TRAFFIC,)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "╌ threshold 20 req/s")
        panel = app.dashboard.panels[Panel.TRAFFIC]
        assert isinstance(panel, Traffic)
        middle = int(panel._top) // 2
        assert f"{middle} ┤" in screen_text(app)
        assert engine.publish is not None
        engine.publish(snapshot(threshold=middle, incidents=()))
        await until_shown(app, f"╌ threshold {middle} req/s")
        assert screen_text(app).count(f"{middle} ┤") == 1


@pytest.mark.parametrize("width", [28, 40, 70])
async def test_a_narrow_graph_names_the_classes_before_the_threshold(width: int) -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.TRAFFIC,)))
    async with app.run_test(size=(width, 24)):
        await until_shown(app, "400 ┤")
        text = screen_text(app)
        assert ("✗ 5xx ━┛" in text) == (width > 32)
        assert ("╌ threshold 400 req/s" in text) == (width > 50)


def marked(*seconds: int) -> Snapshot:
    """Return a Snapshot with alerts that fired at these seconds."""
    incidents: tuple[Incident, ...] = tuple(incident(at=second) for second in seconds)
    return snapshot(incidents=incidents)


@pytest.mark.parametrize("columns", [-3, 0, 2])
async def test_an_alert_mark_leaves_the_time_beside_it_readable(columns: int) -> None:
    app = make_app(FakeEngine(marked(MINUTE + columns * STEP)))
    async with app.run_test(size=SHORT):
        await until_shown(app, "▲")
        axis = axis_line(app)
        time = axis.index("12:03")
        tick = axis.index("▲") - columns
        assert tick in {time - 1, time + 5}
        assert axis[tick] == ("┬" if columns else "▲")


@given(
    st.sets(st.integers(0, 40), max_size=12),
    st.sets(st.integers(0, 40), max_size=5),
)
def test_a_time_is_whole_beside_its_tick_and_hides_nothing(
    marks: set[int], ticks: set[int]
) -> None:
    times = [(column, f"12:{column:02}") for column in sorted(ticks)]
    placed = list(places_of_times(times, 41, marks))
    cells = [cell for begin, text in placed for cell in range(begin, begin + len(text))]
    assert len(cells) == len(set(cells))
    assert set(cells) <= set(range(41)) - marks - ticks
    for begin, text in placed:
        assert (begin - 1 if begin - 1 in ticks else begin + 5, text) in times


@pytest.mark.parametrize(
    ("column", "marks", "expected"),
    [
        (10, set(), [(11, "12:03")]),
        (10, {12}, [(5, "12:03")]),
        (10, {6, 12}, []),
        (2, {4}, []),
        (38, set(), [(33, "12:03")]),
    ],
)
def test_where_a_time_stands(column: int, marks: set[int], expected: list[tuple[int, str]]) -> None:
    assert list(places_of_times([(column, "12:03")], 40, marks)) == expected


async def test_where_alerts_crowd_a_time_every_mark_is_kept() -> None:
    seconds = [MINUTE + STEP * column for column in (-4, 1, 2, 4)]
    app = make_app(FakeEngine(marked(*seconds)))
    async with app.run_test(size=SHORT):
        await until_shown(app, "▲")
        assert axis_line(app).count("▲") == len(seconds)
        assert ":03" not in axis_line(app)
        assert "12:04" in axis_line(app)


async def test_in_a_roomy_graph_marks_and_times_have_rows_of_their_own() -> None:
    app = make_app(FakeEngine(marked(MINUTE)))
    async with app.run_test(size=ROOMY):
        await until_shown(app, "▲")
        lines = screen_text(app).splitlines()
        axis = axis_line(app)
        times = lines[lines.index(axis) + 1]
        assert times.index("12:03") + 2 == axis.index("▲")


async def test_alert_marks_stand_under_the_second_they_crossed() -> None:
    app = make_app(FakeEngine(snapshot()), Settings(show=(Panel.TRAFFIC,)))
    async with app.run_test(size=(120, 30)):
        await until_shown(app, "12:03  ")
        lines = screen_text(app).splitlines()
        y = lines.index(axis_line(app))
        marks, times = lines[y], lines[y + 1]
        fired, minute = marks.index("▲"), times.index("12:03") + 2
        step = 3  # seconds in a column at this width
        assert fired - minute == 10 // step
        assert "✓" in marks


async def test_a_threshold_far_above_the_traffic_is_named_with_an_arrow() -> None:
    app = make_app(FakeEngine(snapshot(threshold=100_000, incidents=())))
    async with app.run_test(size=ROOMY) as pilot:
        await until_shown(app, "↑ threshold 100k req/s")
        assert "╌" not in screen_text(app)
        await pilot.press(*["minus"] * 50)
        await until_shown(app, "╌ threshold")

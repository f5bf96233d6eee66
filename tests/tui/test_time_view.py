"""The zoom of the graph and the moment one looks at: arithmetic."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.metrics.wide_buckets import TIERS
from logmon_tui.tui.paint.time_view import (
    DAY,
    FORMER,
    HOUR,
    HOUR_ZOOM,
    MINUTE,
    SECONDS_KEPT,
    SPANS,
    STEPS,
    Asked,
    TimeView,
)
from tests.effort import examples

NOW = 1_795_262_671  # 2026-11-21 12:04:31 UTC

MOVES = st.one_of(
    st.tuples(st.just("moved"), st.sampled_from([-1, 1, -10, 10, -110, 110])),
    st.tuples(st.just("zoomed"), st.sampled_from([-1, 1])),
    st.tuples(st.just("gone_to"), st.integers(NOW - 40 * DAY, NOW)),
    st.tuples(st.just("shown_at"), st.integers(NOW - 40 * DAY, NOW)),
    st.tuples(st.just("widened"), st.integers(4, 200)),
    st.tuples(st.just("waited"), st.integers(0, 500)),
)


@given(st.lists(MOVES, max_size=12), st.sampled_from([1, MINUTE]), st.sampled_from([None, *FORMER]))
@settings(max_examples=examples(300))
def test_the_graph_shows_the_moment_wherever_one_goes(
    moves: list[tuple[str, int]], finest: int, compared: int | None
) -> None:
    view, now = TimeView(width=72, finest=finest, compared=compared), NOW
    for move, number in moves:
        if move == "widened":
            view = replace(view, width=number)
        elif move == "waited":
            now += number
        else:
            view = getattr(view, move)(number, now)
            axis, column = view.axis(now), view.column(now)
            assert axis.column_of(column.start) is not None
        axis, column = view.axis(now), view.column(now)
        assert 0 < axis.columns <= view.width
        assert axis.step in STEPS
        assert axis.step >= finest
        assert axis.start % axis.step == 0
        assert axis.start + (axis.columns - 1) * axis.step <= now
        assert column.start % axis.step == 0
        assert 0 < len(column) <= axis.step
        assert column.stop - 1 <= now
        age = now - axis.start
        if axis.step < MINUTE:
            assert age <= SECONDS_KEPT + axis.step
        asked = view.asked(now, 10)
        assert (asked is None) is view.is_live
        if asked is not None:
            assert asked.end == column.stop - 1
            assert asked.seconds >= max(10, len(column))


def test_seconds_are_known_for_as_long_as_the_aggregator_keeps_them() -> None:
    assert TIERS[0][0] == SECONDS_KEPT


@pytest.mark.parametrize("width", [34, 72, 110, 150])
@pytest.mark.parametrize("zoom", range(len(SPANS)))
def test_a_zoom_shows_its_span(width: int, zoom: int) -> None:
    axis = TimeView(zoom, width=width).axis(NOW)
    shown = axis.step * axis.columns
    assert SPANS[zoom] <= shown < SPANS[zoom] + (axis.step if zoom else SPANS[0])
    assert axis.column_of(NOW) == axis.columns - 1


def test_back_and_forth_is_where_one_was_and_then_live() -> None:
    live = TimeView(width=60)
    back = live.moved(-1, NOW)
    assert back.at == NOW // 5 * 5 - 5
    assert back.asked(NOW, 10) == Asked(NOW // 5 * 5 - 1, 10)
    assert back.moved(-10, NOW).moved(10, NOW) == back
    assert back.moved(1, NOW).at == NOW // 5 * 5
    assert back.moved(2, NOW) == live
    assert live.moved(1, NOW) == live


def test_beyond_the_edge_the_graph_follows_column_by_column() -> None:
    view = TimeView(HOUR_ZOOM, width=60)
    first = view.axis(NOW).start
    view = view.moved(-59, NOW)
    assert (view.at, view.axis(NOW).start) == (first, first)
    view = view.moved(-1, NOW)
    assert (view.at, view.axis(NOW).start) == (first - MINUTE, first - MINUTE)


def test_nothing_lies_before_what_is_known() -> None:
    since = NOW - 3 * HOUR - 7
    view = TimeView(HOUR_ZOOM, width=60).moved(-100_000, NOW, since)
    assert view.at == since // MINUTE * MINUTE


@pytest.mark.parametrize(
    ("ago", "step", "zoom"),
    [
        (5 * MINUTE, 5, 0),
        (40 * MINUTE, MINUTE, HOUR_ZOOM),
        (30 * HOUR, MINUTE, HOUR_ZOOM),
        (3 * DAY, 3 * HOUR, SPANS.index(7 * DAY)),
    ],
)
def test_a_moment_is_shown_with_the_closest_zoom_that_knows_it(
    ago: int, step: int, zoom: int
) -> None:
    view = TimeView(width=60).shown_at(NOW - ago, NOW)
    assert (view.zoom, view.axis(NOW).step, view.at) == (zoom, step, NOW - ago)


@pytest.mark.parametrize(
    ("compared", "zoom", "step", "offset"),
    [
        (None, 0, 5, None),
        (DAY, 0, 5, DAY),
        (7 * DAY, 0, 5, 7 * DAY),
        (0, 0, 5, 300),
        (0, HOUR_ZOOM, MINUTE, HOUR),
    ],
)
def test_columns_stay_as_they_are_whatever_they_are_compared_with(
    compared: int | None, zoom: int, step: int, offset: int | None
) -> None:
    view = TimeView(zoom, width=60, compared=compared)
    assert (view.axis(NOW).step, view.offset(NOW)) == (step, offset)


def test_seconds_that_nobody_keeps_make_room_for_minutes() -> None:
    view = TimeView(width=60).moved(-10, NOW)
    assert view.axis(NOW).step == 5
    assert view.axis(NOW + 11 * MINUTE).step == MINUTE

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.snapshot import TrafficHistory
from logmon_tui.tui.paint import chart
from tests.tui.fakes import by_class, history


@given(st.integers(0, 2_000_000_000), st.integers(1, 300))
def test_columns_keep_their_place_as_time_moves_on(second: int, width: int) -> None:
    axis = chart.time_axis(second, width)
    later = chart.time_axis(second + axis.step, width)
    assert axis.start % axis.step == 0
    assert later.start == axis.start + axis.step
    assert axis.column_of(second) == width - 1
    assert axis.step * width >= chart.SPAN or axis.step == chart.STEPS[-1]


def test_a_column_shows_the_average_of_its_seconds() -> None:
    seconds = (by_class(10, 0, 0, 0), by_class(20, 0, 0, 6))
    rates = chart.column_rates(TrafficHistory(100, seconds), chart.TimeAxis(98, 2, 3))
    assert rates == [(0, 0, 0, 0, 0), (3, 0, 0, 15, 0), (0, 0, 0, 0, 0)]


def test_a_column_that_has_just_begun_averages_what_is_known() -> None:
    rates = chart.column_rates(
        TrafficHistory(100, (by_class(8, 0, 0, 0),)), chart.TimeAxis(100, 5, 1)
    )
    assert rates == [(0, 0, 0, 8, 0)]


def test_every_hit_of_the_history_shows() -> None:
    past = history(seconds=300)
    axis = chart.time_axis(past.start + 299, 60)
    columns = chart.column_rates(past, axis)
    hits = sum(map(sum, past.seconds))
    assert sum(map(sum, columns)) * axis.step >= hits * 0.99


@given(st.floats(0, 1e9), st.floats(0.1, 1e9), st.floats(0, 1e9))
def test_the_scale_has_room_for_the_traffic(peak: float, threshold: float, current: float) -> None:
    assert chart.scale(peak, threshold, current) >= peak


def test_the_scale_does_not_jump_when_the_traffic_wobbles() -> None:
    top = chart.scale(430, 400, 0)
    assert top == 500
    assert all(chart.scale(peak, 400, top) == top for peak in range(200, 470, 10))


def test_the_scale_grows_at_once_and_shrinks_when_much_is_empty() -> None:
    assert chart.scale(900, 400, 500) == 1_000
    assert chart.scale(90, 100, 1_000) == 150


def test_a_threshold_far_above_the_traffic_does_not_squash_it() -> None:
    assert chart.scale(10, 1_000, 0) < 20


def test_times_stand_at_whole_minutes_with_room_between_them() -> None:
    axis = chart.time_axis(1_795_262_671, 74)
    columns = [column for column, second in chart.labelled(axis) if second % 60 == 0]
    assert len(columns) == len(chart.labelled(axis)) > 3
    assert all(b - a >= 9 for a, b in pairwise(columns))

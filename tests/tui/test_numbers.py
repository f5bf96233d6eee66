import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui import units
from logmon_tui.tui.alerts.threshold import MAX_THRESHOLD, MIN_THRESHOLD, nudged


@pytest.mark.parametrize(
    ("threshold", "direction", "expected"),
    [(10, 1, 11), (10, -1, 9), (400, 1, 440), (400, -1, 360), (2.5, 1, 2.8), (1, -1, 0.9)],
)
def test_a_nudge_moves_the_threshold_by_a_tenth(
    threshold: float, direction: int, expected: float
) -> None:
    assert nudged(threshold, direction) == expected


@given(st.floats(0.15, 9e8))
def test_a_nudge_always_moves_and_leaves_two_significant_digits(threshold: float) -> None:
    up, down = nudged(threshold, 1), nudged(threshold, -1)
    assert down < threshold < up
    for value in (up, down):
        assert float(f"{value:.1e}") == pytest.approx(value)


def test_nudges_stop_at_the_ends() -> None:
    assert nudged(MIN_THRESHOLD, -1) == MIN_THRESHOLD
    assert nudged(MAX_THRESHOLD, 1) == MAX_THRESHOLD


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0.0"), (0.0001, "<0.1"), (0.5, "50.0"), (0.9999, "99.9"), (1, "100")],
)
def test_percent_never_rounds_something_to_nothing_or_to_all(share: float, text: str) -> None:
    assert units.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1_000, "1.0k"),
        (310_000, "310k"),
        (999_999, "1.0M"),
        (1.2e9, "1.2G"),
    ],
)
def test_sizes_are_short(value: float, text: str) -> None:
    assert units.size(value) == text


@given(st.floats(0, 9e13))
def test_sizes_fit_their_column(value: float) -> None:
    assert len(units.size(value)) <= 5


@given(st.integers(0, 10**15))
def test_counts_fit_their_column(value: float) -> None:
    assert len(units.count(value)) <= 7 + math.floor(value / 10**15)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.9, "59 s"), (133, "2 m 13 s"), (3_840, "1 h 04 m"), (266_400, "3 d 02 h")],
)
def test_durations_are_told_in_two_units(seconds: float, text: str) -> None:
    assert units.duration(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(10, "10 s"), (120, "2 min"), (90, "1 m 30 s")])
def test_windows_are_told_in_one_word(seconds: float, text: str) -> None:
    assert units.window(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "resolution", "text"),
    [
        (0, 1e-3, "<1 ms"),
        (0.000993, 1e-3, "1 ms"),
        (0.0004, 1e-3, "<1 ms"),
        (0.0042, 1e-3, "4 ms"),
        (0.0096, 1e-3, "10 ms"),
        (0.1239, 1e-3, "124 ms"),
        (1.2341, 1e-3, "1.23 s"),
        (0, 1e-6, "<1 µs"),
        (0.000087, 1e-6, "87 µs"),
        (0.0042, 1e-6, "4.2 ms"),
        (0, 1, "<1 s"),
        (0.99, 1, "1 s"),
        (2.01, 1, "2 s"),
        (12.4, 1, "12 s"),
        (1_200, 1, "20 min"),
        (0, 1e-2, "<10 ms"),
        (0.07, 1e-2, "70 ms"),
    ],
)
def test_response_times_have_no_more_digits_than_the_log(
    seconds: float, resolution: float, text: str
) -> None:
    assert units.seconds(seconds, resolution) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (1e-7, "<1 µs"),
        (0.000087, "87 µs"),
        (0.0009996, "1.0 ms"),
        (0.0094, "9.4 ms"),
        (0.00996, "10 ms"),
        (0.12, "120 ms"),
        (0.9996, "1.00 s"),
        (1.24, "1.24 s"),
        (12.41, "12.4 s"),
        (99.96, "100 s"),
        (999.6, "17 min"),
        (5_971, "2 h"),
    ],
)
def test_response_times_show_the_digits_that_matter(seconds: float, text: str) -> None:
    assert units.seconds(seconds) == text


@given(st.floats(0, 3e7))
def test_a_response_time_fits_its_column_and_is_never_far_off(seconds: float) -> None:
    text = units.seconds(seconds)
    assert len(text) <= 6
    value, unit = text.lstrip("<").split()
    factor = {"µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3_600}[unit]
    assert float(value) * factor == pytest.approx(seconds, rel=0.5, abs=1e-6)

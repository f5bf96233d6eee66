"""The alerts find exactly what a second-by-second look at the raw hits finds."""

import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from tests.alerts.brute_force import crossings, in_order
from tests.alerts.raw_traffic import Lines
from tests.alerts.ways import Way, reported, watch_backlog, watch_live, watch_whole_log
from tests.effort import examples
from tests.traffic import (
    START,
    alert_settings,
    hit,
    settings_of,
    shuffled,
    traffic,
    traffic_of,
)

DAY = 86_400
DAY = 86_400


@settings(max_examples=examples(50), deadline=None)
@given(hits=traffic(), given_settings=alert_settings(), seed=st.integers(0, 2**32))
def test_a_live_log(hits: list[Hit], given_settings: Settings, seed: int) -> None:
    found, last = watch_live(Lines(hits), given_settings, random.Random(seed))
    assert in_order(found) == crossings(hits, given_settings, last)


@settings(max_examples=examples(50), deadline=None)
@given(hits=traffic(), given_settings=alert_settings(), seed=st.integers(0, 2**32))
def test_a_backlog_read_at_once(hits: list[Hit], given_settings: Settings, seed: int) -> None:
    found, last = watch_backlog(Lines(hits), given_settings, random.Random(seed))
    assert in_order(found) == crossings(hits, given_settings, last)


@settings(max_examples=examples(100), deadline=None)
@given(
    hits=traffic(),
    given_settings=alert_settings(),
    seed=st.integers(0, 2**32),
    silence=st.one_of(st.integers(0, 60), st.integers(700, 1_200), st.just(3 * DAY)),
    last_lines=st.integers(6, 12),
)
def test_a_whole_log_of_which_most_is_old(
    hits: list[Hit], given_settings: Settings, seed: int, silence: int, last_lines: int
) -> None:
    # The backlog ends within the traffic, or after it.
    second = hits[-1].second + silence
    hits = [*hits, *(hit(second) for _ in range(last_lines))]
    found, last = watch_whole_log(Lines(hits), given_settings, random.Random(seed))
    assert in_order(found) == crossings(hits, given_settings, last)


@settings(max_examples=examples(50), deadline=None)
@given(
    hits=traffic(),
    given_settings=alert_settings(),
    seed=st.integers(0, 2**32),
    late=st.sampled_from((0, 1, 20, 60)),
)
@example(  # the first second of the log does not come first
    hits=[hit(START), *(hit(START + 1) for _ in range(12))],
    given_settings=settings_of(threshold=0.001, alert_window=10),
    seed=1,
    late=60,
)
def test_a_report_of_lines_out_of_order_however_they_are_cut(
    hits: list[Hit], given_settings: Settings, seed: int, late: int
) -> None:
    chance = random.Random(seed)
    lines = shuffled(hits, chance, late)
    found, last = reported(Lines(lines), given_settings, chance)
    assert in_order(found) == crossings(hits, given_settings, last)
    again, _ = reported(Lines(lines), given_settings, chance)
    assert again == found


@pytest.mark.parametrize("seed", range(3))
def test_a_trickle_after_a_silence_is_judged_in_time(seed: int) -> None:
    hits = traffic_of([(0, 10, 2, 0, 0), (100, 25, 1, 0, 1.0)], seed)
    given_settings = settings_of(alert_window=10, threshold=0.15, ddos_threshold=0.25)
    for run in range(10):
        found, last = watch_live(Lines(hits), given_settings, random.Random(run))
        assert in_order(found) == crossings(hits, given_settings, last)


@pytest.mark.parametrize("window", [1, 30, 900])
@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
def test_silence_of_days(way: Way, window: int) -> None:
    segments = [(0, 20, 5, 0.3, 0.6), (3 * DAY + 1, 3, 2, 0, 1), (DAY, 5, 12, 1, 0)]
    hits = traffic_of(segments, window)
    given_settings = settings_of(alert_window=window, threshold=0.1, ddos_threshold=0.05)
    found, last = way(Lines(hits), given_settings, random.Random(window))
    assert len(found) >= 3
    assert in_order(found) == crossings(hits, given_settings, last)


@pytest.mark.slow
@settings(max_examples=examples(4), deadline=None)
@given(given_settings=alert_settings(), seed=st.integers(0, 2**32))
def test_thousands_of_hits(given_settings: Settings, seed: int) -> None:
    hits = traffic_of([(0, 60, 20, 0.03, 0.1), (5, 40, 60, 0.3, 0.9), (70, 60, 6, 0, 0.3)], seed)
    assert len(hits) > 2_000
    chance = random.Random(seed)
    for way in (watch_live, watch_backlog, watch_whole_log, reported):
        found, last = way(Lines(hits), given_settings, chance)
        assert in_order(found) == crossings(hits, given_settings, last), way.__name__

"""The alerts find exactly what a second-by-second look at the raw hits finds."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.incident import Incident
from logmon_tui.config import Settings
from logmon_tui.formats.hit import Hit
from logmon_tui.log_report import ReportBuilder
from logmon_tui.monitor import HTTPMonitor
from tests.alerts.brute_force import crossings, in_order
from tests.traffic import (
    START,
    alert_settings,
    batch_of,
    hit,
    pieces,
    settings_of,
    shuffled,
    traffic,
    traffic_of,
)

DAY = 86_400
Way = Callable[[Sequence[Hit], Settings, random.Random], tuple[list[Incident], int]]
TICKS = ((0.25, 0.5), (0.5, 1.0, 3.7), (0.5, 20.0), (1.0, 700.0))


class Watched:
    """A monitor, and every incident that its ticks told of in its last state."""

    def __init__(self, given: Settings) -> None:
        self.monitor = HTTPMonitor(given)
        self.told: dict[str, Incident] = {}

    def tick(self, now: float, wall: float) -> None:
        self.told.update((each.id, each) for each in self.monitor.tick(now, wall))

    def end(self, now: float, wall: float, idle: float) -> tuple[list[Incident], int]:
        """Let the log be silent, then return the incidents and the last second judged."""
        self.tick(now + 3, wall + 3)
        self.tick(now + 3 + idle, wall + 3 + idle)
        snapshot = self.monitor.snapshot(now + 3 + idle, wall + 3 + idle)
        assert snapshot.log_time is not None
        incidents = list(snapshot.alerts.incidents)
        assert {each.id for each in incidents} == set(self.told)
        assert [self.told[each.id] for each in incidents if not each.firing] == [
            each for each in incidents if not each.firing
        ]
        return incidents, int(snapshot.log_time) - 1


def watch_live(
    hits: Sequence[Hit], given: Settings, chance: random.Random
) -> tuple[list[Incident], int]:
    """Feed each hit within the tick after its second, as a log that is written live comes."""
    watched = Watched(given)
    first, began = hits[0].second, chance.uniform(0, 1e6)
    now, fed = began, 0
    ticks = chance.choice(TICKS)
    while fed < len(hits):
        silence = hits[fed].second - first + began - now
        step = chance.choice(ticks) if silence < 100 else silence
        tick = now + step * chance.uniform(0.5, 1)
        due = fed
        while due < len(hits) and hits[due].second <= first + tick - began:
            due += 1
        for piece in pieces(hits[fed:due], chance):
            now = max(now, began + piece[-1].second - first)
            watched.monitor.feed(batch_of(piece), now)
        fed, now = due, tick
        watched.tick(now, first + now - began)
    return watched.end(now, first + now - began, given.alert_window + 5)


def watch_backlog(
    hits: Sequence[Hit], given: Settings, chance: random.Random
) -> tuple[list[Incident], int]:
    """Feed all hits in no time, long after they were written, with a tick now and then."""
    watched = Watched(given)
    wall = hits[-1].second + 1e7
    for piece in pieces(hits, chance):
        watched.monitor.feed(batch_of(piece), 50.0)
        if chance.random() < 0.4:
            watched.tick(50.0, wall)
    return watched.end(50.0, wall, given.alert_window + 5)


def watch_whole_log(
    hits: Sequence[Hit], given: Settings, chance: random.Random
) -> tuple[list[Incident], int]:
    """Read a log from its beginning, whose end is known before, as a fresh watch does."""
    watched = Watched(given)
    watched.monitor.begin_backlog(hits[-1].second)
    wall = hits[-1].second + 1e7
    for piece in pieces(hits, chance):
        watched.monitor.feed(batch_of(piece), 50.0)
        if chance.random() < 0.4:
            watched.tick(50.0, wall)
    watched.tick(50.0, wall)
    watched.told.update((each.id, each) for each in watched.monitor.end_backlog(50.0))
    assert not watched.monitor.in_backlog
    return watched.end(50.0, wall, given.alert_window + 5)


def reported(
    hits: Sequence[Hit], given: Settings, chance: random.Random
) -> tuple[list[Incident], int]:
    builder = ReportBuilder(given)
    for piece in pieces(hits, chance, largest=300):
        builder.feed(batch_of(piece))
    report = builder.finish()
    assert report.ingest.future == 0
    assert report.hits.hits == len(hits)
    return list(report.incidents), max(each.second for each in hits)


@settings(max_examples=50, deadline=None)
@given(hits=traffic(), given_settings=alert_settings(), seed=st.integers(0, 2**32))
def test_a_live_log(hits: list[Hit], given_settings: Settings, seed: int) -> None:
    found, last = watch_live(hits, given_settings, random.Random(seed))
    assert in_order(found) == crossings(hits, given_settings, last)


@settings(max_examples=50, deadline=None)
@given(hits=traffic(), given_settings=alert_settings(), seed=st.integers(0, 2**32))
def test_a_backlog_read_at_once(hits: list[Hit], given_settings: Settings, seed: int) -> None:
    found, last = watch_backlog(hits, given_settings, random.Random(seed))
    assert in_order(found) == crossings(hits, given_settings, last)


@settings(max_examples=100, deadline=None)
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
    # What comes in the midst of the traffic, or behind it, is where the old part ends.
    second = hits[-1].second + silence
    hits = [*hits, *(hit(second) for _ in range(last_lines))]
    found, last = watch_whole_log(hits, given_settings, random.Random(seed))
    assert in_order(found) == crossings(hits, given_settings, last)


@settings(max_examples=50, deadline=None)
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
    found, last = reported(lines, given_settings, chance)
    assert in_order(found) == crossings(hits, given_settings, last)
    again, _ = reported(lines, given_settings, chance)
    assert again == found


@pytest.mark.parametrize("seed", range(3))
def test_a_trickle_after_a_silence_is_judged_in_time(seed: int) -> None:
    hits = traffic_of([(0, 10, 2, 0, 0), (100, 25, 1, 0, 1.0)], seed)
    given_settings = settings_of(alert_window=10, threshold=0.15, ddos_threshold=0.25)
    for run in range(10):
        found, last = watch_live(hits, given_settings, random.Random(run))
        assert in_order(found) == crossings(hits, given_settings, last)


@pytest.mark.parametrize("window", [1, 30, 900])
@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
def test_silence_of_days(way: Way, window: int) -> None:
    segments = [(0, 20, 5, 0.3, 0.6), (3 * DAY + 1, 3, 2, 0, 1), (DAY, 5, 12, 1, 0)]
    hits = traffic_of(segments, window)
    given_settings = settings_of(alert_window=window, threshold=0.1, ddos_threshold=0.05)
    found, last = way(hits, given_settings, random.Random(window))
    assert len(found) >= 3
    assert in_order(found) == crossings(hits, given_settings, last)


@settings(max_examples=4, deadline=None)
@given(given_settings=alert_settings(), seed=st.integers(0, 2**32))
def test_thousands_of_hits(given_settings: Settings, seed: int) -> None:
    hits = traffic_of([(0, 60, 20, 0.03, 0.1), (5, 40, 60, 0.3, 0.9), (70, 60, 6, 0, 0.3)], seed)
    assert len(hits) > 2_000
    chance = random.Random(seed)
    for way in (watch_live, watch_backlog, watch_whole_log, reported):
        found, last = way(hits, given_settings, chance)
        assert in_order(found) == crossings(hits, given_settings, last), way.__name__

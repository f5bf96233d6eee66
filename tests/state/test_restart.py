"""A monitor that is saved and goes on in another run shows what one shows that ran on."""

import random
from typing import Any, TypeAlias
from unittest import mock

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics import aggregator
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.effort import examples
from tests.state.restarts import (
    Run,
    assert_same,
    disturbed,
    plain,
    shown,
    unparsed,
    without_evidence,
)
from tests.traffic import (
    START,
    Segment,
    alert_settings,
    batch_of,
    measured_batch_of,
    pieces,
    segments,
    settings_of,
    traffic_of,
)

TempPaths: TypeAlias = pytest.TempPathFactory
EIGHTH = 0.125
"""Times are whole eighths of a second, so that their sums and differences are exact."""


def run_side_by_side(
    written: list[tuple[int, Hit]], steady: HTTPMonitor, restarted: Run, chance: random.Random
) -> None:
    """Feed both the same, save and restart one of them at random, and compare all the way."""
    first, now = written[0][0], 0.0
    for piece in pieces(written, chance):
        now = max(now, float(piece[-1][0] - first)) + EIGHTH * chance.randrange(12)
        hits = [each for _, each in piece]
        batch = unparsed(b"?%d" % len(piece)) if chance.random() < 0.1 else some_batch(hits, chance)
        wall = float(first) + now
        steady.feed(batch, now)
        restarted.feed(batch, now)
        if chance.random() < 0.6:
            assert changes(steady, now, wall) == changes(restarted, now, wall)
        if chance.random() < 0.5:
            restarted.save(now, wall)
        if chance.random() < 0.2:
            stop_and_go(restarted, now, wall, chance)
        if chance.random() < 0.2:
            compare(steady, restarted, now, wall)
    stop_and_go(restarted, now, first + now, chance)
    compare(steady, restarted, now, first + now)
    for idle in (0.5, 3.0, 40.0, 5_000.0):
        wall = first + now + idle
        assert changes(steady, now + idle, wall) == changes(restarted, now + idle, wall)
        compare(steady, restarted, now + idle, wall)


def changes(ticking: HTTPMonitor | Run, now: float, wall: float) -> list[Incident]:
    return without_evidence(ticking.tick(now, wall))


def some_batch(hits: list[Hit], chance: random.Random) -> HitBatch:
    """Return a batch of `hits`, of a format with measures or of one without."""
    return measured_batch_of(hits) if chance.random() < 0.7 else batch_of(hits)


def stop_and_go(run: Run, now: float, wall: float, chance: random.Random) -> None:
    run.save(now, wall)
    run.restart(now, uptime=float(chance.randrange(10_000)))
    run.monitor.count_downtime(run.now(now), wall)


def compare(steady: HTTPMonitor, restarted: Run, now: float, wall: float) -> None:
    assert_same(steady, restarted.monitor)
    assert shown(steady.snapshot(now, wall)) == shown(restarted.snapshot(now, wall))


UNSHRUNK = settings(max_examples=examples(12), deadline=None, phases=(Phase.reuse, Phase.generate))
"""To make a failing case smaller would take minutes."""


@UNSHRUNK
@given(parts=segments(), given_settings=alert_settings(), seed=st.integers(0, 2**32))
def test_windows_graph_alerts_and_totals_go_on_exactly(
    parts: list[Segment], given_settings: Settings, seed: int, tmp_path_factory: TempPaths
) -> None:
    chance = random.Random(seed)
    run = Run(tmp_path_factory.mktemp("state") / "s.sqlite", given_settings)
    written = disturbed(traffic_of(parts, seed), chance)
    run_side_by_side(written, HTTPMonitor(given_settings), run, chance)
    run.store.close()


@UNSHRUNK
@given(parts=segments(), seed=st.integers(0, 2**32))
def test_what_was_not_kept_by_key_goes_on_too(
    parts: list[Segment], seed: int, tmp_path_factory: TempPaths
) -> None:
    """With more keys than buckets keep: sketches, other counts, and who is dropped next."""
    chance = random.Random(seed)
    run = Run(tmp_path_factory.mktemp("state") / "s.sqlite", settings_of(alert_window=10))
    written = disturbed(traffic_of(parts, seed), chance)
    with mock.patch.multiple(aggregator, BUCKET_KEYS=2, KEPT_KEYS=1, SLACK=5):
        run_side_by_side(written, HTTPMonitor(run.given), run, chance)
    run.store.close()


@UNSHRUNK
@given(
    parts=segments((0, 1, 7, 30)),
    shape=st.sampled_from(((1, 5), (1, 10), (5, 10), (1, 7), (10, 60), (1, 120))),
    seed=st.integers(0, 2**32),
)
def test_whole_intervals_go_on_after_the_last_one_printed(
    parts: list[Segment], shape: tuple[int, int], seed: int, tmp_path_factory: TempPaths
) -> None:
    size, interval = shape
    given_settings = settings_of(bucket_size=size, stats_interval=interval, top=0)
    chance = random.Random(seed)
    run = Run(tmp_path_factory.mktemp("state") / "s.sqlite", given_settings, whole=True)
    steady = HTTPMonitor(given_settings, whole_intervals=True, journal=True)
    printed: list[dict[int, Any]] = [{}, {}]
    written = disturbed(traffic_of(parts, seed), chance)
    first, now = written[0][0], 0.0
    for piece in pieces(written, chance):
        now = max(now, float(piece[-1][0] - first)) + EIGHTH * chance.randrange(12)
        wall = float(first) + now
        batch = some_batch([each for _, each in piece], chance)
        steady.feed(batch, now)
        run.feed(batch, now)
        assert changes(steady, now, wall) == changes(run, now, wall)
        for found, monitor in zip(printed, (steady.snapshot, run.snapshot), strict=True):
            window = monitor(now, wall).now
            if window.seconds:
                found.setdefault(window.end, plain(window))
        assert_same(steady, run.monitor)
        if chance.random() < 0.4:
            stop_and_go(run, now, wall, chance)
            assert run.snapshot(now, wall).now.hits == 0  # what was printed is not shown again
    assert printed[0] == printed[1]
    for monitor, time in ((steady, now), (run.monitor, run.now(now))):
        monitor.close_interval(time)
    last = run.snapshot(now, first + now)
    assert shown(last) == shown(steady.snapshot(now, first + now))
    hits = sum(window["hits"] for window in printed[1].values()) + last.now.hits
    unprinted = last.ingest.hits - hits - last.ingest.late - last.ingest.future
    # Those in a bucket that is not full yet.
    to_come = sum(each.second > last.now.end for _, each in written)
    assert last.ingest.hits == len(written)
    assert 0 <= unprinted <= (to_come if size > 1 else 0)
    run.store.close()


@UNSHRUNK
@given(
    parts=segments((0, 1, 2, 7, 30)), given_settings=alert_settings(), seed=st.integers(0, 2**32)
)
def test_after_being_killed_nothing_is_lost_and_nothing_counts_twice(
    parts: list[Segment], given_settings: Settings, seed: int, tmp_path_factory: TempPaths
) -> None:
    """What came after the last save is read again, from the position saved with the counts."""
    hits = traffic_of(parts, seed)
    chance = random.Random(seed)
    run = Run(tmp_path_factory.mktemp("state") / "s.sqlite", given_settings)
    steady = HTTPMonitor(given_settings)
    steady.feed(measured_batch_of(hits), 0.0)
    place, kills = 0, 0
    while place < len(hits):
        piece = hits[place : place + chance.randint(1, 30)]
        run.feed(measured_batch_of(piece), 0.0)
        place += len(piece)
        if chance.random() < 0.5:
            run.tick(0.0, START)
        if chance.random() < 0.4:
            run.save(0.0, START)
        if chance.random() < 0.2 and kills < 20:
            place, kills = run.restart(0.0), kills + 1
    run.feed(measured_batch_of(hits[run.restart(0.0) :]), 0.0)
    run.monitor.count_downtime(0.0, START)
    steady.tick(0.0, START)
    run.tick(0.0, START)
    assert_same(steady, run.monitor)
    assert shown(steady.snapshot(0.0, START)) == shown(run.snapshot(0.0, START))
    run.store.close()

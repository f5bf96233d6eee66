"""Of a long log that is opened, minutes have exact totals, and hours their keys."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.config.past import Retention
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.history import backlog
from logmon_tui.history.archive import HOUR, MINUTE
from logmon_tui.monitor.commands import ShowGraph
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.archive import MemoryArchive
from logmon_tui.state.records import packed_bucket
from tests.effort import examples
from tests.history.test_reports import Recording
from tests.traffic import (
    START,
    Segment,
    batch_of,
    hit,
    measured_batch_of,
    pieces,
    segments,
    settings_of,
    traffic_of,
)

GAPS = (0, 1, 7, 60, 600, 3_600, 9_000)


def by(width: int, counted: list[tuple[int, bytes]]) -> Counter[int]:
    return Counter(second // width * width for second, _ in counted)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(segments(GAPS), min_size=1, max_size=3),
    st.integers(0, 2**32),
    st.sampled_from((0, 1, 5_000)),
)
def test_totals_are_exact_and_keys_are_never_too_many(
    logs: list[list[Segment]], seed: int, dense: int
) -> None:
    """Several logs are read in turn, so that their times are mixed; then one goes on live."""
    chance = random.Random(seed)
    read = [
        list(pieces(traffic_of(busy, seed + number), chance)) for number, busy in enumerate(logs)
    ]
    archive = MemoryArchive()
    monitor = HTTPMonitor(settings_of(), archive=archive)
    hits = [each for log in read for piece in log for each in piece]
    newest = max(each.second for each in hits)
    monitor.begin_backlog(newest)
    counted: list[tuple[int, bytes]] = []  # without those that were too far ahead to be believed
    add = monitor.counts.aggregator.add

    def noted(batch: HitBatch) -> None:
        hosts = batch.columns[Dimension.HOST]
        counted.extend((int(batch.seconds[row]), hosts.at(row)) for row in range(len(batch)))
        add(batch)

    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(monitor.counts.aggregator, "add", noted)
    with monkeypatch.context() as patched:
        patched.setattr(backlog, "DENSE_HITS", dense)
        while any(read):
            log = chance.choice([each for each in read if each])
            monitor.feed(measured_batch_of(log.pop(0)), 0.0)
            monitor.archive_past()
        monitor.tick(0.0, newest)
        monitor.end_backlog(0.0)
    live = [each._replace(second=newest + 1 + number // 3) for number, each in enumerate(hits[:30])]
    for number, piece in enumerate(pieces(live, chance)):
        monitor.feed(measured_batch_of(piece), 1.0 + number)
        monitor.tick(1.0 + number, newest)
    for idle in (100.0, 300.0, 600.0):
        monitor.tick(idle, newest + idle)
        monitor.archive_past()
    for width in (MINUTE, HOUR):
        found = archive.sums(width, 0, 2**40)
        assert {start: sums.hits for start, sums in found} == by(width, counted)
        for start, true in by(width, counted).items():
            bucket = archive.bucket(width, start, start + width)
            if bucket is None:
                assert width == MINUTE
                continue
            assert bucket.hits == true
            hosts = Counter(host for second, host in counted if second // width * width == start)
            for tally in bucket.tallies.values():
                assert not tally.filled or sum(tally.hits.values()) + tally.other_hits == true
            assert bucket.tallies[Dimension.HOST].hits == hosts
    monitor.past.graph = ShowGraph(columns=10_000, step=MINUTE)
    graph = monitor.snapshot(600.0, newest + 600).graph
    assert graph is not None
    assert sum(each.hits for each in graph.columns if each is not None) == len(counted)


def test_open_slices_are_few_however_many_times_are_read_at_once() -> None:
    counted = backlog.Backlog(Retention().keys, 0)
    for hour in range(200):
        second = 1_700_000_000 + hour * HOUR
        counted.add(measured_batch_of(traffic_of([(0, 3, 2, 0.1, 0.1)], hour)[:1]))
        counted.add(
            measured_batch_of(
                [each._replace(second=second) for each in traffic_of([(0, 3, 2, 0.1, 0.1)], hour)]
            )
        )
        counted.take()
        assert len(counted._open[HOUR]) <= backlog.OPEN_SLICES
        assert len(counted._totals) <= backlog.OPEN_TOTALS


def test_what_others_count_meanwhile_is_added_up_in_its_order() -> None:
    """The keys that are kept of a full minute depend on the order."""
    batches = [measured_batch_of(traffic_of([(0, 30, 40, 0.1, 0.1)], seed)) for seed in range(8)]
    waiting: list[Callable[[], backlog.Counts]] = []

    def later(count: Callable[[], backlog.Counts]) -> Callable[[], backlog.Counts]:
        waiting.append(count)
        return count

    now, ahead = backlog.Backlog(3, 0), backlog.Backlog(3, 0, later)
    for number, each in enumerate(batches, start=1):
        now.add(each)
        ahead.add(each)
        assert len(waiting) == number
    found = [
        [(each.width, each.start, packed_bucket(each.bucket)) for each in counted.finish()]
        for counted in (now, ahead)
    ]
    assert found[0] == found[1]


def test_a_kill_near_the_end_of_a_backlog_loses_nothing(tmp_path: Path) -> None:
    """Alerts leave a backlog by themselves near its end, and from then on the state is saved."""
    hits = [hit(START + second) for second in range(10_000)]
    run = Recording(tmp_path / "a.sqlite", settings_of())
    run.monitor.begin_backlog(START + 9_000)  # it grows meanwhile
    for begin in range(0, 9_500, 500):
        run.feed(batch_of(hits[begin : begin + 500]), 0.0)
        run.tick(0.0, START)
    assert not run.monitor.in_backlog
    run.save(0.0, START)
    place = run.restart(0.0)
    assert place == 9_500
    run.feed(batch_of(hits[place:]), 0.0)
    run.monitor.count_downtime(0.0, START)
    for idle in (0.0, 300.0):
        run.tick(idle, START + idle)
        run.monitor.archive_past()
    for width in (MINUTE, HOUR):
        found = run.store.archive.sums(width, 0, 2**40)
        assert {start: sums.hits for start, sums in found} == by(
            width, [(each.second, b"") for each in hits]
        )
    run.store.close()

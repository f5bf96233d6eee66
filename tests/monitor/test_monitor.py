"""HTTPMonitor: its snapshots equal counting the hits one by one."""

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.metrics.future_gate import PATIENCE
from logmon_tui.monitor.line_counts import SHOWN_UNPARSED
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.window_view import GRAPH_SECONDS
from logmon_tui.snapshot import Ranking, Window
from tests.effort import examples
from tests.monitor.pictures import fed, picture
from tests.traffic import START, batch_at, batch_of, hit, pieces, settings_of, traffic

NEARBY = (0, 0, 0, 1, 2, 7, 30)


def counted(ranking: Ranking) -> dict[bytes, tuple[int, int]]:
    return {row.key: (row.hits, row.bytes) for row in ranking.rows}


def assert_counts(window: Window, hits: Sequence[Hit]) -> None:
    """Check that the window is that of exactly these hits."""
    assert window.hits == len(hits)
    assert window.bytes == sum(each.size for each in hits)
    assert dict(window.status) == Counter(each.status for each in hits)
    assert sum(window.by_class) == len(hits)
    assert window.by_class[5] == sum(each.status // 100 == 5 for each in hits)
    for key, (count, size) in counted(window.hosts).items():
        mine = [each for each in hits if each.host == key]
        assert (count, size) == (len(mine), sum(each.size for each in mine))
    assert window.hosts.distinct == len(window.hosts.rows) == len({each.host for each in hits})
    assert sum(row.hits for row in window.paths.rows) == len(hits)
    assert [row.hits for row in window.sections.rows] == sorted(
        (row.hits for row in window.sections.rows), reverse=True
    )
    for row in window.sections.rows:
        assert sum(row.status) == row.hits
    assert window.sizes.max == max((each.size for each in hits), default=0)
    assert window.sizes.mean == pytest.approx(window.bytes / len(hits) if hits else 0)


@settings(max_examples=examples(30), deadline=None)
@given(
    hits=traffic(NEARBY),
    size=st.sampled_from((1, 5)),
    slots=st.integers(1, 12),
    idle=st.sampled_from((0.0, 0.4, 1.0, 3.0, 17.0, 500.0)),
    seed=st.integers(0, 2**32),
)
def test_the_stats_window_holds_the_hits_of_its_seconds(
    hits: list[Hit], size: int, slots: int, idle: float, seed: int
) -> None:
    monitor = HTTPMonitor(
        settings_of(bucket_size=size, alert_window=60, stats_interval=slots * size)
    )
    chance = random.Random(seed)
    for piece in pieces(hits, chance):
        monitor.feed(batch_of(piece), 5.0)
        if chance.random() < 0.5:
            monitor.tick(5.0, START)
    found = picture(monitor, 5.0 + idle)
    end = (int(hits[-1].second + idle) + 1) // size * size - 1
    oldest = end - slots * size + 1
    assert found.log_time == hits[-1].second + idle
    assert (found.now.end, found.now.seconds) == (end, slots * size)
    assert_counts(found.now, [each for each in hits if oldest <= each.second <= end])
    assert (found.ingest.hits, found.ingest.late, found.ingest.future) == (len(hits), 0, 0)
    assert found.ingest.bytes == sum(each.size for each in hits)


@settings(max_examples=examples(10), deadline=None)
@given(
    hits=traffic((0, 1, 7)),
    shape=st.sampled_from(((1, 5), (1, 10), (5, 10), (1, 7), (10, 60), (1, 120))),
    step=st.sampled_from((0.6, 0.9, 7.3, 100.0)),  # the last ones skip intervals
)
def test_whole_intervals_neither_overlap_nor_leave_gaps(
    hits: list[Hit], shape: tuple[int, int], step: float
) -> None:
    size, interval = shape
    hits = [hits[0]] * 10 + hits  # so many that they do not wait for each other
    monitor = HTTPMonitor(
        settings_of(bucket_size=size, stats_interval=interval), whole_intervals=True
    )
    printed: dict[int, Window] = {}
    now, place = 0.0, 0
    while place < len(hits):
        now += step
        due = [each for each in hits[place:] if each.second <= hits[0].second + now]
        monitor.feed(batch_of(due), now)
        place += len(due)
        seen = picture(monitor, now).now
        if seen.seconds:
            printed.setdefault(seen.end, seen)
    monitor.close_interval(now)
    rest = monitor.snapshot(now, START).now
    begin = hits[0].second // interval * interval - 1
    for end, window in (*printed.items(), (rest.end, rest)):
        assert (end + 1) % interval == 0 or window is rest
        assert end - window.seconds == begin
        assert_counts(window, [each for each in hits if begin < each.second <= end])
        begin = end
    assert sum(window.hits for window in (*printed.values(), rest)) == len(hits)


def test_closing_after_an_hours_interval_counts_only_what_came_since() -> None:
    monitor = HTTPMonitor(settings_of(stats_interval=3_600, top=0), whole_intervals=True)
    begin = START // 3_600 * 3_600
    for second in range(begin, begin + 3 * 3_600 + 1_800, 60):
        monitor.feed(batch_of([hit(second, path=b"/%d" % n) for n in range(70)]), 0.0)
        monitor.tick(0.0, START)
    monitor.close_interval(0.0)
    rest = monitor.snapshot(0.0, START).now
    assert (rest.end, rest.seconds) == (begin + 3 * 3_600 + 1_740, 1_741)
    assert rest.hits == 30 * 70
    assert counted(rest.paths) == {b"/%d" % n: (30, 3_000) for n in range(70)}


def test_closing_just_after_an_interval_ended_leaves_out_none_of_it() -> None:
    monitor = HTTPMonitor(settings_of(stats_interval=10), whole_intervals=True)
    begin = START // 10 * 10
    monitor.feed(batch_of([hit(begin + n // 10) for n in range(100)]), 0.0)
    monitor.tick(0.5, START)
    assert monitor.snapshot(0.5, START).now.end == begin - 1
    monitor.close_interval(1.5)
    rest = monitor.snapshot(1.5, START).now
    assert (rest.end, rest.seconds, rest.hits) == (begin + 10, 11, 100)


def test_closing_believes_what_still_waits_and_judges_it() -> None:
    monitor = HTTPMonitor(settings_of(threshold=0.1, alert_window=10), whole_intervals=True)
    monitor.feed(batch_at(START, START, START + 5), 0.0)
    monitor.tick(0.0, START)
    changed = monitor.close_interval(0.0)
    last = monitor.snapshot(0.0, START)
    assert last.now.hits == 3
    assert [each.triggered_at for each in changed] == [START]
    assert last.alerts.firing == 1


def test_the_rate_is_the_mean_of_the_last_whole_seconds() -> None:
    seconds = [START] * 9 + [START + 1] * 3 + [START + 2] * 30 + [START + 3] * 99
    assert picture(fed(hits=[hit(second) for second in seconds]), 0.0).rate == 14
    by_fives = fed([hit(START + n // 10) for n in range(100)], bucket_size=5)
    assert picture(by_fives, 0.0).rate == 10


@pytest.mark.parametrize("size", [1, 5])
def test_the_traffic_history_shows_the_last_whole_seconds(size: int) -> None:
    length = GRAPH_SECONDS + 100
    hits = [hit(START + n, status=(200, 503)[n % 3 == 0]) for n in range(length) for _ in range(5)]
    found = picture(fed(hits, bucket_size=size), 1.0).traffic
    assert len(found.seconds) == GRAPH_SECONDS
    assert found.start == START + 100
    assert sum(map(sum, found.seconds)) == 5 * GRAPH_SECONDS
    whole = [each for each in hits if each.second >= found.start]
    assert sum(second[5] for second in found.seconds) == sum(each.status == 503 for each in whole)
    if size == 1:
        assert found.seconds[0][2] == (0 if (found.start - START) % 3 == 0 else 5)


def test_history_before_the_log_is_empty_and_silence_shows() -> None:
    found = picture(fed([hit(START)] * 20), 30.0).traffic
    assert [sum(second) for second in found.seconds[-31:]] == [0, 20, *[0] * 29]


@pytest.mark.parametrize("size", [1, 5])
def test_trends_are_each_sections_hits_in_the_last_intervals(size: int) -> None:
    begin = START // 10 * 10
    hits = [
        hit(begin + second, path=path)
        for second in range(80)
        for path in [b"/a/x"] * (1 + second // 10) + [b"/b"] * (second >= 70)
    ]
    found = picture(fed(hits, bucket_size=size, stats_interval=10), 0.0)
    trends = {row.key: row.trend for row in found.now.sections.rows}
    assert trends == {
        b"/a": (10, 20, 30, 40, 50, 60, 70, 80),
        b"/b": (0, 0, 0, 0, 0, 0, 0, 10),
    }


def unparsed(*lines: bytes) -> HitBatch:
    empty = batch_of([])
    kept = tuple(UnparsedLine(line, "no hit") for line in lines)
    return HitBatch(
        empty.seconds,
        empty.status,
        empty.sizes,
        empty.columns,
        unparsed_after=np.zeros(len(lines), dtype=np.int64),
        unparsed_lines=kept,
        first_unparsed=kept[0],
        tail=lines,
    )


def test_unparsed_lines_are_counted_and_the_first_and_newest_kept() -> None:
    monitor = HTTPMonitor(settings_of())
    for part in range(30):
        monitor.feed(unparsed(*(b"%d" % (100 * part + n) for n in range(100))), 0.0)
    assert len(monitor.lines._unparsed) == 1_000
    found = picture(monitor, 0.0)
    assert found.log_time is None
    assert found.ingest.unparsed == 3_000
    assert found.ingest.first_unparsed == UnparsedLine(b"0", "no hit")
    assert [each.line for each in found.ingest.unparsed_lines] == [
        b"%d" % n for n in range(3_000 - SHOWN_UNPARSED, 3_000)
    ]
    assert found.tail[-1] == b"2999"
    assert found.ingest.parsed_share == 0


def test_a_log_of_a_line_every_two_minutes_shows_each_when_it_comes() -> None:
    monitor = HTTPMonitor(settings_of(stats_interval=10))
    monitor.feed(batch_at(START), 0.0)
    monitor.tick(PATIENCE, START + PATIENCE)
    for number in range(1, 20):
        now = 120.0 * number + 1
        monitor.feed(batch_at(START + 120 * number), now)
        found = picture(monitor, now, START + now)
        assert found.now.hits == 1
        assert found.ingest.future == 0
        assert found.live
        assert found.log_time is not None
        assert abs(found.log_time - START - now) <= 2 * PATIENCE


def test_firing_incidents_come_first_then_the_newest() -> None:
    loud = [hit(START + n // 9, host=b"loud") for n in range(180)]
    monitor = fed(loud, threshold=3, ddos_threshold=3, alert_window=10)
    monitor.tick(60.0, START)
    monitor.feed(batch_of([hit(START + 90 + n // 40, host=b"new") for n in range(200)]), 71.0)
    monitor.tick(76.0, START)
    incidents = monitor.alerts.picture(START).incidents
    assert [each.firing for each in incidents] == [True, True, False, False]
    assert {each.subject for each in incidents[:2]} == {None, b"new"}
    assert len({each.id for each in incidents}) == 4


def test_how_long_no_line_has_come() -> None:
    monitor = HTTPMonitor(settings_of())
    assert monitor.snapshot(100.0, START).ingest.quiet == 0
    assert monitor.snapshot(170.0, START).ingest.quiet == 70, "since it was first looked at"
    monitor.feed(batch_of([hit(START)]), 200.0)
    assert monitor.snapshot(205.0, START).ingest.quiet == 5

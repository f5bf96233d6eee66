"""A past moment shows what a minute held, and the graph its columns."""

import pytest

from logmon_tui.config.past import History
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.history.archive import MINUTE, Slice
from logmon_tui.history.recorder import Recorder
from logmon_tui.metrics.bucket import ALL_DIMENSIONS
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.metrics.tally import Tally
from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.past import Past
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.snapshot import Known
from logmon_tui.state.archive import MemoryArchive
from tests.traffic import START, batch_of, hit, settings_of

HOURS = 3


def _watched(since: int = START) -> tuple[HTTPMonitor, float]:
    """Return a monitor that saw hours of traffic: one hit a second, each minute of its own path.

    The traffic begins with the second `since`.
    """
    monitor = HTTPMonitor(settings_of(), archive=MemoryArchive())
    seconds = HOURS * 3_600
    for minute in range(seconds // 60):
        path = b"/minute/%d" % minute
        status = 500 if minute == 100 else 200
        begin = since + minute * 60
        batch = batch_of([hit(begin + each, path=path, status=status) for each in range(60)])
        monitor.feed(batch, minute * 60 + 59)
        monitor.tick(minute * 60 + 59, begin + 59)
        monitor.archive_past()
    return monitor, seconds - 1


def test_panels_show_the_minute_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HitStore, "since", None)  # as after a restart
    monitor, now = _watched()
    monitor.past.moment = ShowMoment(START + 100 * 60 + 59, 60)
    picture = monitor.snapshot(now, START + now)
    assert picture.moment is not None
    assert picture.moment.known is Known.MINUTES
    assert (picture.now.hits, picture.now.by_class[5]) == (60, 60)
    assert [row.key for row in picture.now.paths.rows] == [b"/minute/100"]
    assert picture.log_time == START + now


def test_the_last_minutes_are_known_hit_by_hit() -> None:
    monitor, now = _watched()
    monitor.past.moment = ShowMoment(START + 175 * 60 + 9, 10)
    picture = monitor.snapshot(now, START + now)
    assert picture.moment is not None
    assert picture.moment.known is Known.HITS
    assert (picture.now.hits, picture.now.seconds) == (10, 10)


@pytest.mark.parametrize(("end", "seconds"), [(HOURS * 3_600 - 1, 7_200), (4_000, 4_000)])
def test_rates_are_over_the_time_that_there_was(
    monkeypatch: pytest.MonkeyPatch, end: int, seconds: int
) -> None:
    """Hours are shown whole, but the newest is not over, and in the first the log begins."""
    monkeypatch.setattr(HitStore, "since", None)
    since = START + 1_200
    monitor, now = _watched(since)
    monitor.past.moment = ShowMoment(since + end, seconds)
    picture = monitor.snapshot(now, since + now)
    assert picture.moment is not None
    assert picture.moment.known is Known.HOURS
    assert picture.moment.end <= since + now
    assert (picture.rate, picture.now.rate) == (1.0, 1.0)


def test_the_graph_has_every_minute() -> None:
    monitor, now = _watched()
    monitor.past.graph = ShowGraph(columns=HOURS * 60 + 1, step=60)
    graph = monitor.snapshot(now, START + now).graph
    assert graph is not None
    assert graph.columns[0] is None
    known = [each for each in graph.columns[1:] if each is not None]
    assert [each.hits for each in known[:-1]] == [60] * (HOURS * 60 - 1)
    assert [each.by_class[5] for each in known if each.by_class[5]] == [60]
    assert {each.clients for each in known} == {1.0}


def test_keys_of_own_panels_are_not_shown_as_those_of_other_fields() -> None:
    archive = MemoryArchive()
    bucket = summary_of(batch_of([hit(START)]), ALL_DIMENSIONS)
    bucket.tallies[Dimension.OWN_1] = Tally({b"HIT": 1}, {b"HIT": 10})
    archive.take([Slice(MINUTE, START, bucket)], START)
    past = Past(Recorder(1), archive)
    assert past.bucket(START, 1).bucket.tallies[Dimension.OWN_1].hits == {b"HIT": 1}
    again = Past(Recorder(1), archive)
    again.own_since = START + 1
    shown = again.bucket(START, 1).bucket
    assert not shown.tallies[Dimension.OWN_1].filled
    assert shown.hits == 1


def test_what_a_graph_is_compared_with_may_be_known_by_the_minute_only() -> None:
    monitor, now = _watched()
    monitor.past.graph = ShowGraph(columns=60, step=5, offset=100 * 60)
    graph = monitor.snapshot(now, START + now).graph
    assert graph is not None
    assert {each.hits for each in graph.columns if each is not None} == {5}
    assert {(each.hits, each.seconds) for each in graph.before if each is not None} == {(60, 60)}
    assert None not in graph.before


def test_the_hour_in_which_recording_began_stands_for_no_time_before() -> None:
    half_past = START + 30 * 60
    monitor, now = _watched(half_past)
    monitor.past.graph = ShowGraph(columns=20, step=60, end=half_past + 5 * 60, offset=10 * 60)
    graph = monitor.snapshot(now, half_past + now).graph
    assert graph is not None
    assert set(graph.before) == {None}


@pytest.mark.parametrize("size", [1, 30, 60])
def test_minutes_said_to_be_over_are_with_the_archive(size: int) -> None:
    """Another run that takes over from this one relies on it."""
    archive = MemoryArchive()
    given = settings_of(bucket_size=size, stats_interval=size, alert_window=size)
    monitor = HTTPMonitor(given, archive=archive)
    for second in range(0, 1_200, 15):
        monitor.feed(batch_of([hit(START + second)]), float(second))
        monitor.tick(float(second), START + second)
        monitor.archive_past()
        state = monitor.state(float(second), 0.0).recorder
        over = None if state is None else state.over
        if over is not None and over > START:
            assert [start for start, _ in archive.sums(60, START, over)] == [
                *range(START, over, 60)
            ]
    assert over is not None
    assert over > START + 600


@pytest.mark.parametrize("size", [1, 10, 30])
def test_a_key_that_becomes_frequent_late_in_its_minute_has_all_its_hits(size: int) -> None:
    archive = MemoryArchive()
    given = settings_of(bucket_size=size, stats_interval=size, alert_window=size)
    monitor = HTTPMonitor(given, archive=archive)
    often = [hit(START, host=b"10.0.1.%d" % number) for number in range(200)] * 2
    monitor.feed(batch_of([*often, hit(START, host=b"10.0.0.1")]), 0.0)
    monitor.feed(batch_of([hit(START + 55, host=b"10.0.0.1")] * 9), 55.0)
    for second in range(0, 600, 5):
        monitor.tick(float(max(55, second)), START + second)
    monitor.archive_past()
    bucket = archive.bucket(60, START, START + 60)
    assert bucket is not None
    assert bucket.tallies[Dimension.HOST].hits[b"10.0.0.1"] == 10


def test_a_time_of_which_minutes_are_gone_is_that_of_its_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(HitStore, "since", None)
    history = History(minutes="1h")
    archive = MemoryArchive(history.retention())
    monitor = HTTPMonitor(settings_of(history=history), archive=archive)
    begin = START // 3_600 * 3_600 + 600  # the log begins within an hour
    for minute in range(160):
        second = minute * 60 + 59
        monitor.feed(batch_of([hit(begin + second)]), float(second))
        monitor.tick(float(second), begin + second)
        monitor.archive_past()
        if minute == 40:
            monitor.past.moment = ShowMoment(begin + 1_799, 3_600)
            young = monitor.snapshot(float(second), 0.0)
            assert young.moment is not None
            assert (young.now.hits, young.moment.known) == (30, Known.MINUTES)
    for end, hits, known in ((160, 40, Known.MINUTES), (120, 110, Known.HOURS)):
        monitor.past.moment = ShowMoment(begin + end * 60 - 1, 2_400)
        picture = monitor.snapshot(160 * 60.0, 0.0)
        assert picture.moment is not None
        assert (picture.now.hits, picture.moment.known) == (hits, known)


def test_weeks_of_a_quiet_log_are_recorded_though_they_come_at_once() -> None:
    archive = MemoryArchive()
    monitor = HTTPMonitor(settings_of(), archive=archive)
    hits = [hit(START + hour * 3_600) for hour in range(30 * 24)]
    monitor.begin_backlog(hits[-1].second)
    monitor.feed(batch_of(hits), 0.0)
    for now in (0.0, 400.0):
        monitor.tick(now, hits[-1].second + now)
        monitor.end_backlog(now)
        monitor.archive_past()
    assert monitor.snapshot(400.0, 0.0).ingest.late == 0
    recorded = sum(sums.hits for _, sums in archive.sums(3_600, 0, 2**40))
    assert recorded == len(hits) - 1  # a last one that stands alone is not believed yet


def test_a_minute_of_a_backlog_is_not_shown_without_its_keys() -> None:
    """Between the end of a backlog and the next call, its slices are not with the archive yet."""
    monitor = HTTPMonitor(settings_of(), archive=MemoryArchive())
    monitor.begin_backlog(START + 10_000)
    monitor.feed(batch_of([hit(START + second) for second in range(0, 10_000, 5)]), 0.0)
    monitor.tick(0.0, START)
    monitor.end_backlog(0.0)
    assert monitor.past.bucket(START + 659, 60).bucket.hits == 0
    monitor.archive_past()
    past = monitor.past.bucket(START + 659, 60)
    assert past.bucket.tallies[Dimension.HOST].hits

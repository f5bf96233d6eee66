"""A past moment shows what a minute held, and the graph its columns."""

import pytest

from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
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

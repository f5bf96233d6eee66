"""Whole intervals of the hits that the settings' filter takes, while alerts judge all hits."""

from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.saved import SavedMonitor, UnparsedState
from tests.traffic import START, batch_of, hit, settings_of


def test_an_interval_holds_only_the_hits_of_the_filter_and_alerts_judge_all() -> None:
    given = settings_of(
        where="path:/a", stats_interval=10, alert_window=10, threshold=1, bucket_size=1
    )
    monitor = HTTPMonitor(given, whole_intervals=True)
    changed = []
    for second in range(40):
        now = START + second
        monitor.feed(batch_of([hit(now, path=b"/a"), hit(now, path=b"/b")]), second)
        changed += monitor.tick(second, now)
    picture = monitor.snapshot(39, START + 39)
    assert (picture.now.hits, picture.now.seconds) == (10, 10)
    assert [row.key for row in picture.now.paths.rows] == [b"/a"]
    assert picture.scope.where == "path:/a"
    assert picture.ingest.hits == 80
    assert picture.rate == 1
    assert {each.rule for each in changed} == {"traffic"}  # 2 req/s, of which 1 are shown


def test_the_last_interval_ends_with_the_log() -> None:
    monitor = HTTPMonitor(settings_of(where="path:/a", stats_interval=10), whole_intervals=True)
    hits = [hit(START + second, path=b"/a" if second % 3 else b"/b") for second in range(25)]
    monitor.feed(batch_of(hits), 0)
    monitor.tick(0, START + 24)
    monitor.close_interval(0)
    picture = monitor.snapshot(0, START + 24)
    assert picture.now.hits == sum(1 for second in range(20, 25) if second % 3)


def test_after_a_restart_an_interval_is_as_long_as_ever() -> None:
    given = settings_of(where="path:/a", stats_interval=10)
    before = HTTPMonitor(given, whole_intervals=True, journal=True)
    for second in range(600):
        before.feed(batch_of([hit(START + second, path=b"/a")]), second)
        before.tick(second, START + second)
    saved = SavedMonitor(before.state(599, START + 599), UnparsedState(None, ()), {}, [], [], [])
    after = HTTPMonitor(given, whole_intervals=True, journal=True)
    after.restore(saved, 0.0)
    for second in range(600, 640):
        after.feed(batch_of([hit(START + second, path=b"/a")]), second - 600)
        after.tick(second - 600, START + second)
        assert after.snapshot(second - 600, START + second).now.seconds <= 20

"""HTTPMonitor and log time: lines late and from the future, silence, steps of the clock."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.metrics.future_gate import JUMP
from logmon_tui.metrics.wide_buckets import HORIZON
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.effort import examples
from tests.monitor.pictures import fed, picture
from tests.traffic import START, batch_at, batch_of, hit, settings_of

FAR = START + 400 * 86_400


def test_a_far_future_line_moves_neither_clock_nor_windows() -> None:
    monitor = fed([hit(START - 5 + n // 10) for n in range(60)], threshold=0.1, alert_window=10)
    before = picture(monitor, 0.0)
    monitor.feed(batch_at(FAR), 0.0)
    after = picture(monitor, 0.0)
    assert (after.log_time, after.now.hits, after.alerts.hits) == (
        before.log_time,
        before.now.hits,
        before.alerts.hits,
    )
    assert (after.ingest.future, after.ingest.hits) == (1, 61)
    monitor.feed(batch_at(*[START + 1] * 30), 1.0)
    later = picture(monitor, 20.0)
    assert later.log_time == START + 20
    assert later.ingest.future == 1


def test_a_far_future_first_line_does_not_make_the_rest_late() -> None:
    monitor = HTTPMonitor(settings_of())
    for second in [FAR] + [START + n // 4 for n in range(40)]:
        monitor.feed(batch_at(second), 0.0)
        monitor.tick(0.0, START)
    found = picture(monitor, 0.0)
    assert found.log_time == START + 9
    assert (found.ingest.future, found.ingest.late, found.now.hits) == (1, 0, 40)


def test_late_lines_land_in_their_own_second() -> None:
    monitor = fed([hit(START)] * 20)
    monitor.tick(0.0, START)
    monitor.feed(batch_at(START - 60, START - 60, START - 4), 0.5)
    found = picture(monitor, 1.0)
    by_second = {
        found.traffic.start + place: sum(counts)
        for place, counts in enumerate(found.traffic.seconds)
        if sum(counts)
    }
    assert by_second == {START - 60: 2, START - 4: 1, START: 20}
    assert found.now.hits == 21
    assert found.alerts.hits == 23
    assert found.ingest.late == 0


def test_late_lines_count_in_the_verdict_of_the_next_second() -> None:
    """It works even if the late hits change only a second that was judged before."""
    monitor = fed([hit(START)] * 20, threshold=1, alert_window=100)
    assert monitor.tick(3.0, START) == []
    monitor.feed(batch_at(*[START + 1] * 90), 3.5)
    changed = monitor.tick(60.0, START)
    assert [each.triggered_at for each in changed if each.rule == "traffic"] == [START + 3]


@pytest.mark.parametrize(("age", "late"), [(HORIZON - 1, 0), (HORIZON, 1), (HORIZON + 9, 1)])
def test_lines_beyond_the_horizon_are_counted_as_late(age: int, late: int) -> None:
    monitor = fed([hit(START)] * 20)
    monitor.tick(0.0, START)
    monitor.feed(batch_at(START - age, START), 0.0)
    found = picture(monitor, 0.0)
    assert found.ingest.late == late
    assert (found.ingest.hits, found.now.hits) == (22, 21)


@settings(max_examples=examples(20), deadline=None)
@given(st.lists(st.integers(-(10**6), 10**9), min_size=1, max_size=30))
def test_steps_of_the_wall_clock_neither_fire_nor_resolve(walls: list[int]) -> None:
    busy = [hit(START + n // 20) for n in range(200)]
    firing = fed(busy, threshold=5, alert_window=20, ddos_threshold=50)
    quiet = fed([hit(START + n) for n in range(10)], threshold=5, alert_window=20)
    firing.tick(0.0, START + 10)
    assert picture(firing, 1.0).alerts.firing == 1
    for step, wall in enumerate(walls, start=1):
        now = 1 + step / 10
        assert firing.tick(now, START + wall) == []
        assert quiet.tick(now, START + wall) == []
        assert firing.snapshot(now, START + wall).log_time == START + 9 + now


def test_silence_moves_the_clock_on_so_that_alerts_recover() -> None:
    monitor = fed([hit(START + n // 20) for n in range(200)], threshold=5, alert_window=20)
    fired = monitor.tick(0.5, START)
    assert [each.firing for each in fired if each.rule == "traffic"] == [True]
    recovered = monitor.tick(600.0, START)
    # 200 hits leave by twenties a second: 100 are left, the average is 5 again, at 24.
    assert {each.recovered_at for each in recovered if each.rule == "traffic"} == {START + 24}
    assert picture(monitor, 600.0).rate == 0


@pytest.mark.parametrize("ticks", [[1.0], [0.3, 0.6, 1.0], [7.0], [86_400.0]])
def test_another_threshold_is_judged_from_the_next_second_on(ticks: list[float]) -> None:
    monitor = fed([hit(START)] * 50, threshold=10, alert_window=120)
    assert monitor.tick(1.0, START) == []
    monitor.alerts.set_threshold(0.1)
    changed = [each for tick in ticks for each in monitor.tick(1.0 + tick, START)]
    assert [each.triggered_at for each in changed[:1]] == [START + 1]
    assert changed[0].threshold == 0.1
    assert monitor.alerts.picture(START).threshold == 0.1


def test_thousands_of_noisy_hosts_open_a_bounded_number_of_incidents() -> None:
    hits = [hit(START + n // 1_500, host=b"h%d" % (n % 300)) for n in range(6_000)]
    monitor = fed(hits, ddos_threshold=0.1, alert_window=10)
    monitor.tick(1.0, START)
    state = monitor.alerts.picture(START)
    assert sum(each.rule == "ddos" for each in state.incidents) == 100
    assert state.suppressed == 200
    monitor.tick(JUMP, START)
    state = monitor.alerts.picture(START)
    assert (state.firing, state.suppressed) == (0, 0)


def test_a_noisy_client_that_comes_after_a_crowd_is_seen() -> None:
    monitor = HTTPMonitor(settings_of(alert_window=10, ddos_threshold=20, threshold=1e6))
    for second in range(12):
        crowd = [hit(START + second, host=b"c%d.%d" % (second, n)) for n in range(2_500)]
        noisy = [hit(START + second, host=b"noisy") for _ in range(40)]
        for batch in (crowd, noisy):
            monitor.feed(batch_of(batch), float(second))
        monitor.tick(second + 0.5, START)
    found = monitor.snapshot(11.5, START)
    assert [each.subject for each in found.alerts.incidents] == [b"noisy"]
    assert found.now.hosts.rows[0].key == b"noisy"


def test_a_long_bucket_counts_when_it_is_whole() -> None:
    monitor = HTTPMonitor(settings_of(bucket_size=10, stats_interval=10, alert_window=10))
    begin = START // 10 * 10
    for second in range(35):
        monitor.feed(batch_of([hit(begin + second)] * 20), float(second))
        monitor.tick(float(second), START)
        now = monitor.snapshot(float(second), START).now
        if second >= 9:
            assert (now.hits, now.rate, (now.end + 1) % 10) == (200, 20.0, 0)


def test_a_lone_line_from_the_future_moves_no_clock_at_the_end_of_a_run_that_goes_on() -> None:
    monitor = HTTPMonitor(settings_of(), whole_intervals=True, journal=True)
    monitor.feed(batch_of([hit(START + number // 5) for number in range(50)]), 0.0)
    monitor.feed(batch_of([hit(START + 7_200)]), 0.1)
    monitor.close_interval(0.2)
    found = monitor.snapshot(0.2, START)
    assert found.log_time is not None
    assert found.log_time < START + 60
    assert (found.ingest.future, found.now.hits) == (1, 50)


def test_a_run_that_goes_on_ends_with_whole_buckets() -> None:
    settings = settings_of(bucket_size=5, stats_interval=10)
    monitor = HTTPMonitor(settings, whole_intervals=True, journal=True)
    start = START // 10 * 10
    monitor.feed(batch_of([hit(start + number) for number in range(14)]), 0.0)
    monitor.tick(0.0, start)
    monitor.close_interval(0.0)
    assert monitor.stats_end == start + 9

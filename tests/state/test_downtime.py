"""What happens between two runs: silence counts, but never before all has been read."""

from pathlib import Path

import pytest

from logmon_tui.metrics.future_gate import PATIENCE
from logmon_tui.metrics.wide_buckets import HOUR
from tests.state.restarts import Run, unparsed
from tests.traffic import START, batch_at, batch_of, hit, settings_of

LOUD = settings_of(threshold=5, alert_window=20, stats_interval=10)
FAR = START + 400 * 86_400


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run in which the traffic alert fires: 20 hits a second for ten seconds, then a stop."""
    run = Run(tmp_path / "s.sqlite", LOUD)
    run.feed(batch_of([hit(START + n // 20) for n in range(200)]), 0.0)
    run.tick(0.5, START + 9.5)
    assert [each.rule for each in run.monitor.alerts.open] == ["traffic", "ddos"]
    run.save(0.5, START + 9.5)
    return run


def test_a_restart_itself_neither_fires_nor_recovers(run: Run) -> None:
    before = run.monitor.alerts.incidents.all()
    run.restart(0.0)
    assert run.tick(0.0, START + 9.5) == []
    run.monitor.count_downtime(0.0, START + 9.5)
    assert run.tick(0.0, START + 9.5) == []
    assert run.monitor.alerts.incidents.all() == before


def test_until_all_was_read_the_log_clock_stands_and_only_lines_move_it(run: Run) -> None:
    run.restart(1_000.0)
    assert run.tick(1_600.0, START + 3_600) == []
    assert run.snapshot(1_600.0, START + 3_600).log_time == START + 9.5
    run.feed(batch_of([hit(START + 10 + n // 20) for n in range(100)]), 1_601.0)
    assert run.tick(1_700.0, START + 3_700) == []  # 15 hits a second over the window
    assert run.snapshot(1_700.0, START + 3_700).log_time == START + 14


def test_silence_while_down_counts_so_alerts_recover_when_they_would_have(run: Run) -> None:
    run.restart(77.0)
    run.monitor.count_downtime(78.0, START + 3_600)
    recovered = run.tick(78.0, START + 3_600)
    # 200 hits leave by twenties a second: 100 are left, the average is 5 again, at 24.
    assert {each.recovered_at for each in recovered if each.rule == "traffic"} == {START + 24}
    found = run.snapshot(78.0, START + 3_600)
    assert (found.log_time, found.now.hits, found.alerts.firing) == (START + 3_600, 0, 0)
    assert run.snapshot(80.5, START + 3_602.5).log_time == START + 3_602.5


def test_lines_written_while_down_are_judged_as_if_there_had_been_no_stop(run: Run) -> None:
    meanwhile = [hit(START + 10 + n // 20) for n in range(2_000)]
    run.restart(0.0)
    fired = []
    for part in range(0, 2_000, 100):
        run.feed(batch_of(meanwhile[part : part + 100]), 1.0)
        fired += run.tick(1.0, START + 500)
    run.monitor.count_downtime(2.0, START + 500)
    changed = fired + run.tick(2.0, START + 500)
    assert [(each.rule, each.triggered_at) for each in changed if each.firing] == []
    # The hundred hits left at 10 + 100 + 14 no longer are more than 5 a second.
    assert {each.recovered_at for each in changed if each.rule == "traffic"} == {START + 124}


def test_a_line_read_after_the_restart_may_be_ahead_of_the_clock_that_went_on(run: Run) -> None:
    run.restart(0.0)
    run.feed(batch_at(START + 9 + 50), 3.0)
    run.monitor.count_downtime(4.0, START + 30)  # 20.5 s later by the wall
    assert run.snapshot(4.0, START + 30).log_time == START + 59 + 1.0


def test_a_wall_clock_set_back_takes_nothing_back(run: Run) -> None:
    run.restart(0.0)
    run.monitor.count_downtime(0.0, START - 5_000)
    assert run.snapshot(0.0, START).log_time == START + 9.5
    assert run.snapshot(1.0, START).log_time == START + 10.5


def test_downtime_adds_up_over_runs_that_never_caught_up(run: Run) -> None:
    run.restart(0.0)
    run.save(5.0, START + 100)
    run.restart(0.0)
    run.save(5.0, START + 200)
    run.restart(0.0)
    run.monitor.count_downtime(1.0, START + 300)
    assert run.snapshot(1.0, START + 300).log_time == START + 300


def test_counting_the_downtime_of_a_monitor_that_is_new_changes_nothing(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", LOUD)
    run.monitor.count_downtime(5.0, START)
    run.feed(batch_at(*[START] * 12), 5.0)
    run.monitor.count_downtime(5.0, START + 900)
    assert run.snapshot(6.0, START).log_time == START + 1


def test_hits_that_wait_to_be_believed_go_on_waiting(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", LOUD)
    run.feed(batch_at(FAR, START, START), 0.0)
    run.save(1.5, START)
    assert run.restart(100.0) == 3
    assert run.tick(100.0, START) == []
    assert run.snapshot(100.0, START).log_time is None
    run.tick(100.0 + PATIENCE - 1.5, START)  # now they have waited long enough
    found = run.snapshot(100.5, START)
    assert (found.ingest.future, found.ingest.hits) == (1, 3)
    run.save(100.5, START)
    run.restart(0.0)
    run.feed(batch_at(*[FAR] * 9), 0.0)  # most lines agree with the one that waits
    run.tick(0.0, FAR)
    found = run.snapshot(0.0, FAR)
    assert (found.log_time, found.ingest.future, found.ingest.hits) == (FAR, 0, 12)


def test_lines_before_and_after_the_restart_agree_on_a_far_time(run: Run) -> None:
    run.feed(batch_at(*[FAR] * 5), 1.0)  # half of the last ten
    run.save(1.0, START + 10)
    run.restart(0.0)
    run.feed(batch_at(FAR), 0.0)
    found = run.snapshot(0.0, START + 10)
    assert (found.log_time, found.ingest.future) == (FAR, 0)


def test_unparsed_lines_are_still_shown_and_the_newest_follow(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", LOUD)
    for number in range(40):
        run.feed(unparsed(b"%d\xff\x1b" % number), 0.0)
        run.save(0.0, START)
    run.restart(0.0)
    run.feed(unparsed(b"next"), 0.0)
    ingest = run.snapshot(0.0, START).ingest
    assert ingest.unparsed == 41
    assert ingest.first_unparsed is not None
    assert ingest.first_unparsed.line == b"0\xff\x1b"
    lines = [each.line for each in ingest.unparsed_lines]
    assert lines == [b"%d\xff\x1b" % number for number in range(21, 40)] + [b"next"]


def test_another_threshold_wins_and_an_open_incident_recovers_by_it(run: Run) -> None:
    run.tick(3.0, START + 12)
    run.save(3.0, START + 12)
    run.given = settings_of(threshold=5_000, alert_window=20, ddos_threshold=4_000)
    run.restart(0.0)
    assert len(run.monitor.alerts.open) == 2
    run.monitor.count_downtime(0.0, START + 100)
    changed = run.tick(0.0, START + 100)
    assert {(each.rule, each.recovered_at) for each in changed} == {
        ("traffic", START + 12),
        ("ddos", START + 12),
    }


def test_subjects_without_an_incident_of_their_own_stay_counted(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", settings_of(ddos_threshold=0.1, alert_window=10))
    crowd = [hit(START + n // 1_500, host=b"h%d" % (n % 300)) for n in range(6_000)]
    run.feed(batch_of(crowd), 0.0)
    run.tick(1.0, START)
    run.save(1.0, START)
    run.restart(1.0)
    assert run.snapshot(1.0, START).alerts.suppressed == 200
    run.monitor.count_downtime(1.0, START)
    run.tick(2.0, START)
    assert run.snapshot(2.0, START).alerts.suppressed == 200


@pytest.mark.parametrize("size", [2, 5, 10])
def test_with_another_bucket_size_panels_begin_anew_and_rules_keep_whole_slots(
    run: Run, size: int
) -> None:
    run.given = settings_of(threshold=5, alert_window=20, stats_interval=10, bucket_size=size)
    run.restart(0.0)
    run.monitor.count_downtime(0.0, START + 9.5)
    run.tick(0.0, START + 9.5)
    found = run.snapshot(0.0, START + 9.5)
    judged = 20 * (9 // size * size)  # 20 hits a second, in the slots that are over
    assert (found.ingest.hits, found.now.hits, found.alerts.hits) == (200, 0, judged)
    assert len(found.alerts.incidents) == 2
    held = {key: run.monitor.counts.bucket(key) for key in run.monitor.counts.bucket_keys()}
    assert {key: bucket and bucket.hits for key, bucket in held.items()} == {(1, START): 200}
    run.feed(batch_of([hit(START + 10 + n // 5) for n in range(200)]), 41.0)
    run.save(41.0, START + 50)
    run.restart(41.0)
    run.monitor.count_downtime(41.0, START + 50)
    run.tick(41.0, START + 50)
    found = run.snapshot(41.0, START + 50)
    assert (found.ingest.hits, found.alerts.hits) == (400, 100)


def test_longer_windows_begin_with_what_is_kept(run: Run) -> None:
    run.given = settings_of(threshold=5, alert_window=HOUR, stats_interval=60)
    run.restart(0.0)
    run.monitor.count_downtime(0.0, START + 10)
    run.tick(0.0, START + 10)
    found = run.snapshot(0.0, START + 10)
    assert (found.alerts.hits, found.now.hits, found.now.seconds) == (200, 200, 60)


def test_a_run_that_prints_intervals_begins_with_the_one_that_the_screen_was_in(run: Run) -> None:
    run.given, run.whole = settings_of(threshold=5, alert_window=20, stats_interval=5), True
    run.restart(0.0)
    run.monitor.count_downtime(0.0, START + 9.5)
    run.tick(0.0, START + 9.5)
    assert run.snapshot(0.0, START + 9.5).now.seconds == 0
    run.tick(1.0, START + 10.5)
    found = run.snapshot(1.0, START + 10.5)
    assert (found.now.end, found.now.seconds, found.now.hits) == (START + 9, 5, 100)
    run.feed(batch_at(*[START + 1] * 7), 1.0)  # overdue: its interval has ended
    run.save(1.0, START + 10.5)
    run.whole = False
    run.restart(0.0)
    run.monitor.count_downtime(0.0, START + 10.5)
    run.tick(0.0, START + 10.5)
    assert run.snapshot(0.0, START + 10.5).alerts.hits == 207
    run.save(0.0, START + 10.5)
    run.whole = True
    for _ in range(2):
        run.restart(0.0)
        assert (-1, 0) not in set(run.monitor.counts.bucket_keys())  # the screen showed it
        run.save(0.0, START + 10.5)


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    """A save of a run of hours costs as little as one of its first minute."""
    run = Run(tmp_path / "s.sqlite", settings_of())
    run.feed(batch_of([hit(START + n) for n in range(5_000)]), 0.0)
    run.tick(0.0, START)
    run.save(0.0, START)
    written: list[str] = []
    database = run.store._database
    assert database is not None
    database.connection.set_trace_callback(
        lambda statement: written.append(statement) if "buckets" in statement else None
    )
    for second in range(1, 11):
        run.feed(batch_at(START + 4_999 + second), float(second))
        run.tick(float(second), START)
        run.save(float(second), START)
    assert 10 <= len(written) <= 25  # one each second, and ten seconds that fold into two

"""Alerts of a log that is written late are those of its report: they are judged that much later."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.metrics.arrivals import MAX_DELAY
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.effort import examples
from tests.monitor.flushed import (
    LIMITS,
    Reader,
    Written,
    differences,
    flushed,
    reported,
    served,
    times_of,
)
from tests.state.restarts import Run
from tests.traffic import START, batch_at, batch_of, hit, settings_of

Figure = Callable[[str], None]
SETTLED = 60
"""Seconds after the last hit by which all incidents have recovered, and been judged."""


def live_of(
    written: list[Written], seed: int, **given: object
) -> tuple[Reader, list[tuple[object, ...]]]:
    reader = Reader(settings_of(**LIMITS, **given), random.Random(seed))
    end = written[-1].at + SETTLED
    reader.read(written, end)
    return reader, sorted(map(str, map(times_of, reader.incidents())))


def truth_of(hits: list[Written]) -> list[tuple[object, ...]]:
    """Return the incidents of a report, with a last hit after all of them have recovered."""
    return sorted(map(str, map(times_of, reported(hits, settings_of(**LIMITS)))))


def with_end(hits: list[Written]) -> list[Written]:
    """Return hits with one more, long after them: a report judges no further than its last hit."""
    at = int(hits[-1].at) + SETTLED - 20.0
    return [*hits, Written(at, hit(START + int(at)))]


@pytest.mark.parametrize(("every", "workers"), [(1, 1), (3, 1), (3, 4), (10, 1)])
def test_a_log_flushed_every_few_seconds_gives_the_incidents_of_its_report(
    figure: Figure, every: int, workers: int
) -> None:
    hits = with_end(served(every, 300))
    chance = random.Random(workers)
    written = flushed(hits, every, workers, chance)
    true = reported(hits, settings_of(**LIMITS))
    at_once, _ = live_of(written, 1, evaluation_delay=0)
    measured, _ = live_of(written, 1)
    before = differences(true, at_once.incidents())
    after = differences(true, measured.incidents())
    figure(
        f"flush={every}s, {workers} workers, {before.true} true incidents: judged at once "
        f"{before.missed} missed, {before.split} split, {before.false} false, {before.other} at "
        f"other seconds; {max(measured.delays):.2f} s later {after.missed}, {after.split}, "
        f"{after.false}, {after.other}"
    )
    assert before.true >= 10
    assert after == (before.true, 0, 0, 0, 0)
    if every > 1:
        assert before.other
        assert every - 1 <= measured.delays[-1] <= every + 1.5


@pytest.mark.parametrize("rate", [0.2, 2, 50])
def test_a_log_written_at_once_is_judged_at_once(rate: float) -> None:
    hits = served(1, 100, rate)
    written = [Written(each.at + 0.002, each.hit) for each in hits]
    reader, _ = live_of(written, 1)
    assert set(reader.delays) == {0.0}


@settings(max_examples=examples(40), deadline=None)
@given(
    seed=st.integers(0, 2**32),
    latest=st.sampled_from((0.1, 1, 2.5, 7, 30)),
    rate=st.sampled_from((1, 5, 20)),
)
def test_hits_that_come_within_a_given_delay_lose_nothing(
    seed: int, latest: float, rate: int
) -> None:
    """Each hit is late on its own, as with servers that log the time at which a request came."""
    chance = random.Random(seed)
    hits = with_end(served(seed, 60, rate))
    written = [Written(each.at + chance.uniform(0, latest), each.hit) for each in hits]
    written.sort(key=lambda each: each.at)
    reader, found = live_of(written, seed, evaluation_delay=latest)
    assert found == truth_of(hits)
    ingest = reader.monitor.snapshot(reader.now, 0).ingest
    assert ingest.late_for_alerts == 0
    assert ingest.lateness < latest + 0.25  # it is told in quarters of a second


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 2**32), every=st.sampled_from((2, 3, 5)))
def test_restarts_go_on_with_what_was_measured(
    tmp_path_factory: pytest.TempPathFactory, seed: int, every: int
) -> None:
    chance = random.Random(seed)
    given_settings = settings_of(**LIMITS)
    hits = with_end(served(seed, 120))
    written = flushed(hits, every, 1, chance)
    folder: Path = tmp_path_factory.mktemp("restarts")
    run = Run(folder / "s.sqlite", given_settings)
    now, at, stops = 0.0, 0, sorted(chance.uniform(30, 120) for _ in range(3))
    while now < written[-1].at + SETTLED:
        now += chance.uniform(0.05, 0.5)
        restarted = bool(stops) and now > stops[0]
        if restarted:
            stops.pop(0)
            run.save(now, START + now)
            now += chance.uniform(0.1, 20)
            run.restart(now)
        until = at
        while until < len(written) and written[until].at <= now:
            until += 1
        if until > at:
            run.feed(batch_of([each.hit for each in written[at:until]]), now)
        at = until
        if restarted:
            run.monitor.count_downtime(now, START + now)
        run.tick(now, START + now)
    incidents = run.monitor.alerts.incidents.all()
    assert sorted(map(str, map(times_of, incidents))) == truth_of(hits)


def test_the_delay_falls_once_hits_come_in_time_and_each_second_is_judged_once() -> None:
    hits = served(3, 300)
    early = flushed([each for each in hits if each.at < 60], 3, 1, random.Random(3))
    written = early + [each for each in hits if each.at >= 60]
    written.sort(key=lambda each: each.at)
    whole = with_end(hits)
    reader = Reader(settings_of(**LIMITS), random.Random(3))
    judged: list[int] = []
    for until in range(1, int(whole[-1].at) + SETTLED):
        reader.read([*written, whole[-1]], until)
        judged.append(reader.monitor.alerts.evaluator.judged or 0)
    assert max(reader.delays) >= 2
    assert reader.delays[-1] == 0
    assert judged == sorted(judged)
    assert sorted(map(str, map(times_of, reader.incidents()))) == truth_of(whole)
    told = [(each.id, each.changed_at) for each in reader.changed]
    assert len(told) == len(set(told))


def test_a_quiet_log_keeps_its_delay() -> None:
    written = flushed(served(4, 60), 3, 1, random.Random(4))
    reader = Reader(settings_of(**LIMITS), random.Random(4))
    reader.read(written, 60)
    known = reader.delays[-1]
    assert known >= 2
    for hours in range(1, 10):
        reader.now = hours * 3_600.0
        reader.monitor.feed(batch_at(START + hours * 3_600), reader.now)
        reader.monitor.tick(reader.now, START + reader.now)
    assert reader.monitor.evaluation_delay == known


def test_a_clock_that_is_off_makes_no_delay() -> None:
    written = [Written(each.at + 45, each.hit) for each in served(5, 60)]
    reader, _ = live_of(written, 5)
    assert set(reader.delays) == {0.0}


def test_a_log_of_another_host_that_comes_late_delays_all() -> None:
    """One of two logs comes 4 seconds late, and has one hit of 300."""
    monitor = HTTPMonitor(settings_of(**LIMITS))
    for now in range(200):
        monitor.feed(batch_at(*[START + now] * 300), now + 0.1, b"here")
        if now > 4:
            monitor.feed(batch_at(START + now - 4), now + 0.2, b"there")
        monitor.tick(now + 0.5, START + now)
    ingest = monitor.snapshot(200, START + 200).ingest
    assert 2 <= ingest.lateness <= 4
    assert ingest.evaluation_delay >= ingest.lateness


def test_hits_later_than_the_bound_are_told_and_delay_nothing_beyond_it() -> None:
    written = flushed(served(6, 200), 40, 1, random.Random(6))
    reader, _ = live_of(written, 6)
    ingest = reader.monitor.snapshot(reader.now, 0).ingest
    assert max(reader.delays) <= MAX_DELAY
    assert 35 <= ingest.lateness <= 41
    assert ingest.late_for_alerts > 100


def test_a_hit_from_before_the_first_one_read_is_not_late_until_its_second_is_judged() -> None:
    monitor = HTTPMonitor(settings_of(**LIMITS, evaluation_delay=10))
    for now, second, late in ((5.0, 5, 0), (5.5, 2, 0), (6.0, 1, 0), (30.0, 29, 0), (30.5, 2, 1)):
        monitor.feed(batch_at(START + second), now)
        monitor.tick(now, START + now)
        assert monitor.snapshot(now, START + now).ingest.late_for_alerts == late, second


def test_a_backlog_and_a_pause_of_the_reader_are_no_lateness() -> None:
    hits = served(7, 200)
    reader = Reader(settings_of(**LIMITS), random.Random(7))
    early = [each.hit for each in hits if each.at < 60]
    for begin in range(0, len(early), 50):  # what was written before the watch began
        reader.monitor.feed(batch_of(early[begin : begin + 50]), 60)
        reader.monitor.tick(60, START + 60)
    reader.now = 60.0
    reader.read(hits, 100)
    missed = [each.hit for each in hits if reader.now < each.at <= 160]
    reader.now = 160.0  # stopped for a minute
    reader.monitor.feed(batch_of(missed), reader.now)
    reader.read(hits, 200)
    assert set(reader.delays) == {0.0}


RULES = {
    "quiet": {"metric": "rate", "when": "below", "critical": 2, "window": 5},
    "crowd": {"metric": "clients", "critical": 3, "window": 3},
    "jump": {"metric": "change", "critical": 0.8, "window": 5},
    "broken": {
        "metric": "share",
        "status": "5xx",
        "critical": 0.1,
        "window": 5,
        "no_data": "alert",
    },
    "pairs": {"metric": "hits", "by": ["client", "path"], "critical": 6, "window": 5},
    "new": {"metric": "first_seen", "scope": "client", "learning": 0, "window": 5},
    "held": {"metric": "hits", "critical": 15, "window": 5, "unless": "broken"},
    "outage": {"all": ["broken", "crowd"]},
}
"""Rules that fire on little or on what is new, compare windows, count pairs, and name others."""


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("reloads", [0, 20])
def test_rules_of_every_sort_wait_alike(seed: int, reloads: int) -> None:
    chance = random.Random(seed)
    given = {"rules": RULES, "slo": {"shop": {"objective": 0.999, "bad": "status:5xx"}}}
    hits = served(seed, 150, 3)
    hits = with_end([each for each in hits if not 60 < each.at < 75])
    written = [Written(each.at + chance.uniform(0, 7), each.hit) for each in hits]
    written.sort(key=lambda each: each.at)
    found = []
    for log, delay in ((hits, 0), (written, 7)):
        given_settings = settings_of(**LIMITS, **given, evaluation_delay=delay)
        reader = Reader(given_settings, chance)
        for until in sorted(chance.uniform(1, 200) for _ in range(reloads)):
            reader.read(log, until)
            reader.monitor.alerts.reload(given_settings)
        reader.read(log, hits[-1].at + 20)
        found.append(sorted(map(str, map(times_of, reader.incidents()))))
    assert found[0] == found[1]
    told = " ".join(found[0])
    for rule in (*RULES, "slo.shop"):
        assert rule in told


@settings(deadline=None, max_examples=examples(15))
@given(seed=st.integers(0, 2**32), reloads=st.integers(1, 12))
def test_another_delay_loses_and_doubles_no_second(seed: int, reloads: int) -> None:
    """As long as every delay lets all hits come, it makes no difference which one it is."""
    chance = random.Random(seed)
    given = {**LIMITS, "rules": RULES}
    hits = with_end(served(seed % 7, 120, 3))
    written = [Written(each.at + chance.uniform(0, 5), each.hit) for each in hits]
    written.sort(key=lambda each: each.at)
    plain = Reader(settings_of(**given, evaluation_delay=0), chance)
    plain.read(hits, hits[-1].at + 40)
    reader = Reader(settings_of(**given, evaluation_delay=9), chance)
    for until in sorted(chance.uniform(1, 150) for _ in range(reloads)):
        reader.read(written, until)
        delay = chance.choice((6, 7.5, 9, 30))
        reader.monitor.reload(settings_of(**given, evaluation_delay=delay))
        assert reader.monitor.evaluation_delay == delay
    # So long after the end that the same seconds have been judged.
    reader.read(written, hits[-1].at + 40 + reader.monitor.evaluation_delay)
    expected, found = (
        sorted(map(str, map(times_of, each.incidents()))) for each in (plain, reader)
    )
    assert found == expected
    assert expected


def test_a_delay_that_is_no_longer_given_is_what_was_measured_and_back() -> None:
    written = flushed(served(3, 100), 3, 1, random.Random(1))
    reader = Reader(settings_of(evaluation_delay=0), random.Random(1))
    reader.read(written, 100)
    assert reader.monitor.evaluation_delay == 0
    reader.monitor.reload(settings_of())
    assert 2 <= reader.monitor.evaluation_delay <= 5
    reader.monitor.reload(settings_of(evaluation_delay=2))
    assert reader.monitor.evaluation_delay == 2

"""The backtest of a threshold finds the same as the alert itself, and a report, with it."""

import random
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation.second_counts import KEPT_SECONDS, SPAN, SecondCounts
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.builtin import TRAFFIC
from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.monitor.backtest import WHAT_IF_SECONDS, what_if
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.snapshot import WhatIf
from tests.effort import examples
from tests.state.restarts import Run
from tests.traffic import START, batch_of, hit, settings_of

SECONDS = 60
DAY = 86_400


def traffic_rule(window: int, threshold: float, **changes: object) -> Rule:
    rule = rule_of(settings_of(alert_window=window, threshold=threshold))
    return msgspec.structs.replace(rule, **changes)


def rule_of(given_settings: Settings) -> Rule:
    (rule,) = (each for each in given_settings.alert_rules() if each.name == TRAFFIC)
    return rule


def history_of(rule: Rule, hits: list[Hit]) -> SecondCounts:
    history = SecondCounts(rule)
    history.take(batch_of(hits))
    return history


def hits_of(rates: list[int], begin: int = START) -> list[Hit]:
    return [hit(begin + at) for at, count in enumerate(rates) for _ in range(count)]


def reported(given_settings: Settings, hits: list[Hit]) -> tuple[int, int]:
    """Return how often a report says that the traffic alert fired, and for how long in all."""
    builder = ReportBuilder(given_settings)
    builder.feed(batch_of(hits))
    incidents = [each for each in builder.finish().incidents if each.rule == TRAFFIC]
    size = given_settings.bucket_size
    end = (hits[-1].second + 1) // size * size
    return len(incidents), sum((each.recovered_at or end) - each.triggered_at for each in incidents)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=SECONDS, max_size=SECONDS),
    st.sampled_from([1, 3, 10]),
    st.sampled_from([0.5, 1.0, 2.0, 3.5]),
)
def test_it_is_what_the_alert_finds(rates: list[int], window: int, threshold: float) -> None:
    rates[0] = max(1, rates[0])  # the history begins with the first hit
    alerts = AlertManager(settings_of(alert_window=window, threshold=threshold))
    hits = hits_of(rates)
    alerts.take(batch_of(hits), START)
    end = START + SECONDS - 1
    changed = alerts.judge_up_to(end)
    incidents = {each.id: each for each in changed if each.rule == TRAFFIC}.values()
    lasting = sum((each.recovered_at or end + 1) - each.triggered_at for each in incidents)
    rule = traffic_rule(window, threshold)
    found = what_if(rule, history_of(rule, hits), 1, end)
    assert found == WhatIf(threshold, len(incidents), lasting, START)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=200, max_size=400),
    st.sampled_from([1, 2, 5]),
    st.sampled_from([10, 30]),
    st.sampled_from([1.5, 2.5, 3.5]),
    st.sampled_from([{}, {"for": 10}, {"critical_recovery": 1.0, "keep_firing_for": 10}]),
)
def test_it_is_what_a_report_finds(
    rates: list[int], size: int, window: int, threshold: float, table: dict[str, object]
) -> None:
    hits = hits_of([1, *rates, 1])
    given_settings = settings_of(
        alert_window=window, threshold=threshold, bucket_size=size, rules={"traffic": table}
    )
    rule = rule_of(given_settings)
    found = what_if(rule, history_of(rule, hits), size, hits[-1].second)
    assert found is not None
    assert (found.times, found.firing_seconds) == reported(given_settings, hits)


def bursts(hours: int) -> list[Hit]:
    """Return a quiet log of some hours with bursts of a few seconds."""
    chance = random.Random(7)
    rates = [int(chance.random() < 0.2) for _ in range(hours * 3_600)]
    for _ in range(20 * hours):
        at = chance.randrange(len(rates) - 5)
        rates[at : at + 3] = [chance.randrange(3, 9)] * 3
    return hits_of([1, *rates, 1])


def test_hours_back_it_counts_seconds_as_a_report_does() -> None:
    hits = bursts(8)
    monitor = HTTPMonitor(settings_of(alert_window=4, threshold=50))
    monitor.feed(batch_of(hits), 0.0)
    monitor.tick(1.0, START)
    monitor.alerts.set_threshold(2)
    found = told(monitor, 1.0)
    assert found is not None
    assert (found.times, found.firing_seconds) == reported(
        settings_of(alert_window=4, threshold=2), hits
    )
    assert found.times > 50


def test_the_seconds_are_kept_from_run_to_run(tmp_path: Path) -> None:
    hits = bursts(4)
    cuts = [len(hits) * part // 5 for part in range(6)]
    given_settings = settings_of(alert_window=4, threshold=50)
    run = Run(tmp_path / "state.sqlite", given_settings)
    for begin, end in pairwise(cuts):
        run.feed(batch_of(hits[begin:end]), 0.0)
        run.tick(0.0, float(hits[min(end, len(hits) - 1)].second))
        run.save(0.0, float(hits[end - 1].second))
        run.feed(batch_of(hits[begin:end]), 0.0)  # what is not saved is not counted
        run.restart(0.0)
    run.monitor.alerts.set_threshold(2)
    found = run.monitor.alerts.what_if(0.0, hits[-1].second)
    run.store.close()
    assert found is not None
    assert (found.times, found.firing_seconds) == reported(
        settings_of(alert_window=4, threshold=2), hits
    )


def test_a_state_without_seconds_tells_only_of_what_came_later(tmp_path: Path) -> None:
    """So do seconds in which the rule counted other hits."""
    hits = hits_of([5] * 100)
    for table in ({"where": "is:human"}, {}):
        file = tmp_path / f"{len(table)}.sqlite"
        run = Run(file, settings_of(alert_window=10, threshold=50, rules={"traffic": table}))
        run.feed(batch_of(hits[:250]), 0.0)
        run.tick(0.0, START + 50.0)
        run.save(0.0, START + 50.0)
        run.given = settings_of(alert_window=10, threshold=50)
        run.restart(0.0)
        run.feed(batch_of(hits[250:]), 0.0)
        run.monitor.alerts.set_threshold(2)
        found = run.monitor.alerts.what_if(0.0, START + 99)
        run.store.close()
        assert found is not None
        assert found.since == (START + 59 if table else START)


@pytest.mark.parametrize("how", ["reload", "restart"])
def test_seconds_read_in_part_before_the_rule_counted_other_hits_are_not_known(
    how: str, tmp_path: Path
) -> None:
    """Hits come late: those of the last seconds were read only in part."""
    other = settings_of(alert_window=10, threshold=50)
    run = Run(
        tmp_path / "s.sqlite",
        settings_of(alert_window=10, threshold=50, rules={"traffic": {"where": "is:human"}}),
    )
    run.feed(batch_of(hits_of([5] * 40 + [2] * 10)), 0.0)
    run.tick(0.0, START + 50.0)
    if how == "restart":
        run.save(0.0, START + 50.0)
        run.given = other
        run.restart(0.0)
    else:
        run.monitor.alerts.reload(other)
    run.feed(batch_of(hits_of([3] * 10, START + 40)), 0.0)
    assert run.monitor.alerts.what_if(0.0, START + 49) is None
    run.feed(batch_of(hits_of([5] * 50, START + 50)), 0.0)
    run.monitor.alerts.set_threshold(4)
    found = run.monitor.alerts.what_if(0.0, START + 99)
    run.store.close()
    assert found == WhatIf(4, 1, 41, START + 59)


def test_what_is_older_than_a_week_is_forgotten(tmp_path: Path) -> None:
    rule = traffic_rule(10, 2)
    history, again = SecondCounts(rule), SecondCounts(rule)
    saved: dict[int, bytes] = {}
    for day in range(12):
        history.take(batch_of(hits_of([5] * 20, START + day * DAY)))
        for start, counts in history.unsaved(everything=False):
            saved.pop(start, None)
            if counts is not None:
                saved[start] = counts
        history.saved()
    end = START + 11 * DAY + 19
    found = what_if(rule, history, 1, end)
    assert found is not None
    assert (found.times, found.since) == (8, end - 7 * DAY + 1), "one fired at the beginning"
    again.restore(history.state(), saved.items())
    assert what_if(rule, again, 1, end) == found
    assert min(saved) > end - KEPT_SECONDS - SPAN
    assert len(saved) == 8


def test_hits_that_are_too_old_are_left_out() -> None:
    rule = traffic_rule(10, 2)
    history = history_of(rule, hits_of([5] * 20, START + KEPT_SECONDS + 30))
    history.take(batch_of([hit(START), hit(START + 30)]))
    assert history.between(START - 5, START + 29).sum() == 0
    assert history.between(START + KEPT_SECONDS, START + KEPT_SECONDS + 100).sum() == 100


def test_delays_and_the_recovery_threshold_count() -> None:
    rates = [0, 9, 9, 0, 9, 9, 9, 9, 4, 9, 0, 0, 0]
    rule = traffic_rule(1, 5, for_=2, critical_recovery=3.0, keep_firing_for=1)
    history = history_of(rule, hits_of([each + 1 for each in rates]))
    found = what_if(rule, history, 1, START + len(rates) - 1)
    # Beyond since the 4th second, so it fires at the 6th; 4 + 1 is above 3; from the 10th on it is
    # below, which it must be for a second longer.
    assert found == WhatIf(5, 1, 5, START)


def test_without_history_there_is_no_answer() -> None:
    rule = traffic_rule(10, 5)
    assert what_if(rule, SecondCounts(rule), 1, START) is None


def test_where_the_rule_warns_too_it_tells_that_only_critical_counts() -> None:
    for rule, expected in (
        (traffic_rule(1, 5), False),
        (traffic_rule(1, 5, warning=2.0), True),
    ):
        found = what_if(rule, history_of(rule, [hit(START)] * 9), 1, START)
        assert found is not None
        assert (found.times, found.critical_only) == (1, expected)


def test_it_is_told_for_a_while_after_the_threshold_was_moved() -> None:
    monitor = HTTPMonitor(settings_of(alert_window=10, threshold=5))
    monitor.feed(batch_of([hit(START + at) for at in range(20) for _ in range(3)]), 0.0)
    monitor.tick(0.0, START)
    assert told(monitor, 0.0) is None
    monitor.alerts.set_threshold(2)
    found = told(monitor, 1.0)
    assert found is not None
    assert (found.threshold, found.times) == (2, 1)
    assert told(monitor, 0.9 + WHAT_IF_SECONDS) is found
    assert told(monitor, 1.0 + WHAT_IF_SECONDS) is None


def test_it_is_not_told_of_a_threshold_that_an_earlier_run_set() -> None:
    given_settings = settings_of(alert_window=10, threshold=5)
    before, after = AlertManager(given_settings), AlertManager(given_settings)
    before.set_threshold(2)
    after.restore(before.state(), [], [])
    assert after.picture(START).threshold == 2
    for alerts in (before, after):
        alerts.take(batch_of(hits_of([1] * 20)), START)
    assert after.what_if(0.0, START + 15) is None
    assert before.what_if(0.0, START + 15) is not None


def test_seconds_whose_hits_are_on_their_way_do_not_look_quiet() -> None:
    """The answer goes as far as alerts are judged: here five seconds behind."""
    monitor = HTTPMonitor(settings_of(alert_window=4, threshold=50, evaluation_delay=5))
    for at in range(25):
        if at < 20:  # the others are written in a moment
            monitor.feed(batch_of(hits_of([9], START + at)), float(at))
        monitor.tick(at + 0.9, START + at)
    monitor.alerts.set_threshold(2)
    found = told(monitor, 24.9)
    judged = monitor.alerts.evaluator.judged
    assert judged is not None
    assert START + 15 < judged < START + 20
    assert found is not None
    assert (found.times, found.firing_seconds) == (1, judged - START + 1)


def told(monitor: HTTPMonitor, now: float) -> WhatIf | None:
    return monitor.snapshot(now, START).alerts.what_if


@pytest.mark.parametrize(
    ("narrowed", "times"),
    [({"where": "!path:/a"}, 0), ({"paths": "/a*"}, 1), ({"status": "5xx"}, 0)],
)
def test_a_rule_that_counts_only_some_hits_is_told_of_these(
    narrowed: dict[str, str], times: int
) -> None:
    given_settings = settings_of(alert_window=10, threshold=5, rules={"traffic": narrowed})
    alerts = AlertManager(given_settings)
    alerts.take(
        batch_of([hit(START + at, path=b"/a") for at in range(20) for _ in range(3)]), START
    )
    alerts.set_threshold(2)
    found = alerts.what_if(0.0, START + 19)
    assert found is not None
    assert found.times == times


def test_hits_that_only_figures_ignore_are_judged() -> None:
    ignoring = {"where": "path:/health"}
    monitor = HTTPMonitor(settings_of(alert_window=10, threshold=5, ignore=ignoring))
    hits = [hit(START + at, path=b"/health") for at in range(20) for _ in range(3)]
    monitor.feed(batch_of(hits), 0.0)
    monitor.tick(0.0, START)
    monitor.alerts.set_threshold(2)
    found = told(monitor, 1.0)
    assert found is not None
    assert found.times == 1

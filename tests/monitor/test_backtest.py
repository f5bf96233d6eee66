"""The backtest of a threshold finds the same as the alert itself with that threshold."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.builtin import TRAFFIC
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.monitor.backtest import WHAT_IF_SECONDS, what_if
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import WhatIf
from tests.effort import examples
from tests.traffic import START, batch_of, hit, settings_of

SECONDS = 60


def traffic_rule(window: int, threshold: float, **changes: object) -> Rule:
    (rule,) = (
        each
        for each in settings_of(alert_window=window, threshold=threshold).alert_rules()
        if each.name == TRAFFIC
    )
    return msgspec.structs.replace(rule, **changes)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(0, 6), min_size=SECONDS, max_size=SECONDS),
    st.sampled_from([1, 3, 10]),
    st.sampled_from([0.5, 1.0, 2.0, 3.5]),
)
def test_it_is_what_the_alert_finds(hits: list[int], window: int, threshold: float) -> None:
    hits[0] = max(1, hits[0])  # the history begins with the first hit
    aggregator = MetricsAggregator()
    given_settings = settings_of(alert_window=window, threshold=threshold)
    alerts = AlertManager(given_settings)
    batch = batch_of([hit(START + at) for at, count in enumerate(hits) for _ in range(count)])
    aggregator.add(batch)
    alerts.take(batch, START)
    end = START + SECONDS - 1
    changed = alerts.judge_up_to(end)
    incidents = {each.id: each for each in changed if each.rule == TRAFFIC}.values()
    lasting = sum((each.recovered_at or end + 1) - each.triggered_at for each in incidents)
    rule = traffic_rule(window, threshold)
    found = what_if(rule, aggregator.ring, aggregator.tiers, 1, end)
    assert found == WhatIf(threshold, len(incidents), lasting, START)


def test_hits_of_wide_buckets_count_as_spread_over_their_width() -> None:
    aggregator = MetricsAggregator()
    aggregator.add(batch_of([hit(START + at) for at in range(60) for _ in range(5)]))
    aggregator.settle(START + 3_600)
    assert not aggregator.ring
    found = what_if(traffic_rule(10, 4.9), {}, aggregator.tiers, 1, START + 3_600)
    assert found is not None
    assert (found.times, found.firing_seconds) == (1, 51)


def test_delays_and_the_recovery_threshold_count() -> None:
    aggregator = MetricsAggregator()
    rates = [0, 9, 9, 0, 9, 9, 9, 9, 4, 9, 0, 0, 0]
    aggregator.add(batch_of([hit(START + at) for at, n in enumerate(rates) for _ in range(n + 1)]))
    rule = traffic_rule(1, 5, for_=2, critical_recovery=3.0, keep_firing_for=1)
    found = what_if(rule, aggregator.ring, aggregator.tiers, 1, START + len(rates) - 1)
    # Beyond since the 4th second, so it fires at the 6th; 4 + 1 is above 3; from the 10th on it is
    # below, which it must be for a second longer.
    assert found == WhatIf(5, 1, 5, START)


def test_without_history_there_is_no_answer() -> None:
    aggregator = MetricsAggregator()
    assert what_if(traffic_rule(10, 5), aggregator.ring, aggregator.tiers, 1, START) is None


def test_where_the_rule_warns_too_it_tells_that_only_critical_counts() -> None:
    aggregator = MetricsAggregator()
    aggregator.add(batch_of([hit(START) for _ in range(9)]))
    for rule, expected in (
        (traffic_rule(1, 5), False),
        (traffic_rule(1, 5, warning=2.0), True),
    ):
        found = what_if(rule, aggregator.ring, aggregator.tiers, 1, START)
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
    after.restore(before.standing(), [], [])
    assert after.state(START).threshold == 2
    aggregator = MetricsAggregator()
    aggregator.add(batch_of([hit(START)]))
    assert after.what_if(0.0, aggregator, START) is None
    assert before.what_if(0.0, aggregator, START) is not None


def told(monitor: HTTPMonitor, now: float) -> WhatIf | None:
    return monitor.snapshot(now, START).alerts.what_if


@pytest.mark.parametrize("narrowed", [{"where": "is:human"}, {"paths": "/a*"}, {"status": "5xx"}])
def test_it_is_not_told_of_a_rule_that_counts_only_some_hits(narrowed: dict[str, str]) -> None:
    rules = {"traffic": narrowed}
    alerts = AlertManager(settings_of(alert_window=10, threshold=5, rules=rules))
    alerts.set_threshold(2)
    aggregator = MetricsAggregator()
    aggregator.add(batch_of([hit(START)]))
    assert alerts.what_if(0.0, aggregator, START) is None

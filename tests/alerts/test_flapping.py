"""A value near its threshold makes few incidents; only traffic recovers at the threshold."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.shipped import shipped_rules
from logmon_tui.formats.model.hit import UNKNOWN, Hit, Measure
from tests.traffic import START, batch_of, hit, settings_of

HOUR = 3_600
ON = {rule.name: {"enabled": True} for rule in shipped_rules(120)}


def incidents(rules: Sequence[Rule], hits: Iterable[Hit]) -> list[Incident]:
    """Return the incidents that rules find in an hour."""
    ordered = sorted(hits, key=lambda each: each.second)
    times = [50_000 if each.response_time == UNKNOWN else each.response_time for each in ordered]
    measures = {Measure.RESPONSE_TIME: np.array(times, dtype=np.int64)}
    judge = BatchEvaluator(rules, 1)
    judge.take(replace(batch_of(ordered), measures=measures))
    found = {each.id: each for each in judge.judge_up_to(START + HOUR)}
    found |= {each.id: each for each in judge.open}
    return list(found.values())


def unheld(rule: Rule) -> Rule:
    """Return a rule that recovers as soon as its threshold is not exceeded."""
    return msgspec.structs.replace(
        rule, for_=0, keep_firing_for=0, critical_recovery=None, warning_recovery=None
    )


def rule_called(name: str) -> Rule:
    rules = settings_of(rules=ON).all_rules()
    return next(rule for rule in rules if rule.name == name)


def noise(seed: int, rate: float) -> list[int]:
    """Return random numbers of hits for each second of an hour, with the given average."""
    counts: list[int] = np.random.default_rng(seed).poisson(rate, HOUR).tolist()
    return counts


def failing(seed: int, rate: float, share: float) -> list[Hit]:
    """Return hits of which a random share fails."""
    chance = np.random.default_rng(seed + 1)
    return [
        hit(START + second, status=500 if chance.random() < share else 200, path=b"/api/x")
        for second, count in enumerate(noise(seed, rate))
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("rate", "share", "before", "after"),
    [(10, 0.05, 40, 2), (3, 0.05, 40, 4), (1, 0.05, 30, 6), (0.17, 0.5, 1, 8)],
)
def test_an_error_rate_near_its_threshold_makes_few_incidents(
    rate: float, share: float, before: int, after: int
) -> None:
    rule, hits = rule_called("error_rate"), failing(1, rate, share)
    flapping, held = incidents([unheld(rule)], hits), incidents([rule], hits)
    print(f"{rate} hits/s, {share:.0%} errors: {len(flapping)} incidents, now {len(held)}")
    assert len(flapping) >= before
    assert 1 <= len(held) <= after
    lasted = [each.recovered_at - each.triggered_at for each in held if each.recovered_at]
    assert min(lasted, default=120) >= 120
    # No rule fires later than before, and none fires that would not have.
    assert held[0].triggered_at == flapping[0].triggered_at
    assert {each.id for each in held} <= {each.id for each in flapping}


def test_a_client_near_its_threshold_makes_few_incidents() -> None:
    rule = rule_called("ddos")
    hits = [hit(START + at) for at, count in enumerate(noise(1, 2.5)) for _ in range(count)]
    flapping, held = incidents([unheld(rule)], hits), incidents([rule], hits)
    print(f"a client of 2.5/s: {len(flapping)} incidents, now {len(held)}")
    assert len(flapping) >= 40
    assert 1 <= len(held) <= 2


@pytest.mark.parametrize(
    "name", ["endpoint_errors", "endpoint_traffic", "client_4xx", "slow_endpoint", "response_size"]
)
def test_shipped_rules_near_their_thresholds_make_few_incidents(name: str) -> None:
    rate = {"endpoint_traffic": 10, "client_4xx": 1}.get(name, 5)
    chance = np.random.default_rng(5)
    hits = [
        hit(
            START + second,
            status=404 if name == "client_4xx" else 500 if chance.random() < 0.05 else 200,
            size=1_100_000 if chance.random() < 0.05 else 500,
            path=b"/api/x",
        )._replace(response_time=1_100_000 if chance.random() < 0.05 else 5_000)
        for second, count in enumerate(noise(3, rate))
        for _ in range(count)
    ]
    rule = rule_called(name)
    flapping, held = incidents([unheld(rule)], hits), incidents([rule], hits)
    print(f"{name}: {len(flapping)} incidents without delays, as shipped {len(held)}")
    assert len(flapping) >= 20
    assert len(held) <= 5


def test_traffic_fires_above_its_threshold_and_recovers_at_it() -> None:
    """It fires above its average rate and recovers at it, both without any delay."""
    counts = noise(2, 10)
    hits = [hit(START + second) for second, count in enumerate(counts) for _ in range(count)]
    sums = np.convolve(counts, np.ones(120, dtype=int))[: len(counts)]
    over = (sums / 120 > 10).astype(int)
    turns = np.flatnonzero(np.diff(over, prepend=0)) + START
    expected = [(int(a), int(b)) for a, b in zip(turns[::2], turns[1::2], strict=False)]
    found = incidents([rule_called("traffic")], hits)
    assert len(found) >= 10
    assert [(each.triggered_at, each.recovered_at) for each in found][: len(expected)] == expected


def test_what_fires_in_a_state_without_recovery_thresholds_goes_on() -> None:
    """It recovers as today's rules say."""
    rule = rule_called("error_rate")
    hits = [hit(START + at, status=500 if at % 20 == 0 else 200) for at in range(300)]
    before = RuleEvaluator([unheld(msgspec.structs.replace(rule, critical=0.045))], 1)
    before.begin(START)
    before.take(batch_of(hits))
    before.judge_up_to(START + 299)
    (incident,) = before.open
    slots = [(slot, before.ring.slot_counts(slot)) for slot in before.ring.slots]
    after = RuleEvaluator([rule], 1)
    assert after.restore(before.state(), slots, before.open) == []
    after.take(batch_of([hit(START + at) for at in range(300, 700)]))
    (recovered,) = after.judge_up_to(START + 699)
    assert recovered.id == incident.id
    assert recovered.recovered_at == (recovered.recovering_since or 0) + 120

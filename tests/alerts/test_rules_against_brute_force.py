"""Rules find exactly what brute force finds in the raw lines, in every state."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Scope, Severity, When
from tests.alerts.fed_engine import UNSHRUNK, Fed, assert_stands
from tests.alerts.raw_verdict import as_rows
from tests.alerts.rule_brute_force import judged, slot_ends
from tests.alerts.rule_strategies import COUNTING, Case, cases


@pytest.mark.parametrize("metric", COUNTING)
@UNSHRUNK
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_every_state_in_every_second(metric: Metric, data: st.DataObject, seed: int) -> None:
    case = data.draw(cases((metric,)))
    verdict = judged(case.rules, case.lines, case.size, case.last)
    fed = Fed(case, random.Random(seed))
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second)
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


@UNSHRUNK
@given(case=cases(), seed=st.integers(0, 2**32))
def test_incidents_however_often_is_judged(case: Case, seed: int) -> None:
    """Feed lines in order, ahead of the second judged, and judge now and then."""
    verdict = judged(case.rules, case.lines, case.size, case.last)
    chance = random.Random(seed)
    fed, second = Fed(case, chance), case.lines.hits[0].second
    while second < case.last:
        second += chance.choice((0, 1, 1, 3, 20))
        fed.feed_up_to(second + chance.choice((0, 0, 1, 5)))
        fed.judge_up_to(second)
    fed.judge_up_to(case.last)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


def happenings(case: Case) -> Iterator[str]:
    """Yield words for the features of a case's rules, and for the changes of their states."""
    verdict = judged(case.rules, case.lines, case.size, case.last)
    yield from verdict.seen
    metrics = {rule.name: rule for rule in case.rules}
    for found in verdict.incidents:
        rule = metrics[found.rule]
        yield from (f"{rule.metric} fired", f"{rule.scope} fired", f"{rule.when} fired")
        yield from (f"{now[1]} after {before[1]}" for before, now in pairwise(found.changes))
        if found.triggered_at > (found.pending_since or 0) + rule.for_ + case.size:
            yield "fired after it had waited"
        if found.peak_at is not None and found.peak_at > found.triggered_at:
            yield "grew worse"
        if found.value is None:
            yield "fired without data"


LATCH = ("off to pending", "off to on", "pending to on", "pending to off", "on to recovering")
LATCH += ("on to off", "recovering to on", "recovering to off")
HAPPENINGS = {
    *(f"{each} fired" for kind in (COUNTING, Scope, When) for each in kind),
    *(f"{severity}: {move}" for severity in Severity for move in LATCH),
    *("critical after warning", "warning after critical", "fired after it had waited"),
    *("grew worse", "fired without data"),
}


@pytest.mark.slow
def test_the_cases_have_all_that_rules_can_have_and_do() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(data=st.data())
    def look(data: st.DataObject) -> None:
        for metric in COUNTING:
            seen.update(set(happenings(data.draw(cases((metric,), rules=2)))))

    look()
    assert set(seen) == HAPPENINGS, seen

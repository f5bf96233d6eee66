"""Hits that come late, and another run that goes on: the rules find what brute force finds."""

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.fed_engine import UNSHRUNK, Fed, assert_stands
from tests.alerts.rule_brute_force import as_rows, judged, slot_ends
from tests.alerts.rule_strategies import Case, cases


@UNSHRUNK
@given(case=cases(), seed=st.integers(0, 2**32))
def test_late_hits_count_in_their_own_second_from_the_next_verdict_on(
    case: Case, seed: int
) -> None:
    chance = random.Random(seed)
    late = {each: each.second + chance.randint(1, 20) for each in case.lines.hits[1:]}
    written = {each: at for each, at in late.items() if chance.random() < 0.3}
    case = case._replace(lines=case.lines._replace(written=written))
    verdict = judged(case.rules, case.lines, case.size, case.last)
    fed = Fed(case, chance)
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second)
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


@UNSHRUNK
@given(case=cases(), seed=st.integers(0, 2**32))
def test_a_restart_in_any_state_changes_nothing(case: Case, seed: int) -> None:
    verdict = judged(case.rules, case.lines, case.size, case.last)
    chance = random.Random(seed)
    fed = Fed(case, chance)
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second - chance.choice((0, 0, 1)) * chance.randrange(case.size))
        if chance.random() < 0.3:
            fed.restart()
        fed.feed_up_to(second)
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)

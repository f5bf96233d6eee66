"""With late hits and restarts, the rules still find what brute force finds."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alerts.fed_engine import UNSHRUNK, Fed, assert_late_hits_count, assert_stands
from tests.alerts.rule_brute_force import as_rows, judged, slot_ends
from tests.alerts.rule_strategies import Case, cases, watched_cases
from tests.alerts.saved_watch import assert_goes_on_from_its_state_file
from tests.effort import examples


@UNSHRUNK
@given(case=cases(), seed=st.integers(0, 2**32))
def test_late_hits_count_in_their_own_second_from_the_next_verdict_on(
    case: Case, seed: int
) -> None:
    assert_late_hits_count(case, random.Random(seed), 20)


@UNSHRUNK
@given(case=cases(), seed=st.integers(0, 2**32))
def test_a_restart_or_a_reload_in_any_state_changes_nothing(case: Case, seed: int) -> None:
    verdict = judged(case.rules, case.lines, case.size, case.last)
    chance = random.Random(seed)
    fed = Fed(case, chance)
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second - chance.choice((0, 0, 1)) * chance.randrange(case.size))
        if chance.random() < 0.3:
            fed.restart_or_reload()
        fed.feed_up_to(second)
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


@settings(UNSHRUNK, max_examples=examples(25))
@given(case=watched_cases(), seed=st.integers(0, 2**32))
def test_a_watch_goes_on_from_its_state_file_in_any_state(
    case: Case, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert_goes_on_from_its_state_file(case, seed, tmp_path_factory.mktemp("state"))

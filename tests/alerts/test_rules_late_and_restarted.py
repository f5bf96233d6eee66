"""With late hits and restarts, the rules still find what brute force finds."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alerts.fed_engine import (
    UNSHRUNK,
    assert_late_hits_count,
    assert_restarts_change_nothing,
)
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
    assert_restarts_change_nothing(case, random.Random(seed), 0.3)


@settings(UNSHRUNK, max_examples=examples(25))
@given(case=watched_cases(), seed=st.integers(0, 2**32))
def test_a_watch_goes_on_from_its_state_file_in_any_state(
    case: Case, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert_goes_on_from_its_state_file(case, seed, tmp_path_factory.mktemp("state"))

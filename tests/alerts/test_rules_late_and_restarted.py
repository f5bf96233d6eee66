"""With late hits and restarts, the rules still find what brute force finds."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.alerts.fed_engine import UNSHRUNK, Fed, assert_late_hits_count, assert_stands
from tests.alerts.rule_brute_force import as_rows, judged, slot_ends
from tests.alerts.rule_strategies import Case, cases, watched_cases
from tests.alerts.ways import Batches, Ruled
from tests.effort import examples
from tests.state.restarts import Run


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
    chance = random.Random(seed)
    verdict = judged(case.rules, case.lines, case.size, case.last)
    ruled = Ruled(given=case.rules, bucket_size=case.size)
    run = Run(tmp_path_factory.mktemp("state") / "s.sqlite", ruled)
    batches, first = Batches(case.lines), case.lines.hits[0].second
    for second in range(first, case.last + 1):
        now = float(second - first)
        for batch in batches.of(case.lines.between(second, second), chance, 40):
            run.feed(batch, now)
            maybe_restart(run, now, first, chance)
        maybe_restart(run, now + 0.5, first, chance)
        run.tick(now + 1, second + 1)
        maybe_restart(run, now + 1, first, chance)
        if (second + 1) % case.size == 0:
            assert_stands(run.monitor.alerts.evaluator.alerts.values(), verdict, second)
    run.store.close()
    assert as_rows(run.monitor.alerts.incidents()) == as_rows(verdict.incidents)


def maybe_restart(run: Run, now: float, first: int, chance: random.Random) -> None:
    """Save, restart, reload, or do nothing."""
    if chance.random() < 0.05:
        run.monitor.alerts.reload(run.given)
    if chance.random() < 0.1:
        run.save(now, first + now)
        if chance.random() < 0.5:
            run.restart(now, uptime=float(chance.randrange(10_000)))
            run.monitor.count_downtime(run.now(now), first + now)

"""In whatever way a log is read, its rules find what brute force finds in the raw lines."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule
from tests.alerts.fed_engine import UNSHRUNK, assert_stands
from tests.alerts.raw_traffic import Lines, raw_hit
from tests.alerts.raw_verdict import as_rows
from tests.alerts.rule_brute_force import judged
from tests.alerts.rule_strategies import Case, watched_cases
from tests.alerts.ways import (
    Batches,
    Ruled,
    Way,
    reported,
    watch_backlog,
    watch_live,
    watch_whole_log,
)
from tests.traffic import START


@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
@UNSHRUNK
@given(case=watched_cases(), seed=st.integers(0, 2**32))
def test_every_incident_of_a_log(way: Way, case: Case, seed: int) -> None:
    given_settings = Ruled(given=case.rules, bucket_size=case.size)
    found, last = way(case.lines, given_settings, random.Random(seed))
    assert as_rows(found) == as_rows(judged(case.rules, case.lines, case.size, last).incidents)


@UNSHRUNK
@given(case=watched_cases(), seed=st.integers(0, 2**32))
def test_a_log_judged_by_columns_stands_as_one_judged_slot_by_slot(case: Case, seed: int) -> None:
    chance = random.Random(seed)
    verdict = judged(case.rules, case.lines, case.size, case.last)
    judge = BatchEvaluator(case.rules, case.size)
    known = {}
    newest = case.lines.hits[0].second
    for batch in Batches(case.lines).of(case.lines.hits, chance, 40):
        judge.take(batch)
        times = [newest, *batch.seconds.tolist()]
        for second in np.array(times)[batch.unparsed_after].tolist():
            judge.take_unparsed(second, 1)
        newest = times[-1]
        if chance.random() < 0.5:
            known |= {each.id: each for each in judge.judge_up_to(newest - 1)}
            end = (newest - 1 + 1) // case.size * case.size - 1
            assert_stands(judge.alerts, verdict, end)
    known |= {each.id: each for each in judge.judge_up_to(case.last)}
    known |= {each.id: each for each in judge.open}
    assert as_rows(list(known.values())) == as_rows(verdict.incidents)


@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
@pytest.mark.parametrize("seed", range(2))
def test_lines_that_are_no_hits_count_also_where_a_backlog_ends(way: Way, seed: int) -> None:
    """The backlog ends a minute before the newest hit, which is within an incident here."""
    hits = [raw_hit(START + second) for second in range(200) for _ in range(4)]
    lines = Lines(hits, [START + second for second in range(100, 145) for _ in range(10)])
    rule = Rule(
        name="odd",
        title="Odd lines",
        metric=Metric.UNPARSED_SHARE,
        window=20,
        critical=0.5,
        for_=10,
        keep_firing_for=10,
    )
    found, last = way(lines, Ruled(given=(rule,)), random.Random(seed))
    assert len(found) == 1
    assert as_rows(found) == as_rows(judged([rule], lines, 1, last).incidents)

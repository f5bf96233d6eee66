"""Objectives and what is usual: judged in any way, as brute force judges the raw lines."""

import random
from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Compare, Direction, Rule
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.monitor.report_builder import ReportBuilder
from tests.alerts.fed_engine import UNSHRUNK, Fed, assert_late_hits_count, assert_stands
from tests.alerts.long_strategies import Days, burn_cases, usual_cases
from tests.alerts.raw_traffic import raw_batch
from tests.alerts.raw_verdict import as_rows
from tests.alerts.rule_brute_force import judged, slot_ends
from tests.alerts.rule_strategies import Case
from tests.alerts.saved_watch import assert_goes_on_from_its_state_file
from tests.alerts.ways import (
    Ruled,
    Way,
    reported,
    watch_backlog,
    watch_live,
    watch_whole_log,
)
from tests.effort import examples
from tests.traffic import pieces

Drawn: TypeAlias = st.SearchStrategy[Case | Days]
FEW = settings(UNSHRUNK, max_examples=examples(20))
BOTH = pytest.mark.parametrize("drawn", [burn_cases(), usual_cases()], ids=["burn", "usual"])


def case_of(found: Case | Days) -> Case:
    return found.case() if isinstance(found, Days) else found


@BOTH
@FEW
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_every_state_over_restarts(drawn: Drawn, data: st.DataObject, seed: int) -> None:
    """In every second of some minutes, and in some of each hour of some days."""
    found, chance = data.draw(drawn), random.Random(seed)
    case, steps = case_of(found), (1, 5, 60, 200) if isinstance(found, Days) else (1,)
    verdict = judged(case.rules, case.lines, case.size, case.last)
    fed = Fed(case, chance)
    ends = slot_ends(case.lines.hits[0].second, case.last, case.size)
    at = 0
    while at < len(ends):
        second = ends[at]
        ahead = chance.choice((0, 0, 1)) * chance.randrange(2 * case.size)
        fed.feed_up_to(second + ahead)
        if chance.random() < 0.05:
            fed.restart()
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
        at += chance.choice(steps)
    fed.feed_up_to(ends[-1])
    fed.judge_up_to(ends[-1])
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


@BOTH
@FEW
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_incidents_however_often_is_judged(drawn: Drawn, data: st.DataObject, seed: int) -> None:
    case, chance = case_of(data.draw(drawn)), random.Random(seed)
    fed, second = Fed(case, chance), case.lines.hits[0].second
    while second < case.last:
        second += case.size * chance.choice((0, 1, 1, 3, 20, 500))
        fed.feed_up_to(second + chance.choice((0, 0, 1, 5)))
        fed.judge_up_to(second)
    fed.judge_up_to(case.last)
    last = max(second, case.last)
    assert as_rows(fed.incidents) == as_rows(
        judged(case.rules, case.lines, case.size, last).incidents
    )


@FEW
@given(case=burn_cases(), seed=st.integers(0, 2**32))
def test_late_hits_count_in_their_own_minute_from_the_next_verdict_on(
    case: Case, seed: int
) -> None:
    assert_late_hits_count(case, random.Random(seed), 90)


@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
@FEW
@given(case=burn_cases(head=12), seed=st.integers(0, 2**32))
def test_every_incident_of_an_objective_in_a_log(way: Way, case: Case, seed: int) -> None:
    given_settings = Ruled(given=case.rules, bucket_size=case.size, stats_interval=10 * case.size)
    found, last = way(case.lines, given_settings, random.Random(seed))
    assert as_rows(found) == as_rows(judged(case.rules, case.lines, case.size, last).incidents)


def report_of_days(case: Case, given_settings: Ruled, chance: random.Random) -> list[Incident]:
    builder = ReportBuilder(given_settings)
    for piece in pieces(case.lines.hits, chance, 5_000):
        builder.feed(raw_batch(piece))
    return list(builder.finish().incidents)


def watch_of_days(case: Case, given_settings: Ruled, chance: random.Random) -> list[Incident]:
    """Read the first days as a backlog, and the rest live."""
    manager, hits = AlertManager(given_settings), list(case.lines.hits)
    first, last = hits[0].second, hits[-1].second
    turn = chance.randrange(first, last - 3_600)
    old = [each for each in hits if each.second <= turn]
    manager.begin_backlog(turn)
    for piece in pieces(old, chance, 5_000):
        manager.take(raw_batch(piece), piece[0].second)
        manager.judge_up_to(piece[-1].second - 1)
    manager.end_backlog(turn - 1)
    new = hits[len(old) :]
    while new:
        piece, new = new[: (count := chance.choice((1, 3, 40)))], new[count:]
        manager.take(raw_batch(piece), piece[0].second)
        manager.judge_up_to(piece[-1].second - 1)
    manager.judge_up_to(last)
    return list(manager.incidents.all())


YOUNG = Days(
    days=3,
    seed=384,
    gap=50,
    head=12,
    rules=(
        Rule(
            name="u0",
            title="u0",
            metric=Metric.BYTES_RATE,
            status=("200",),
            window=60,
            compare=Compare.USUAL,
            direction=Direction.BELOW,
            days=2,
            minimum_days=2,
            floor=1e-3,
            warning=1.0,
            warning_recovery=1.0,
        ),
    ),
)
"""Days of which the first hour is not whole; with the seed 214736, a watch begins within it."""


@pytest.mark.parametrize("way", [report_of_days, watch_of_days])
@example(days=YOUNG, seed=214736)
@settings(UNSHRUNK, max_examples=examples(10))
@given(days=usual_cases(gap=50, head=12), seed=st.integers(0, 2**32))
def test_everything_unusual_in_a_log(
    way: Callable[[Case, Ruled, random.Random], list[Incident]], days: Days, seed: int
) -> None:
    case = days.case()
    given_settings = Ruled(given=case.rules, bucket_size=60, stats_interval=600)
    found = way(case, given_settings, random.Random(seed))
    last = case.lines.hits[-1].second
    assert as_rows(found) == as_rows(judged(case.rules, case.lines, case.size, last).incidents)


@FEW
@given(case=burn_cases(head=12), seed=st.integers(0, 2**32))
def test_a_watch_goes_on_from_its_state_file_in_any_state(
    case: Case, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert_goes_on_from_its_state_file(case, seed, tmp_path_factory.mktemp("state"), 10 * case.size)


MOVES = {"off to on", "off to pending", "pending to on", "on to off", "on to recovering"}


@pytest.mark.slow
@BOTH
def test_the_cases_have_all_that_such_rules_do(drawn: Drawn) -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(found=drawn)
    def look(found: Case | Days) -> None:
        case = case_of(found)
        verdict = judged(case.rules, case.lines, case.size, case.last)
        seen.update(each.partition(": ")[2] for each in verdict.seen)

    look()
    assert set(seen) >= MOVES, seen

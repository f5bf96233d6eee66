"""Rules that depend on others find what brute force finds, live, in reports, after restarts."""

import random
from collections import Counter
from collections.abc import Collection, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.incident import Incident, Subject
from logmon_tui.alerts.model.metric import Metric
from tests.alerts.fed_engine import UNSHRUNK, Fed, assert_late_hits_count, assert_stands
from tests.alerts.raw_verdict import as_rows
from tests.alerts.rule_brute_force import judged, slot_ends
from tests.alerts.rule_strategies import (
    COUNTING,
    SIZES,
    Case,
    related,
    related_cases,
    related_watched_cases,
)
from tests.alerts.saved_watch import maybe_restart
from tests.alerts.test_columns_against_engine import assert_same, logs, random_rules
from tests.alerts.ways import (
    Batches,
    Ruled,
    Way,
    reported,
    watch_backlog,
    watch_live,
    watch_whole_log,
)
from tests.effort import examples
from tests.state.restarts import Run

Parts = dict[tuple[str, Subject, int], list[tuple[str, Subject, int]]]


def parts_of(incidents: Collection[Incident]) -> Parts:
    """Return the parts of each incident, as rule, subject and second."""
    known = {each.id: each for each in incidents}
    return {
        (each.rule, each.subject, each.triggered_at): [
            (part.rule, part.subject, known[part.id].triggered_at) for part in each.parts
        ]
        for each in incidents
        if each.parts
    }


def assert_found(incidents: Collection[Incident], case: Case, last: int) -> None:
    verdict = judged(case.rules, case.lines, case.size, last)
    assert as_rows(incidents) == as_rows(verdict.incidents)
    expected = {
        (each.rule, each.subject, each.triggered_at): each.parts[:20]
        for each in verdict.incidents
        if each.parts
    }
    assert parts_of(incidents) == expected


@UNSHRUNK
@given(case=related_cases(), seed=st.integers(0, 2**32))
def test_every_state_in_every_second_also_after_restarts(case: Case, seed: int) -> None:
    verdict = judged(case.rules, case.lines, case.size, case.last)
    chance = random.Random(seed)
    fed = Fed(case, chance)
    restarts = chance.choice((0.0, 0.3))
    for second in slot_ends(case.lines.hits[0].second, case.last, case.size):
        fed.feed_up_to(second)
        if chance.random() < restarts:
            fed.restart_or_reload()
        fed.judge_up_to(second)
        assert_stands(fed.engine.alerts.values(), verdict, second)
    assert_found(fed.incidents, case, case.last)


@UNSHRUNK
@given(case=related_cases(), seed=st.integers(0, 2**32))
def test_however_often_is_judged(case: Case, seed: int) -> None:
    chance = random.Random(seed)
    fed, second = Fed(case, chance), case.lines.hits[0].second
    while second < case.last:
        second += chance.choice((0, 1, 1, 3, 20))
        fed.feed_up_to(second + chance.choice((0, 0, 1, 5)))
        fed.judge_up_to(second)
    fed.judge_up_to(case.last)
    assert_found(fed.incidents, case, case.last)


@UNSHRUNK
@given(case=related_cases(), seed=st.integers(0, 2**32))
def test_late_hits_count_from_the_next_verdict_on(case: Case, seed: int) -> None:
    assert_late_hits_count(case, random.Random(seed), 20)


@UNSHRUNK
@given(data=st.data())
def test_columns_and_seconds_find_the_same_in_every_field(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from(SIZES))
    metrics = data.draw(st.lists(st.sampled_from(COUNTING), min_size=2, max_size=4))
    drawn = [data.draw(random_rules(each, size, place)) for place, each in enumerate(metrics)]
    rules = data.draw(related(drawn))
    assert_same(rules, data.draw(logs(drawn, size)))


@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
@UNSHRUNK
@given(case=related_watched_cases(), seed=st.integers(0, 2**32))
def test_however_the_log_is_read(way: Way, case: Case, seed: int) -> None:
    given_rules = Ruled(given=case.rules, bucket_size=case.size)
    incidents, last = way(case.lines, given_rules, random.Random(seed))
    assert_found(incidents, case, last)


@settings(UNSHRUNK, max_examples=examples(25))
@given(case=related_watched_cases(), seed=st.integers(0, 2**32))
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
        run.tick(now + 1, second + 1)
        maybe_restart(run, now + 1, first, chance)
        if (second + 1) % case.size == 0:
            assert_stands(run.monitor.alerts.evaluator.alerts.values(), verdict, second)
    run.store.close()
    assert_found(run.monitor.alerts.incidents.all(), case, case.last)


def happenings(case: Case) -> Iterator[str]:
    """Yield words for what happens to rules that depend on others."""
    verdict = judged(case.rules, case.lines, case.size, case.last)
    rules = {rule.name: rule for rule in case.rules}
    held = {name for (name, _), count in verdict.held.items() if count}
    yield from ("held back" for _ in held)
    for found in verdict.incidents:
        rule = rules[found.rule]
        if rule.metric is Metric.FIRING:
            yield "all fired"
            yield "all ended" if found.recovered_at else "all fires on"
        before = verdict.held.get((found.rule, found.triggered_at - case.size), 0)
        if rule.unless and before:
            yield "let go"
        if rule.equal and any(
            each.rule in rule.unless
            and each.triggered_at <= found.triggered_at < (each.recovered_at or case.last + 1)
            for each in verdict.incidents
        ):
            yield "fired beside another subject"
        if len(found.parts) > len(rule.all_):
            yield "several parts of a rule"


@pytest.mark.slow
def test_the_cases_have_what_relations_can_do() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=1_200, deadline=None, derandomize=True, database=None)
    @given(related_cases())
    def look(case: Case) -> None:
        seen.update(happenings(case))

    look()
    assert {"held back", "let go", "all fired", "all ended", "several parts of a rule"} <= set(seen)
    assert seen["let go"] > 5, seen
    assert seen["fired beside another subject"] > 5, seen

"""Rules of new subjects find what brute force finds, in every way of reading, over restarts."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation import known
from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evaluation.counter_keys import counter_key_of
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.formats.model.hit import Hit
from tests.alerts.fed_engine import (
    UNSHRUNK,
    Fed,
    assert_late_hits_count,
    assert_restarts_change_nothing,
    assert_stands,
)
from tests.alerts.raw_traffic import Lines, raw_batch, raw_hit
from tests.alerts.raw_verdict import as_rows
from tests.alerts.rule_brute_force import judged
from tests.alerts.rule_strategies import GAPS, Case, lines_of, related, rule_shapes, stretches
from tests.alerts.saved_watch import assert_goes_on_from_its_state_file
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
from tests.traffic import START

NEW = Rule(
    name="new",
    title="New",
    metric=Metric.FIRST_SEEN,
    scope=Scope.PATH,
    window=60,
    warning=0,
    learning=0,
)

HOURS = (0, 1, 700, 3_000, 3_600, 4_000, 7_300, 11_000)
"""Seconds of silence after which subjects are forgotten, or not."""


@pytest.fixture(params=[known.MAX_KNOWN, 3])
def _room(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for all subjects, and with room for few."""
    monkeypatch.setattr(known, "MAX_KNOWN", request.param)


@st.composite
def rules_of_novelty(draw: st.DrawFn, name: str, size: int, days: int) -> Rule:
    shape = draw(rule_shapes(name, size, (Metric.FIRST_SEEN,)))
    if draw(st.booleans()):  # most filters leave little that may be new
        shape = msgspec.structs.replace(
            shape, where="", paths=(), status=(), match=(), minimum_hits=0, max_incidents=100
        )
    warning = draw(st.sampled_from((0.0, 0.0, 1.0, 2.0)))
    return msgspec.structs.replace(
        shape,
        warning=warning,
        critical=draw(st.sampled_from((None, warning + 1, warning + 4))),
        learning=draw(st.sampled_from((0, 0, 0, 1, 7, days))),
    )


@st.composite
def novel_cases(
    draw: st.DrawFn,
    gaps: Sequence[int] = GAPS,
    sizes: Sequence[int] = (1, 1, 2, 5),
    head: int = 0,
) -> Case:
    size = draw(st.sampled_from(sizes))
    found = [*draw(stretches(gaps)), *draw(stretches(gaps))]
    lines = lines_of(found, draw(st.integers(0, 2**32)), head)
    rules = tuple(
        draw(rules_of_novelty(f"r{number}", size, 30 * size))
        for number in range(draw(st.integers(1, 3)))
    )
    return Case(lines, rules, size)


@st.composite
def related_cases(draw: st.DrawFn) -> Case:
    """Draw a case for a whole watch, whose rules may name each other."""
    case = draw(watched)
    return case._replace(rules=draw(related(case.rules)))


over_hours = novel_cases(HOURS, (60, 300, 700))
within_minutes = novel_cases()
watched = novel_cases(head=12)


@pytest.mark.usefixtures("_room")
@pytest.mark.parametrize("cases", [within_minutes, over_hours], ids=["minutes", "hours"])
@UNSHRUNK
@given(data=st.data(), seed=st.integers(0, 2**32))
def test_every_state_in_every_second_over_restarts(
    cases: st.SearchStrategy[Case], data: st.DataObject, seed: int
) -> None:
    case = data.draw(cases)
    assert_restarts_change_nothing(case, random.Random(seed), 0.1)


@pytest.mark.usefixtures("_room")
@UNSHRUNK
@given(case=st.one_of(within_minutes, over_hours), seed=st.integers(0, 2**32))
def test_however_often_is_judged(case: Case, seed: int) -> None:
    """Feed lines ahead of the second judged, and judge now and then."""
    verdict = judged(case.rules, case.lines, case.size, case.last)
    chance = random.Random(seed)
    fed, second = Fed(case, chance), case.lines.hits[0].second
    while second < case.last:
        second += chance.choice((0, 1, 3, 20, 5_000))
        fed.feed_up_to(second + chance.choice((0, 0, 1, 5, 20_000)))
        fed.judge_up_to(second)
        if chance.random() < 0.2:
            fed.restart_or_reload()
    fed.judge_up_to(case.last)
    assert as_rows(fed.incidents) == as_rows(verdict.incidents)


@pytest.mark.usefixtures("_room")
@UNSHRUNK
@given(case=st.one_of(within_minutes, over_hours), seed=st.integers(0, 2**32))
def test_a_log_judged_by_columns_stands_as_one_judged_slot_by_slot(case: Case, seed: int) -> None:
    chance = random.Random(seed)
    verdict = judged(case.rules, case.lines, case.size, case.last)
    judge, found = BatchEvaluator(case.rules, case.size), {}
    for batch in Batches(case.lines).of(case.lines.hits, chance, 40):
        judge.take(batch)
        if chance.random() < 0.5 and len(batch):
            second = int(np.max(batch.seconds)) - 1
            found |= {each.id: each for each in judge.judge_up_to(second)}
            end = (second + 1) // case.size * case.size - 1
            assert_stands(judge.alerts, verdict, end)
    found |= {each.id: each for each in judge.judge_up_to(case.last)}
    found |= {each.id: each for each in judge.open}
    assert as_rows(list(found.values())) == as_rows(verdict.incidents)


@pytest.mark.usefixtures("_room")
@pytest.mark.parametrize("way", [watch_live, watch_backlog, watch_whole_log, reported])
@UNSHRUNK
@given(case=related_cases(), seed=st.integers(0, 2**32))
def test_every_incident_of_a_log(way: Way, case: Case, seed: int) -> None:
    ruled = Ruled(given=case.rules, bucket_size=case.size)
    found, last = way(case.lines, ruled, random.Random(seed))
    assert as_rows(found) == as_rows(judged(case.rules, case.lines, case.size, last).incidents)


@pytest.mark.usefixtures("_room")
@settings(UNSHRUNK, max_examples=examples(25))
@given(case=watched, seed=st.integers(0, 2**32))
def test_a_watch_goes_on_from_its_state_file(
    case: Case, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert_goes_on_from_its_state_file(case, seed, tmp_path_factory.mktemp("state"))


@pytest.mark.usefixtures("_room")
@UNSHRUNK
@given(case=st.one_of(within_minutes, over_hours), seed=st.integers(0, 2**32))
def test_late_hits_count_from_the_next_verdict_on(case: Case, seed: int) -> None:
    assert_late_hits_count(case, random.Random(seed), 20)


def test_the_crowd_of_another_rule_outlives_hits_of_nobody_new() -> None:
    """A slot whose only new subjects are learnt has hits of the other rule, still without names."""
    learning = msgspec.structs.replace(NEW, scope=Scope.STATUS, window=6, learning=1_000)
    busy = Rule(
        name="busy", title="Busy", metric=Metric.HITS, scope=Scope.SECTION, window=9, critical=4
    )
    hits = [raw_hit(START + at) for at in range(8)]
    for way in ("restart", "reload"):
        case = Case(Lines(hits), (learning, busy), 1)
        fed = Fed(case, random.Random(1))
        for second in range(START, START + 8):
            fed.feed_up_to(second)
            fed.judge_up_to(second)
            if second == START + 3:
                getattr(fed, way)()
        assert [each.rule for each in fed.incidents] == ["busy"]


def test_rules_that_count_alike_are_not_counted_twice_where_a_backlog_ends() -> None:
    """One of them depends on the other, so they are judged apart as long as the log is read."""
    first = msgspec.structs.replace(NEW, name="first", window=90, warning=None, critical=1)
    second = msgspec.structs.replace(first, name="second", unless=("first",), equal=("path",))
    hits = [raw_hit(START + at, path=b"/new" if at > 100 else b"/") for at in range(200)]
    ruled = Ruled(given=(first, second), bucket_size=1)
    found, last = watch_whole_log(Lines(hits), ruled, random.Random(3))
    expected = judged(ruled.given, Lines(hits), 1, last).incidents
    assert as_rows(found) == as_rows(expected)
    assert len(expected) >= 2


def hits_of_one_forgotten_soon() -> list[Hit]:
    """One path is met, and anew once a crowd has taken its room; all within ten seconds."""
    crowd = [raw_hit(START + 8, path=b"/%d" % number) for number in range(4)]
    one = [raw_hit(START + at, path=b"/one") for at in (0, 7, 9)]
    return sorted([*one, *crowd], key=lambda hit: hit.second)


@pytest.mark.parametrize("way", ["live", "report"])
def test_a_rule_finds_the_same_whatever_is_new_to_another(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hit that is old to it, and new to one with a longer window, is not counted by it."""
    monkeypatch.setattr(known, "MAX_KNOWN", 3)
    short = msgspec.structs.replace(NEW, window=4)
    long = msgspec.structs.replace(short, name="long", window=20)
    found = []
    for rules in ((short,), (short, long)):
        case = Case(Lines(hits_of_one_forgotten_soon()), rules, 1)
        fed, judge = Fed(case, random.Random(1)), BatchEvaluator(rules, 1)
        fed.feed_up_to(case.last)
        fed.judge_up_to(case.last)
        judge.take(raw_batch(case.lines.hits))
        told = {each.id: each for each in judge.judge_up_to(case.last)}
        told |= {each.id: each for each in judge.open}
        incidents = fed.incidents if way == "live" else list(told.values())
        assert as_rows(incidents) == as_rows(judged(rules, case.lines, 1, case.last).incidents)
        found.append(as_rows([each for each in incidents if each.rule == short.name]))
    assert found[0] == found[1]
    assert [(row[2], row[4]) for row in found[0]][-1] == (b"/one", 1)


def test_counts_of_a_version_that_saved_no_window_go_on() -> None:
    """So do those of a window that has been changed: what fires does not start anew."""
    rule = msgspec.structs.replace(NEW, warning=3)
    hits = [raw_hit(START + at, path=b"/new") for at in range(6)]
    fed = Fed(Case(Lines(hits), (rule,), 1), random.Random(1))
    fed.feed_up_to(START + 4)
    fed.judge_up_to(START + 4)
    saved = counter_key_of(rule)
    for former in (saved.of_the_met, saved):
        state = msgspec.structs.replace(fed.engine.state(), since=[(former, START)])
        slots = [
            (slot, {former: fed.engine.ring.slot_counts(slot)[saved]})
            for slot in range(START, START + 5)
        ]
        met = fed.engine.ring.novelties.unsaved(everything=True)
        assert [page.counter_key for page in met] == [saved.of_the_met]
        changed = msgspec.structs.replace(rule, window=40)
        engine = RuleEvaluator((changed,), 1)
        assert engine.restore(state, slots, fed.engine.open, (), met) == []
        engine.take(raw_batch(hits[5:]))
        assert engine.judge_up_to(START + 5) == []
        (incident,) = engine.open
        assert (incident.id, incident.peak) == (fed.incidents[0].id, 6)


def test_a_subject_met_anew_later_in_the_log_was_first_seen_when_it_was() -> None:
    """A log read at once is judged in one go, in which the path is new, forgotten and new again."""
    rule = msgspec.structs.replace(NEW, forget=3_600)
    hits = [raw_hit(START, path=b"/new"), raw_hit(START + 3 * 3_600, path=b"/new")]
    judge = BatchEvaluator((rule,), 1)
    judge.take(raw_batch(hits))
    found = {each.id: each for each in judge.judge_up_to(START + 4 * 3_600)}
    said = [
        each.message[each.message.index("first seen") :][: len("first seen 00:00:00")]
        for each in found.values()
    ]
    met = [datetime.fromtimestamp(hit.second, UTC) for hit in hits]
    assert said == [f"{each:first seen %H:%M:%S}" for each in met]


@pytest.mark.parametrize(
    ("midnight", "said"),
    [(0, "first seen 23:59:59, 2 hits since"), (1, "first seen {day} 23:59:59, 2 hits since")],
)
def test_the_date_is_said_of_who_was_first_seen_on_another_day(midnight: int, said: str) -> None:
    last = START - START % 86_400 + 86_399
    said = said.format(day=f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d}")
    rule = msgspec.structs.replace(NEW, scope=Scope.CLIENT, window=86_400, warning=1)
    hits = [raw_hit(last), raw_hit(last + midnight)]
    case = Case(Lines(hits), (rule,), 1)
    fed = Fed(case, random.Random(1))
    fed.feed_up_to(last + 9)
    fed.judge_up_to(last + 9)
    judge = BatchEvaluator((rule,), 1)
    judge.take(raw_batch(hits))
    for found in (fed.incidents, judge.judge_up_to(last + 9)):
        assert [said in each.message for each in found] == [True]

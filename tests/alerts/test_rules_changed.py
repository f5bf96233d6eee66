"""Settings changed between two runs do not alone make a rule fire, stay silent or continue."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evaluation.evaluator_state import EvaluatorState
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import NoData, Rule, Scope, When
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.traffic import START

RULE = Rule(name="rule", title="Rule", metric=Metric.RATE, window=60, critical=5)
QUIET = msgspec.structs.replace(RULE, when=When.BELOW)


def feed(engine: RuleEvaluator, first: int, last: int, rate: int, status: int = 200) -> None:
    """Feed `rate` hits in each second."""
    engine.begin(first)
    for begin in range(first, last + 1, 60):
        seconds = range(begin, min(begin + 60, last + 1))
        hits = [raw_hit(each, status=status, path=b"/api/x") for each in seconds]
        engine.take(raw_batch([hit for hit in hits for _ in range(rate)]))


def another(
    engine: RuleEvaluator, rule: Rule, size: int = 1
) -> tuple[RuleEvaluator, list[Incident]]:
    """Return an evaluator of another run, with `rule`, and the incidents without a rule."""
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.state()), type=EvaluatorState)
    slots = [(slot, engine.ring.slot_counts(slot)) for slot in engine.ring.slots]
    after = RuleEvaluator([rule], size)
    return after, after.restore(state, slots, engine.open)


def run_of(rule: Rule, seconds: int, rate: int, size: int = 1, status: int = 200) -> RuleEvaluator:
    """Return an evaluator that has judged the given number of seconds."""
    engine = RuleEvaluator([rule], size)
    feed(engine, START, START + seconds - 1, rate, status)
    engine.judge_up_to(START + seconds - 1)
    return engine


def fired(engine: RuleEvaluator, seconds: int) -> Sequence[Incident]:
    """Judge the next seconds, with ten hits each."""
    assert engine.judged is not None
    first = (engine.judged + 1) * engine.bucket_size
    feed(engine, first, first + seconds - 1, 10)
    return engine.judge_up_to(first + seconds - 1)


def test_with_wider_slots_rules_are_judged_on() -> None:
    engine, _ = another(run_of(RULE, 300, rate=1), RULE, size=10)
    assert [incident.firing for incident in fired(engine, 120)] == [True]


def test_with_narrower_slots_too_little_is_not_what_was_counted_otherwise() -> None:
    engine, _ = another(run_of(QUIET, 300, rate=10, size=10), QUIET, size=1)
    assert not fired(engine, 120)


def test_a_longer_window_is_not_taken_for_quiet_where_its_hits_are_forgotten() -> None:
    longer = msgspec.structs.replace(QUIET, window=600)
    engine, _ = another(run_of(QUIET, 1_500, rate=10), longer)
    assert not fired(engine, 700)


def test_a_rule_of_another_scope_takes_nothing_over() -> None:
    rule = Rule(
        name="rule",
        title="Rule",
        metric=Metric.SHARE,
        status=("5xx",),
        scope=Scope.SECTION,
        window=60,
        critical=0.1,
        no_data=NoData.KEEP,
    )
    before = run_of(rule, 100, rate=10, status=500)
    engine, orphans = another(before, msgspec.structs.replace(rule, scope=Scope.CLIENT))
    assert [(each.scope, each.subject) for each in orphans] == [(Scope.SECTION, b"/api")]
    assert not fired(engine, 200)
    assert not engine.open


def test_a_rule_of_other_subjects_ends_what_it_no_longer_looks_at() -> None:
    rule = msgspec.structs.replace(QUIET, scope=Scope.SECTION, match=("/api",), critical=50)
    before = run_of(rule, 200, rate=10)
    assert [incident.subject for incident in before.open] == [b"/api"]
    engine, orphans = another(before, msgspec.structs.replace(rule, match=("/shop*",)))
    assert [incident.subject for incident in orphans] == [b"/api"]
    assert not fired(engine, 200)


@pytest.mark.parametrize(
    "given",
    [
        {"when": When.BELOW},
        {"metric": Metric.SHARE, "status": ("5xx",), "no_data": NoData.ALERT},
        {"minimum_hits": 5, "critical": 1e9, "no_data": NoData.ALERT},
    ],
)
def test_a_subject_that_is_named_is_missed_from_the_beginning_of_the_log(
    given: dict[str, Any],
) -> None:
    """Once a window was seen, and not before; what only a pattern fits cannot be missed."""
    fields: dict[str, Any] = {"scope": Scope.SECTION, "match": ("/api", "/shop", "/n*"), **given}
    rule = msgspec.structs.replace(RULE, **fields)
    early = run_of(rule, rule.window - 1, rate=10)
    assert early.open == []
    assert [each.subject for each in fired(early, 1)] == [b"/shop"]
    batch = BatchEvaluator([rule], 1)
    batch.take(raw_batch([raw_hit(START + at, path=b"/api/x") for at in range(100)] * 10))
    (found,) = batch.judge_up_to(START + 99)
    assert (found.subject, found.triggered_at) == (b"/shop", START + rule.window - 1)


def test_a_rule_with_another_filter_begins_anew() -> None:
    rule = msgspec.structs.replace(RULE, where="section:/api")
    before = run_of(rule, 200, rate=10)
    (incident,) = before.open
    same, orphans = another(before, rule)
    assert (same.open, orphans) == ([incident], [])
    engine, orphans = another(before, msgspec.structs.replace(rule, where="section:/shop"))
    assert orphans == [incident]
    assert not fired(engine, 200)


def test_a_rule_of_other_scopes_begins_anew() -> None:
    both = {"scope": Scope.CLIENT, "by": (Scope.CLIENT, Scope.PATH)}
    before = run_of(msgspec.structs.replace(RULE, **both), 200, rate=10)
    (incident,) = before.open
    one = msgspec.structs.replace(RULE, scope=Scope.CLIENT)
    engine, orphans = another(before, one)
    assert orphans == [incident]
    assert [each.by for each in fired(engine, 200)] == [()]


def test_a_rule_without_a_filter_goes_on_from_a_state_that_knows_of_none() -> None:
    before = run_of(RULE, 200, rate=10)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(before.state()))
    (record,) = state["alerts"].values()
    for counter_key in (record[-2], *(key for key, _ in state["since"])):
        assert counter_key[5:] == ["", "", [], []]  # where, bad, by, novelty
        del counter_key[5:]
    slots = [(slot, before.ring.slot_counts(slot)) for slot in before.ring.slots]
    after = RuleEvaluator([RULE], 1)
    assert after.restore(msgspec.convert(state, EvaluatorState), slots, before.open) == []
    assert after.open == before.open


def test_a_threshold_moved_down_and_up_again_leaves_the_warning_where_it_was() -> None:
    engine = RuleEvaluator([msgspec.structs.replace(RULE, warning=4, warning_recovery=3)], 1)
    engine.set_threshold("rule", 2)
    moved = engine.alerts["rule"].rule
    assert (moved.critical, moved.warning, moved.warning_recovery) == (2, 2, 2)
    engine.set_threshold("rule", 5)
    moved = engine.alerts["rule"].rule
    assert (moved.critical, moved.warning, moved.warning_recovery) == (5, 4, 3)


def test_with_wider_slots_what_fires_goes_on_until_a_whole_window_is_seen() -> None:
    before = run_of(RULE, 300, rate=10)
    (incident,) = before.open
    engine, orphans = another(before, RULE, size=10)
    assert not orphans
    assert not fired(engine, 30)
    engine, _ = another(engine, RULE, size=10)
    assert not fired(engine, 200)
    assert [each.id for each in engine.open] == [incident.id]


def test_an_incident_of_a_state_of_old_goes_on() -> None:
    rule = msgspec.structs.replace(RULE, scope=Scope.CLIENT)
    (incident,) = run_of(rule, 300, rate=10).open
    engine = RuleEvaluator([rule], 1)
    old = replace(incident, scope=Scope.ALL, window=0)
    assert not engine.restore(EvaluatorState(), [], [old])
    feed(engine, START + 300, START + 500, 10)
    assert not engine.judge_up_to(START + 500)
    assert engine.open == [incident]
    (recovered,) = engine.judge_up_to(START + 600)
    assert not recovered.firing


def told_on(engine: RuleEvaluator, first: int, seconds: int) -> Sequence[Incident]:
    """Return the incidents changed in the seconds from `first` on, with ten hits each."""
    feed(engine, first, first + seconds - 1, 10)
    return engine.judge_up_to(first + seconds - 1)


@pytest.mark.parametrize(("size", "wider"), [(1, 60), (1, 7), (2, 60), (10, 20), (20, 60)])
def test_what_fires_goes_on_in_wider_slots_wherever_they_begin(size: int, wider: int) -> None:
    """The rate is barely above the threshold, so a single missing hit would show."""
    rule = msgspec.structs.replace(RULE, window=120 if wider != 7 else 140, critical=9.9)
    seconds = 690 // size * size
    engine = run_of(rule, seconds, rate=10, size=size)
    (incident,) = engine.open
    after, orphans = another(engine, rule, size=wider)
    assert not orphans
    assert not told_on(after, START + seconds, 300)
    assert [each.id for each in after.open] == [incident.id]
    (recovered,) = after.judge_up_to(START + 3_000)
    assert not recovered.firing


@pytest.mark.parametrize(("size", "narrower"), [(10, 1), (60, 7), (7, 2)])
def test_what_fires_goes_on_in_narrower_slots(size: int, narrower: int) -> None:
    rule = msgspec.structs.replace(RULE, window=420, critical=9.9)
    engine = run_of(rule, 1_260, rate=10, size=size)
    (incident,) = engine.open
    after, _ = another(engine, rule, size=narrower)
    assert not told_on(after, START + 1_260, 500)
    assert [each.id for each in after.open] == [incident.id]
    (recovered,) = after.judge_up_to(START + 5_000)
    assert not recovered.firing


def test_hits_that_were_counted_but_not_judged_are_not_lost_in_narrower_slots() -> None:
    """The run ended within a slot, so its few hits must not count as too little traffic."""
    rule = msgspec.structs.replace(QUIET, window=60, critical=9.9)
    engine = run_of(rule, 300, rate=10, size=10)
    feed(engine, START + 300, START + 306, 10)
    after, _ = another(engine, rule, size=1)
    feed(after, START + 307, START + 600, 10)
    assert not after.judge_up_to(START + 600)


@pytest.mark.parametrize("window", [30, 120, 600])
def test_what_fired_lately_goes_on_over_another_window(window: int) -> None:
    """A longer window needs hits that are no longer known; they were nearly as many."""
    engine = run_of(RULE, 1_000, rate=5)
    assert fired(engine, 30)
    (incident,) = engine.open
    engine, orphans = another(engine, msgspec.structs.replace(RULE, window=window))
    assert not orphans
    assert not fired(engine, 100)
    engine, _ = another(engine, msgspec.structs.replace(RULE, window=window))
    assert not fired(engine, 700)
    assert [each.id for each in engine.open] == [incident.id]

"""Settings changed between two runs: no rule fires, stays silent or goes on for that alone."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from logmon_tui.alerts.engine import EngineState, RuleEngine
from logmon_tui.alerts.incident import Incident
from logmon_tui.alerts.rule import Metric, NoData, Rule, Scope, When
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.traffic import START

RULE = Rule(name="rule", title="Rule", metric=Metric.RATE, window=60, critical=5)
QUIET = msgspec.structs.replace(RULE, when=When.BELOW)


def feed(engine: RuleEngine, first: int, last: int, rate: int, status: int = 200) -> None:
    """Let `rate` hits come in each second."""
    for second in range(first, last + 1):
        engine.begin(second)
        engine.take(raw_batch([raw_hit(second, status=status, path=b"/api/x")] * rate))


def another(engine: RuleEngine, rule: Rule, size: int = 1) -> tuple[RuleEngine, list[Incident]]:
    """Return an engine of another run, by `rule`, and the incidents of no rule."""
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.state()), type=EngineState)
    slots = [(slot, engine.ring.slot_counts(slot)) for slot in engine.ring.slots]
    after = RuleEngine([rule], size)
    return after, after.restore(state, slots, engine.open)


def run_of(rule: Rule, seconds: int, rate: int, size: int = 1, status: int = 200) -> RuleEngine:
    """Return an engine that has judged so many seconds."""
    engine = RuleEngine([rule], size)
    feed(engine, START, START + seconds - 1, rate, status)
    engine.judge_up_to(START + seconds - 1)
    return engine


def fired(engine: RuleEngine, seconds: int) -> Sequence[Incident]:
    """Judge the next seconds, of ten hits each."""
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
    engine, orphans = another(before, msgspec.structs.replace(rule, match=("/shop",)))
    assert [incident.subject for incident in orphans] == [b"/api"]
    assert not fired(engine, 200)


def test_a_threshold_moved_down_and_up_again_leaves_the_warning_where_it_was() -> None:
    engine = RuleEngine([msgspec.structs.replace(RULE, warning=4, warning_recovery=3)], 1)
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
    engine = RuleEngine([rule], 1)
    old = replace(incident, scope=Scope.ALL, window=0)
    assert not engine.restore(EngineState(), [], [old])
    feed(engine, START + 300, START + 500, 10)
    assert not engine.judge_up_to(START + 500)
    assert engine.open == [incident]
    (recovered,) = engine.judge_up_to(START + 600)
    assert not recovered.firing

"""Rules need bounded memory and time, even for a hostile log."""

from pathlib import Path

from logmon_tui.alerts.evaluation.alert import MAX_SUBJECT_STATES
from logmon_tui.alerts.evaluation.counter_keys import counter_key_of
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Against, Rule, Scope, When
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.state_file import StateFile
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.traffic import START, batch_of, hit, settings_of


def test_those_who_came_once_do_not_fill_a_rule_that_fires_on_too_little() -> None:
    rule = Rule(
        name="rule",
        title="Rule",
        metric=Metric.RATE,
        scope=Scope.CLIENT,
        window=2,
        when=When.BELOW,
        critical=1,
        max_incidents=3,
    )
    engine = RuleEvaluator([rule], 1)
    for second in range(START, START + 20):
        hosts = [b"%d.%d" % (second, number) for number in range(500)]
        engine.begin(second)
        engine.take(raw_batch([raw_hit(second, host=host) for host in hosts]))
        engine.judge_up_to(second)
    subject_states = engine.alerts["rule"].subject_states
    assert len(subject_states) == MAX_SUBJECT_STATES
    assert all(incident.subject in subject_states for incident in engine.open)


def test_a_rule_with_a_long_memory_does_not_lend_it_to_others() -> None:
    short = Rule(
        name="short", title="S", metric=Metric.RATE, scope=Scope.CLIENT, window=5, critical=0.1
    )
    long = Rule(
        name="long",
        title="L",
        metric=Metric.CHANGE,
        against=Against.BASELINE,
        baseline=60,
        window=5,
        critical=9,
    )
    engine = RuleEvaluator([short, long], 1)
    for second in range(START, START + 100):
        engine.begin(second)
        engine.take(raw_batch([raw_hit(second)]))
        engine.judge_up_to(second)
    kept = {rule.name: len(engine.ring.counts(rule)) for rule in (short, long)}
    assert kept == {"short": 11, "long": 71}
    slots = [engine.ring.slot_counts(slot) for slot in engine.ring.slots]
    assert sum(counter_key_of(short) in counts for counts in slots) == 11


def test_lines_of_no_hits_count_as_of_now_while_no_line_parses() -> None:
    rules = {"strange": {"metric": "unparsed_share", "critical": 0.5, "window": 60}}
    monitor = HTTPMonitor(settings_of(rules=rules))
    strange = raw_batch([], unparsed_after=[0] * 5)
    changed = []
    for second in range(600):
        lines = batch_of([hit(START + second)] * 2) if second < 100 else strange
        monitor.feed(lines, float(second))
        changed += monitor.tick(float(second), float(START + second))
    assert [(each.rule, each.firing) for each in changed] == [("strange", True)]


def test_sums_of_bytes_that_no_real_log_has_are_saved_all_the_same(tmp_path: Path) -> None:
    rules = {"bytes": {"metric": "bytes_rate", "critical": 1}}
    monitor = HTTPMonitor(settings_of(rules=rules), journal=True)
    store = StateFile(tmp_path / "state", ["/access.log"])
    store.load()
    for second in range(3):
        for _ in range(50):
            monitor.feed(batch_of([hit(START + second, size=2**60)] * 4), float(second))
        monitor.tick(float(second), float(START + second))
        store.save({}, monitor, float(second), float(START + second))
        assert not store.problem
    assert "bytes" in {incident.rule for incident in monitor.alerts.open}
    store.close()


def test_what_users_say_of_an_incident_of_a_backlog_stays() -> None:
    monitor = HTTPMonitor(settings_of(threshold=1, alert_window=10))
    monitor.begin_backlog(START + 2_000)
    monitor.feed(batch_of([hit(START + second) for second in range(1_000) for _ in range(2)]), 0.0)
    monitor.tick(0.0, 0.0)
    (incident,) = monitor.alerts.incidents.all()[:1]
    assert incident.firing
    monitor.alerts.incidents.acknowledge(incident.id, 1.0)
    monitor.alerts.incidents.set_note(incident.id, "seen")
    later = [hit(START + second) for second in range(1_000, 2_001) for _ in range(2)]
    monitor.feed(batch_of(later), 1.0)
    monitor.tick(1.0, 0.0)
    monitor.end_backlog(1.0)
    (kept,) = [each for each in monitor.alerts.incidents.all() if each.id == incident.id]
    assert (kept.acknowledged_at, kept.note) == (1.0, "seen")


def test_of_a_long_memory_each_second_of_a_crowd_takes_less() -> None:
    rule = Rule(name="rule", title="R", metric=Metric.CLIENTS, window=86_400, critical=1)
    engine = RuleEvaluator([rule], 1)
    engine.begin(START)
    hosts = [b"%d" % number for number in range(5_000)]
    engine.take(raw_batch([raw_hit(START, host=host) for host in hosts]))
    (counts,) = engine.ring.counts(rule).values()
    cells = counts.clients[None].cells
    assert cells.nbytes <= 512


def test_in_a_long_slot_the_slowest_responses_are_not_crowded_out() -> None:
    rule = Rule(
        name="rule",
        title="R",
        metric=Metric.RESPONSE_SIZE,
        scope=Scope.SECTION,
        window=60,
        critical=10_000_000,
    )
    engine = RuleEvaluator([rule], 60)
    first = START // 60 * 60
    engine.begin(first)
    small = [
        raw_hit(first, size=2**size, path=b"/s%d/x" % section)
        for section in range(500)
        for size in range(12)
    ]
    engine.take(raw_batch(small))
    engine.take(raw_batch([raw_hit(first + 30, size=2**30, path=b"/big/x")] * 10))
    (incident,) = engine.judge_up_to(first + 59)
    assert incident.subject == b"/big"

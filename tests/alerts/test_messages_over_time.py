"""An own message has present values; a built-in one keeps those of the trigger."""

import msgspec
import pytest

from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule
from logmon_tui.alerts.rules.messages import iso_time
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.traffic import START, settings_of

RULE = Rule(
    name="busy",
    title="Busy",
    metric=Metric.HITS,
    window=10,
    warning=10,
    critical=50,
    message="{severity}: {value} > {threshold} ({hits} hits) since {time}",
    recovery="no longer {severity}: {value} <= {threshold} at {time}",
)


def changes_over(rule: Rule, *rates: int) -> tuple[list[Incident], RuleEvaluator]:
    """Let each rate last ten seconds; return every incident that changed, as it was then."""
    engine, changed = RuleEvaluator([rule], 1), []
    for second in range(10 * len(rates)):
        engine.begin(START + second)
        engine.take(raw_batch([raw_hit(START + second)] * rates[second // 10]))
        changed += engine.judge_up_to(START + second)
    return changed, engine


def test_each_change_is_told_in_the_words_of_that_second() -> None:
    changed, _ = changes_over(RULE, 1, 2, 9, 2, 0)
    fired, worse, milder, over = changed
    since = iso_time(fired.triggered_at)
    assert fired.message == f"warning: 11 > 10 (11 hits) since {since}"
    assert worse.message == f"critical: 55 > 50 (55 hits) since {since}"
    assert milder.message == f"warning: 48 > 10 (48 hits) since {since}"
    assert over.recovered_at is not None
    assert over.recovery == f"no longer warning: 10 <= 10 at {iso_time(over.recovered_at)}"
    assert over.message == milder.message


def test_a_recovery_tells_the_severity_that_ends() -> None:
    """Both severities end in the same second, so the incident was critical until its end."""
    rule = msgspec.structs.replace(RULE, critical_recovery=10)
    *_, over = changes_over(rule, 9, 0)[0]
    assert over.severity == "critical"
    assert over.recovery.startswith("no longer critical: 9 <= 50 at ")


def test_while_it_fires_it_says_how_it_is_now() -> None:
    (fired,), engine = changes_over(RULE, 1, 3)
    (alert,) = engine.alerts.values()
    assert fired.message.startswith("warning: 12 > 10 (12 hits)")
    assert alert.message_now(fired).startswith("warning: 30 > 10 (30 hits)")


def test_another_run_says_what_was_said_until_it_has_judged() -> None:
    (fired,), engine = changes_over(RULE, 1, 3)
    slots = [(slot, engine.ring.slot_counts(slot)) for slot in engine.ring.slots]
    after = RuleEvaluator([RULE], 1)
    after.restore(engine.state(), slots, engine.open)
    assert after.alerts["busy"].message_now(fired) == fired.message
    after.judge_up_to(START + 20)
    assert after.alerts["busy"].message_now(fired).startswith("warning: 27 > 10 (27 hits)")


@pytest.mark.parametrize("name", ["traffic", "error_rate", "ddos"])
def test_the_message_of_a_built_in_rule_stays_that_of_its_trigger(name: str) -> None:
    table = {"warning": 0.5} if name != "error_rate" else {"warning": 0.001}
    rules = settings_of(rules={name: table}, threshold=5, ddos_threshold=5, alert_window=10)
    rule = next(each for each in rules.alert_rules() if each.name == name)
    rates = [1, 2, 9, 9]
    engine, changed = RuleEvaluator([rule], 1), []
    for second in range(40):
        hits = [raw_hit(START + second, status=500 if second >= 20 else 200)] * rates[second // 10]
        engine.begin(START + second)
        engine.take(
            raw_batch([*hits, raw_hit(START + second, status=500 if second == 18 else 200)])
        )
        changed += engine.judge_up_to(START + second)
    fired, worse = changed
    assert (fired.severity, worse.severity) == ("warning", "critical")
    assert worse.message == fired.message
    assert fired.message.endswith(f"triggered at {iso_time(fired.triggered_at)}")
    (alert,) = engine.alerts.values()
    assert alert.message_now(worse) == fired.message

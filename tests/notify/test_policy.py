"""When a target is told of what."""

import pytest

from logmon_tui.alerts.model.rule import Severity
from logmon_tui.notify.target import wants
from tests.notify.examples import START, incident
from tests.notify.policy_world import FIRED, RECOVERED, RENOTIFY, SEVERITY, world


def test_a_fire_and_its_recovery_are_told_once() -> None:
    each = world()
    each.fire()
    assert each.step() == [("fired", "traffic")]
    assert each.steps(3) == []
    each.recover()
    assert each.step() == [("recovered", "traffic")]
    assert each.steps(60) == []


def test_a_burst_within_the_wait_is_one_message_of_all() -> None:
    each = world(group_wait=3)
    each.fire()
    assert each.step() == []
    each.fire(("errors", b"/api"))
    assert each.step(2.9) == []
    assert each.step(0.1) == [("fired", "traffic"), ("fired", "errors")]


def test_a_fire_that_recovers_within_the_wait_is_told_with_its_recovery() -> None:
    each = world(group_wait=3)
    each.fire()
    each.step()
    each.recover()
    assert each.step(1) == []
    assert each.step(2) == [("fired", "traffic"), ("recovered", "traffic")]
    assert each.told[0][1].events[0].incident.firing


def test_what_fired_and_recovered_between_two_moments_is_not_told() -> None:
    each = world()
    each.fire()
    each.recover()
    each.fire(("errors", None))
    assert each.step() == [("fired", "errors")]
    assert each.steps(30) == [("firing", "errors")]


def test_a_flapping_rule_sends_one_pair_in_each_interval() -> None:
    each = world()
    for _ in range(20):
        each.fire()
        each.step(0.5)
        each.recover()
        each.step(0.5)
    assert [(now, event.kind) for now, event in each.events] == [
        (0.5, FIRED),
        (1.0, RECOVERED),
        (10.5, FIRED),
        (11.0, RECOVERED),
    ]


def test_what_is_critical_does_not_wait_for_a_warning_told_before_but_only_once() -> None:
    each = world()
    for severity in (Severity.WARNING, Severity.CRITICAL, Severity.CRITICAL):
        each.fire(severity=severity)
        each.step(0.5)
        each.recover()
        each.step(0.5)
    assert [(now, event.kind, event.incident.severity) for now, event in each.events] == [
        (0.5, FIRED, Severity.WARNING),
        (1.0, RECOVERED, Severity.WARNING),
        (1.5, FIRED, Severity.CRITICAL),
        (2.0, RECOVERED, Severity.CRITICAL),
    ]


def test_a_fire_within_the_interval_is_told_at_its_end_if_it_still_fires() -> None:
    each = world()
    each.fire()
    each.step()
    each.recover()
    each.step(1)
    each.fire()
    assert each.step() == each.steps(8) == []
    assert each.step(1) == [("fired", "traffic")]


def test_what_still_fires_is_told_again_each_interval_but_not_once_acknowledged() -> None:
    each = world()
    each.fire()
    each.step()
    assert each.steps(9) == []
    assert each.step(1) == [("firing", "traffic")]
    assert each.steps(10) == [("firing", "traffic")]
    each.alter(acknowledged_at=1.0)
    assert each.steps(30) == []
    each.recover()
    assert each.step() == [("recovered", "traffic")]


def test_a_worse_severity_is_told_at_once_a_milder_one_when_it_would_be_told_again() -> None:
    each = world()
    each.fire(severity=Severity.WARNING)
    each.step()
    for severity in (Severity.CRITICAL, Severity.WARNING) * 3:
        each.alter(severity=severity)
        each.step(1)
    assert [(event.kind, event.incident.severity) for _, event in each.events] == [
        (FIRED, Severity.WARNING),
        (SEVERITY, Severity.CRITICAL),
    ]
    assert each.steps(6) == [("severity", "traffic")]
    assert each.events[-1][1].incident.severity is Severity.WARNING


def test_nothing_silenced_is_told_until_the_silence_ends() -> None:
    each = world()
    each.silence(20, "traffic")
    each.fire()
    each.fire(("errors", None))
    assert each.step() == [("fired", "errors")]
    assert each.steps(19) == []
    assert each.step(1) == [("fired", "traffic")]


def test_what_recovers_while_silenced_is_never_told_unless_its_fire_was() -> None:
    each = world()
    each.fire()
    each.step()
    each.silence(5)
    each.fire(("errors", None))
    each.step(1)
    each.recover()
    each.recover(("errors", None))
    assert each.step(1) == []
    assert each.steps(10) == [("recovered", "traffic")]


def test_a_silence_that_begins_while_a_message_waits_holds_it_back() -> None:
    each = world(group_wait=3)
    each.fire()
    each.step()
    each.silence(60)
    assert each.steps(30) == []


def test_a_silence_between_a_recovery_and_its_being_told_holds_that_back() -> None:
    """It is told when the silence ends, as that of a recovery during one."""
    each = world(group_wait=3)
    each.fire()
    assert each.steps(4) == [("fired", "traffic")]
    each.recover()
    assert each.step(1) == []
    each.silence(60)
    assert each.steps(59) == []
    assert each.steps(10) == [("recovered", "traffic")]


def test_what_fired_and_recovered_unsaid_before_a_silence_is_never_told() -> None:
    each = world(group_wait=5)
    each.fire()
    each.step(1)
    each.recover()
    each.step(1)
    each.silence(20)
    assert each.steps(60) == []


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ((), ["ddos", "endpoint_slow", "endpoint_x"]),
        (("endpoint_*",), ["endpoint_slow", "endpoint_x"]),
        (("!ddos",), ["endpoint_slow", "endpoint_x"]),
        (("endpoint_*", "!endpoint_x"), ["endpoint_slow"]),
        (("!*",), []),
    ],
)
def test_rules_are_chosen_by_patterns(rules: tuple[str, ...], told: list[str]) -> None:
    each = world(rules=rules)
    for rule in ("ddos", "endpoint_slow", "endpoint_x"):
        each.fire((rule, None))
    assert [rule for _, rule in each.step()] == told
    assert [rule for rule in RENOTIFY if wants(each.target, incident(rule))] == (
        [] if rules and rules != ("!ddos",) else ["traffic", "errors"]
    )


def test_a_target_for_what_is_critical_hears_of_a_warning_once_it_is_critical() -> None:
    each = world(severity=Severity.CRITICAL)
    each.fire(severity=Severity.WARNING)
    assert each.steps(30) == []
    each.alter(severity=Severity.CRITICAL)
    assert each.step() == [("fired", "traffic")]


def test_what_a_backlog_holds_is_not_told_but_what_still_fires_at_its_end() -> None:
    each = world()
    for key in (("traffic", None), ("errors", None)):
        each.fire(key)
        assert each.step(1, hold=True) == []
    each.recover()
    assert each.step(1, hold=True) == []
    assert each.step(1) == [("fired", "errors")]


def test_what_a_former_run_told_is_not_told_anew_but_its_recovery_is() -> None:
    each = world()
    each.now = 100.0
    each.fire()
    each.changed.clear()
    each.policy.adopt(list(each.open.values()), each.now, START + each.now)
    assert each.steps(5) == []
    each.recover()
    assert each.step() == [("recovered", "traffic")]


def test_what_fires_when_another_run_is_taken_over_counts_as_told_and_nothing_else_does() -> None:
    """As long as another run tells the targets, what fires is adopted again and again."""
    each = world()
    each.fire(("errors", b"/old"))
    each.step(1, hold=True)
    each.policy.adopt(list(each.open.values()), each.now, START + each.now)
    each.recover(("errors", b"/old"))
    each.fire(("errors", b"/told"))
    each.step(1, hold=True)
    each.policy.adopt(list(each.open.values()), each.now, START + each.now)
    each.fire(("errors", b"/new"))
    each.step(0.25, hold=True)
    each.step()
    each.recover(("errors", b"/told"))
    each.step(1)
    assert [(event.kind, event.incident.subject) for _, event in each.events] == [
        (FIRED, b"/new"),
        (RECOVERED, b"/told"),
    ]


def test_what_ends_without_recovering_is_forgotten() -> None:
    each = world()
    each.fire()
    each.step()
    each.open.clear()
    assert each.steps(60) == []
    assert not each.policy._states


def test_messages_beyond_the_rate_become_one() -> None:
    each = world(per_minute=3)
    for number in range(10):
        each.fire(("errors", b"/%d" % number))
        each.step(1)
    assert [len(group.events) for _, group in each.told] == [1, 1, 1]
    each.steps(60)
    assert [(now, len(group.events)) for now, group in each.told[3:4]] == [(61.0, 10)]

"""The filter of a target chooses the incidents that a plain predicate chooses."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.history.expression import fits, problem_of
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.errors import TargetError
from logmon_tui.notify.policy import Policy
from logmon_tui.notify.registry import check_labels, check_patterns, read_targets
from logmon_tui.notify.screen import Bell
from logmon_tui.notify.target import wants
from tests.notify.examples import START, incident
from tests.notify.policy_world import FIRED, RECOVERED, SEVERITY, world

TERMS: dict[str, Callable[[Incident], bool]] = {
    "rule:ddos,traffic": lambda each: each.rule in {"ddos", "traffic"},
    "rule:END*": lambda each: each.rule.startswith("end"),
    "rule=ddos": lambda each: each.rule == "ddos",
    "severity:critical": lambda each: each.severity is Severity.CRITICAL,
    "scope:client": lambda each: each.scope is Scope.CLIENT,
    "subject:-": lambda each: each.subject is None,
    "subject:/api*": lambda each: (each.subject or b"").startswith(b"/api"),
    "client:10.0.0.0/8": lambda each: (
        each.scope is Scope.CLIENT and (each.subject or b"").startswith(b"10.")
    ),
    "label.team:web": lambda each: dict(each.labels).get("team") == "web",
    "label.team:W*": lambda each: dict(each.labels).get("team", "").startswith("w"),
    "label.Team=web": lambda _: False,
    "label.team:-": lambda each: "team" not in dict(each.labels),
    "q:team=web": lambda each: ("team", "web") in each.labels,
    "API": lambda each: b"/api" in (each.subject or b""),
}

incidents = st.builds(
    lambda rule, severity, scope, subject, labels: replace(
        incident(rule, subject, START, severity=severity), scope=scope, labels=labels
    ),
    st.sampled_from(["ddos", "traffic", "endpoint_errors"]),
    st.sampled_from(Severity),
    st.sampled_from([Scope.ALL, Scope.CLIENT, Scope.SECTION]),
    st.sampled_from([None, b"10.0.0.1", b"192.168.0.1", b"/api", b"/\xff"]),
    st.sampled_from([(), (("team", "web"),), (("tier", "1"), ("team", "ops"))]),
)
alternatives = st.tuples(st.sampled_from(sorted(TERMS)), st.booleans())
groups = st.lists(st.lists(alternatives, min_size=1, max_size=3), max_size=3)


@given(groups, incidents)
def test_any_filter(found: list[list[tuple[str, bool]]], each: Incident) -> None:
    expected = all(any(TERMS[term](each) is not no for term, no in group) for group in found)
    where = " ".join(map(_written, found))
    assert problem_of(where) == ""
    assert fits(where, each) is expected
    if found:
        assert fits(f"!({where})", each) is not expected


def _written(group: list[tuple[str, bool]]) -> str:
    """Return a group as text; a word after a comma would be a value of the field before it."""
    first, *rest = (f"{'!' * no}{term}" for term, no in group)
    return ",".join([first, *(each.replace("API", "q:API") for each in rest)])


def test_severity_rules_and_filter_must_all_take_an_incident() -> None:
    target = Bell(severity=Severity.CRITICAL, rules=("d*",), where="!subject:10.*")
    critical = incident("ddos", b"192.168.0.1", START, severity=Severity.CRITICAL)
    assert wants(target, critical)
    assert not wants(target, replace(critical, severity=Severity.WARNING))
    assert not wants(target, replace(critical, rule="traffic"))
    assert not wants(target, replace(critical, subject=b"10.0.0.1"))


def test_who_hears_of_critical_ones_only_hears_when_an_incident_becomes_it() -> None:
    each = world(group_wait=0.0, where="severity:critical")
    each.fire(severity=Severity.WARNING)
    each.steps(5)
    assert each.events == []
    each.alter(severity=Severity.CRITICAL)
    each.steps(5)
    each.recover()
    each.steps(5)
    assert [event.kind for _, event in each.events] == [FIRED, RECOVERED]


def test_who_heard_of_a_warning_hears_how_it_went_on() -> None:
    each = world(group_wait=0.0, where="severity:warning")
    each.fire(severity=Severity.WARNING)
    each.steps(5)
    each.alter(severity=Severity.CRITICAL)
    each.steps(5)
    each.recover()
    each.steps(5)
    assert [event.kind for _, event in each.events] == [FIRED, SEVERITY, RECOVERED]


def test_what_fires_and_is_not_for_a_target_was_not_told_by_the_run_before() -> None:
    policy = Policy(Bell(where="!rule:traffic"), {})
    policy.adopt([incident("traffic", None, START), incident("ddos", b"a", START)], 5.0, START + 5)
    assert list(policy._states) == [("ddos", b"a")]


def test_a_rule_that_is_not_there_is_told() -> None:
    targets = read_targets({"bell": {"type": "bell", "where": "scope:client,rule:traffic,ddoss"}})
    with pytest.raises(TargetError) as caught:
        check_patterns(targets, ["traffic", "ddos"])
    expected = "notify.bell.where: no rule matches 'ddoss'; did you mean ddos?"
    assert str(caught.value) == expected
    check_patterns(read_targets({"bell": {"type": "bell", "where": "!rule:dd*"}}), ["ddos"])


LABELS = {"team": {"web", "payments"}, "tier": {"1"}}


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"where": "label.tema:web"}, "where: no rule has the label 'tema'; did you mean team?"),
        (
            {"where": "!label.team:paymnts"},
            "where: no rule has the label 'team=paymnts'; did you mean payments?",
        ),
        (
            {"group_by": ["rule", "label.tie"]},
            "group_by: no rule has the label 'tie'; did you mean",
        ),
    ],
)
def test_a_label_that_no_rule_has_is_told(table: dict[str, object], problem: str) -> None:
    targets = read_targets({"bell": {"type": "bell", **table}})
    with pytest.raises(TargetError) as caught:
        check_labels(targets, LABELS)
    assert str(caught.value).startswith(f"notify.bell.{problem}")


def test_labels_that_rules_have_are_taken() -> None:
    for where in (
        "label.team:Payments,WEB",
        "label.team:pay*",
        "label.tier:-",
        "label.tier:re:/1/",
    ):
        table = {"type": "bell", "where": where, "group_by": "label.team"}
        check_labels(read_targets({"bell": table}), LABELS)


@pytest.mark.parametrize("by", ["rules", "label.", "q", 5])
def test_messages_are_grouped_by_known_fields_only(by: object) -> None:
    with pytest.raises(
        TargetError, match=r"notify\.bell\.group_by: .*one of rule, severity, scope"
    ):
        read_targets({"bell": {"type": "bell", "group_by": by}})

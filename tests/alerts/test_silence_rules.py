"""Rules of silence in the settings: what they can say, and what they are refused."""

import pytest

from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.config.settings import Settings
from logmon_tui.errors import RuleError
from tests.alerts.tables import rules_of
from tests.traffic import settings_of


def rule_named(name: str, settings: Settings) -> Rule:
    (rule,) = (rule for rule in settings.all_rules() if rule.name == name)
    return rule


def test_the_rule_is_on_and_goes_by_the_setting() -> None:
    rule = rule_named("host_silent", settings_of(fleet={"silent_after": 90}))
    assert (rule.enabled, rule.critical, rule.scope) == (True, 90, Scope.SERVER)
    assert rule_text(rule) == "nothing heard of a host for 90 s (critical)"


def test_a_table_changes_only_what_it_names() -> None:
    table = {"warning": 30, "critical": 300, "for": 20, "match": "eu/*", "labels": {"team": "web"}}
    rule = rule_named("host_silent", settings_of(rules={"host-silent": table}))
    assert (rule.metric, rule.warning, rule.critical, rule.for_) == (Metric.SILENCE, 30, 300, 20)
    assert rule_text(rule) == (
        "nothing heard of a host like eu/* for 30 s (warning) or 300 s (critical), for 20 s"
    )


def test_its_times_need_be_no_multiple_of_the_bucket_size() -> None:
    from logmon_tui.alerts.rules.tables import check_slots

    rule = rule_named("host_silent", settings_of(rules={"host_silent": {"for": 7}}))
    check_slots([rule], 5)


OWN = {"metric": "silence", "scope": "server", "critical": 60}


@pytest.mark.parametrize(
    ("name", "table", "parts"),
    [
        ("host_silent", {"metric": "rate"}, ["metric: of host_silent is fixed"]),
        ("host_silent", {"scope": "site"}, ['scope: silence needs scope = "server"']),
        ("own", {**OWN, "scope": "all"}, ['scope: silence needs scope = "server"']),
        ("own", {"metric": "silence", "critical": 9}, ['metric: silence needs scope = "server"']),
        ("own", {**OWN, "when": "below"}, ["when: silence is bad above a time"]),
        ("own", {**OWN, "where": "site:eu"}, ["where: silence counts no hits"]),
        ("own", {**OWN, "paths": "/a"}, ["paths: silence counts no hits"]),
        ("own", {**OWN, "window": 60}, ["window: silence counts no hits"]),
        ("own", {**OWN, "minimum_hits": 1}, ["minimum_hits: silence counts no hits"]),
        ("own", {**OWN, "critical_recovery": 1}, ["critical_recovery: silence counts no hits"]),
        ("own", {**OWN, "quantile": 0.5}, ["quantile"]),
        ("own", {**OWN, "compare": "usual"}, ["metric: with compare"]),
        ("own", {"metric": "silence", "scope": "server"}, ["needs critical or warning"]),
    ],
)
def test_what_it_cannot_do_is_refused_in_one_line(
    name: str, table: dict[str, object], parts: list[str]
) -> None:
    with pytest.raises(RuleError) as caught:
        rules_of(**{name: table})
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message

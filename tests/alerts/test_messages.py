"""Messages: the fixed words of the built-in rules, templates, and sentences made of a rule."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.alerts.model.metric import Metric, Unit
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.alerts.rules.builtin import builtin_rules
from logmon_tui.alerts.rules.messages import (
    WORDS,
    MessageContext,
    check_template,
    recovery_message,
    spoken_value,
    trigger_message,
    value_text,
)
from tests.alerts.rule_strategies import COUNTING
from tests.traffic import START

TIME = "2026-11-21T12:00:00Z"
TRAFFIC, ERROR_RATE, DDOS = builtin_rules(10, 0.05, 2.5, 120)


def rule_of(**given: Any) -> Rule:
    fields = {"name": "api", "title": "Trouble", "metric": "rate", "critical": 5, **given}
    return msgspec.convert(fields, Rule)


def context(rule: Rule, value: float | None, hits: int) -> MessageContext:
    return MessageContext(START, value, hits, rule.limits[-1])


def filled(template: str, subject: bytes | None = None, **given: Any) -> str:
    rule = rule_of(message=template, **given)
    return trigger_message(rule, subject, context(rule, 12.34, 1481))


SEEDS = {
    TRAFFIC.name: (None, "High traffic", "hits = 48211"),
    ERROR_RATE.name: (None, "High error rate", "errors = 12.3% of 48211 hits"),
    DDOS.name: (b"10.0.0.1", "High traffic from 10.0.0.1", "hits = 48211"),
}


@pytest.mark.parametrize("rule", [TRAFFIC, ERROR_RATE, DDOS], ids=lambda rule: rule.name)
def test_built_in_rules_speak_the_seeds_words(rule: Rule) -> None:
    subject, what, how = SEEDS[rule.name]
    measured = context(rule, 0.12345, 48_211)
    fired = f"{what} generated an alert - {how}, triggered at {TIME}"
    assert trigger_message(rule, subject, measured) == fired
    recovered = f"{what} recovered - {how}, recovered at {TIME}"
    assert recovery_message(rule, subject, measured) == recovered


def test_an_error_rate_that_ends_for_want_of_hits_says_so() -> None:
    few = replace(context(ERROR_RATE, 0.0, 18), few=True)
    told = f"High error rate recovered - errors = 0.0% of only 18 hits, recovered at {TIME}"
    assert recovery_message(ERROR_RATE, None, few) == told
    own = rule_of(metric="share", status=["5xx"])
    assert "share of 5xx = 0.0% (only 18 hits in 2 min)" in recovery_message(own, None, few)


LABELS = {"team": "web", "tier": "1"}


def test_every_word_of_a_template_is_told() -> None:
    template = " | ".join(f"{{{word}}}" for word in WORDS)
    text = filled(template, b"/api", scope="section", labels=LABELS, runbook="call us")
    expected = {
        "rule": "api",
        "title": "Trouble",
        "subject": "/api",
        "scope": "section",
        "value": "12.3/s",
        "threshold": "5.0/s",
        "hits": "1481",
        "severity": "critical",
        "window": "2 min",
        "time": TIME,
        "labels": "team=web, tier=1",
        "runbook": "call us",
    }
    assert dict(zip(WORDS, text.split(" | "), strict=True)) == expected


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{value}}", "{value}"),
        ("{{{hits}}}", "{1481}"),
        ("{subject.__class__} {0} {} {", "{subject.__class__} {0} {} {"),
        ("{subject}", "all traffic"),
    ],
)
def test_nothing_but_known_words_is_filled_in(template: str, text: str) -> None:
    assert filled(template) == text


def test_what_a_subject_holds_is_shown_and_never_filled_in() -> None:
    text = filled("{subject} {hits}", b"/{hits}\x1b]0;x\xff\xe2\x80\xae", scope="section")
    assert text == "/{hits}\\x1b]0;x\\xff\\u202e 1481"


@given(st.text(max_size=40))
def test_a_template_without_a_problem_holds_only_words_and_braces(template: str) -> None:
    filled(template)
    rest = template.replace("{{", "").replace("}}", "")
    for word in WORDS:
        rest = rest.replace(f"{{{word}}}", "")
    if not set(rest) & set("{}"):
        assert check_template(template) == ""
    elif "{" not in template or "}" not in template:
        assert check_template(template)


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("{valu}", "'{valu}' is not known; known are {rule}, {title}"),
        ("{}", "'{}' is not known"),
        ("{value.real}", "'{value.real}' is not known"),
        ("50 % }", "lone }; write }}"),
        ("a { b", "lone {; write {{"),
        ("{{{value}", ""),
    ],
)
def test_a_wrong_template_is_told_with_what_is_right(template: str, part: str) -> None:
    problem = check_template(template)
    assert part in problem
    assert bool(problem) == bool(part)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (Unit.RATE, 402.14, "402.1/s"),
        (Unit.SHARE, 0.12345, "12.3%"),
        (Unit.HITS, 1234.0, "1,234"),
        (Unit.BYTES_RATE, 18_200_000.0, "18.2 MB/s"),
        (Unit.SECONDS, 1.236, "1.24 s"),
        (Unit.BYTES, 310.0, "310 B"),
        (Unit.CLIENTS, 3.0, "3"),
        (Unit.PATHS, 1_234.0, "1,234"),
        (Unit.RATIO, 0.05, "0.05×"),
        (Unit.RATIO, 2.0, "2×"),
    ],
)
def test_a_value_is_told_in_its_unit(unit: Unit, value: float, text: str) -> None:
    assert value_text(unit, value) == text
    assert value_text(unit, None) == "no data"


@pytest.mark.parametrize(
    ("given", "subject", "text"),
    [
        ({}, None, "Trouble generated an alert - rate = 7.0/s (above 5.0/s, 840 hits in 2 min)"),
        ({"scope": "section"}, b"/api", "Trouble in /api generated an alert - rate = 7.0/s "),
        ({"scope": "path"}, b"/a", "Trouble at /a generated"),
        ({"scope": "route"}, b"/a/:id", "Trouble at /a/:id generated"),
        ({"scope": "client"}, b"10.0.0.1", "Trouble from 10.0.0.1 generated"),
        ({"scope": "virtual_host"}, b"a.org", "Trouble on a.org generated"),
        ({"scope": "status"}, b"404", "Trouble with status 404 generated"),
        ({"scope": "user_agent"}, b"curl\x1b", "Trouble from curl\\x1b generated"),
        ({"metric": "share", "status": ["5xx", "404"]}, None, "share of 5xx or 404 = 700.0% ("),
        ({"metric": "response_time", "quantile": 0.999}, None, "p99.9 response time = 7.00 s ("),
        ({"metric": "response_size", "quantile": 1}, None, "largest response size = 7 B ("),
        ({"metric": "hits"}, None, "hits = 7 (above 5, in 2 min)"),
        ({"metric": "unparsed_share"}, None, "unparsed share = 700.0% (above 500.0%, 840 lines in"),
        ({"metric": "clients"}, None, "clients = 7 (above 5, 840 hits in 2 min)"),
        ({"metric": "paths"}, None, "paths = 7 (above 5, 840 hits in 2 min)"),
        ({"metric": "change", "when": "below"}, None, "against the 2 min before = 7× (below 5×, "),
        ({"metric": "change", "against": "baseline"}, None, "against the 1 h before = 7× (above"),
    ],
)
def test_a_rule_without_a_template_makes_a_sentence(
    given: dict[str, Any], subject: bytes | None, text: str
) -> None:
    rule = rule_of(**given)
    fired = trigger_message(rule, subject, context(rule, 7.0, 840))
    assert text in fired
    assert fired.endswith(f", triggered at {TIME}")
    recovered = recovery_message(rule, subject, context(rule, 7.0, 840))
    assert recovered.startswith(fired.partition(" generated")[0] + " recovered - ")
    assert recovered.endswith(f", recovered at {TIME}")


@pytest.mark.parametrize("metric", [each for each in COUNTING if each is not Metric.FIRST_SEEN])
def test_where_a_value_is_undefined_the_sentence_says_so(metric: Metric) -> None:
    rule = rule_of(metric=metric, status=["5xx"], scope=Scope.ALL)
    assert " = no data (" in recovery_message(rule, None, context(rule, None, 0))
    assert " above " not in trigger_message(rule, None, context(rule, None, 0))


def test_what_is_new_is_said_to_be_so_and_what_is_so_no_longer_too() -> None:
    rule = rule_of(metric="first_seen", scope="client", window=900)
    who, now = (
        "Trouble from 10.0.0.1",
        replace(context(rule, 41.0, 41), basis="first seen 03:12:07"),
    )
    told = f"{who} generated an alert - first seen 03:12:07, 41 hits since, triggered at {TIME}"
    assert trigger_message(rule, b"10.0.0.1", now) == told
    forgotten = context(rule, 1.0, 1)
    told = f"{who} generated an alert - 1 hit since first seen, triggered at {TIME}"
    assert trigger_message(rule, b"10.0.0.1", forgotten) == told
    told = f"{who} recovered - new no longer after 15 min, recovered at {TIME}"
    assert recovery_message(rule, b"10.0.0.1", context(rule, 0.0, 0)) == told


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (Unit.HITS, 1, "1 hit"),
        (Unit.HITS, 1_234, "1,234 hits"),
        (Unit.CLIENTS, 2, "2 clients"),
        (Unit.PATHS, 1, "1 path"),
        (Unit.SHARE, 0.5, "50.0%"),
    ],
)
def test_a_value_said_alone_names_what_is_counted(unit: Unit, value: float, text: str) -> None:
    assert spoken_value(unit, value) == text

"""Shares of what a filter calls bad, and rules that judge pairs of two scopes."""

from typing import Any

import pytest

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evidence.answer import answer
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.history.expression import fits
from logmon_tui.alerts.history.incident_filter import parsed
from logmon_tui.alerts.model.evidence import Kind
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.errors import RuleError
from logmon_tui.reports.json_objects import incident_object
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.alerts.tables import rules_of
from tests.traffic import START

LOGINS = {"metric": "share", "where": "path:/login", "bad": "status:401,403", "critical": 0.5}
PAIRS = {"metric": "hits", "by": ["client", "path"], "status": "401", "critical": 3, "window": 10}


def found_by(rule: Rule, *hits: tuple[int, str, str, int]) -> list[Incident]:
    """Return what a rule finds in hits: second, client, path and status."""
    judge = BatchEvaluator([rule], 1)
    judge.take(
        raw_batch(
            [
                raw_hit(START + at, host=host.encode(), path=path.encode(), status=status)
                for at, host, path, status in hits
            ]
        )
    )
    changed = judge.judge_up_to(START + 200)
    return list({each.id: each for each in changed}.values())


def test_a_share_is_that_of_the_bad_hits_among_those_that_count() -> None:
    rule = rules_of(own={**LOGINS, "window": 10, "minimum_hits": 2})["own"]
    assert rule.bad == "status:401,403"
    others = [(0, "10.0.0.9", "/", 500)] * 9
    (incident,) = found_by(
        rule,
        *others,
        *((0, "10.0.0.1", "/login", status) for status in (200, 401, 403)),
    )
    assert (incident.value, incident.hits) == (2 / 3, 3)
    assert incident.message.startswith(
        "Own generated an alert - share of status:401,403 = 66.7% (above 50.0%, 3 hits"
    )


def test_pairs_are_judged_one_by_one() -> None:
    rule = rules_of(own=PAIRS)["own"]
    assert (rule.scope, rule.by) == (Scope.CLIENT, (Scope.CLIENT, Scope.PATH))
    (incident,) = found_by(
        rule,
        *[(1, "203.0.113.7", "/login", 401)] * 4,
        *[(1, "203.0.113.7", "/admin", 401)] * 3,
        *[(1, "203.0.113.8", "/login", 401)] * 3,
    )
    assert incident.subject == "203.0.113.7 · /login".encode()
    assert incident.subjects == {Scope.CLIENT: b"203.0.113.7", Scope.PATH: b"/login"}
    assert incident.message.startswith("Own from 203.0.113.7 · /login generated an alert")
    told = incident_object(incident, incident.message)
    assert (told["scope"], told["subject"]) == ("client+path", "203.0.113.7 · /login")
    for where in ("client:203.0.113.0/24", "subject:/login", "scope:path", "scope:client"):
        assert fits(where, incident), where
    assert not fits("client:10.0.0.0/8", incident)
    assert parsed("scope:path").matches(incident)
    assert parsed("scope:client").matches(incident)
    assert not parsed("scope:section").matches(incident)


def test_evidence_of_a_share_counts_the_bad_hits() -> None:
    rule = rules_of(own={**LOGINS, "window": 10})["own"]
    hits = [raw_hit(START + 1, path=b"/login", status=401, host=b"10.0.0.1")] * 3
    hits += [raw_hit(START + 1, path=b"/login", status=200, host=b"10.0.0.2")] * 2
    hits += [raw_hit(START + 1, path=b"/", status=401, host=b"10.0.0.3")]
    buffer = EvidenceBuffer([rule])
    buffer.take(raw_batch(hits))
    (incident,) = found_by(rule, *[(1, "10.0.0.1", "/login", 401)] * 3)
    evidence = buffer.evidence(incident)
    assert evidence is not None
    assert evidence.now == 3
    assert [mover.key for mover in dict(evidence.movers)[Kind.CLIENT]] == [b"10.0.0.1"]


def test_what_a_pair_is_about_is_not_repeated() -> None:
    rule = rules_of(own=PAIRS)["own"]
    hits = [(1, "203.0.113.7", "/login", 401)] * 4
    (incident,) = found_by(rule, *hits)
    buffer = EvidenceBuffer([rule])
    buffer.take(
        raw_batch([raw_hit(START + 1, host=b"203.0.113.7", path=b"/login", status=401)] * 4)
    )
    incident = Incident(
        **{name: getattr(incident, name) for name in Incident.__slots__ if name != "evidence"},
        evidence=buffer.evidence(incident),
    )
    said = answer(incident)
    assert said.count("/login") == 1
    assert said.count("203.0.113.7") == 1
    assert "status 401" in said


def test_they_say_what_they_do() -> None:
    text = rule_text(rules_of(own=LOGINS)["own"])
    assert text == "share of status:401,403 where path:/login above 50.0% (critical) over 2 min"
    assert rule_text(rules_of(own=PAIRS)["own"]).startswith("hits of 401 of each client and path")


def test_a_single_scope_may_be_written_as_by() -> None:
    rate = {"metric": "rate", "critical": 5}
    assert rules_of(own={**rate, "by": "client"}) == rules_of(own={**rate, "scope": "client"})
    assert rules_of(own={**rate, "by": ["client"]}) == rules_of(own={**rate, "scope": "client"})


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"metric": "rate", "bad": "time>1s"}, "own.bad: is for the metric share"),
        ({**LOGINS, "status": "5xx"}, "own.bad: says which hits the share is of, and status too"),
        ({**LOGINS, "bad": "status:9x"}, "own.bad: "),
        ({"metric": "share"}, "own.metric: share needs status"),
        ({**PAIRS, "scope": "client"}, "own.by: says what is judged on its own, and scope too"),
        ({**PAIRS, "by": ["client", "client"]}, "own.by: must be one scope, or two different"),
        ({**PAIRS, "by": ["client", "path", "route"]}, "own.by: must be one scope, or two diff"),
        ({**PAIRS, "by": ["all", "path"]}, "own.by: must be one scope, or two different ones"),
        ({**PAIRS, "by": ["client", "wall"]}, "own.by: must be a scope or a list of two, such as"),
        ({**PAIRS, "match": "10.*"}, "own.match: is for one scope; choose hits of two with where"),
        ({**PAIRS, "metric": "clients"}, "own.by: this is always 1 for one client"),
        ({**PAIRS, "metric": "paths"}, "own.by: this is always 1 for one path"),
        ({**PAIRS, "when": "below"}, "own.when: each subject seen once would fire for ever"),
        (
            {"metric": "share", "by": ["status", "path"], "status": "5xx"},
            "own.by: each status is all of itself",
        ),
        (
            {"metric": "silence", "by": ["server", "site"]},
            "own.by: silence is judged of each server",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(RuleError) as error:
        rules_of(own={"critical": 0.5, **table})
    assert str(error.value).startswith(f"rules.{problem}")
    assert "\n" not in str(error.value)


def test_where_and_bad_together_are_no_longer_than_a_filter() -> None:
    half = "path:" + ",".join(f"/{number}" for number in range(600))
    with pytest.raises(RuleError, match="compares more than"):
        rules_of(own={**LOGINS, "where": half, "bad": half.replace("/", "/x")})


def test_built_in_rules_keep_what_they_count() -> None:
    for key, value in (("by", ["client", "path"]), ("bad", "time>1s")):
        with pytest.raises(RuleError, match=f"rules.ddos.{key}: of ddos is fixed"):
            rules_of(ddos={key: value})


def test_a_shipped_rule_may_judge_pairs() -> None:
    rule = rules_of(endpoint_errors={"by": ["virtual_host", "section"]})["endpoint_errors"]
    assert (rule.scope, rule.by) == (Scope.VIRTUAL_HOST, (Scope.VIRTUAL_HOST, Scope.SECTION))
    assert rule.metric is Metric.SHARE

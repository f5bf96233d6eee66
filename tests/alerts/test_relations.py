"""What `all` and `unless` may name, what they say, and what an outage looks like with them."""

from typing import Any

import msgspec
import pytest

from logmon_tui.alerts.evaluation.batch_evaluator import BatchEvaluator
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.evidence.buffer import EvidenceBuffer
from logmon_tui.alerts.history.evidence_text import absent_text
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Severity
from logmon_tui.alerts.rules.messages import iso_time, parts_text, with_hits
from logmon_tui.alerts.rules.text import rule_text
from logmon_tui.config.settings import Settings
from logmon_tui.errors import RuleError
from logmon_tui.notify.message import Event, EventKind, Group, Message, fields
from logmon_tui.reports.json_objects import incident_object
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.traffic import START

RATE = {"metric": "rate", "critical": 5}
ERRORS = {"metric": "share", "status": "5xx", "window": 10, "critical": 0.5}
SLOW = {"metric": "response_time", "window": 10, "critical": "1s"}
OUTAGE = {"all": ["errors", "slow"], "title": "Outage"}
EACH = {"metric": "share", "by": "section", "status": "5xx", "window": 10, "critical": 0.5}


def rules_of(**tables: dict[str, Any]) -> dict[str, Rule]:
    return {rule.name: rule for rule in Settings(rules=tables).all_rules()}


def outage() -> list[Rule]:
    rules = rules_of(errors=ERRORS, slow=SLOW, outage=OUTAGE, each={**EACH, "unless": "outage"})
    return [rules[name] for name in ("each", "outage", "errors", "slow")]


def hits_of_an_outage(lasting: int = 20) -> list[Any]:
    """Return hits that are good for 40 s, bad and slow in ten sections for a while, then good."""
    found = []
    for second in range(80 + lasting):
        bad = 40 <= second < 40 + lasting
        found += [
            raw_hit(
                START + second,
                path=b"/s%d/x" % section,
                status=503 if bad else 200,
                response_time=3_000_000 if bad else 1_000,
            )
            for section in range(10)
        ]
    return found


def told_in(incidents: list[Incident]) -> list[tuple[str, int, int | None]]:
    last = {each.id: each for each in incidents}
    return [
        (
            each.rule,
            each.triggered_at - START,
            None if each.recovered_at is None else each.recovered_at - START,
        )
        for each in last.values()
    ]


def test_an_outage_is_one_incident_with_its_parts() -> None:
    judge = BatchEvaluator(outage(), 1)
    judge.take(raw_batch(hits_of_an_outage()))
    found = judge.judge_up_to(START + 120)
    # Errors are more than half of ten seconds from the sixth on; the p95 is slow at once.
    assert told_in(found) == [
        ("slow", 40, 69),
        ("outage", 45, 64),
        ("errors", 45, 64),
    ]
    fired = next(each for each in found if each.rule == "outage")
    errors, slow = (next(each for each in found if each.rule == name) for name in OUTAGE["all"])
    assert [part.id for part in fired.parts] == [errors.id, slow.id]
    assert fired.message == (
        f"Outage generated an alert - errors and slow firing, triggered at {iso(45)}"
    )
    ended = [each for each in found if each.rule == "outage"][-1]
    assert ended.recovery == f"Outage recovered - errors not firing, recovered at {iso(64)}"
    assert (fired.value, fired.peak, fired.hits, fired.severity) == (2, 2, 0, Severity.CRITICAL)


def iso(second: int) -> str:
    return iso_time(START + second)


def test_without_it_each_section_would_be_one() -> None:
    rules = [msgspec.structs.replace(rule, unless=()) for rule in outage()]
    judge = BatchEvaluator(rules, 1)
    judge.take(raw_batch(hits_of_an_outage()))
    found = told_in(judge.judge_up_to(START + 120))
    assert sum(rule == "each" for rule, *_ in found) == 10


def test_what_is_bad_still_fires_when_nothing_holds_it_back_any_more() -> None:
    each, outage_rule, errors, slow = outage()
    engine = RuleEvaluator([each, outage_rule, errors, slow], 1)
    hits = [
        raw_hit(hit.second, path=hit.request.split()[1], status=503, response_time=3_000_000)
        if hit.request.startswith(b"GET /s0") and hit.second >= START + 40
        else hit
        for hit in hits_of_an_outage()
    ]
    engine.begin(START)
    engine.take(raw_batch(hits))
    assert told_in(engine.judge_up_to(START + 50)) == [
        ("slow", 40, None),
        ("outage", 45, None),
        ("errors", 45, None),
    ]
    assert engine.alerts["each"].held == 10
    changed = engine.judge_up_to(START + 65)
    assert [(c.rule, c.subject) for c in changed if c.firing] == [("each", b"/s0")]
    assert [c.recovered_at for c in changed if c.rule == "outage"] == [START + 65]
    assert engine.alerts["each"].held == 0


def test_what_was_held_back_begins_anew_with_its_delay() -> None:
    each, *others = outage()
    rules = [msgspec.structs.replace(each, for_=30), *others]
    judge = BatchEvaluator(rules, 1)
    judge.take(raw_batch(hits_of_an_outage(lasting=200)))
    judge.take(raw_batch([raw_hit(START + 300)]))
    found = judge.judge_up_to(START + 400)
    fired = {c.subject: c for c in found if c.rule == "each"}
    assert fired == {}  # all ten were bad for 200 s, and for less than 30 s afterwards


def test_what_goes_on_firing_is_not_held_back() -> None:
    rules = rules_of(
        early={**EACH, "unless": "late", "warning": 0.2, "critical": 0.8},
        late={**ERRORS, "critical": 0.5},
    )
    judge = BatchEvaluator([rules["early"], rules["late"]], 1)
    judge.take(raw_batch(hits_of_an_outage()))
    found = [each for each in judge.judge_up_to(START + 120) if each.rule == "early"]
    assert {each.triggered_at - START for each in found} == {42}
    assert {change.severity for each in found for change in each.changes} == set(Severity)
    assert all(each.recovered_at is not None for each in found[-10:])


def fired_outage() -> Incident:
    judge = BatchEvaluator(outage(), 1)
    judge.take(raw_batch(hits_of_an_outage()))
    return next(each for each in judge.judge_up_to(START + 50) if each.rule == "outage")


def test_its_parts_are_told_wherever_it_is() -> None:
    incident = fired_outage()
    assert parts_text(incident) == "errors, slow"
    parts = [{"id": each.id, "rule": each.rule, "subject": None} for each in incident.parts]
    assert incident_object(incident, "")["parts"] == parts
    event = Event(EventKind.FIRED, incident)
    assert fields(event)["parts"] == parts
    assert "  parts: errors, slow" in Message(Group((event,))).text.splitlines()
    assert with_hits(incident, "2 rules") == "2 rules"
    assert absent_text(incident).startswith("It fires while other rules do")
    buffer = EvidenceBuffer(outage())
    buffer.take(raw_batch(hits_of_an_outage()))
    assert buffer.evidence(incident) is None


def test_many_incidents_of_a_part_are_counted() -> None:
    rules = rules_of(each=EACH, errors=ERRORS, outage={"all": ["errors", "each"]})
    judge = BatchEvaluator([rules[name] for name in ("each", "errors", "outage")], 1)
    judge.take(raw_batch(hits_of_an_outage() * 3))
    incident = next(each for each in judge.judge_up_to(START + 50) if each.rule == "outage")
    assert "errors and each (10) firing" in incident.message
    assert len(incident.parts) == 11


def test_they_say_what_they_do() -> None:
    each, rule, *_ = outage()
    assert rule_text(rule) == "fires while errors and slow fire"
    assert rule_text(each).endswith("; not while outage fires")
    assert rule.metric is Metric.FIRING


def test_names_of_built_in_rules_may_have_hyphens_and_objectives_may_be_named() -> None:
    rules = Settings(
        rules={"own": {**RATE, "unless": ["error-rate", "slo.shop.1h"]}},
        slo={"shop": {"objective": 0.999}},
    ).all_rules()
    own = next(rule for rule in rules if rule.name == "own")
    assert own.unless == ("error_rate", "slo.shop.1h")


@pytest.mark.parametrize(
    ("tables", "problem"),
    [
        ({"a": {"all": ["b", "traffic"]}}, "a.all: 'b' is no rule; rules are traffic, error_rate"),
        ({"a": {"all": ["trafic", "ddos"]}}, "a.all: 'trafic' is no rule; did you mean traffic?"),
        ({"a": {**RATE, "unless": "a"}}, "a.unless: 'a' is the rule itself; name others"),
        ({"a": {"all": ["a", "ddos"]}}, "a.all: 'a' is the rule itself; name others"),
        (
            {"a": {**RATE, "unless": "host_silent"}},
            "a.unless: 'host_silent' goes by the wall clock, and cannot be waited for",
        ),
        (
            {"a": {"all": ["traffic", "slow_endpoint"]}},
            "a.all: 'slow_endpoint' is off; switch it on, or leave it out",
        ),
        (
            {"a": {**RATE, "unless": "b"}, "b": {**RATE, "unless": "a"}},
            "a.unless: rules wait for each other: a → b → a; break it",
        ),
        (
            {
                "a": {"all": ["b", "ddos"]},
                "b": {**RATE, "unless": "c"},
                "c": {"all": ["a", "traffic"]},
            },
            "a.all: rules wait for each other: a → b → c → a; break it",
        ),
        ({"a": {"all": "traffic"}}, "a.all: needs the names of two rules or more"),
        ({"a": {"all": ["ddos", "ddos"]}}, "a.all: must name at most 100 rules, each once"),
        ({"a": {"metric": "firing"}}, "a.all: needs the names of two rules or more"),
        ({"a": {"all": ["ddos", "traffic"], "metric": "rate"}}, "a.metric: a rule with all measur"),
        ({"a": {"all": ["ddos", "traffic"], "window": 5}}, "a.window: a rule with all fires while"),
        ({"a": {"all": ["ddos", "traffic"], "critical": 1}}, "a.critical: a rule with all fires"),
        ({"traffic": {"all": ["ddos", "error_rate"]}}, "traffic.all: is for rules of your own"),
        (
            {"endpoint_errors": {"all": ["ddos", "error_rate"]}},
            "endpoint_errors.all: is for rules of your own; leave it out here",
        ),
        (
            {"a": {**RATE, "compare": "usual", "unless": "ddos"}},
            "a.unless: is for rules that judge each second by its hits; leave it out",
        ),
        ({"a": {**RATE, "equal": "section"}}, "a.equal: says what must be equal for unless"),
        (
            {"a": {**RATE, "unless": "ddos", "equal": "sektion"}},
            "a.equal: 'sektion' is no scope and no label.NAME; scopes are section, path",
        ),
        (
            {"a": {**RATE, "unless": "ddos", "equal": "client"}},
            "a.equal: the rule has no scope client; give it one, or leave this out",
        ),
        (
            {"a": {**RATE, "scope": "client", "unless": "traffic", "equal": ["client"]}},
            "a.equal: 'traffic' has no scope client, which can be equal; leave either",
        ),
        ({"host_silent": {"unless": "ddos"}}, "host_silent.unless: is for rules that judge each"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tables: dict[str, Any], problem: str) -> None:
    with pytest.raises(RuleError) as error:
        rules_of(**tables)
    assert str(error.value).startswith(f"rules.{problem}")
    assert "\n" not in str(error.value)


def test_a_rule_that_is_off_may_name_one_that_is_off() -> None:
    rules = rules_of(a={**RATE, "unless": "slow_endpoint", "enabled": False})
    assert rules["a"].unless == ("slow_endpoint",)

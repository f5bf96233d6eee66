"""Objectives of a settings file: their rules, their messages and budgets, in words and figures."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.model.state import State
from logmon_tui.alerts.rules.objectives import Objective, burn_rules, read_objectives
from logmon_tui.alerts.rules.text import objective_text, rule_text
from logmon_tui.config.settings import Settings
from logmon_tui.errors import RuleError
from logmon_tui.monitor.alert_manager import AlertManager
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.reports.json import report_json, watch_json
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.text import Live, ReportText
from logmon_tui.snapshot import AlertState, Report, Snapshot
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.alerts.ways import Ruled
from tests.reports.test_prometheus import labelled, page_of, samples
from tests.traffic import START, settings_of

SHOP = {"objective": 0.999, "where": "section:/shop", "bad": "status:5xx,time>1s"}
STATUS = ObjectiveStatus("shop", "Shop", 0.999, 100_000, 48, START)


def shop(**more: Any) -> Settings:
    return settings_of(slo={"shop": {**SHOP, **more}})


def test_an_objective_makes_the_three_rules_of_the_workbook() -> None:
    rules = [each for each in shop().all_rules() if each.burn is not None]
    assert [
        (each.name, each.window, each.burn and each.burn.short, each.limits[0].threshold)
        for each in rules
    ] == [
        ("slo.shop.1h", 3_600, 300, 14.4),
        ("slo.shop.6h", 21_600, 1_800, 6.0),
        ("slo.shop.3d", 259_200, 21_600, 1.0),
    ]
    assert [each.limits[0].severity for each in rules] == [
        Severity.CRITICAL,
        Severity.CRITICAL,
        Severity.WARNING,
    ]
    assert shop().rule_names()[-3:] == [each.name for each in rules]
    assert rule_text(rules[0]) == (
        "99.9 % of hits where section:/shop must not be status:5xx,time>1s; burn rate above "
        "14.4× (critical) over both 1 h and 5 min; given 5 bad hits in 1 h"
    )


@pytest.mark.parametrize(
    ("objective", "pairs"),
    [(0.94, "1h 6h 3d"), (0.9, "6h 3d"), (0.5, "3d"), (0.999999, "1h 6h 3d")],
)
def test_a_pair_that_could_never_fire_is_left_out(objective: float, pairs: str) -> None:
    rules = burn_rules(Objective(name="x", objective=objective))
    assert " ".join(each.name.split(".")[-1] for each in rules) == pairs


def test_filters_name_saved_ones_and_labels_come_with_the_rules() -> None:
    given = settings_of(
        slo={"shop": {"objective": 0.99, "bad": "@slow", "labels": {"team": "web"}}},
        filters={"slow": "time>1s"},
    )
    rule = given.alert_rules()[-1]
    assert rule.burn is not None
    assert (rule.burn.bad, rule.labels) == ("time>1s", {"team": "web"})
    off = shop(enabled=False)
    assert [each for each in off.alert_rules() if each.burn] == []


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"shop": {}}, "slo.shop: needs objective"),
        ({"shop": {"objective": 1}}, "slo.shop.objective: must be a share from 0.5 to 0.999999"),
        ({"shop": {"objective": 0.4}}, "not 0.4"),
        ({"shop": {"objective": 0.9, "budget": 1}}, "slo.shop.budget: is not known"),
        ({"shop": {"objective": 0.9, "bad": ""}}, "slo.shop.bad: chooses all hits"),
        ({"shop": {"objective": 0.9, "bad": "tme>1s"}}, "did you mean time?"),
        ({"shop": {"objective": 0.9, "where": "@none"}}, "slo.shop.where"),
        ({"shop": {"objective": 0.9, "minimum_bad": 0}}, "must be a whole number from 1"),
        ({"shop": {"objective": 0.9, "labels": {"a b": "c"}}}, "is no name of a label"),
        ({"shop": {"objective": 0.9, "title": "\x1b"}}, "printable characters"),
        ({"Shop!": {"objective": 0.9}}, "is no name of an objective"),
    ],
)
def test_a_mistake_names_its_key_and_what_is_allowed(tables: Any, message: str) -> None:
    with pytest.raises(RuleError) as error:
        read_objectives(tables)
    assert message in str(error.value)


# What happens


def manager_of(given: Settings) -> AlertManager:
    """Return a manager with the rules of objectives only."""
    return AlertManager(Ruled(given=tuple(each for each in given.alert_rules() if each.burn)))


def shop_seconds(
    manager: AlertManager, seconds: Sequence[int], bad: float, hits: int = 10
) -> list[Incident]:
    """Feed seconds of `hits` each, of which a share is bad; return the incidents that changed."""
    found = []
    for second in seconds:
        failing = round(bad * hits)
        batch = [
            raw_hit(START + second, path=b"/shop/pay", status=503 if number < failing else 200)
            for number in range(hits)
        ]
        manager.take(raw_batch([*batch, raw_hit(START + second, status=500)]), START + second)
        found += manager.tick(START + second)
    return found


def test_an_outage_burns_and_its_short_windows_end_it() -> None:
    manager = manager_of(shop(title="Shop"))
    assert shop_seconds(manager, range(600), 0.0) == []
    fired = shop_seconds(manager, range(600, 720), 0.5)
    ours = {each.rule: each for each in fired}
    assert set(ours) == {"slo.shop.1h", "slo.shop.6h", "slo.shop.3d"}
    first = ours["slo.shop.1h"]
    assert first.message == (
        "Shop objective (1h) generated an alert - burn rate = 14.6× (above 14.4×, 14.6× over 1 h "
        "and 34.9× over 5 min, 6,180 hits in 1 h), triggered at 2026-11-21T12:10:17Z"
    )
    assert (first.unit, first.subject, first.evidence is not None) == (Unit.RATIO, None, True)
    ended = shop_seconds(manager, range(720, 1_100), 0.0)
    (over,) = [each for each in ended if each.rule == "slo.shop.1h"]
    assert over.recovered_at == START + 16 * 60, (
        "when the minute of the last error has left the window"
    )
    assert over.recovery.startswith("Shop objective (1h) recovered - burn rate = 0× (")


def test_the_window_of_an_incident_compares_the_bad_hits_of_the_last_minutes() -> None:
    manager = manager_of(shop())
    shop_seconds(manager, range(600), 0.0)
    fired = shop_seconds(manager, range(600, 640), 0.5)
    incident = next(each for each in fired if each.rule == "slo.shop.1h")
    evidence = incident.evidence
    assert evidence is not None
    assert (evidence.before, evidence.now, evidence.window) == (0, 90, 300)
    movers = {kind.value: [each.key for each in found] for kind, found in evidence.movers}
    assert (movers["status"], movers["path"]) == ([b"503"], [b"/shop/pay"])
    assert len(evidence.values) == 301
    assert evidence.values[-1] == incident.value
    assert evidence.start + len(evidence.values) - 1 == incident.triggered_at


def test_few_bad_hits_page_nobody() -> None:
    """Four of four are bad, which burns at 1,000; the fifth fires."""
    manager = manager_of(shop())
    assert shop_seconds(manager, range(4), 1.0, hits=1) == []
    assert [each.rule for each in shop_seconds(manager, (4,), 1.0, hits=1)] == [
        "slo.shop.1h",
        "slo.shop.6h",
        "slo.shop.3d",
    ]


def test_a_rule_that_does_not_burn_is_ok_and_one_without_hits_has_no_data() -> None:
    manager = manager_of(shop())
    shop_seconds(manager, range(3), 0.0)
    states = {each.rule: each for each in manager.picture(0.0).rules}
    assert states["slo.shop.1h"].state is State.OK
    assert states["slo.shop.1h"].value == 0.0
    other = manager_of(shop(where="section:/none"))
    shop_seconds(other, range(3), 0.0)
    assert {each.rule: each.state for each in other.picture(0.0).rules}["slo.shop.1h"] is (
        State.NO_DATA
    )


def test_the_budget_is_that_of_the_last_30_days() -> None:
    manager = manager_of(shop())
    shop_seconds(manager, range(10), 0.5)
    (status,) = manager.picture(0.0).objectives
    assert status == ObjectiveStatus("shop", "Shop", 0.999, 100, 50, START)
    assert status.budget_left == pytest.approx(1 - 0.5 / 0.001)
    day = 86_400
    shop_seconds(manager, (30 * day + 59,), 0.0)  # only the minute of START has left
    (status,) = manager.picture(0.0).objectives
    assert (status.hits, status.bad, status.budget_left) == (10, 0, 1.0)
    assert status.since == START + 60


def test_a_report_tells_the_budget_at_its_end() -> None:
    builder = ReportBuilder(shop())
    builder.feed(
        raw_batch([raw_hit(START, path=b"/shop", status=500 - 300 * (n % 2)) for n in range(40)])
    )
    (status,) = builder.finish().objectives
    assert (status.hits, status.bad) == (40, 20)
    assert ReportBuilder(settings_of()).finish().objectives == ()


@pytest.mark.parametrize(
    ("hits", "bad", "text"),
    [
        (100_000, 48, "Shop 99.952 % · budget 52 %"),
        (100_000, 0, "Shop 100 % · budget 100 %"),
        (0, 0, "Shop no hits · budget 100 %"),
        (10**9, 1, "Shop >99.999 % · budget 100 %"),
        (1_000, 3, "Shop 99.7 % · budget -200 %"),
    ],
)
def test_how_an_objective_stands_in_words(hits: int, bad: int, text: str) -> None:
    assert objective_text(replace(STATUS, hits=hits, bad=bad)) == text


def test_json_has_objectives_only_where_there_are_any() -> None:
    expected = {
        "objective": "shop",
        "title": "Shop",
        "target": 0.999,
        "hits": 100_000,
        "bad": 48,
        "good_share": 0.99952,
        "budget_left": 0.52,
        "since": "2026-11-21T12:00:00Z",
    }
    shown = Snapshot(alerts=AlertState(objectives=(STATUS,)))
    assert json.loads(watch_json(shown, [], 5))["objectives"] == [expected]
    assert "objectives" not in json.loads(watch_json(Snapshot(), [], 5))
    assert json.loads(report_json(Report(objectives=(STATUS,)), 5))["objectives"] == [expected]
    assert "objectives" not in json.loads(report_json(Report(), 5))


def test_prometheus_gets_gauges() -> None:
    shown = Snapshot(alerts=AlertState(objectives=(STATUS, replace(STATUS, name="new", hits=0))))
    found = samples(page_of(shown))
    assert labelled(found, "objective_budget_left_ratio")["shop",] == pytest.approx(0.52)
    assert labelled(found, "objective_good_ratio") == {("shop",): pytest.approx(0.99952)}
    assert labelled(found, "objective_hits") == {("shop",): 100_000, ("new",): 0}
    assert labelled(samples(page_of(Snapshot())), "objective_hits") == {}


def test_text_tells_the_budget_in_each_interval_and_in_a_report() -> None:
    picture = Snapshot(log_time=START, alerts=AlertState(objectives=(STATUS,)))
    live = Live(Layout(top=5, show=("alerts",), colour=False, width=80))
    assert "  slo       Shop 99.952 % · budget 52 %" in live.interval(picture, 80)
    without = replace(picture, alerts=AlertState())
    assert not any("slo" in each for each in live.interval(without, 80))
    report = Report(objectives=(STATUS,), first_hit=START, last_hit=START)
    lines = ReportText(top=5, colour=False).summary(report, ["a.log"])
    at = lines.index("Objectives, over the last 30 days")
    assert lines[at + 1] == "  Shop 99.952 % · budget 52 %"

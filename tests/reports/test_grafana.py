"""The dashboard for Grafana: what it asks for is on our page for Prometheus, and it is laid out.

The form is Grafana's classic JSON model: https://grafana.com/docs/grafana/latest/dashboards/
build-dashboards/view-dashboard-json-model/ tells its fields, and the size of its grid.
"""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.reports.prometheus import SnapshotCollector
from tests.reports.test_prometheus import SNAPSHOT
from tests.traffic import START
from tests.tui.fleet_fakes import FEW

FILE = Path(__file__).parents[2] / "assets" / "grafana" / "dashboard.json"
DASHBOARD: dict[str, Any] = json.loads(FILE.read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
DOCUMENTED = {
    *("id", "uid", "title", "description", "tags", "timezone", "editable", "graphTooltip"),
    *("panels", "time", "timepicker", "templating", "annotations", "refresh", "schemaVersion"),
    *("version", "links"),
}
TYPES = {"row", "stat", "timeseries", "bargauge"}
OF_PROMETHEUS = {"job", "instance"}
"""Labels that Prometheus itself adds."""
COLUMNS = 24


def families() -> dict[str, tuple[str, set[str]]]:
    """Return by sample name the type and the labels of all that a page can have."""
    collector = SnapshotCollector()
    window = SNAPSHOT.now
    collector.snapshot = replace(
        SNAPSHOT,
        fleet=FEW,
        marks=(Mark(START, "api 4.12"),),
        now=replace(window, upstream_times=window.response_times),
        alerts=replace(
            SNAPSHOT.alerts,
            objectives=(ObjectiveStatus("api", "API", 0.99, 1_000, 3),),
        ),
    )
    found: dict[str, tuple[str, set[str]]] = {}
    for family in text_string_to_metric_families(collector.page().decode()):
        for sample in family.samples:
            _, labels = found.setdefault(sample.name, (family.type, set()))
            labels |= set(sample.labels)
    return found


def expressions() -> Iterator[tuple[str, str]]:
    """Yield each expression with the name of what it is for."""
    for panel in PANELS:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])
    yield from ((each["name"], each["expr"]) for each in DASHBOARD["annotations"]["list"])
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]


ALL = list(expressions())
FAMILIES = families()


@pytest.mark.parametrize(("name", "expression"), ALL)
def test_every_metric_and_label_is_on_our_page(name: str, expression: str) -> None:
    metrics = re.findall(r"\blogmon_\w+", expression)
    assert metrics, name
    assert set(metrics) <= FAMILIES.keys()
    known = OF_PROMETHEUS.union(*(FAMILIES[each][1] for each in metrics))
    for metric, matchers in re.findall(r"\b(logmon_\w+)\{([^}]*)\}", expression):
        asked = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        assert asked <= FAMILIES[metric][1] | OF_PROMETHEUS
    for labels in re.findall(r"\b(?:by|on|group_left)\s*\(([^)]*)\)", expression):
        assert {each.strip() for each in labels.split(",") if each.strip()} <= known
    for metric in re.findall(r"\brate\((logmon_\w+)", expression):
        assert FAMILIES[metric][0] == "counter"
    for metric in metrics:
        is_rated = re.search(rf"\brate\({metric}\b", expression) is not None
        assert is_rated == (FAMILIES[metric][0] == "counter") or "label_values" in expression
    assert expression.count("(") == expression.count(")")


def test_matchers_ask_only_for_values_that_a_page_can_have() -> None:
    for _, expression in ALL:
        for quantile in re.findall(r'quantile="([^"]*)"', expression):
            assert quantile in {"0.5", "0.95", "0.99", "1"}
        for classes in re.findall(r'class=~?"([^"]*)"', expression):
            assert set(classes.split("|")) <= {f"{digit}xx" for digit in range(1, 6)}


def test_legends_name_labels_that_the_result_has() -> None:
    for panel in PANELS:
        for target in panel["targets"]:
            kept = ",".join(re.findall(r"\bby\s*\(([^)]*)\)", target["expr"])).split(",")
            named = re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
            assert set(named) <= {each.strip() for each in kept}


def test_it_has_the_fields_that_grafana_documents() -> None:
    assert DASHBOARD.keys() <= DOCUMENTED
    assert DASHBOARD["id"] is None, "Grafana gives it one"
    assert re.fullmatch(r"[\w-]{1,40}", DASHBOARD["uid"])
    assert DASHBOARD["graphTooltip"] in {0, 1, 2}
    assert isinstance(DASHBOARD["schemaVersion"], int)
    names = {each["name"] for each in DASHBOARD["templating"]["list"]}
    assert set(re.findall(r"\$\{?(\w+)", FILE.read_text())) <= {*names, "__rate_interval", "__all"}
    source = {"type": "prometheus", "uid": "${datasource}"}
    for panel in PANELS:
        assert panel["datasource"] == source
        assert panel["fieldConfig"].keys() == {"defaults", "overrides"}
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs) > 0
        assert all(target["datasource"] == source for target in panel["targets"])


def test_panels_stand_on_the_grid_and_beside_each_other() -> None:
    panels = DASHBOARD["panels"]
    assert {panel["type"] for panel in panels} <= TYPES
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [panel["gridPos"] for panel in panels]
    for place in places:
        assert place["x"] >= 0
        assert place["w"] >= 1
        assert place["x"] + place["w"] <= COLUMNS
        assert place["h"] >= 1
    for one, other in combinations(places, 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart_y = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart_x or apart_y

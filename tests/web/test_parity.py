"""Whoever asks about a moment gets the same numbers: page, JSON, Prometheus and API."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.reports.json import present_object, watch_json
from logmon_tui.web.server import WebServer
from tests.web.api_runs import MARKS, PREFIX, SECONDS, MonitorEngine
from tests.web.api_server import api_serving, picture_of
from tests.web.serving import asked

Metrics = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


class Told:
    """What a server tells in each form of one moment."""

    def __init__(self, server: WebServer, engine: MonitorEngine) -> None:
        self.line: Any = json.loads(watch_json(engine.latest, (), 5))
        self.present: Any = present_object(engine.latest, 5)
        self.page: Any = picture_of(server)
        self.whole_page: Any = picture_of(server, f"?window={SECONDS}&step=20&columns=10")
        self.snapshot = self._of(server, "/snapshot")
        self.query = self._of(server, "/query?dimension=sections&dimension=hosts")
        self.whole = self._of(server, f"/query?window={SECONDS}&top=25")
        self.graph = self._of(server, "/graph?step=20&columns=10")
        self.incidents = self._of(server, "/incidents?top=1000")["incidents"]
        self.marks = self._of(server, "/marks")["marks"]
        self.metrics: Metrics = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(asked(server, "/metrics").body.decode())
            for sample in family.samples
        }

    @staticmethod
    def _of(server: WebServer, path: str) -> Any:
        answer = asked(server, PREFIX + path)
        assert answer.status == 200, answer.body
        return answer.json

    def metric(self, name: str, **labels: str) -> float:
        return self.metrics[f"logmon_{name}", tuple(sorted(labels.items()))]


@pytest.fixture(scope="module")
def told() -> Told:
    with api_serving() as (server, engine):
        return Told(server, engine)


def test_the_page_and_the_api_tell_the_line_of_a_watch(told: Told) -> None:
    assert told.page["snapshot"] == told.snapshot == told.present
    assert {**told.line, "alerts": [], "marks": []} == {**told.snapshot, "alerts": [], "marks": []}
    assert told.snapshot["hits"] == 20


def test_a_query_tells_the_figures_of_the_snapshot(told: Told) -> None:
    shared = told.query.keys() & told.snapshot.keys()
    assert {"time", "window", "hits", "bytes", "rate", "status", "sections", "hosts"} < shared
    assert {key: told.query[key] for key in shared} == {key: told.snapshot[key] for key in shared}


def test_prometheus_tells_the_figures_of_the_snapshot(told: Told) -> None:
    snapshot, metric = told.snapshot, told.metric
    assert metric("hits_total") == snapshot["total_hits"] == told.whole["hits"]
    assert metric("response_bytes_total") == told.whole["bytes"]
    assert metric("unparsed_lines_total") == snapshot["total_unparsed"]
    assert metric("parsed_ratio") == snapshot["ingest"]["parsed"]
    assert metric("window_seconds") == snapshot["window"]
    assert metric("window_hits") == snapshot["hits"]
    assert metric("window_response_bytes") == snapshot["bytes"]
    assert metric("window_clients") == told.query["unique_hosts"]
    for row in snapshot["sections"]:
        assert metric("window_section_hits", section=row["section"]) == row["hits"]
    for name, quantile in (("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99"), ("max", "1")):
        seconds = metric("window_response_time_seconds", quantile=quantile)
        assert round(seconds, 6) == snapshot["response_time"][name]
    for code, hits in told.whole["status"].items():
        labels = {"class": f"{code[0]}xx", "code": code}
        assert metric("hits_by_status_total", **labels) == hits


def test_the_graph_tells_the_hits_of_the_whole_window(told: Told) -> None:
    columns = told.graph["columns"]
    assert sum(each["hits"] for each in columns) == told.whole["hits"]
    assert sum(each["bytes"] for each in columns) == told.whole["bytes"]
    errors = sum(each["status"].get("5xx", 0) for each in columns)
    assert errors == sum(hits for code, hits in told.whole["status"].items() if code[0] == "5")


def test_the_tables_of_the_page_have_the_rows_of_the_api(told: Told) -> None:
    compared = 0
    for table in told.whole_page["tables"]:
        if table["name"] == "status":
            shown = {row["key"]: row["hits"] for row in table["rows"]}
            assert shown == told.whole["status"]
            continue
        rows = told.whole[table["name"]]
        figures = [(row["hits"], row["bytes"]) for row in rows]
        assert [(row["hits"], row["bytes"]) for row in table["rows"]] == figures
        for shown, row in zip(table["rows"], rows, strict=True):
            if "errors" in row:
                errors = {"4xx": shown["4xx"], "5xx": shown["5xx"]}
                assert errors == row["errors"]
            if row.get("response_time"):
                assert shown["p95"] == row["response_time"]["p95"]
        assert table["hits"] == told.whole["hits"]
        compared += 1
    assert compared > 2


def test_the_graph_of_the_page_is_that_of_the_api(told: Told) -> None:
    graph = told.whole_page["graph"]
    assert [column[1] for column in graph["columns"]] == [
        column["hits"] for column in told.graph["columns"]
    ]
    assert iso_time(graph["start"]) == told.graph["start"]


def test_the_incidents_of_the_page_are_those_of_the_api(told: Told) -> None:
    keys = ("id", "why", "firing", "worst", "severity")
    shown = sorted([each[key] for key in keys] for each in told.page["incidents"])
    assert shown == sorted([each[key] for key in keys] for each in told.incidents)


def test_alerts_and_marks_are_the_same_everywhere(told: Told) -> None:
    by_id = {each["id"]: each for each in told.incidents}
    assert len(by_id) > 2
    for each in told.snapshot["alerts"]:
        assert {**by_id[each["id"]], **each} == {**by_id[each["id"]], "message": each["message"]}
    for rule in {each["rule"] for each in told.incidents}:
        firing = sum(each["firing"] for each in told.incidents if each["rule"] == rule)
        assert told.metric("alert_firing", rule=rule) == firing
    assert [each["text"] for each in told.marks] == [each.text for each in MARKS]
    assert told.metric("last_mark_timestamp_seconds") == MARKS[-1].second

"""Reports of logs that tell times, bytes in, virtual hosts and TLS, and of those that do not."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.config.settings import Panel
from logmon_tui.reports.csv import report_csv
from logmon_tui.reports.json import report_json, watch_json
from logmon_tui.reports.text import ReportText
from logmon_tui.reports.text_watch import WatchText
from tests.reports.samples import (
    measured_report,
    measured_snapshot,
    sample_report,
    sample_snapshot,
)

BROUGHT = ("upstream_time", "bytes_in", "virtual_hosts", "tls")


@pytest.fixture
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report_json(measured_report(), top=0))
    return found


def table_of(rows: list[list[str]], name: str) -> dict[str, list[str]]:
    return {row[1]: row[2:] for row in rows if row[0] == name}


def test_json_tells_the_times_in_seconds() -> None:
    times = document()["response_time"]
    assert times == {
        "p50": pytest.approx(0.022, rel=0.011),
        "p95": pytest.approx(0.039, rel=0.011),
        "p99": pytest.approx(0.04, rel=0.011),
        "max": 0.04,
    }
    assert document()["upstream_time"]["max"] == 0.02
    assert document()["bytes_in"] == 36 * 700


def test_json_tells_the_times_of_sections_and_paths_and_null_where_none_is_told() -> None:
    for name, key, slow, silent in (
        ("sections", "section", "/pages", "/report"),
        ("paths", "path", "/pages/create", "/report"),
    ):
        times = {row[key]: row["response_time"] for row in document()[name]}
        assert times[slow]["p50"] == pytest.approx(0.036, rel=0.011)
        assert times[slow]["max"] == pytest.approx(0.038, rel=0.011)
        assert times[silent] is None
    assert "response_time" not in document()["hosts"][0]


def test_json_tells_virtual_hosts_and_tls_where_the_format_brings_them() -> None:
    assert document()["virtual_hosts"][0] == {
        "virtual_host": "shop.example",
        "hits": 21,
        "bytes": pytest.approx(15_000, rel=0.1),
    }
    assert [row["tls"] for row in document()["tls"]] == ["TLSv1.3", "TLSv1.2"]


def test_json_of_a_log_without_measures_says_null_and_no_more() -> None:
    for plain in (
        json.loads(report_json(sample_report(), top=0)),
        json.loads(watch_json(sample_snapshot(), (), top=5)),
    ):
        assert plain["response_time"] is None
        assert not [name for name in BROUGHT if name in plain]
        assert all("response_time" not in row for row in plain["sections"])


def test_watch_json_tells_times_and_bytes_in() -> None:
    line = json.loads(watch_json(measured_snapshot(), (), top=5))
    assert line["response_time"]["max"] == 0.04
    assert line["upstream_time"]["max"] == 0.02
    assert line["bytes_in"] == 36 * 700
    assert line["sections"][0]["response_time"]["p95"] == pytest.approx(0.033, rel=0.011)


def test_summary_of_a_report_with_measures(expected: Expected) -> None:
    report = ReportText(top=5, colour=False)
    said = "\n".join(report.summary(measured_report(), ["a.log"]))
    expected.assert_match(said, "measured_summary.txt")


def test_text_of_an_interval_with_measures(expected: Expected) -> None:
    said = "\n".join(WatchText(top=5, show=None, colour=False).interval(measured_snapshot()))
    expected.assert_match(said, "measured_interval.txt")


def test_text_shows_virtual_hosts_and_tls_when_asked_for() -> None:
    report = WatchText(top=5, show=(Panel.VHOSTS, Panel.TLS), colour=False)
    hosts, tls = report.interval(measured_snapshot())[:2]
    assert hosts.startswith("  vhosts    ")
    assert "shop.example" in hosts
    assert "\\x1b[2J" in hosts
    assert tls.startswith("  tls       TLSv1.3 ")


LAST_COLUMNS = ("visitors", "referrer", "rule", "severity", "worst", "recovered_at")


def test_csv_has_quantiles_and_the_total_time_where_times_are_told() -> None:
    rows = list(csv.reader(io.StringIO(report_csv(measured_report(), top=0))))
    figures = ["p50", "p95", "p99", "max", "4xx", "5xx", "total_time"]
    assert rows[0] == ["table", "key", "hits", "bytes", *figures, *LAST_COLUMNS]
    assert {len(row) for row in rows} == {17}
    rows = [row[:11] for row in rows]
    total = table_of(rows, "total")
    assert [float(each) for each in total["hits"][2:6]] == list(
        document()["response_time"].values()
    )
    assert total["hits"][6:] == ["1", "4", "0.810000"]
    assert float(total["hits"][-1]) == document()["total_time"]
    assert total["upstream_time"][:2] == ["", ""]
    assert float(total["upstream_time"][5]) == 0.02
    assert total["bytes_in"] == ["", str(36 * 700), *[""] * 7]
    assert table_of(rows, "sections")["/report"][2:] == ["", "", "", "", "0", "0", "0.000000"]
    assert table_of(rows, "hosts")["10.0.0.2"][2:] == ["", "", "", "", "0", "4", "0.146000"]
    assert float(table_of(rows, "paths")["/pages/create"][5]) == pytest.approx(0.038, rel=0.011)
    assert "'=1+\\x1b[2J" in table_of(rows, "virtual_hosts")
    assert table_of(rows, "tls")["TLSv1.2"][2:] == [""] * 7

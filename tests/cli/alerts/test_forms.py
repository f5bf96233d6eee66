"""`logmon-tui alerts` as JSON and CSV."""

import csv
import io
import json

from msgspec.structs import replace

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.state.location import default_state_file
from tests.cli.alerts.history import LOG, STORM, RunCommand, kept


def test_json_has_the_keys_of_a_report_and_all_that_is_kept_besides(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    _, out, _ = run("--output", "json", LOG)
    assert "\x1b" not in out
    storm, client, old = json.loads(out)
    assert old == {
        "id": "0ld00000-aaaa",
        "firing": False,
        "rule": "traffic",
        "severity": "critical",
        "worst": "critical",
        "scope": "all",
        "subject": None,
        "triggered_at": "2026-11-21T12:00:00Z",
        "recovered_at": "2026-11-21T12:02:13Z",
        "hits": 1440,
        "value": 12.0,
        "peak": 15.5,
        "peak_at": "2026-11-21T12:01:00Z",
        "why": "",
        "message": "High traffic generated an alert - hits = 1440",
        "changes": [
            {"at": "2026-11-21T12:00:00Z", "severity": "warning"},
            {"at": "2026-11-21T12:00:30Z", "severity": "critical"},
        ],
        "labels": {"team": "web"},
        "runbook": "=wiki",
        "mark": None,
        "state": "recovered",
        "silenced": False,
        "watched": False,
        "recovery": "High traffic recovered",
        "title": "High traffic",
        "unit": "req/s",
        "threshold": 10.0,
        "limits": [],
        "window": 120,
        "acknowledged_at": "2026-11-21T12:00:45Z",
        "note": "=deploy",
        "evidence": None,
    }
    assert client["threshold"] == 11.0
    assert client["limits"][0] == {"severity": "warning", "threshold": 5.0, "recovery": 5.0}
    assert (client["scope"], client["subject"]) == ("client", "=1\x1b[2J\\xff")
    assert (storm["recovered_at"], storm["acknowledged_at"]) == (None, None)
    assert storm["evidence"] == {
        "before": 10,
        "now": 30,
        "sampled": False,
        "since": "2026-11-21T13:56:40Z",
        "movers": {"path": [{"key": "/\\xff", "before": 1, "now": 21, "share": 1.0}]},
        "samples": ["a \x1b line"],
        "start": "2026-11-21T13:58:20Z",
        "step": 1,
        "values": [None, 0.071],
    }


def test_csv_is_a_row_each_and_no_spreadsheet_takes_it_for_a_formula(run: RunCommand) -> None:
    kept(default_state_file([LOG]), LOG).close()
    _, out, _ = run("--output", "csv", LOG)
    assert "\x1b" not in out
    storm, client, old = csv.DictReader(io.StringIO(out))
    assert old == {
        "id": "0ld00000-aaaa",
        "rule": "traffic",
        "title": "High traffic",
        "scope": "all",
        "subject": "",
        "severity": "critical",
        "state": "recovered",
        "silenced": "false",
        "watched": "false",
        "changes": "warning@2026-11-21T12:00:00Z critical@2026-11-21T12:00:30Z",
        "triggered_at": "2026-11-21T12:00:00Z",
        "recovered_at": "2026-11-21T12:02:13Z",
        "seconds": "133",
        "hits": "1440",
        "unit": "req/s",
        "value": "12.0",
        "threshold": "10.0",
        "peak": "15.5",
        "peak_at": "2026-11-21T12:01:00Z",
        "acknowledged_at": "2026-11-21T12:00:45Z",
        "note": "'=deploy",
        "labels": "team=web",
        "message": "High traffic generated an alert - hits = 1440",
        "mark": "",
        "marked_at": "",
        "runbook": "'=wiki",
    }
    assert client["subject"] == "'=1\\x1b[2J\\xff"
    assert (storm["recovered_at"], storm["seconds"], storm["peak_at"]) == ("", "", "")


def test_the_mark_that_an_alert_follows_is_told_in_every_form(run: RunCommand) -> None:
    mark = Mark(STORM.triggered_at - 12, "=api 4.12\x1b[2J")
    kept(default_state_file([LOG]), LOG, incidents=(replace(STORM, mark=mark),)).close()
    _, out, _ = run("--output", "json", LOG)
    assert "\x1b" not in out
    (storm,) = json.loads(out)
    assert storm["mark"] == {"at": "2026-11-21T13:59:48Z", "text": mark.text, "seconds": 12}
    _, out, _ = run("--output", "csv", LOG)
    (storm,) = csv.DictReader(io.StringIO(out))
    assert storm["mark"] == "'=api 4.12\\x1b[2J"
    assert storm["marked_at"] == "2026-11-21T13:59:48Z"
    _, out, _ = run("--id", "5702", LOG)
    told = "12 s after mark =api 4.12\\x1b[2J, at 2026-11-21 13:59:48 UTC"
    assert f"  mark          {told}\n" in out

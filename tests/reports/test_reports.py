"""What the text, JSON and CSV reports say."""

import csv
import io
import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.alerts.model.incident import SeverityChange
from logmon_tui.alerts.model.rule import Severity
from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.config.settings import Panel, Settings
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.reports.csv import report_csv
from logmon_tui.reports.json import Live, report_json, watch_json
from logmon_tui.reports.registry import Layout
from logmon_tui.reports.text import ReportText
from logmon_tui.reports.text_watch import WatchText
from logmon_tui.snapshot import (
    Chosen,
    CountRow,
    Ingest,
    Ranking,
    Report,
    Saving,
    Snapshot,
    TargetStatus,
)
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.reports.samples import sample_report, sample_snapshot

HOSTILE = b"=1+\x1b]0;owned\x07\x9b31m\xe2\x80\xae\xff[bold]"
SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = SNAPSHOTS
    return snapshot


def text(*, top: int = 5, show: tuple[Panel, ...] | None = None, colour: bool = False) -> WatchText:
    return WatchText(top=top, show=show, colour=colour)


def report_text(*, colour: bool = False) -> ReportText:
    return ReportText(top=5, colour=colour)


def hostile_report() -> Report:
    report = sample_report()
    rows = (CountRow(HOSTILE, 3, 5), *report.hits.paths.rows)
    return replace(report, hits=replace(report.hits, paths=Ranking(rows, len(rows))))


def test_report_json_follows_the_contract(expected: Expected) -> None:
    document = report_json(sample_report(), top=0)
    assert set(json.loads(document)) == {
        *("hits", "bytes", "unparsed", "first_hit", "last_hit", "status", "methods", "sections"),
        *("paths", "hosts", "users", "user_agents", "referrers", "response_size"),
        *("unique_hosts", "response_time", "alerts", "ingest", "browsers", "systems", "bots"),
        *("agent_kinds", "networks", "hours", "static", "not_found", "routes"),
    }
    expected.assert_match(document, "report.json")


def test_report_json_of_nothing_has_null_times_and_no_rows() -> None:
    document = json.loads(report_json(Report(), top=5))
    assert (document["hits"], document["first_hit"], document["last_hit"]) == (0, None, None)
    assert document["sections"] == []
    assert document["response_size"] == {"mean": 0.0, "p50": 0, "p95": 0, "max": 0}


def test_top_bounds_the_rows_of_a_report() -> None:
    assert len(json.loads(report_json(sample_report(), top=1))["sections"]) == 1
    assert len(json.loads(report_json(sample_report(Settings(top=0)), top=0))["sections"]) == 5


def test_watch_json_is_one_line_and_follows_the_contract(expected: Expected) -> None:
    changed = sample_report().incidents[:1]
    line = watch_json(sample_snapshot(), changed, top=5)
    assert "\n" not in line
    expected.assert_match(json.dumps(json.loads(line), indent=2), "watch.json")


def test_json_tells_a_changed_alert_at_once_and_again_with_its_interval() -> None:
    """Nothing that adds up `hits`, or lists `alerts`, of all lines counts it twice."""
    live = Live(Layout(top=5))
    ended = sample_report().incidents[0]
    fired = replace(ended, recovered_at=None, recovery="")
    lines = [json.loads(line) for line in live.alerts([fired, ended], None)]
    assert [line["kind"] for line in lines] == ["alert", "alert"]
    assert [line["alert"]["firing"] for line in lines] == [True, False]
    assert [line["alert"]["id"] for line in lines] == [fired.id, fired.id]
    assert lines[0]["time"] == lines[0]["alert"]["triggered_at"]
    assert lines[1]["time"] == lines[1]["alert"]["recovered_at"]
    assert lines[1]["alert"]["message"] == ended.recovery
    (interval,) = (json.loads(line) for line in live.interval(sample_snapshot(), None))
    assert interval["kind"] == "interval"
    assert interval["alerts"] == [line["alert"] for line in lines]
    assert set(lines[0]) & set(interval) == {"kind", "time"}
    (later,) = (json.loads(line) for line in live.interval(sample_snapshot(), None))
    assert later["alerts"] == []


def test_watch_json_before_the_first_hit_has_no_time() -> None:
    assert json.loads(watch_json(Snapshot(), (), top=5))["time"] is None


def troubled_snapshot() -> Snapshot:
    """The sample's picture, when its reading has met everything there is, hostile bytes too."""
    text = HOSTILE.decode("utf-8", "surrogateescape")
    picture = sample_snapshot()
    return replace(
        picture,
        ingest=replace(
            picture.ingest,
            unparsed=1_234,
            oversize=1,
            late=3,
            late_for_alerts=12,
            evaluation_delay=4.25,
            lateness=3.25,
            future=2,
            rotations=4,
            truncations=1,
            lag=0.12345,
            unparsed_lines=tuple(UnparsedLine(b"%d " % n + HOSTILE, text) for n in range(9)),
            targets=(TargetStatus("pager", "webhook", 5, 2, 1, text, 1_700_000_000.5),),
        ),
        sources=(
            SourceStatus("/log/a", SourceState.LIVE, 90, 120, rotations=4, truncations=1),
            SourceStatus(text, SourceState.FAILED, polling=True, message=text, oversize=1),
        ),
        saving=Saving("/state/a.sqlite", problem="/state/a.sqlite: No space left on device"),
    )


def test_watch_json_tells_how_the_reading_goes(expected: Expected) -> None:
    line = watch_json(troubled_snapshot(), (), top=5)
    ingest = json.loads(line)["ingest"]
    expected.assert_match(json.dumps(ingest, indent=2), "ingest.json")
    assert [each["line"][0] for each in ingest["last_unparsed"]] == ["4", "5", "6", "7", "8"]
    assert line.isascii()
    assert line.isprintable()


def test_watch_json_says_null_where_no_state_is_saved() -> None:
    assert json.loads(watch_json(Snapshot(), (), top=5))["ingest"]["state"] is None
    busy = Snapshot(saving=Saving(problem="in use"))
    assert json.loads(watch_json(busy, (), top=5))["ingest"]["state"] == {
        "file": "",
        "problem": "in use",
        "note": "",
    }


def test_report_json_tells_what_was_no_hit_and_why() -> None:
    ingest = Ingest(
        ("combined",), 5, 5, 3, 1, 2, 1, first_unparsed=UnparsedLine(HOSTILE, "no date")
    )
    assert json.loads(report_json(Report(ingest=ingest), top=5))["ingest"] == {
        "formats": ["combined"],
        "unparsed": 3,
        "others": 0,
        "ignored": 0,
        "oversize": 1,
        "late": 1,
        "future": 2,
        "not_access_logs": [],
        "first_unparsed": {
            "line": "=1+\x1b]0;owned\x07\\x9b31m\u202e\\xff[bold]",
            "reason": "no date",
        },
    }
    nothing = json.loads(report_json(Report(), top=5))["ingest"]
    assert (nothing["formats"], nothing["first_unparsed"]) == ([], None)


def test_text_says_in_one_line_what_went_wrong() -> None:
    lines = text().interval(troubled_snapshot())
    (said,) = [line for line in lines if line.startswith("  ingest")]
    told = "1,234 lines unparsed, 1 oversize, 3 late, 2 future, 1 truncation"
    assert said == f"  ingest    ! parsed 3.1 %, {told}"
    assert (
        f"hits, {told.partition(', 1 trunc')[0]}"
        in report_text().summary(Report(ingest=troubled_snapshot().ingest), ["a.log"])[1]
    )


def test_text_tells_what_went_wrong_once_and_again_when_there_is_more() -> None:
    report, troubled = text(), troubled_snapshot()
    worse = replace(troubled, ingest=replace(troubled.ingest, late=4))
    said = [
        any(line.startswith("  ingest") for line in report.interval(snapshot))
        for snapshot in (troubled, troubled, worse, worse)
    ]
    assert said == [True, False, True, False]


def test_text_is_silent_about_a_reading_that_goes_well_unless_asked() -> None:
    fine = replace(sample_snapshot(), ingest=Ingest(("combined",), 39, 31_098, rotations=4))
    assert not [line for line in text().interval(fine) if "ingest" in line]
    asked = text(show=(Panel.INGEST,)).interval(fine)
    assert asked == ["  ingest    parsed 100 %"]


def test_text_says_what_went_wrong_before_the_first_hit_too() -> None:
    lines = text().interval(Snapshot(ingest=Ingest(unparsed=1, oversize=1)))
    assert lines == ["  ingest    ! parsed 0.0 %, 1 line unparsed, 1 oversize"]


def test_text_of_an_interval(expected: Expected) -> None:
    expected.assert_match("\n".join(text().interval(sample_snapshot())), "interval.txt")


def test_text_shows_what_was_chosen() -> None:
    lines = text(show=(Panel.METHODS, Panel.USERS)).interval(sample_snapshot())
    assert [line.split()[0] for line in lines] == ["users", "methods", "ingest"]


def test_alert_lines_are_the_messages() -> None:
    fired = next(each for each in sample_report().incidents if each.rule == "traffic")
    assert text().alert(fired) == [f"✓ {fired.recovery}"]
    firing = replace(fired, recovered_at=None, recovery="")
    assert text().alert(firing) == [f"▲ {fired.message}"]
    assert text(show=(Panel.TRAFFIC,)).alert(firing) == []


def test_a_message_that_tells_neither_rule_nor_time_gets_both() -> None:
    report = sample_report()
    fired = next(each for each in report.incidents if each.rule == "traffic")
    own = replace(fired, message="much, {x}", recovery="less\x1b")
    began, ended = iso_time(own.triggered_at), iso_time(own.recovered_at or 0)
    firing = replace(own, recovered_at=None, recovery="")
    assert text().alert(firing) == [f"▲ High traffic: much, {{x}}, triggered at {began}"]
    assert text().alert(own) == [f"✓ High traffic: less\\x1b, recovered at {ended}"]
    assert text().alert(replace(own, recovery="traffic ok"))[0].startswith("✓ traffic ok, ")
    *_, message, recovery = report_text().summary(replace(report, incidents=(own,)), ["a.log"])
    assert message == f"  ✓ High traffic: much, {{x}}, triggered at {began}"
    assert recovery == f"      High traffic: less\\x1b, recovered at {ended} (after 10 s)"


def test_a_change_of_severity_is_told_with_its_time_and_sign() -> None:
    fired = next(each for each in sample_report().incidents if each.rule == "traffic")
    second = fired.triggered_at
    first = SeverityChange(second, Severity.WARNING)
    firing = replace(
        fired, recovered_at=None, recovery="", severity=Severity.WARNING, changes=(first,)
    )
    assert text().alert(firing) == [f"! {fired.message}"]
    changes = (first, SeverityChange(second + 1, Severity.CRITICAL))
    worse = replace(firing, severity=Severity.CRITICAL, changes=changes)
    at = iso_time(second + 1)
    assert text().alert(worse) == [f"▲ critical since {at}: {fired.message}"]
    coloured = text(colour=True).alert(firing)[0]
    assert coloured.startswith("\x1b[33m")
    assert "! High traffic" in coloured


def test_summary_of_a_report(expected: Expected) -> None:
    expected.assert_match(
        "\n".join(report_text().summary(sample_report(), ["a.log"])), "summary.txt"
    )


def test_colour_is_put_on_only_when_asked_for() -> None:
    plain = "\n".join(report_text().summary(sample_report(), ["a.log"]))
    coloured = "\n".join(report_text(colour=True).summary(sample_report(), ["a.log"]))
    assert "\x1b" not in plain
    assert "\x1b[32m" in coloured


def test_nothing_parsed_is_said_with_the_first_line_and_what_to_do() -> None:
    unparsed = UnparsedLine(b"bad \x1b[2J line", "no known log format")
    ingest = Ingest(unparsed=2, first_unparsed=unparsed)
    for lines in (
        text().interval(Snapshot(ingest=ingest)),
        report_text().summary(Report(ingest=ingest), ["a.log"]),
    ):
        said = "\n".join(lines)
        assert "no known log format, in bad \\x1b[2J line; give its format" in said


def test_log_content_is_harmless_in_every_report() -> None:
    report = hostile_report()
    for said in (
        "\n".join(report_text().summary(report, [HOSTILE.decode(errors="replace")])),
        report_csv(report, top=0),
        report_json(report, top=0),
    ):
        assert not {c for c in said if c != "\n" and not c.isprintable()}
        assert "\u202e" not in said
    path = json.loads(report_json(report, top=0))["paths"][0]["path"]
    assert path == "=1+\x1b]0;owned\x07\\x9b31m\u202e\\xff[bold]"


def test_csv_is_one_table_and_guards_formulas() -> None:
    rows = list(csv.reader(io.StringIO(report_csv(hostile_report(), top=0))))
    assert rows[0][:8] == ["table", "key", "hits", "bytes", "4xx", "5xx", "visitors", "referrer"]
    assert rows[0][8:] == ["rule", "severity", "worst", "recovered_at"]
    assert {len(row) for row in rows} == {12}
    rows = [row[:6] for row in rows]
    paths = [row for row in rows if row[0] == "paths"]
    assert paths[0][1].startswith("'=1+\\x1b]0;owned")
    assert ["status", "503", "4", "", "", ""] in rows
    assert ["users", "james", "41", "31098", "", ""] in rows
    assert ["total", "hits", "41", "31098", "1", "4"] in rows
    assert ["hosts", "10.0.0.2", "4", "48", "0", "4"] in rows
    assert ["sections", "-", "1", "0", "1", "0"] in rows


def test_csv_tells_what_json_tells_of_clients_sizes_sections_and_alerts() -> None:
    milder = Severity.WARNING
    report = sample_report()
    fired = replace(report.incidents[0], severity=milder, recovered_at=None)
    report = replace(report, incidents=(fired, *report.incidents[1:]))
    rows = list(csv.DictReader(io.StringIO(report_csv(report, top=0))))
    document = json.loads(report_json(report, top=0))
    told = {(row["table"], row["key"]): row for row in rows}
    assert int(told["total", "unique_hosts"]["hits"]) == document["unique_hosts"] > 1
    for name in ("p50", "p95", "max"):
        assert int(told["response_size", name]["bytes"]) == document["response_size"][name]
    assert {(row["key"], int(row["hits"])) for row in rows if row["table"] == "section_status"} == {
        (f"{name} {section['section']}", hits)
        for section in document["sections"]
        for name, hits in section["status"].items()
    }
    alerts = [row for row in rows if row["table"] == "alerts"]
    columns = ("rule", "severity", "worst", "recovered_at")
    assert [[row[each] or None for each in columns] for row in alerts] == [
        [alert[each] for each in columns] for alert in document["alerts"]
    ]
    assert (alerts[0]["severity"], alerts[0]["worst"]) == ("warning", "critical")


def test_every_output_says_by_what_the_hits_are_chosen() -> None:
    chosen = Chosen("path:=x\x1b", since=1_526_000_000)
    report = replace(sample_report(), chosen=chosen)
    assert json.loads(report_json(report, top=1))["filter"] == {
        "where": "path:=x\x1b",
        "since": "2018-05-11T00:53:20Z",
        "until": None,
    }
    rows = list(csv.reader(report_csv(report, top=1).splitlines()))
    assert ["filter", "where path:=x\\x1b", "", ""] in [row[:4] for row in rows]
    assert ["filter", "since 2018-05-11T00:53:20Z", "", ""] in [row[:4] for row in rows]
    text = ReportText(top=1, colour=False).summary(report, ["a.log"])
    hits = f"{report.hits.hits:,} of {report.ingest.hits:,} hits"
    assert text[1] == f"only where path:=x\\x1b, since 2018-05-11T00:53:20Z: {hits}"


def test_nothing_is_said_of_filters_where_there_is_none() -> None:
    assert "filter" not in json.loads(report_json(sample_report(), top=1))
    assert "filter" not in report_csv(sample_report(), top=1)


def test_ignored_hits_are_told_where_there_are_some() -> None:
    report = replace(sample_report(), ingest=Ingest(hits=9, ignored=1_234))
    assert "total,ignored,1234," in report_csv(report, top=1)
    text = "\n".join(ReportText(top=1, colour=False).summary(report, ["a.log"]))
    assert "1,234 ignored" in text

"""Hours and days, static files and paths not found, in text, JSON and CSV."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from logmon_tui.config.output import By
from logmon_tui.config.settings import Settings
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.reports.csv import report_csv
from logmon_tui.reports.json import report_json
from logmon_tui.reports.text import ReportText
from logmon_tui.snapshot import Report

START = 1_795_305_600  # 2026-11-22T00:00:00Z, a Sunday
HOUR, DAY = 3_600, 86_400
HOSTILE = "=1+\x1b]0;owned\x07"


def line(
    second: float, path: str = "/", *, status: int = 200, host: str = "h", referrer: str = "-"
) -> str:
    time = datetime.fromtimestamp(START + second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{host} - - [{time}] "GET {path} HTTP/1.1" {status} 100 "{referrer}" "curl/8"\n'


def report_of(*lines: str, settings: Settings | None = None) -> Report:
    builder = ReportBuilder(settings or Settings())
    builder.feed(Parser().parse("".join(lines).encode()))
    return builder.finish()


def text_of(report: Report, *, top: int = 5, width: int | None = None) -> list[str]:
    return ReportText(top=top, colour=False, width=width).summary(report, ["a.log"])


def csv_of(report: Report, table: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(report_csv(report, top=5)))
    return [row for row in rows if row["table"] == table]


def spanning(seconds: int) -> list[str]:
    """Two visitors at the beginning, and one of them an error at the end."""
    return [line(0), line(1, host="other"), line(2), line(seconds, status=503)]


@pytest.mark.parametrize(
    ("seconds", "by"),
    [(5 * HOUR, By.HOUR), (2 * DAY - 1, By.HOUR), (2 * DAY, By.DAY), (3 * DAY, By.DAY)],
)
def test_what_the_log_spans_chooses_hours_or_days(seconds: int, by: By) -> None:
    assert report_of(*spanning(seconds)).periods.by is by


@pytest.mark.parametrize("by", By)
def test_the_setting_chooses_hours_or_days(by: By) -> None:
    table = report_of(*spanning(5 * HOUR), settings=Settings(by=by)).periods
    assert (table.by, len(table.rows)) == (by, 6 if by is By.HOUR else 1)


def test_json_has_a_row_for_each_hour_with_and_without_hits() -> None:
    hours = json.loads(report_json(report_of(*spanning(2 * HOUR)), top=1))["hours"]
    first = {"hits": 3, "bytes": 300, "visitors": 2, "errors": {"4xx": 0, "5xx": 0}}
    last = {"hits": 1, "bytes": 100, "visitors": 1, "errors": {"4xx": 0, "5xx": 1}}
    nothing = {"hits": 0, "bytes": 0, "visitors": 0, "errors": {"4xx": 0, "5xx": 0}}
    assert hours == [
        {"hour": "2026-11-22T00:00:00Z"} | first,
        {"hour": "2026-11-22T01:00:00Z"} | nothing,
        {"hour": "2026-11-22T02:00:00Z"} | last,
    ]


def test_json_of_nothing_has_no_hours() -> None:
    assert json.loads(report_json(Report(), top=5))["hours"] == []


def test_csv_has_a_row_for_each_day() -> None:
    days = csv_of(report_of(*spanning(3 * DAY)), "days")
    assert [day["key"][:10] for day in days] == [f"2026-11-{22 + day}" for day in range(4)]
    assert [(day["hits"], day["visitors"], day["5xx"]) for day in days] == [
        ("3", "2", "0"),
        ("0", "0", "0"),
        ("0", "0", "0"),
        ("1", "1", "1"),
    ]


def test_text_has_a_line_for_each_day() -> None:
    lines = text_of(report_of(*spanning(3 * DAY)))
    head = next(place for place, each in enumerate(lines) if each.endswith("Days (UTC)"))
    assert lines[head].split()[:5] == ["hits", "bytes", "visitors", "4xx%", "5xx%"]
    assert [each.split()[-2:] for each in lines[head + 1 : head + 5]] == [
        ["2026-11-22", "Sun"],
        ["2026-11-23", "Mon"],
        ["2026-11-24", "Tue"],
        ["2026-11-25", "Wed"],
    ]
    assert lines[head + 1].split()[:5] == ["3", "300", "B", "2", "-"]


def test_text_has_no_table_of_a_single_hour() -> None:
    assert not any("Hours" in each for each in text_of(report_of(*spanning(100))))


@pytest.mark.parametrize("width", [40, 60, 80, 200, None])
def test_hours_fit_the_width(width: int | None) -> None:
    lines = text_of(report_of(*spanning(5 * HOUR)), width=width)
    (head,) = [each for each in lines if each.endswith("Hours (UTC)")]
    table = lines[lines.index(head) : lines.index(head) + 7]
    assert width is None or max(map(len, table)) <= width
    assert head.split()[0] == "hits"
    assert ("visitors" in head) == (width is None or width >= 40)


def test_text_shows_the_newest_of_many_days_unless_all_are_asked_for() -> None:
    report = report_of(*spanning(100 * DAY))
    assert sum("2027-0" in each for each in text_of(report)) == 49  # with the last hit above
    assert any(each.endswith("… and 53 earlier") for each in text_of(report))
    assert any(each.endswith("2026-11-22 Sun") for each in text_of(report, top=0))


def test_what_is_too_long_ago_is_summed_up() -> None:
    lines = [line(hour * HOUR) for hour in range(800)]
    report = report_of(*lines, settings=Settings(by=By.HOUR))
    assert report.periods.earlier is not None
    assert report.periods.earlier.hits == 56
    assert [hour["key"] for hour in csv_of(report, "hours")[:2]] == [
        "earlier",
        "2026-11-24T08:00:00Z",
    ]
    assert json.loads(report_json(report, top=1))["hours"][0]["hour"] is None
    assert any(each.endswith("all before") for each in text_of(report, top=0))


FILES = [
    *[line(0, "/app.css")] * 3,
    *[line(1, "/logo.PNG", status=404)] * 2,
    line(2, "/style.css?v=2"),
    line(3, "/css"),
    line(4, "/"),
]


def test_static_files_are_told_apart() -> None:
    report = report_of(*FILES)
    assert (report.static.hits, report.static.bytes) == (6, 600)
    document = json.loads(report_json(report, top=5))
    assert document["static"] == {"hits": 6, "bytes": 600}
    assert document["static_files"] == [
        {"path": "/app.css", "hits": 3, "bytes": 300, "errors": {"4xx": 0, "5xx": 0}},
        {"path": "/logo.PNG", "hits": 2, "bytes": 200, "errors": {"4xx": 2, "5xx": 0}},
        {"path": "/style.css", "hits": 1, "bytes": 100, "errors": {"4xx": 0, "5xx": 0}},
    ]
    assert csv_of(report, "total")[2]["hits"] == "6"
    assert csv_of(report, "static_files")[0]["key"] == "/app.css"
    lines = text_of(report)
    assert "static files 75.0 % of hits, 75.0 % of bytes" in lines
    assert any(each.endswith("Static files") for each in lines)


def test_a_log_without_static_files_has_no_table_of_them() -> None:
    report = report_of(line(0), line(1, "/users"))
    assert not any("tatic" in each for each in text_of(report))
    assert "static_files" not in json.loads(report_json(report, top=5))


@pytest.mark.parametrize(
    ("where", "hits", "files"), [("path:/users", 1, 1), ("path:/users status:200", 1, 0)]
)
def test_the_settings_say_what_is_static(where: str, hits: int, files: int) -> None:
    lines = [line(0, "/users"), line(0, "/app.css")]
    static = report_of(*lines, settings=Settings(filters={"static": where})).static
    assert (static.hits, len(static.files.rows)) == (hits, files)


def not_found(path: str, referrers: Sequence[str]) -> list[str]:
    return [line(0, path, status=404, referrer=each) for each in referrers]


MISSING = [
    *not_found("/a", ["-"] * 5 + ["http://x/1", "http://x/2", "http://x/2"]),
    *not_found("/b", ["-"] * 9),
    *not_found("/c", ["http://x/1"]),
    line(0, "/a", referrer="http://x/3"),
]


def test_paths_not_found_come_with_the_referrer_that_most_often_led_there() -> None:
    report = report_of(*MISSING)
    assert json.loads(report_json(report, top=2))["not_found"] == [
        {"path": "/b", "hits": 9, "referrer": None, "referrer_hits": 0},
        {"path": "/a", "hits": 8, "referrer": "http://x/2", "referrer_hits": 2},
    ]
    assert [(row["key"], row["hits"], row["referrer"]) for row in csv_of(report, "not_found")] == [
        ("/b", "9", ""),
        ("/a", "8", "http://x/2"),
        ("/c", "1", "http://x/1"),
    ]
    lines = text_of(report, top=2)
    head = next(place for place, each in enumerate(lines) if "Not found (404)" in each)
    assert [each.split() for each in lines[head + 1 : head + 5]] == [
        ["9", "/b"],
        ["8", "/a"],
        ["2", "←", "http://x/2"],
        ["…", "and", "1", "more"],
    ]


def test_hostile_paths_and_referrers_stay_harmless() -> None:
    report = report_of(*not_found("/%1b[2J\x1b[2J", [HOSTILE]))
    assert all(each.isprintable() for each in text_of(report, width=60))
    (row,) = csv_of(report, "not_found")
    assert row["referrer"].startswith("'=1+")
    assert row["key"].isprintable()

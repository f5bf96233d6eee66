"""Text in terminal cells: wrapped between words, and cut such that names stay apart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from logmon_tui.escape import printable
from logmon_tui.fitting import (
    _OWN_SIGNS,
    Word,
    distinct,
    flowed,
    is_narrow,
    width_of,
    wrapped_text,
)

TEXTS = st.text().map(printable) | st.text(alphabet="ab 日語😀é\u0301").map(printable)
NAMES = TEXTS | st.text(alphabet="ab…1").map("/same/beginning/of/all".__add__)


@given(TEXTS | st.text(alphabet=sorted(_OWN_SIGNS)).map(printable))
@example("".join(sorted(_OWN_SIGNS)))
def test_a_text_is_as_wide_as_rich_says(text: str) -> None:
    assert width_of(text) == cell_len(text)


@given(TEXTS, st.integers(20, 60), st.integers(0, 8))
def test_wrapped_text_fits_and_keeps_all_of_it(text: str, width: int, hanging: int) -> None:
    lines = wrapped_text(text, width, hanging=hanging)
    assert all(width_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(
    st.lists(st.text(alphabet="abc語", min_size=1, max_size=10), min_size=1), st.integers(30, 60)
)
def test_no_word_that_fits_is_broken(words: list[str], width: int) -> None:
    lines = wrapped_text("  " + " ".join(words), width, hanging=4)
    assert [word for line in lines for word in line.split()] == words
    assert all(line.startswith("    ") for line in lines[1:])


def test_a_number_stays_with_its_unit() -> None:
    text = "High traffic recovered - hits = 4, recovered at noon (after 10 s)"
    assert wrapped_text(text, 30, hanging=2) == [
        "High traffic recovered -",
        "  hits = 4, recovered at noon",
        "  (after 10 s)",
    ]


def test_a_text_stands_as_it_is_where_it_fits_and_where_nobody_looks() -> None:
    assert wrapped_text("  a  b", 40) == ["  a  b"]
    assert wrapped_text("word " * 50, None) == ["word " * 50]


def test_a_word_wider_than_a_line_is_broken_for_nothing_may_be_lost() -> None:
    lines = wrapped_text("at /" + "x" * 50 + " now", 20, hanging=2)
    assert lines == ["at", "  /" + "x" * 17, "  " + "x" * 18, "  " + "x" * 15, "  now"]


def test_words_keep_their_gap_and_style() -> None:
    words = [Word("a b", "<a b>", 2), Word("c", "c", 2), Word("d", "d", 1)]
    assert flowed(words, None, start="> ", hanging=2) == ["> <a b>  c d"]
    assert flowed(words, 8, start="> ", hanging=2) == ["> <a b>  c", "  d"]
    assert flowed(words, 5, start="> ", hanging=2) == ["> <a b>", "  c d"]


@given(st.lists(NAMES, max_size=12), st.integers(12, 40))
@example(["/same/1/" + "x" * 40 + "/a", "/same/2/" + "x" * 40 + "/a"] * 2, 12)
@example(["a" * 20 + "b" * n + "a" * 20 for n in range(12)], 12)
def test_names_that_differ_look_different_and_fit(names: list[str], width: int) -> None:
    shown = distinct(names, width)
    assert all(width_of(name) <= width for name in shown)
    assert len(set(shown)) == len(set(names))
    for name, text in zip(names, shown, strict=True):
        if width_of(name) <= width:
            assert text == name


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["/short", "/api/orders/of/all"], ["/short", "/api/order…"]),
        (
            ["/static/app.12345678.js", "/static/app.12345678.css"],
            ["/stat…78.js", "/stat…8.css"],
        ),
        (
            ["Mozilla/5.0 (X11) Safari/537.36", "Mozilla/5.0 (Win) Safari/537.36"],
            ["Moz…(X11) …", "Moz…(Win) …"],
        ),
    ],
)
def test_a_name_loses_its_end_or_else_what_it_shares(names: list[str], shown: list[str]) -> None:
    assert distinct(names, 11) == shown


@given(TEXTS | st.text(alphabet=sorted(_OWN_SIGNS)))
@example("a語\u0301")  # one cell too many and one too few
@example("│ ▁▂ ●")
def test_a_text_is_narrow_if_each_of_its_characters_takes_one_cell(text: str) -> None:
    assert is_narrow(text) == all(cell_len(char) == 1 for char in text)

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from logmon_tui.escape import printable
from logmon_tui.tui.paint import cells

TEXTS = st.text().map(printable) | st.text(alphabet="a日語😀é\u0301").map(printable)


@given(TEXTS, st.integers(0, 40))
def test_fitted_text_takes_exactly_its_cells(text: str, width: int) -> None:
    assert cells.width_of(cells.left(text, width)) == width
    assert cells.width_of(cells.right(text, width)) == width


@given(st.lists(TEXTS), st.integers(0, 40))
def test_a_line_takes_exactly_its_cells(texts: list[str], width: int) -> None:
    strip = cells.line([(text, Style()) for text in texts], width, Style())
    assert strip.cell_length == width


@given(TEXTS, TEXTS, st.integers(1, 40))
def test_a_line_with_two_ends_takes_exactly_its_cells(start: str, end: str, width: int) -> None:
    strip = cells.ends([(start, Style())], [(end, Style())], width, Style())
    assert strip.cell_length == width


def test_cropped_text_ends_in_an_ellipsis() -> None:
    assert cells.crop("/api/orders", 6) == "/api/…"
    assert cells.crop("日本語", 4) == "日 …"
    assert cells.crop("short", 5) == "short"


@given(st.floats(-1, 2), st.integers(1, 40))
def test_a_bar_never_overflows_and_shows_anything_above_nothing(share: float, width: int) -> None:
    bar = cells.bar(share, width)
    assert len(bar) <= width
    assert bool(bar) == (share > 0)


def test_a_sparkline_shows_the_newest_values_and_leaves_nothing_blank_but_nothing() -> None:
    assert cells.sparkline((9, 0, 1, 7, 14), 4) == " ▁▄▇"
    assert cells.sparkline((), 3) == "   "


def test_log_text_that_is_empty_is_named() -> None:
    assert cells.shown(b"") == "(empty)"
    assert cells.shown(b"\x1b[31m") == "\\x1b[31m"


@given(TEXTS, st.integers(0, 40))
def test_text_cropped_at_its_start_keeps_its_end(text: str, width: int) -> None:
    cropped = cells.crop_start(text, width)
    assert cells.width_of(cropped) <= width
    assert text.endswith(cropped.removeprefix("…"))


@given(TEXTS, st.integers(1, 40))
def test_wrapped_text_fits_and_keeps_every_word_that_does(text: str, width: int) -> None:
    lines = cells.wrapped(text, width)
    assert max(map(cells.width_of, lines)) <= width
    words = [word for word in text.split() if cells.width_of(word) <= width]
    shown = " ".join(lines).split()
    assert [word for word in shown if word in words and not word.endswith("…")] == [
        word for word in words if not word.endswith("…")
    ]


def test_of_a_huge_value_only_the_beginning_is_shown() -> None:
    assert cells.shown(b"\x1b" * 200_000) == "\\x1b" * cells.LONGEST + "…"
    assert cells.shown("a" * cells.LONGEST) == "a" * cells.LONGEST


def test_a_path_is_shown_decoded_and_as_short() -> None:
    assert cells.shown_decoded(b"/caf%C3%A9/%1b[31m") == "/café/\\x1b[31m"
    assert cells.shown_decoded(b"") == "(empty)"
    assert cells.shown_decoded(b"%1b" * 200_000) == "\\x1b" * 333 + "%" + cells.ELLIPSIS

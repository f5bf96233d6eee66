"""Marks: which one an incident follows, and which texts they may have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.model.mark import (
    MAX_TEXT,
    NEAR,
    Mark,
    after_text,
    changed_marks,
    checked_text,
    mark_before,
)
from tests.effort import examples

MARKS = st.lists(st.builds(Mark, st.integers(0, 3 * NEAR), st.sampled_from("abc")), max_size=8).map(
    lambda marks: sorted(marks, key=lambda mark: mark.second)
)


@settings(max_examples=examples(200), deadline=None)
@given(marks=MARKS, second=st.integers(0, 4 * NEAR))
def test_an_incident_follows_the_newest_mark_of_the_ten_minutes_before(
    marks: list[Mark], second: int
) -> None:
    near = [mark for mark in marks if 0 <= second - mark.second <= NEAR]
    newest = max((mark.second for mark in near), default=None)
    found = mark_before(marks, second)
    assert (found and found.second) == newest
    # Of several in one second the one that stands last in the file counts.
    assert found == (near[-1] if near else None)


@pytest.mark.parametrize(("after", "follows"), [(-1, False), (0, True), (600, True), (601, False)])
def test_a_mark_is_near_for_ten_minutes_and_never_before_it_was_made(
    after: int, follows: bool
) -> None:
    mark = Mark(1_000, "api 4.12")
    assert mark_before([mark], 1_000 + after) == (mark if follows else None)


def test_the_text_says_how_long_after_and_shows_no_control_character() -> None:
    assert after_text(Mark(100, "api 4.12"), 112) == "12 s after mark api 4.12"
    assert after_text(Mark(100, "a\x1b[2J\u202eb"), 234) == "2 m 14 s after mark a\\x1b[2J\\u202eb"


def test_what_came_and_went_is_a_change_and_what_was_forgotten_is_none() -> None:
    one, two, three = (Mark(second, "x") for second in (1, 2, 3))
    assert changed_marks([one, two], [one, two]) == []
    assert changed_marks([one], [one, two]) == [two]
    assert changed_marks([one, two, three], [one, three]) == [two]
    assert changed_marks([one, two], [two, three]) == [three]
    assert changed_marks([one], []) == [one]


@pytest.mark.parametrize(
    "text", ["", "  ", "a\nb", "a\x1b[31m", "a\u202eb", "a\0", "\ud800", "x" * (MAX_TEXT + 1)]
)
def test_a_text_that_is_no_short_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        checked_text(text)


def test_a_plain_text_is_taken_without_the_blanks_around_it() -> None:
    assert checked_text(" api 4.12 → prod 🚀\n") == "api 4.12 → prod 🚀"
    assert checked_text("x" * MAX_TEXT) == "x" * MAX_TEXT

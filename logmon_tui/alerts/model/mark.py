"""Mark: a moment that a user named, such as a deploy, and which mark an incident follows. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from logmon_tui.escape import printable
from logmon_tui.units import duration

MAX_MARKS = 1_000
"""Maximum marks that are kept, the newest ones."""

MAX_TEXT = 200
"""Maximum characters of a mark's text."""

LAST_SECOND = 253_402_300_799
"""The last second that a mark can have: ISO 8601 writes no later one. The first is 0."""

NEAR = 600
"""Maximum seconds from a mark to an incident that is said to follow it."""

AROUND = 600
"""Seconds before and after a mark whose traffic is compared."""


class Mark(NamedTuple):
    """A named moment: UTC epoch second and text, of one line but from anybody."""

    second: int
    text: str


def checked_mark(second: int, text: str) -> Mark:
    """Return a new mark, with its text without blanks around it.

    Raises ValueError, whose message says what is wrong, for a second that no file of marks tells,
    and for a text that `checked_text` refuses.
    """
    if not 0 <= second <= LAST_SECOND:
        raise ValueError("a mark's time is in the years 1970 to 9999; give another")
    return Mark(second, checked_text(text))


def checked_text(text: str) -> str:
    """Return the text of a new mark without blanks around it.

    Raises ValueError, whose message says what is wrong, for a text that is no line of plain text.
    """
    text = text.strip()
    if not text:
        raise ValueError("a mark needs a text, such as 'api 4.12'")
    if len(text) > MAX_TEXT:
        raise ValueError(f"a mark's text has {MAX_TEXT} characters at most; shorten it")
    if printable(text) != text:
        raise ValueError("a mark's text is one line of plain text; leave out other characters")
    return text


def mark_before(marks: Sequence[Mark], second: int) -> Mark | None:
    """Return the newest of `marks` at most NEAR seconds before `second`; None if there is none.

    `marks` are in the order of time; of those of one second the last one counts.
    """
    place = bisect_right(marks, second, key=lambda mark: mark.second)
    if place == 0 or second - marks[place - 1].second > NEAR:
        return None
    return marks[place - 1]


def after_text(mark: Mark, second: int) -> str:
    """Return how long after a mark `second` is, as printable text: `12 s after mark api 4.12`."""
    return f"{duration(second - mark.second)} after mark {printable(mark.text)}"


def changed_marks(before: Sequence[Mark], now: Sequence[Mark]) -> list[Mark]:
    """Return the marks that came or went, in the order of time.

    Marks older than all that there are now were only forgotten, for want of room.
    """
    gone = (mark for mark in set(before) - set(now) if not now or mark.second >= now[0].second)
    return sorted({*gone, *(set(now) - set(before))})

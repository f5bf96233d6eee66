"""Points in the time of a log."""

from datetime import UTC, datetime

import pytest

from logmon_tui.cli.moments import is_relative, moment_in_log

LAST = int(datetime(2026, 11, 21, 12, 0, 30, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "found", "relative"),
    [
        ("-2h", "2026-11-21T10:00:30", True),
        ("90s", "2026-11-21T11:59:00", True),
        ("11:59", "2026-11-21T11:59:00", True),
        ("9:05:07", "2026-11-21T09:05:07", True),
        ("12:00:30", "2026-11-21T12:00:30", True),
        ("12:00:31", "2026-11-20T12:00:31", True),
        ("14:00", "2026-11-20T14:00:00", True),
        ("today", "2026-11-21T00:00:00", True),
        ("today 14:00", "2026-11-21T14:00:00", True),
        ("yesterday", "2026-11-20T00:00:00", True),
        ("yesterday  14:00", "2026-11-20T14:00:00", True),
        ("2026-11-22", "2026-11-22T00:00:00", False),
        ("2026-11-22T14:00+02:00", "2026-11-22T12:00:00", False),
    ],
)
def test_moments_of_a_log(text: str, found: str, relative: bool) -> None:
    expected = datetime.fromisoformat(found).replace(tzinfo=UTC).timestamp()
    assert (moment_in_log(text, LAST), is_relative(text)) == (expected, relative)


@pytest.mark.parametrize("text", ["", "--2h", "2 h", "24:00", "12:60", "noon", "today14:00", "٣d"])
def test_what_is_no_moment_is_told_with_some_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="is no moment such as -2h, 14:00, 'yesterday 14:00'"):
        moment_in_log(text, LAST)

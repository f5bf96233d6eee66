"""Points in the time of a log."""

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.moments import is_relative, moment_in_log

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
        ("sat", "2026-11-21T00:00:00", True),
        ("sat 12:00", "2026-11-21T12:00:00", True),
        ("Sat 12:01", "2026-11-14T12:01:00", True),
        ("fri 14:00", "2026-11-20T14:00:00", True),
        ("sun 00:00", "2026-11-15T00:00:00", True),
        ("2026-11-20 03:12", "2026-11-20T03:12:00", False),
        ("2026-11-22", "2026-11-22T00:00:00", False),
        ("2026-11-22T14:00+02:00", "2026-11-22T12:00:00", False),
    ],
)
def test_moments_of_a_log(text: str, found: str, relative: bool) -> None:
    expected = datetime.fromisoformat(found).replace(tzinfo=UTC).timestamp()
    assert (moment_in_log(text, LAST), is_relative(text)) == (expected, relative)


@pytest.mark.parametrize(
    "text", ["", "--2h", "2 h", "24:00", "12:60", "noon", "today14:00", "fr 14:00", "٣d"]
)
def test_what_is_no_moment_is_told_with_some_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="is no moment such as -2h, 14:00, 'yesterday 14:00'"):
        moment_in_log(text, LAST)


@given(
    st.integers(86_400 * 400, 2**31),
    st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun", ""]),
    st.times(),
)
def test_a_day_and_time_is_the_last_such_one(last: int, day: str, at: time) -> None:
    found = moment_in_log(f"{day} {at:%H:%M:%S}".strip(), last)
    then = datetime.fromtimestamp(found, UTC)
    assert f"{then:%H:%M:%S}" == f"{at:%H:%M:%S}"
    assert f"{then:%a}".lower() == day or not day
    assert last - (7 if day else 1) * 86_400 < found <= last

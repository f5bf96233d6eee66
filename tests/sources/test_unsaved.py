"""Reading on after a run that could save nothing, of which only the beginning is known."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_END, FROM_START, Start
from logmon_tui.sources.unsaved import UnknownPlaceError, position_since

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]

BEGUN = 1_000


def timestamp(line: bytes) -> int | None:
    """Read lines such as b"1017 some text"."""
    digits = line.split(b" ", 1)[0]
    return int(digits) if digits.isdigit() else None


def lines(first: int, last: int) -> bytes:
    """Return a line for each second."""
    return b"".join(b"%d in the log\n" % second for second in range(first, last + 1))


def write(path: Path, text: bytes, second: int) -> None:
    """Write a file, the last time at `second`."""
    path.write_bytes(text)
    os.utime(path, (second, second))


@pytest.fixture
def read_since(log: Path, follow: Follow, drain: Drain) -> Callable[[Start], bytes]:
    """Read what a run that began at BEGUN would have read by now."""

    def read(start: Start) -> bytes:
        position = position_since(log, BEGUN, start, timestamp)
        assert position is not None
        return drain(follow(log, position=position, start=FROM_END))

    return read


Read = Callable[[Start], bytes]


@pytest.mark.parametrize(
    ("start", "first"), [(Start(240), 760), (FROM_END, 1_000), (FROM_START, 500)]
)
def test_a_log_that_was_not_rotated_is_read_from_where_that_run_began(
    log: Path, read_since: Read, start: Start, first: int
) -> None:
    write(log, lines(500, 1_400), 1_400)
    assert read_since(start) == lines(first, 1_400)


def test_files_rotated_since_then_are_read_and_older_ones_are_not(
    log: Path, read_since: Read
) -> None:
    write(log.with_name("access.log.4"), lines(100, 400), 400)
    write(log.with_name("access.log.3"), lines(500, 1_100), 1_100)
    write(log.with_name("access.log.2"), lines(1_101, 1_200), 1_200)
    write(log.with_name("access.log.1"), lines(1_201, 1_300), 1_300)
    write(log.with_name("access.log.bak"), lines(900, 1_300), 1_300)
    write(log, lines(1_301, 1_400), 1_400)
    assert read_since(Start(60)) == lines(940, 1_400)


@pytest.mark.parametrize("there", [True, False])
def test_a_log_just_rotated_is_empty_or_away(log: Path, read_since: Read, *, there: bool) -> None:
    write(log.with_name("access.log-20261122"), lines(500, 1_300), 1_300)
    if there:
        write(log, b"", 1_300)
    assert read_since(Start(60)) == lines(940, 1_300)


def test_what_was_left_out_is_left_out_in_the_next_run_too(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    write(log.with_name("access.log.2"), lines(100, 400), 400)
    write(log.with_name("access.log.1"), lines(500, 1_300), 1_300)
    write(log, lines(1_301, 1_400), 1_400)
    observer = follow(log, position=position_since(log, BEGUN, Start(60), timestamp))
    drain(observer)
    append(log, lines(1_401, 1_402))
    again = follow(log, position=observer.position())
    assert drain(again) == lines(1_401, 1_402)


def test_the_times_of_a_replayed_log_tell_nothing(log: Path) -> None:
    write(log, lines(1, 500), 2_000)
    with pytest.raises(UnknownPlaceError):
        position_since(log, BEGUN, Start(60), timestamp)
    assert position_since(log, BEGUN, FROM_START, timestamp) is not None


def test_a_log_not_there_or_idle_since_then_has_no_position(log: Path) -> None:
    assert position_since(log, BEGUN, Start(60), timestamp) is None
    write(log.with_name("access.log.1"), lines(100, 400), 1_001)  # a late line
    write(log, lines(401, 900), 900)
    assert position_since(log, BEGUN, Start(60), timestamp) is None

"""Where reading begins, against a search through every line."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.sources.lines import LONGEST_LINE
from logmon_tui.sources.seek import (
    FROM_END,
    FROM_START,
    Start,
    find_start,
    line_start,
    newest_second,
)

PROBE = 64


def timestamp(line: bytes) -> int | None:
    """Read lines such as b"17 some text"."""
    digits = line.split(b" ", 1)[0]
    return int(digits) if digits.isdigit() else None


def offsets(lines: list[bytes]) -> list[int]:
    return [sum(len(line) for line in lines[:index]) for index in range(len(lines) + 1)]


def found(path: Path, lines: list[bytes], seconds: int) -> int:
    path.write_bytes(b"".join(lines))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return find_start(
            partial(os.pread, descriptor), path.stat().st_size, seconds, timestamp, PROBE
        )
    finally:
        os.close(descriptor)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seek") / "access.log"


steps = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=1, max_size=150)
loose_steps = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 200), st.booleans()), min_size=1, max_size=80
)


@given(steps=steps, seconds=st.integers(1, 300))
def test_starts_at_the_first_recent_line(
    path: Path, steps: list[tuple[int, int]], seconds: int
) -> None:
    times = [sum(step for step, _ in steps[: index + 1]) for index in range(len(steps))]
    lines = [b"%d %s\n" % (t, b"x" * size) for t, (_, size) in zip(times, steps, strict=True)]
    first_recent = next(i for i, t in enumerate(times) if t >= times[-1] - seconds)
    assert found(path, lines, seconds) == offsets(lines)[first_recent]


@given(steps=loose_steps, seconds=st.integers(1, 100))
def test_lines_without_a_timestamp_never_hide_a_recent_one(
    path: Path, steps: list[tuple[int, int, bool]], seconds: int
) -> None:
    second, times, lines = 0, [], []
    for step, size, stamped in steps:
        second += step
        times.append(second if stamped else None)
        lines.append(b"%s %s\n" % (b"%d" % second if stamped else b"?", b"x" * size))
    newest = max((t for t in times if t is not None), default=None)
    start = found(path, lines, seconds)
    starts = offsets(lines)
    assert start in starts
    if newest is None:
        assert start == 0
    else:
        recent = (i for i, t in enumerate(times) if t is not None and t >= newest - seconds)
        assert start <= starts[next(recent)]


def test_one_line_from_the_future_or_the_past_misleads_nobody(path: Path) -> None:
    lines = [b"%d line\n" % second for second in range(1000)]
    lines[400] = b"999999 line\n"
    lines[970] = b"1 line\n"
    lines[998] = b"999999 line\n"
    assert found(path, lines, 50) == offsets(lines)[949]


@pytest.mark.parametrize("seconds", [10, 1000, 100_000])
def test_a_large_log_is_hardly_read(
    log: Path, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(b"".join(b"%d %s\n" % (second, b"x" * 90) for second in range(200_000)))
    read: list[int] = []
    asked: list[bytes] = []
    pread = os.pread

    def counted(descriptor: int, length: int, offset: int) -> bytes:
        read.append(length)
        return pread(descriptor, length, offset)

    def stamp(line: bytes) -> int | None:
        asked.append(line)
        return timestamp(line)

    monkeypatch.setattr("os.pread", counted)
    with log.open("rb") as file:
        start = find_start(partial(os.pread, file.fileno()), log.stat().st_size, seconds, stamp)
        file.seek(start)
        assert timestamp(file.readline()) == 199_999 - seconds
    assert sum(read) < 3_000_000
    assert len(asked) < 3000


def test_lines_are_found_back_from_any_byte(log: Path) -> None:
    log.write_bytes(b"one\ntwo\nthr")
    with log.open("rb") as file:
        assert [line_start(partial(os.pread, file.fileno()), at) for at in (0, 2, 4, 7, 8, 11)] == [
            0,
            0,
            4,
            4,
            8,
            8,
        ]


def test_a_giant_line_is_not_searched_to_its_beginning(log: Path) -> None:
    log.write_bytes(b"x" * (3 * LONGEST_LINE))
    with log.open("rb") as file:
        start = line_start(partial(os.pread, file.fileno()), 3 * LONGEST_LINE)
    assert start == 2 * LONGEST_LINE - 1


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (FROM_START, b"1 a\n5 b\n9 c\n"),
        (Start(4), b"5 b\n9 c\n"),
        (FROM_END, b""),
    ],
)
def test_a_log_is_read_from_where_was_asked(
    log: Path,
    start: Start,
    expected: bytes,
    follow: Callable[..., object],
    drain: Callable[[object], bytes],
) -> None:
    log.write_bytes(b"1 a\n5 b\n9 c\n")
    assert drain(follow(log, start=start, timestamp=timestamp)) == expected


def test_a_line_that_is_being_written_at_the_start_is_not_torn(
    log: Path,
    append: Callable[[Path, bytes], None],
    follow: Callable[..., object],
    drain: Callable[[object], bytes],
) -> None:
    log.write_bytes(b"1 a\n2 hal")
    observer = follow(log, start=FROM_END)
    assert drain(observer) == b""
    append(log, b"f\n3 c\n")
    assert drain(observer) == b"2 half\n3 c\n"


@pytest.mark.parametrize(
    ("seconds", "sure"),
    [([7], 7), ([5] * 30 + [9] * 5, 5), ([5] * 30 + [9] * 6, 9), ([3, 8], 3), ([], None)],
)
def test_the_newest_second_is_one_that_most_of_the_last_lines_reach(
    path: Path, seconds: list[int], sure: int | None
) -> None:
    path.write_bytes(b"".join(b"%d text\nno time\n" % second for second in seconds))
    assert newest_second(path, timestamp) == sure


def test_what_cannot_be_looked_at_has_no_newest_second(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("none", ".", "pipe"):
        assert newest_second(tmp_path / name, timestamp) is None

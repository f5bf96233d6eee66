"""Logs that are cut short or written over in place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.sources.file_observer import FileObserver

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]


@pytest.mark.parametrize(
    "content",
    [b"new\n", b"one\nzzz\n", b"a longer line than before\nand another\n"],
    ids=["smaller", "the same size", "larger"],
)
def test_a_log_written_over_is_read_from_its_beginning(
    log: Path, follow: Follow, drain: Drain, content: bytes
) -> None:
    log.write_bytes(b"one\ntwo\n")
    observer = follow(log)
    drain(observer)
    log.write_bytes(content)
    assert drain(observer) == content
    assert observer.status().truncations == 1
    assert observer.status().position == len(content)


def test_lines_with_the_same_ending_do_not_hide_a_truncation(
    log: Path, follow: Follow, drain: Drain
) -> None:
    agent = b'"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126"\n'
    log.write_bytes(b"08:00:01 " + agent)
    observer = follow(log)
    drain(observer)
    log.write_bytes(b"08:00:02 " + agent)
    assert drain(observer) == b"08:00:02 " + agent


def test_truncation_to_nothing_and_growth_again(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    log.write_bytes(b"one\ntw")
    observer = follow(log)
    drain(observer)
    for number in range(3):
        log.write_bytes(b"")
        assert drain(observer) == b""
        append(log, b"%d\n" % number)
        assert drain(observer) == b"%d\n" % number
    assert observer.status().truncations == 3


def test_growth_alone_is_no_truncation(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    observer = follow(log)
    for number in range(500):
        append(log, b"line %d\n" % number)
        assert drain(observer) == b"line %d\n" % number
    assert observer.status().truncations == 0


@pytest.mark.parametrize("seen", [True, False], ids=["seen empty", "not seen empty"])
def test_the_hole_that_a_stale_writer_leaves_becomes_no_line(
    log: Path, follow: Follow, drain: Drain, seen: bool
) -> None:
    log.write_bytes(b"one\n" * 1_000_000)
    observer = follow(log)
    drain(observer)
    with log.open("r+b", buffering=0) as stale:
        stale.seek(0, 2)
        log.open("wb").close()
        if seen:
            assert drain(observer) == b""
        stale.write(b"two\n")
    lines = drain(observer)
    for _ in range(5):
        lines += drain(observer)
    assert lines == b"two\n"
    assert observer.status().truncations == 1
    assert observer.status().oversize == 0


def test_a_truncation_while_catching_up_goes_on_with_what_is_there(
    log: Path, follow: Follow, drain: Drain
) -> None:
    log.write_bytes(b"a line\n" * 2_000_000)
    observer = follow(log)
    observer.read()
    log.write_bytes(b"new\n")
    assert drain(observer) == b"new\n"
    assert observer.status().state == "live"

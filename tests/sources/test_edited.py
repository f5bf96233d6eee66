"""Logs that somebody edits, cuts or saves anew: no line counts twice that can be known."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.sources.file_observer import FileObserver

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]
Edit = Callable[[Path], object]


def lines(first: int, last: int) -> bytes:
    """Return lines of which ten are written in a second."""
    return b"".join(b"%d 10.0.0.%d line %d\n" % (n // 10, n % 9, n) for n in range(first, last))


def second(line: bytes) -> int | None:
    found = re.match(rb"\d+", line)
    return int(found[0]) if found else None


def renamed(log: Path, content: bytes) -> None:
    """Save a new file in the place of the log, as sed -i and most editors do."""
    new = log.with_name("sedXYZ")
    new.write_bytes(content)
    new.replace(log)


def second_half(log: Path) -> bytes:
    content = log.read_bytes()
    return content[content.index(b"\n", len(content) // 2) + 1 :]


def saved_with_backup(log: Path, name: str) -> None:
    content = log.read_bytes()
    log.rename(log.with_name(name))
    log.write_bytes(content)


KEPT: dict[str, Edit] = {
    "copied": lambda log: renamed(log, log.read_bytes()),
    "head cut off": lambda log: renamed(log, second_half(log)),
    "head cut off in place": lambda log: log.write_bytes(second_half(log)),
    "one host masked": lambda log: renamed(log, log.read_bytes().replace(b"10.0.0.3 ", b"x ")),
    "all hosts masked": lambda log: renamed(log, re.sub(rb"10\.\S+", b"x", log.read_bytes())),
    "saved with ~": lambda log: saved_with_backup(log, "access.log~"),
    "saved with .bak": lambda log: saved_with_backup(log, "access.log.bak"),
    "saved with .old": lambda log: saved_with_backup(log, "access.log.old"),
    "saved with .1": lambda log: saved_with_backup(log, "access.log.1"),
}
"""Edits that leave all lines not read yet."""


@pytest.mark.parametrize("edit", KEPT.values(), ids=KEPT)
def test_each_line_is_read_once_though_the_log_was_edited_while_down(
    log: Path, follow: Follow, drain: Drain, append: Append, edit: Edit
) -> None:
    log.write_bytes(lines(0, 1000))
    first = follow(log, timestamp=second)
    drain(first)
    position = first.position()
    first.close()
    append(log, lines(1000, 1500))
    edit(log)
    append(log, lines(1500, 1800))
    read = drain(follow(log, position=position, timestamp=second))
    assert read.count(b"\n") == 800
    assert b" line 1000\n" in read
    assert read.endswith(lines(1500, 1800))


@pytest.mark.parametrize("edit", KEPT.values(), ids=KEPT)
def test_each_line_is_read_once_though_the_log_is_edited_while_watched(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, append: Append, clock: list[float], edit: Edit
) -> None:
    log.write_bytes(lines(0, 1000))
    observer = follow(log, timestamp=second)
    drain(observer)
    with log.open("rb"):  # so that its inode is not used again
        edit(log)
    append(log, lines(1000, 1300))
    read = drain(observer)
    clock[0] += 6
    assert read + drain(observer) == lines(1000, 1300)


@pytest.mark.parametrize("size", [0.5, 0.9])
def test_a_log_cut_at_its_end_is_read_on_where_it_is_newer(
    log: Path, follow: Follow, drain: Drain, append: Append, size: float
) -> None:
    log.write_bytes(lines(0, 1000))
    first = follow(log, timestamp=second)
    drain(first)
    position = first.position()
    first.close()
    os.truncate(log, log.read_bytes().index(b"\n", int(size * log.stat().st_size)) + 1)
    append(log, lines(1500, 1800))
    observer = follow(log, position=position, timestamp=second)
    assert drain(observer) == lines(1500, 1800)
    assert "edited or cut" in observer.status().message


def test_another_log_in_its_place_is_read_from_its_beginning(
    log: Path, follow: Follow, drain: Drain
) -> None:
    log.write_bytes(lines(0, 1000))
    first = follow(log, timestamp=second)
    drain(first)
    position = first.position()
    first.close()
    renamed(log, b"98 1.1.1.1 a late line\n" + lines(1000, 1200))
    observer = follow(log, position=position, timestamp=second)
    assert drain(observer) == b"98 1.1.1.1 a late line\n" + lines(1000, 1200)
    assert "are missing" in observer.status().message


def test_lines_that_are_all_alike_tell_nothing(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    log.write_bytes(b"100 the same line\n" * 500)
    observer = follow(log, timestamp=second)
    drain(observer)
    renamed(log, b"100 the same line\n" * 700)
    assert drain(observer) == b"100 the same line\n" * 700

"""Rotation by renaming and by symbolic links: no line lost, none twice."""

import gzip
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.sources.base import SourceState
from logmon_tui.sources.file_observer import FileObserver

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]
Until = Callable[[Callable[[], object]], None]


def rotate(log: Path) -> None:
    """Rename log → log.1 → log.2 …, as logrotate does."""
    numbers = [int(old.suffix[1:]) for old in log.parent.glob(f"{log.name}.*")]
    for number in sorted(numbers, reverse=True):
        log.with_name(f"{log.name}.{number}").rename(f"{log}.{number + 1}")
    log.rename(f"{log}.1")


def compress(file: Path, to: Path) -> None:
    """Compress a file, as logrotate does."""
    to.write_bytes(gzip.compress(file.read_bytes()))
    file.unlink()


def test_late_lines_in_the_old_file_come_before_those_of_the_new(
    log: Path, follow: Follow, drain: Drain, clock: list[float]
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    with log.open("ab", buffering=0) as old:
        old.write(b"two\n")
        rotate(log)
        log.write_bytes(b"four\n")
        old.write(b"three\n")
        assert drain(observer) == b"two\nthree\nfour\n"
        clock[0] += 4
        old.write(b"late\n")
        assert drain(observer) == b"late\n"
        clock[0] += 4
        old.write(b"later\n")
        assert drain(observer) == b"later\n"
    assert observer.status().rotations == 1


def test_a_log_idle_before_its_rotation_still_gets_the_whole_wait(
    log: Path, follow: Follow, drain: Drain, clock: list[float]
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    clock[0] += 100
    with log.open("ab", buffering=0) as old:
        rotate(log)
        log.touch()
        drain(observer)
        clock[0] += 4
        old.write(b"late\n")
        assert drain(observer) == b"late\n"


def test_the_last_line_of_a_rotated_file_needs_no_newline(
    log: Path, follow: Follow, drain: Drain, clock: list[float]
) -> None:
    log.write_bytes(b"one\ntwo")
    observer = follow(log)
    assert drain(observer) == b"one\n"
    rotate(log)
    log.write_bytes(b"three\n")
    assert drain(observer) == b"three\n"
    clock[0] += 6
    assert drain(observer) == b"two\n"
    assert drain(observer) == b""


def test_a_moved_log_without_successor_is_read_on_for_as_long_as_it_takes(
    log: Path, follow: Follow, drain: Drain, append: Append, clock: list[float]
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    rotate(log)
    drain(observer)
    clock[0] += 600
    assert drain(observer) == b""
    assert "moved away" in observer.status().message
    append(log.with_name("access.log.1"), b"two\n")
    assert drain(observer) == b"two\n"
    log.write_bytes(b"three\n")
    assert drain(observer) == b"three\n"
    assert observer.status().message == ""


@pytest.mark.parametrize("pattern", ["access.log.{}", "access.log-2026112{}"])
def test_files_rotated_twice_between_two_looks_are_found(
    log: Path, follow: Follow, drain: Drain, append: Append, pattern: str
) -> None:
    log.with_name(pattern.format(0)).write_bytes(b"ancient\n")
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    for number in range(1, 4):
        append(log, b"%d\n" % number)
        log.rename(log.with_name(pattern.format(number)))
    log.write_bytes(b"last\n")
    assert drain(observer) == b"1\n2\n3\nlast\n"
    assert observer.status().rotations == 3


def test_what_lies_beside_the_log_is_never_read(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    log.with_name("access.log.1").write_bytes(b"there at the start\n")
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    log.with_name("access.log.bak").write_bytes(log.read_bytes())
    assert drain(observer) == b""
    append(log, b"two\n")
    compress(log.with_name("access.log.1"), log.with_name("access.log.2.gz"))
    log.rename(log.with_name("access.log.1"))
    log.with_name("error.log.1").write_bytes(b"another log\n")
    log.write_bytes(b"three\n")
    assert drain(observer) == b"two\nthree\n"


def test_a_rotated_file_is_not_read_again_after_it_was_given_up(
    log: Path, follow: Follow, drain: Drain, clock: list[float]
) -> None:
    log.write_bytes(b"0\n")
    observer = follow(log)
    read = drain(observer)
    for number in range(1, 20):
        rotate(log)
        log.write_bytes(b"%d\n" % number)
        clock[0] += 3
        read += drain(observer)
    assert read == b"".join(b"%d\n" % number for number in range(20))


def test_a_log_that_is_moved_back_goes_on_where_it_was(
    log: Path, follow: Follow, drain: Drain, append: Append, clock: list[float]
) -> None:
    away = log.with_name("elsewhere")
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    log.rename(away)
    log.write_bytes(b"two\n")
    assert drain(observer) == b"two\n"
    clock[0] += 6
    drain(observer)
    append(away, b"three\n")
    away.replace(log)
    assert drain(observer) == b"three\n"


def test_a_symbolic_link_that_is_swapped_is_a_rotation(
    log: Path, follow: Follow, drain: Drain
) -> None:
    log.with_name("day-0").write_bytes(b"0\n")
    log.symlink_to("day-0")
    observer = follow(log)
    read = drain(observer)
    for number in range(1, 21):
        (log.parent / f"day-{number}").write_bytes(b"%d\n" % number)
        (log.parent / "link").symlink_to(f"day-{number}")
        (log.parent / "link").replace(log)
        with (log.parent / f"day-{number - 1}").open("ab") as late:
            late.write(b"late\n")
        read += drain(observer)
    assert read == b"0\n" + b"".join(b"late\n%d\n" % number for number in range(1, 21))
    assert observer.status().rotations == 20


def test_after_a_swap_of_the_link_files_are_looked_for_beside_its_new_target(
    tmp_path: Path, log: Path, follow: Follow, drain: Drain
) -> None:
    first = tmp_path / "first.log"
    first.write_bytes(b"one\n")
    log.write_bytes(b"two\n")
    link, swapped = tmp_path / "link.log", tmp_path / "swapped"
    link.symlink_to(first)
    observer = follow(link)
    drain(observer)
    swapped.symlink_to(log)
    swapped.replace(link)
    assert drain(observer) == b"two\n"
    for line in (b"three\n", b"four\n"):
        rotate(log)
        log.write_bytes(line)
    assert drain(observer) == b"three\nfour\n"


def test_rotation_behind_a_symbolic_link_loses_nothing(
    tmp_path: Path, log: Path, follow: Follow, drain: Drain
) -> None:
    link = tmp_path / "link.log"
    link.symlink_to(log)
    log.write_bytes(b"one\n")
    observer = follow(link)
    drain(observer)
    for line in (b"two\n", b"three\n"):
        rotate(log)
        log.write_bytes(line)
    assert drain(observer) == b"two\nthree\n"


def test_a_directory_that_cannot_be_listed_does_not_stop_following(
    log: Path, follow: Follow, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_path: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", denied)
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    rotate(log)
    log.write_bytes(b"two\n")
    assert drain(observer) == b"two\n"
    assert observer.status().state is SourceState.LIVE


@pytest.mark.parametrize("poll", [0.02, 0.25])
def test_twenty_rotations_with_a_late_writer_lose_and_double_nothing(
    log: Path, follow: Follow, poll: float, until: Until
) -> None:
    lines, rotations = 20_000, 20
    each = lines // rotations
    done = threading.Event()

    def write() -> None:
        file = fresh = log.open("ab", buffering=0)
        for number in range(lines):
            if number and number % each == 0:
                rotate(log)
                fresh = log.open("ab", buffering=0)
            if number >= each and number % each == 100:  # a late writer, as servers are
                file.close()
                file = fresh
            file.write(b"line %d\n" % number)
            if number % 100 == 0:
                time.sleep(0.005)
        file.close()
        done.set()

    log.touch()
    observer = follow(log, clock=time.monotonic, rotate_wait=0.5)
    writer = threading.Thread(target=write)
    writer.start()
    read: list[bytes] = []

    def finished() -> bool:
        ended = done.is_set()
        chunk = observer.read()
        read.append(chunk)
        if not chunk:
            observer.wait(poll)
        return ended and not chunk

    until(finished)
    writer.join()
    numbers = [int(line[5:]) for line in b"".join(read).splitlines()]
    assert len(numbers) == lines
    assert sorted(numbers) == list(range(lines))
    assert observer.status().rotations == rotations - 1


def test_opened_files_are_given_up_one_by_one(
    log: Path, follow: Follow, drain: Drain, clock: list[float]
) -> None:
    log.write_bytes(b"x\n")
    observer = follow(log)
    for _ in range(30):
        rotate(log)
        log.write_bytes(b"x\n")
        clock[0] += 1
        drain(observer)
    opened = [str(link.readlink()) for link in Path("/proc/self/fd").glob("*") if link.exists()]
    assert sum(target.startswith(str(log)) for target in opened) <= 7

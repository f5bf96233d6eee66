"""Logs that were rotated, compressed or moved while nobody watched: each line is read once."""

import bz2
import gzip
import lzma
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from logmon_tui.sources.base import LogPosition
from logmon_tui.sources.file_observer import FileObserver

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]
Leave = Callable[[Path], LogPosition]
Stop = Callable[[FileObserver], LogPosition]

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
}


def lines(first: int, last: int) -> bytes:
    return b"".join(b"line %d of a log\n" % number for number in range(first, last))


def compress(file: Path, ending: str = ".gz") -> Path:
    """Compress a file, as logrotate does, which keeps the time of its last change."""
    compressed = Path(file.with_name(file.name + ending))
    compressed.write_bytes(COMPRESSORS[ending](file.read_bytes()))
    shutil.copystat(file, compressed)
    file.unlink()
    return compressed


@pytest.fixture
def rotated(log: Path, append: Append, leave: Leave) -> Callable[[str], LogPosition]:
    """Read a log, then write on and rotate it while nobody watches; a new log follows."""

    def rotate_to(name: str) -> LogPosition:
        log.write_bytes(lines(0, 100))
        position = leave(log)
        append(log, lines(100, 200))
        to = log.parent / name
        to.parent.mkdir(exist_ok=True)
        log.rename(to)
        log.write_bytes(lines(200, 300))
        return position

    return rotate_to


Rotated = Callable[[str], LogPosition]

NAMES = (
    "access.log.1",
    "access.log-20260101",
    "access.log-2026010112",
    "access.log-1796000000",
    "access-20260101.log",
    "access-2026-01-01.log",
    "access-1796000000.log",
    "access.1.log",
    "old/access.log.1",
    "archive/access-20260101.log",
    "whatever/access.log-1796000000",
    "old/access.log",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_rotated_log_is_read_on_where_its_name_leads(
    log: Path, follow: Follow, drain: Drain, rotated: Rotated, name: str
) -> None:
    observer = follow(log, position=rotated(name))
    assert drain(observer) == lines(100, 300)
    assert observer.status().message == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", COMPRESSORS)
def test_a_compressed_log_is_read_on_as_well(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, rotated: Rotated, name: str, ending: str
) -> None:
    position = rotated(name)
    compress(log.parent / name, ending)
    observer = follow(log, position=position)
    assert drain(observer) == lines(100, 300)
    assert observer.status().message == ""


def test_a_compressed_copy_of_a_truncated_log_is_read_on(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    log.write_bytes(lines(0, 100))
    position = leave(log)
    append(log, lines(100, 200))
    compress(Path(shutil.copy2(log, f"{log}.1")))
    log.write_bytes(lines(200, 300))
    assert drain(follow(log, position=position)) == lines(100, 300)


@pytest.mark.parametrize("folder", [".", "old"])
@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("pattern", ["access.log.{}", "access-2026010{}.log"])
def test_logs_that_were_never_seen_are_read_whole(  # noqa: PLR0917 - fixtures
    log: Path,
    follow: Follow,
    drain: Drain,
    append: Append,
    leave: Leave,
    folder: str,
    ending: str,
    pattern: str,
) -> None:
    (log.parent / folder).mkdir(exist_ok=True)

    def rotate(number: int) -> None:
        to = log.parent / folder / pattern.format(number)
        log.rename(to)
        if ending:
            compress(to, ending)

    log.write_bytes(b"ancient\n" * 100)
    os.utime(log, (1e9, 1e9))
    rotate(9)
    log.write_bytes(lines(0, 100))
    position = leave(log)
    append(log, lines(100, 200))
    for number in range(3):
        rotate(8 - number)
        log.write_bytes(lines(200 + 100 * number, 300 + 100 * number))
    observer = follow(log, position=position)
    assert drain(observer) == lines(100, 500)
    status = observer.status()
    assert status.rotations + status.truncations == 3  # the log's inode may be used again


def test_what_was_read_is_not_read_again_once_it_is_compressed(
    log: Path, follow: Follow, drain: Drain, append: Append, stop: Stop
) -> None:
    """With delaycompress, a file is compressed only when the next one is rotated."""
    log.write_bytes(lines(0, 100))
    observer = follow(log)
    read = drain(observer)
    for number in range(1, 5):
        position = stop(observer)
        append(log, lines(100 * number, 100 * number + 50))
        if (old := log.with_name("access.log.1")).exists():
            compress(old).rename(log.with_name(f"access.log.{number}.gz"))
        log.rename(old)
        append(log, lines(100 * number + 50, 100 * number + 100))
        observer = follow(log, position=position)
        read += drain(observer)
    assert read == lines(0, 500)


def test_what_is_compressed_while_it_is_watched_is_not_read_again(
    log: Path, follow: Follow, drain: Drain, append: Append, clock: list[float]
) -> None:
    log.write_bytes(lines(0, 100))
    observer = follow(log)
    read = drain(observer)
    for number in range(1, 5):
        to = log.with_name(f"access.log-2026010{number}")
        log.rename(to)
        append(log, lines(100 * number, 100 * number + 100))
        if number % 2:
            compress(to)
        read += drain(observer)
        clock[0] += 6 * (number % 3)
        read += drain(observer)
    assert read == lines(0, 500)


def test_reading_a_compressed_log_goes_on_in_a_third_run(  # noqa: PLR0917 - fixtures
    log: Path, follow: Follow, drain: Drain, append: Append, rotated: Rotated, stop: Stop
) -> None:
    position = rotated("access.log.1")
    compress(log.with_name("access.log.1"))
    second = follow(log, position=position)
    first_lines = second.read()
    assert first_lines
    third = follow(log, position=stop(second))
    log.with_name("access.log.1.gz").rename(log.with_name("access.log.2.gz"))
    append(log, lines(300, 310))
    assert first_lines + drain(third) == lines(100, 310)
    assert third.status().message == ""


def test_the_header_of_a_compressed_log_stands_before_its_lines(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    header = b"#Version: 1.0\n#Fields: date time cs-uri-stem\n"
    log.write_bytes(header + lines(0, 100))
    position = leave(log)
    append(log, lines(100, 110))
    log.rename(log.with_name("access.log.1"))
    compress(log.with_name("access.log.1"))
    log.touch()
    observer = follow(log, position=position)
    assert drain(observer) == lines(100, 110)
    assert observer.preamble().startswith(header + lines(0, 1))


def test_half_a_line_before_the_place_is_read_whole(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    log.write_bytes(lines(0, 100) + b"half")
    position = leave(log)
    append(log, b" a line\n")
    log.rename(log.with_name("access.log.1"))
    compress(log.with_name("access.log.1"))
    log.touch()
    assert drain(follow(log, position=position)) == b"half a line\n"


def test_a_damaged_file_is_read_as_far_as_it_goes_and_told(
    log: Path, follow: Follow, drain: Drain, rotated: Rotated
) -> None:
    position = rotated("access.log.1")
    compressed = compress(log.with_name("access.log.1"))
    os.truncate(compressed, compressed.stat().st_size - 10)
    observer = follow(log, position=position)
    read = drain(observer)
    assert read.endswith(lines(200, 300))
    assert "a rotated file is cut or damaged" in observer.status().message
    assert "are missing" in observer.status().message


def test_a_compressed_file_that_only_begins_alike_is_left_alone(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    log.write_bytes(lines(0, 100))
    position = leave(log)
    log.with_name("access.log.1").write_bytes(lines(0, 80) + b"another\n" * 100)
    compress(log.with_name("access.log.1"))
    append(log, lines(100, 150))
    log.rename(log.with_name("access.log.2"))
    compress(log.with_name("access.log.2"))
    log.write_bytes(lines(150, 200))
    observer = follow(log, position=position)
    assert drain(observer) == lines(100, 200)
    assert observer.status().message == ""


def test_another_hosts_log_is_not_taken_for_a_rotated_one(
    log: Path, follow: Follow, drain: Drain, rotated: Rotated
) -> None:
    position = rotated("access.log.1")
    for name in ("access.2.log", "access-1.log", "old/access.log.1", "access_api.log.1"):
        (log.parent / name).parent.mkdir(exist_ok=True)
        (log.parent / name).write_bytes(b"another host\n" * 100)
    assert drain(follow(log, position=position)) == lines(100, 300)


def test_numbers_before_the_ending_are_rotations_where_the_log_has_one(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    log.write_bytes(lines(0, 100))
    position = leave(log)
    log.rename(log.with_name("access.2.log"))
    log.with_name("access.1.log").write_bytes(lines(100, 200))
    log.write_bytes(lines(200, 300))
    assert drain(follow(log, position=position)) == lines(100, 300)


def test_a_state_that_knows_no_times_has_no_old_archive_read(
    log: Path, follow: Follow, drain: Drain, append: Append, leave: Leave
) -> None:
    """A state saved by an older version holds no compressed files."""
    log.with_name("access.log.2").write_bytes(b"ancient\n" * 100)
    compress(log.with_name("access.log.2"))
    log.write_bytes(lines(0, 100))
    position = replace(leave(log), written=0, known=())
    append(log, lines(100, 150))
    log.rename(log.with_name("access.log.1"))
    compress(log.with_name("access.log.1"))
    log.write_bytes(lines(150, 200))
    assert drain(follow(log, position=position)) == lines(100, 200)


def test_a_large_compressed_file_is_passed_over_in_pieces(
    log: Path, follow: Follow, append: Append, leave: Leave
) -> None:
    log.write_bytes(lines(0, 1_500_000))
    position = leave(log)
    append(log, lines(1_500_000, 1_500_100))
    log.rename(log.with_name("access.log.1"))
    compress(log.with_name("access.log.1"))
    log.write_bytes(b"new\n")
    observer = follow(log, position=position)
    assert observer.read() == b""  # and whoever waits is told to go on at once
    assert observer.status().state == "catching up"
    saved = observer.position()
    assert saved is not None
    assert saved.opened[0].place == position.opened[0].place
    read = [observer.read() for _ in range(20)]
    assert b"".join(read) == lines(1_500_000, 1_500_100) + b"new\n"

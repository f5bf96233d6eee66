"""A long backlog whose middle is left for others to read."""

import errno
import gzip
import os
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logmon_tui.sources import compressed, file_observer, followed_file
from logmon_tui.sources.base import HasParts, LogPosition
from logmon_tui.sources.compressed_file import open_rotated
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.file_part import FilePart

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]
CHUNK = 64


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_file, "CHUNK", CHUNK)
    monkeypatch.setattr(followed_file, "UNREAD_UNTIL", 2 * CHUNK)


def pieces(observer: FileObserver, parts: list[FilePart] | None = None) -> list[bytes]:
    """Read a log to its end, by parts where it has any; note them in `parts` if that is given."""
    found = []
    while True:
        part = None if parts is None else observer.part()
        if part is not None and parts is not None:
            parts.append(part)
            found.append(part.read())
            observer.note(part)
            part.close()
        elif lines := observer.read():
            found.append(lines)
        else:
            return found


def numbered(count: int) -> bytes:
    return b"".join(b"line %d\n" % number for number in range(count))


def test_only_the_middle_of_a_backlog_comes_in_parts(log: Path, follow: Follow) -> None:
    log.write_bytes(numbered(100))
    observer = follow(log)
    assert isinstance(observer, HasParts)
    assert observer.part() is None  # formats are recognised in the first lines
    parts = list[FilePart]()
    found = pieces(observer, parts)
    assert b"".join(found) == numbered(100)
    assert len(parts) > 5
    assert parts[0].start > 0
    assert len(numbered(100)) - parts[-1].end >= CHUNK


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lines=st.lists(st.binary(max_size=90).map(lambda line: line.replace(b"\n", b"")), max_size=60)
)
def test_parts_end_where_chunks_would(log: Path, follow: Follow, lines: list[bytes]) -> None:
    log.write_bytes(b"".join(line + b"\n" for line in lines))
    chunks, parts = pieces(follow(log)), list[FilePart]()
    found = pieces(follow(log), parts)
    assert b"".join(found) == b"".join(chunks)
    if max(map(len, lines), default=0) < CHUNK // 2 and not any(b"\0" in line for line in lines):
        assert list(accumulate(map(len, found))) == list(accumulate(map(len, chunks)))


def test_another_run_goes_on_after_a_part(
    log: Path, follow: Follow, drain: Drain, stop: Callable[[FileObserver], LogPosition]
) -> None:
    log.write_bytes(numbered(100))
    observer = follow(log)
    first = observer.read()
    part = observer.part()
    assert part is not None
    assert observer.status().position == part.end
    text = part.read()
    part.close()
    rest = drain(follow(log, position=stop(observer)))
    assert first + text + rest == numbered(100)


def test_lines_that_come_meanwhile_are_read_live(log: Path, follow: Follow, append: Append) -> None:
    log.write_bytes(numbered(100))
    observer, parts = follow(log), list[FilePart]()
    observer.read()
    append(log, b"later\n" * 100)
    assert b"".join(pieces(observer, parts)).endswith(b"later\n" * 100)
    assert all(part.end <= len(numbered(100)) for part in parts)


def test_a_log_cut_before_a_part_was_read_is_told(log: Path, follow: Follow, drain: Drain) -> None:
    log.write_bytes(numbered(100))
    observer = follow(log)
    observer.read()
    part = observer.part()
    assert part is not None
    os.truncate(log, part.start + 10)
    part.read()
    observer.note(part)
    part.close()
    assert f"after its byte {part.start + 10:,} are missing" in observer.status().message
    drain(observer)
    assert observer.status().truncations == 1
    assert observer.part() is None


def test_a_log_cut_just_when_a_part_is_looked_for_is_read_from_its_beginning(
    log: Path, follow: Follow, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(numbered(100))
    observer = follow(log)
    observer.read()

    def end_of_lines(descriptor: int, size: int, offset: int) -> int:
        length = compressed.end_of_lines(descriptor, size, offset)
        log.write_bytes(b"new\n")
        return length

    monkeypatch.setattr(followed_file, "end_of_lines", end_of_lines)
    assert observer.part() is None
    assert drain(observer) == b"new\n"
    assert observer.status().truncations == 1


def test_no_line_is_lost_where_a_part_cannot_be_taken(
    log: Path, follow: Follow, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_observer, "LOOK_SECONDS", 1_000)
    log.write_bytes(numbered(100))
    observer = follow(log)
    first, fails, fstat = observer.read(), iter([True]), os.fstat

    def failing(descriptor: int) -> os.stat_result:
        if next(fails, False):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return fstat(descriptor)

    monkeypatch.setattr(os, "fstat", failing)
    assert observer.part() is None
    assert not any(fails)
    assert first + drain(observer) == numbered(100)


def test_lines_dropped_from_a_part_for_their_length_are_counted(
    log: Path, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_file, "CHUNK", 2 * 1024 * 1024)
    monkeypatch.setattr(followed_file, "UNREAD_UNTIL", 1)
    usual = b"a line of a usual length\n" * 100_000
    log.write_bytes(usual + b"x" * 1_500_000 + b"\n" + usual)
    observer, parts = follow(log), list[FilePart]()
    assert b"".join(pieces(observer, parts)) == 2 * usual
    assert parts
    assert observer.status().oversize == 1


def test_a_compressed_file_has_no_parts(tmp_path: Path) -> None:
    path = tmp_path / "access.log.1.gz"
    path.write_bytes(gzip.compress(numbered(1_000)))
    file = open_rotated(str(path), 0)
    try:
        assert file.read(CHUNK)
        assert file.part() is None
    finally:
        file.close()

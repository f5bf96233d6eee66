"""Fault 2: a log is copied and cut to nothing in place, under a writer that does not know."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.parser import Parser
from logmon_tui.sources.file_observer import FileObserver
from tests.faults.following import NONE, faults

TRUNCATIONS, LINES_BETWEEN = 50, 400
Figure = Callable[[str], None]
Follow = Callable[..., FileObserver]


def line_of(number: int) -> bytes:
    """Return a line; all of them are of one length, so that a log can regrow to its old size."""
    return b'10.0.0.1 - - [22/Nov/2026:08:26:40 +0000] "GET /%07d HTTP/1.1" 200 99\n' % number


class Server:
    """Writes numbered lines into a log, and has it copied and truncated."""

    def __init__(self, log: Path, file: BinaryIO) -> None:
        self.log = log
        self.file = file
        self.written: list[bytes] = []

    def write(self, lines: int = LINES_BETWEEN) -> None:
        new = [line_of(len(self.written) + number) for number in range(lines)]
        self.file.write(b"".join(new))
        self.written += new

    def copytruncate(self) -> None:
        """Do what logrotate does: log.2 → log.3, log.1 → log.2, a copy as log.1."""
        for number in range(TRUNCATIONS, 0, -1):
            if (old := Path(f"{self.log}.{number}")).exists():
                old.rename(f"{self.log}.{number + 1}")
        shutil.copyfile(self.log, f"{self.log}.1")
        self.log.write_bytes(b"")


@pytest.fixture(params=["ab"], ids=["appending"])
def server(log: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    with log.open(request.param, buffering=0) as file:
        yield Server(log, file)


def poll(observer: FileObserver) -> bytes:
    return b"".join(iter(observer.read, b""))


def test_fifty_copytruncates_two_polls_apart(
    server: Server, follow: Follow, figure: Figure
) -> None:
    observer = follow(server.log, clock=lambda: 0.0)
    lines = b""
    for _ in range(TRUNCATIONS):
        server.write()
        lines += poll(observer)
        server.write(LINES_BETWEEN // 4)
        lines += poll(observer)
        size = server.log.stat().st_size
        server.copytruncate()
        server.write(LINES_BETWEEN + LINES_BETWEEN // 4)  # the very size that it had
        assert server.log.stat().st_size == size
        lines += poll(observer)
        server.copytruncate()
    server.write()
    lines += poll(observer)
    found = faults(lines, server.written)
    status = observer.status()
    figure(
        f"fault 2: {status.truncations} copytruncates, {TRUNCATIONS} of them regrown to the same "
        f"size, {len(server.written):,} lines: {found}"
    )
    assert found == NONE
    assert (status.truncations, status.rotations) == (2 * TRUNCATIONS, 0)


def test_lines_not_read_before_a_copytruncate_are_found_in_the_copy(
    server: Server, follow: Follow, figure: Figure
) -> None:
    observer = follow(server.log, clock=lambda: 0.0)
    lines = b""
    for number in range(TRUNCATIONS):
        server.write()
        lines += poll(observer)
        server.write(LINES_BETWEEN // 4)  # of these the log itself soon knows nothing
        server.copytruncate()
        server.write(number * 20)  # less than before, the same, and more
        lines += poll(observer)
    found = faults(lines, server.written)
    figure(
        f"fault 2: {TRUNCATIONS} copytruncates with {LINES_BETWEEN // 4} lines not read yet, "
        f"{len(server.written):,} lines: {found}"
    )
    assert found == NONE
    assert observer.status().truncations == TRUNCATIONS


@pytest.mark.parametrize("server", ["wb"], indirect=True, ids=["not appending"])
def test_the_hole_that_a_stale_writer_leaves_holds_no_hit(
    server: Server, follow: Follow, figure: Figure
) -> None:
    observer, parser = follow(server.log, clock=lambda: 0.0), Parser()
    paths: list[bytes] = []
    unparsed = 0
    for number in range(TRUNCATIONS):
        server.write()
        for _ in range(3):  # what lies behind a hole can take a few polls
            if lines := poll(observer):
                assert b"\0" not in lines
                batch = parser.parse(lines)
                column = batch.columns[Dimension.PATH]
                paths += [column.at(row) for row in range(len(batch))]
                unparsed += batch.unparsed
        server.copytruncate()
        if number % 2:
            assert poll(observer) == b""  # seen empty, before the writer goes on
    hole = server.log.stat().st_size
    server.write(1)
    batch = parser.parse(poll(observer))
    paths += [batch.columns[Dimension.PATH].at(row) for row in range(len(batch))]
    with server.log.open("rb") as file:
        assert not file.read(1_000).strip(b"\0")
    figure(
        f"fault 2: {TRUNCATIONS} copytruncates under a stale writer, the last hole "
        f"{server.file.tell() - hole:,} bytes: {len(paths):,} hits of {len(server.written):,}, "
        f"{unparsed} of NULs"
    )
    assert paths == [line.split()[6] for line in server.written]
    assert unparsed == 0
    assert observer.status().oversize == 0

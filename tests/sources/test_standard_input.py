"""Reading from a pipe, at once and to its end."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from logmon_tui.sources.base import Source, SourceState
from logmon_tui.sources.lines import LONGEST_LINE
from logmon_tui.sources.stdin import StandardInput

Until = Callable[[Callable[[], object]], None]


class Pipe(NamedTuple):
    source: StandardInput
    writer: int


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reader, writer = os.pipe()
    source = StandardInput(reader)
    yield Pipe(source, writer)
    with contextlib.suppress(OSError):  # closed by the test
        os.close(writer)
    source.close()
    source._thread.join(60)
    os.close(reader)


def read_to_end(source: Source) -> bytes:
    """Read as the monitor does, 20 s at most."""
    pieces = []
    deadline = time.monotonic() + 60
    while source.status().state is not SourceState.ENDED:
        pieces.append(source.read())
        if not pieces[-1]:
            assert time.monotonic() < deadline
            source.wait(0.25)
    return b"".join(pieces)


def test_each_line_is_there_at_once(pipe: Pipe) -> None:
    for number in range(20):
        os.write(pipe.writer, b"%d\n" % number)
        started = time.monotonic()
        while not (line := pipe.source.read()):
            pipe.source.wait(15)
        assert line == b"%d\n" % number
        assert time.monotonic() - started < 10
    assert pipe.source.status().state is SourceState.LIVE


def test_reading_never_waits(pipe: Pipe) -> None:
    assert pipe.source.read() == b""


def test_a_partial_line_is_held_until_it_is_whole(pipe: Pipe, until: Until) -> None:
    os.write(pipe.writer, b"one\ntw")
    until(lambda: pipe.source.read() == b"one\n")
    assert pipe.source.status().position == 4
    os.write(pipe.writer, b"o\n")
    until(lambda: pipe.source.read() == b"two\n")


def test_it_ends_with_its_last_line_even_without_newline(pipe: Pipe) -> None:
    os.write(pipe.writer, b"one\ntwo")
    os.close(pipe.writer)
    assert read_to_end(pipe.source) == b"one\ntwo\n"
    assert pipe.source.read() == b""
    assert pipe.source.status().position == pipe.source.status().size == 7


def test_more_than_is_read_ahead_comes_through_whole(pipe: Pipe) -> None:
    content = b"".join(b"line %d\n" % number for number in range(1_500_000))

    def write() -> None:
        with os.fdopen(pipe.writer, "wb") as file:
            file.write(content)

    threading.Thread(target=write).start()
    assert read_to_end(pipe.source) == content


def test_over_long_lines_are_counted(pipe: Pipe) -> None:
    def write() -> None:
        with os.fdopen(pipe.writer, "wb") as file:
            file.write(b"one\n" + b"x" * (LONGEST_LINE + 1) + b"\ntwo\n")

    threading.Thread(target=write).start()
    assert read_to_end(pipe.source) == b"one\ntwo\n"
    assert pipe.source.status().oversize == 1


def test_a_descriptor_that_does_not_block_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    source = StandardInput(reader)

    def write() -> None:
        os.write(writer, b"one\n")
        os.close(writer)

    threading.Timer(0.2, write).start()
    assert read_to_end(source) == b"one\n"
    os.close(reader)


def test_a_descriptor_that_cannot_be_read_ends_with_a_message() -> None:
    reader, writer = os.pipe()
    source = StandardInput(writer)
    assert read_to_end(source) == b""
    assert "cannot be read" in source.status().message
    os.close(reader)
    os.close(writer)


def test_waking_ends_the_wait(pipe: Pipe) -> None:
    threading.Timer(0.1, pipe.source.wake).start()
    started = time.monotonic()
    pipe.source.wait(20)
    assert time.monotonic() - started < 10


def test_after_closing_there_is_nothing_more(pipe: Pipe) -> None:
    os.write(pipe.writer, b"one\n")
    pipe.source.close()
    assert pipe.source.read() == b""
    assert pipe.source.status().state is SourceState.ENDED

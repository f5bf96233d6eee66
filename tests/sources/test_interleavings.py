"""Random interleavings of writing, rotating, truncating and reading, against a model."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_START

STEPS = ("write", "write", "write", "halves", "late", "rotate", "read", "pass time", "truncate")


@pytest.fixture(scope="module", autouse=True)
def _without_events() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileObserver, "_watch", lambda _self: None)
        yield


class World:
    """A server that writes lines into a log, whoever rotates it, and its follower."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.seconds = 0.0
        self.sent: list[bytes] = []
        self.read_lines: list[bytes] = []
        self.writer = self.opened()
        self.late_writer: BinaryIO | None = None
        self.observer = FileObserver(
            log, start=FROM_START, timestamp=lambda _line: None, clock=lambda: self.seconds
        )

    def opened(self) -> BinaryIO:
        return self.log.open("ab", buffering=0)

    def next_line(self) -> bytes:
        self.sent.append(b"line %d\n" % len(self.sent))
        return self.sent[-1]

    def write(self) -> None:
        self.writer.write(self.next_line())

    def halves(self) -> None:
        line = self.next_line()
        self.writer.write(line[:3])
        self.take(self.observer.read())
        self.writer.write(line[3:])

    def late(self) -> None:
        if self.late_writer is not None:
            self.late_writer.write(self.next_line())

    def rotate(self) -> None:
        numbers = [int(old.suffix[1:]) for old in self.log.parent.glob(f"{self.log.name}.*")]
        for number in sorted(numbers, reverse=True):
            Path(f"{self.log}.{number}").rename(f"{self.log}.{number + 1}")
        self.log.rename(f"{self.log}.1")
        self.end_late_writer()
        self.late_writer, self.writer = self.writer, self.opened()

    def read(self) -> None:
        while lines := self.observer.read():
            self.take(lines)

    def take(self, lines: bytes) -> None:
        self.read_lines += lines.splitlines(keepends=True)

    def pass_time(self) -> None:
        self.read()
        self.end_late_writer()
        self.seconds += 6
        self.read()

    def truncate(self) -> None:
        self.read()
        self.writer.truncate(0)

    def end_late_writer(self) -> None:
        if self.late_writer is not None:
            self.late_writer.close()
            self.late_writer = None

    def end(self) -> None:
        for _ in range(2):
            self.pass_time()
        self.writer.close()
        self.observer.close()
        for file in self.log.parent.iterdir():
            file.unlink()


@given(st.lists(st.sampled_from(STEPS), max_size=60))
def test_no_line_is_lost_or_doubled(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    directory = tmp_path_factory.getbasetemp() / "interleavings"
    directory.mkdir(exist_ok=True)
    world = World(directory / "access.log")
    for step in steps:
        getattr(world, step.replace(" ", "_"))()
    world.end()
    assert sorted(world.read_lines) == sorted(world.sent)

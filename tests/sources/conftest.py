"""Followers of logs in a temporary directory, closed after each test, and a broker."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.sources.base import LogPosition
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_START
from tests.brokers import Broker


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give the path of a log that does not exist yet, alone in its directory."""
    directory = tmp_path / "logs"
    directory.mkdir()
    return directory / "access.log"


@pytest.fixture
def clock() -> list[float]:
    """Give the monotonic seconds that `follow`ed logs see, in a list of one to be changed."""
    return [1000.0]


@pytest.fixture
def follow(clock: list[float]) -> Iterator[Callable[..., FileObserver]]:
    """Make FileObservers, from the start of the log unless told otherwise."""
    made: list[FileObserver] = []

    def make(path: Path, **options: Any) -> FileObserver:
        options.setdefault("start", FROM_START)
        options.setdefault("timestamp", lambda _line: None)
        options.setdefault("clock", lambda: clock[0])
        made.append(FileObserver(path, **options))
        return made[-1]

    yield make
    for observer in made:
        observer.close()


@pytest.fixture
def drain() -> Callable[[FileObserver], bytes]:
    """Read a log until it has nothing more for now."""

    def read_all(observer: FileObserver) -> bytes:
        return b"".join(iter(observer.read, b""))

    return read_all


@pytest.fixture
def stop() -> Callable[[FileObserver], LogPosition]:
    """End an observer and return where another one is to go on."""

    def end(observer: FileObserver) -> LogPosition:
        position = observer.position()
        observer.close()
        assert position is not None
        return position

    return end


@pytest.fixture
def leave(
    follow: Callable[..., FileObserver],
    drain: Callable[[FileObserver], bytes],
    stop: Callable[[FileObserver], LogPosition],
) -> Callable[[Path], LogPosition]:
    """Read a log to its end in a first run, and return where the second is to go on."""

    def read_and_stop(path: Path) -> LogPosition:
        observer = follow(path)
        drain(observer)
        return stop(observer)

    return read_and_stop


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition to hold, 20 s at most."""

    def wait_for(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, "the condition never came to hold"
            time.sleep(0.01)

    return wait_for


@pytest.fixture
def append() -> Callable[[Path, bytes], None]:
    """Add bytes to the end of a file."""

    def write(path: Path, data: bytes) -> None:
        with path.open("ab") as file:
            file.write(data)

    return write


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker with the stream of agents."""
    running = Broker(tmp_path)
    running.setup()
    yield running
    running.close()

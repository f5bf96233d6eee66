"""Fake sources, and runs of the pipeline on them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.base import SourceState, SourceStatus
from tests.traffic import settings_of

START = 1_795_262_400


def lines(count: int, second: int = START, host: str = "10.0.0.1", status: int = 200) -> bytes:
    stamp = datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{host} - - [{stamp}] "GET /a/b HTTP/1.1" {status} 10\n'.encode() * count


class FakeSource:
    """Hands over `chunks`, one a read, raising those that are exceptions; then it ends or lives."""

    def __init__(self, *chunks: bytes | Exception, ends: bool = True, name: str = "fake") -> None:
        self.chunks = list(chunks)
        self.ends = ends
        self.name = name
        self.closed = False
        self.woken = threading.Event()

    def read(self) -> bytes:
        chunk = self.chunks.pop(0) if self.chunks else b""
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    def preamble(self) -> bytes:
        return b""

    def wait(self, seconds: float) -> None:
        self.woken.wait(seconds)
        self.woken.clear()

    def wake(self) -> None:
        self.woken.set()

    def position(self) -> None:
        return None

    def status(self) -> SourceStatus:
        state = SourceState.ENDED if self.ends and not self.chunks else SourceState.LIVE
        return SourceStatus(self.name, state)

    def close(self) -> None:
        self.closed = True


class Told:
    """Notes what a pipeline tells."""

    def __init__(self) -> None:
        self.pictures: list[Snapshot] = []
        self.incidents: list[Incident] = []

    def listener(self, every: float = 0.05) -> Listener:
        return Listener(self.pictures.append, self.incidents.extend, every)


def run_to_the_end(
    *sources: FakeSource, told: Told | None = None, settings: Settings | None = None
) -> Snapshot:
    listener = (told or Told()).listener()
    return Pipeline(
        settings or settings_of(), sources, FormatSelector(), listener, headless=True
    ).run()


@contextmanager
def running(pipeline: Pipeline) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=pipeline.run, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        pipeline.stop()
        thread.join(60)
    assert not thread.is_alive()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the condition never came to hold"
        time.sleep(0.01)

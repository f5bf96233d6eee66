"""Hours of a live log run through in minutes: the clocks are moved, all else is the real thing.

Run as `python run.py FOLDER HOURS`, with a new folder. A simulated site writes a log in it, which
is rotated 24 times; it is followed, parsed, counted, judged and painted. Prints, as JSON, a
list of samples: seconds of log time, KiB of memory, open descriptors, threads, and the
processor's milliseconds for a second (median since the last sample), and what was counted.
"""

import asyncio
import contextlib
import gc
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from logmon_tui.config.settings import Panel, Settings
from logmon_tui.formats.parser import Parser
from logmon_tui.monitor.commands import Command
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.simulate.simulator import Rate, Simulator
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_START
from logmon_tui.tui.app import LogmonApp
from tests.faults.writer import rotate

BEGIN = 1_795_262_400
ROTATIONS, KEPT = 24, 3
SAMPLE_SECONDS, PICTURE_SECONDS = 300, 60
QUIET_EVERY, QUIET_SECONDS = 300, 10


class Clock:
    """Seconds since the beginning; `wall` is the same in epoch seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return BEGIN + self.seconds


class Publisher:
    """An engine whose pictures come when they are told to."""

    publish: Callable[[Snapshot], None] | None = None

    def start(self, publish: Callable[[Snapshot], None], idle: threading.Event) -> None:
        self.publish = publish

    def post(self, command: Command) -> None:
        """Leave it: nobody touches a key."""

    def stop(self) -> None:
        """There is nothing to end."""


class Run:
    """The log, its writer and everything that follows it."""

    def __init__(self, folder: Path, hours: float, clock: Clock) -> None:
        settings = Settings(threshold=4.5, show=tuple(Panel)[:9])
        self.seconds = int(hours * 3_600)
        self.written = 0
        self.monitor = HTTPMonitor(settings)
        self.publisher = Publisher()
        self.app = LogmonApp(
            self.publisher,
            settings,
            name_of_log="soak",
            clock=clock.wall,
            monotonic=clock.monotonic,
        )
        self._log = folder / "access.log"
        self._log.touch()
        self._clock = clock
        self._simulator = Simulator(seed=1, rate=Rate(1, 8))
        self._parser = Parser()
        self._observer = FileObserver(
            self._log, start=FROM_START, timestamp=lambda _line: None, clock=clock.monotonic
        )

    def second(self, number: int) -> float:
        """Live through one second; return the processor's ms of reading, counting and judging."""
        if number % QUIET_EVERY >= QUIET_SECONDS:  # the log is watched only while it is quiet
            lines = self._simulator.lines(BEGIN + number)
            self.written += len(lines)
            with self._log.open("ab") as file:
                file.write(b"".join(lines))
        if number % (self.seconds // ROTATIONS) == self.seconds // ROTATIONS - 1:
            rotate(self._log, KEPT)
            self._log.touch()
        started = time.thread_time()
        for lines in iter(self._observer.read, b""):
            self.monitor.feed(self._parser.parse(lines), self._clock.monotonic())
        self.monitor.tick(self._clock.monotonic(), self._clock.wall())
        return 1_000 * (time.thread_time() - started)

    def picture(self) -> Snapshot:
        return self.monitor.snapshot(self._clock.monotonic(), self._clock.wall())

    def counts(self) -> dict[str, int]:
        ingest, status = self.picture().ingest, self._observer.status()
        incidents = len(self.monitor.alerts.incidents.all())
        return {
            "written": self.written,
            "hits": ingest.hits,
            "others": ingest.unparsed + ingest.late + ingest.future,
            "rotations": status.rotations,
            "incidents": incidents,
        }

    def close(self) -> None:
        self._observer.close()


def sample(number: int, took: list[float]) -> dict[str, float]:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {
        "second": number,
        "memory": pages * os.sysconf("SC_PAGE_SIZE") // 1024,
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names suffice
        "threads": threading.active_count(),
        "took": statistics.median(took),
    }


async def live_through(run: Run, clock: Clock) -> list[dict[str, float]]:
    samples = []
    took: list[float] = []
    async with run.app.run_test(size=(160, 50)) as pilot:
        for number in range(run.seconds):
            clock.seconds = number + 0.5
            took.append(run.second(number))
            if number % PICTURE_SECONDS == 0:
                while run.publisher.publish is None:  # the screen is still being put up
                    await pilot.pause(0.01)
                run.publisher.publish(run.picture())
                await pilot.pause()
            if number % SAMPLE_SECONDS == SAMPLE_SECONDS - 1:
                samples.append(sample(number + 1, took))
                took.clear()
    return samples


def main(folder: Path, hours: float) -> dict[str, Any]:
    clock = Clock()
    run = Run(folder, hours, clock)
    with contextlib.closing(run):
        samples = asyncio.run(live_through(run, clock))
        return {"samples": samples, **run.counts()}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), float(sys.argv[2]))))

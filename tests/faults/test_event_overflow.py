"""Fault 4: more file events than the kernel keeps."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import InotifyEvent, InotifyFD

from logmon_tui.sources.file_observer import FileObserver
from tests.faults.following import DEADLINE, NONE, faults, follow_until
from tests.faults.writer import line_of, rotate

NEIGHBOURS_WRITES, OWN_WRITES, ROTATIONS = 40_000, 20_000, 10
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
Figure = Callable[[str], None]
Follow = Callable[..., FileObserver]


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the thread that fetches events wait until the event is set, as on a busy machine."""
    go_on = threading.Event()
    fetch = InotifyFD.read_events

    def fetch_later(self: InotifyFD) -> list[InotifyEvent]:
        events = fetch(self)
        go_on.wait()
        return events

    monkeypatch.setattr(InotifyFD, "read_events", fetch_later)
    yield go_on
    go_on.set()


def write_to_neighbours(log: Path) -> None:
    """Write to file after file, for the kernel merges events that are alike."""
    paths = [f"{log.parent}/other-{number}.log" for number in range(50)]
    files = [os.open(path, os.O_WRONLY | os.O_CREAT) for path in paths]
    for number in range(NEIGHBOURS_WRITES):
        os.write(files[number % len(files)], b"x\n")
    for file in files:
        os.close(file)


def write_and_rotate(log: Path) -> None:
    each = OWN_WRITES // ROTATIONS
    for start in range(0, OWN_WRITES, each):
        with log.open("ab", buffering=0) as file:
            for number in range(start, start + each):
                file.write(line_of(number))
        rotate(log)


@pytest.mark.skipif(not QUEUE.exists(), reason="there is no inotify here")
def test_sixty_thousand_writes_overflow_the_queue_of_events(
    log: Path,
    follow: Follow,
    figure: Figure,
    held_up: threading.Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    size = int(QUEUE.read_text())
    if size > NEIGHBOURS_WRITES // 2:
        pytest.skip(f"the queue holds {size:,} events here")
    caplog.set_level(logging.WARNING, "watchdog")
    log.touch()
    observer = follow(log)
    assert observer.read() == b""
    assert not observer.status().polling
    ended = threading.Event()
    ended_at: list[float] = []

    def write() -> None:
        write_to_neighbours(log)
        write_and_rotate(log)
        ended_at.append(time.monotonic())
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    lines = follow_until(observer, ended.is_set)
    took = time.monotonic() - ended_at[0]
    found = faults(lines, map(line_of, range(OWN_WRITES)))
    writer.join()
    held_up.set()
    deadline = time.monotonic() + DEADLINE
    while not any("overflowed" in message for message in caplog.messages):
        assert time.monotonic() < deadline, "the queue did not overflow"
        time.sleep(0.01)
    figure(
        f"fault 4: {NEIGHBOURS_WRITES + OWN_WRITES:,} writes, a queue of {size:,} events, "
        f"{ROTATIONS} rotations: {found} of {OWN_WRITES:,}, {took:.2f} s after the last write"
    )
    assert found == NONE
    assert observer.status().rotations == ROTATIONS - 1
    assert took < 2

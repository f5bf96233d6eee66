"""Fault 11: there is no room for the state; watching goes on and says so, and saves once it can."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.faults.test_kill import BATCH, batch
from tests.sources.test_rotation import rotate
from tests.watching import DEADLINE, objects, wait_until

pytestmark = pytest.mark.slow

ROOM = 16 * 1024
"""Bytes that a file of the process may have: too few for a state."""


class Limited:
    """A `watch` that may write to pipes, but to no file of more than `ROOM` bytes."""

    def __init__(self, log: Path, state: Path) -> None:
        options = ("--output", "json", "--stats-interval", "1", "--from-start", "--state")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "logmon_tui", "watch", *options, str(state), str(log)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Python would save the first half of a module, which no later start could import.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        self._unlimited = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        limited = (ROOM, self._unlimited[1])
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, limited)
        self.told: list[str] = []
        self.errors: list[str] = []
        pipes = ((self.process.stdout, self.told), (self.process.stderr, self.errors))
        self._readers = [
            threading.Thread(target=self._read, args=pipe, daemon=True) for pipe in pipes
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, pipe: TextIO, lines: list[str]) -> None:
        with pipe:
            lines.extend(pipe)

    def last(self) -> dict[str, Any]:
        """Return the last line that tells of an interval."""
        told = objects("".join(self.told))
        return told[-1] if told else {}

    def total(self) -> int:
        last = self.last()
        return int(last.get("total_hits", 0)) + int(last.get("total_unparsed", 0))

    def wait_for(self, condition: Callable[[], bool]) -> None:
        wait_until(condition, lambda: self.told[-1:] + self.errors)

    def give_room(self) -> None:
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, self._unlimited)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()


@pytest.fixture
def start() -> Iterator[Callable[[Path, Path], Limited]]:
    started: list[Limited] = []

    def begin(log: Path, state: Path) -> Limited:
        started.append(Limited(log, state))
        return started[-1]

    yield begin
    for each in started:
        each.kill()


def append(log: Path) -> None:
    with log.open("ab") as file:
        file.write(batch())


def test_a_full_disk_stops_the_saving_and_nothing_else(
    tmp_path: Path, start: Callable[[Path, Path], Limited], figure: Callable[[str], None]
) -> None:
    log, state = tmp_path / "access.log", tmp_path / "states" / "state.sqlite"
    append(log)
    running = start(log, state)
    running.wait_for(lambda: running.total() == BATCH)
    running.wait_for(lambda: any("state not saved" in line for line in running.errors))
    append(log)
    running.wait_for(lambda: running.total() == 2 * BATCH)
    running.give_room()
    append(log)
    running.wait_for(lambda: running.total() == 3 * BATCH)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(DEADLINE) == 0
    again = start(log, state)
    again.give_room()
    again.wait_for(lambda: again.total() == 3 * BATCH)
    assert "Traceback" not in "".join(running.errors + again.errors)
    figure("fault 11: no room for the state: said, went on, saved when there was: 0 lost, 0 double")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_no_state_holds_is_read_again(
    tmp_path: Path,
    start: Callable[[Path, Path], Limited],
    figure: Callable[[str], None],
    number: signal.Signals,
) -> None:
    """No room from the beginning on, and two rotations before the next watch."""
    log, state = tmp_path / "access.log", tmp_path / "states" / "state.sqlite"
    log.with_name("access.log.1").write_bytes(batch())  # older than the watch
    time.sleep(0.01)
    log.touch()
    first = start(log, state)
    first.wait_for(lambda: any("state not saved" in line for line in first.errors))
    append(log)
    first.wait_for(lambda: first.total() == BATCH)
    first.process.send_signal(number)
    first.process.wait(DEADLINE)
    for _ in range(2):
        append(log)
        rotate(log)
        append(log)
    again = start(log, state)
    again.wait_for(lambda: again.total() == 5 * BATCH)
    note = again.last()["ingest"]["state"]["note"]
    assert note.endswith("saved nothing; what was logged since then is read again")
    again.wait_for(lambda: f"logmon-tui: {note}\n" in again.errors)
    again.give_room()
    append(log)
    again.wait_for(lambda: again.total() == 6 * BATCH)
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(DEADLINE) == 0
    last = start(log, state)
    last.give_room()
    last.wait_for(lambda: last.total() == 6 * BATCH)
    figure(f"fault 11: no room at all, {number.name}, 2 rotations: 0 lost, 0 double")

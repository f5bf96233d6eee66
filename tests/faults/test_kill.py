"""Fault 3: a watch that is killed, or stopped, goes on in the next run with exact totals."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.sources.test_rotation import rotate
from tests.watching import Watch, objects, wait_until

pytestmark = pytest.mark.slow

LINES_A_RUN = 4_000
LINES_A_SECOND = 2_000
BATCH = 50


def batch() -> bytes:
    """Return `BATCH` lines of this second; one in ten is no hit."""
    stamp = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    hits = "".join(f'10.0.0.{n} - - [{stamp}] "GET /a/b HTTP/1.1" 200 10\n' for n in range(9))
    return (hits + "no line of a log\n").encode() * (BATCH // 10)


class Server(threading.Thread):
    """Writes `count` lines into a log, more until `finish`, and lets it be rotated meanwhile."""

    def __init__(self, log: Path, count: int) -> None:
        super().__init__(daemon=True)
        self._log = log
        self._count = count
        self._lock = threading.Lock()
        self._may_end = threading.Event()
        self._file = log.open("ab", buffering=0)
        self.written = 0

    def run(self) -> None:
        while self.written < self._count or not self._may_end.is_set():
            with self._lock:
                self._file.write(batch())
                self.written += BATCH
            time.sleep(BATCH / LINES_A_SECOND)
        self._file.close()

    def finish(self) -> None:
        self._may_end.set()
        self.join()

    def rotate(self) -> None:
        with self._lock:
            rotate(self._log)
            with self._file:
                self._file = self._log.open("ab", buffering=0)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[[], Watch]]:
    options = ("--output", "json", "--stats-interval", "1", "--from-start")
    state = ("--state", str(tmp_path / "state.sqlite"))
    started: list[Watch] = []

    def start() -> Watch:
        started.append(Watch(str(tmp_path / "access.log"), tmp_path, *options, *state))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def totals(watch: Watch) -> tuple[int, int]:
    """Return hits and lines that are none, as the newest line of JSON tells them."""
    told = objects(watch.output)
    return (told[-1]["total_hits"], told[-1]["total_unparsed"]) if told else (0, 0)


def test_totals_are_exact_after_many_kills(
    tmp_path: Path,
    watch: Callable[[], Watch],
    pytestconfig: pytest.Config,
    figure: Callable[[str], None],
) -> None:
    kills = pytestconfig.getoption("--kills")
    rng = random.Random(kills)
    server = Server(tmp_path / "access.log", kills * LINES_A_RUN)
    server.start()
    rotations = 0
    for run in range(kills):
        running = watch()
        running.wait_for(lambda output: bool(objects(output)))
        time.sleep(rng.random())  # any moment will do
        running.kill()
        for _ in range(run % 3):  # none, one or two while nobody watches
            server.rotate()
            rotations += 1
    server.finish()
    last = watch()
    wait_until(lambda: sum(totals(last)) >= server.written, lambda: last.output)
    began = time.monotonic()
    code, error = last.end(signal.SIGTERM)
    took = time.monotonic() - began
    assert (code, error) == (0, "")
    hits, unparsed = totals(last)
    assert (hits, unparsed) == (server.written * 9 // 10, server.written // 10)
    figure(
        f"fault 3: {kills} kill -9 during {server.written:,} lines, {rotations} rotations while "
        f"down: {hits:,} hits and {unparsed:,} other lines, exact; SIGTERM to saved: {took:.1f} s"
    )


def test_the_state_is_saved_at_sigterm(tmp_path: Path, watch: Callable[[], Watch]) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(batch())
    first = watch()
    first.wait_for(lambda _output: sum(totals(first)) == BATCH)
    with log.open("ab") as file:
        file.write(batch())
    first.end(signal.SIGTERM)
    assert sum(totals(first)) == 2 * BATCH
    log.write_bytes(b"")  # nothing is left to be counted anew
    second = watch()
    second.wait_for(lambda _output: bool(objects(second.output)))
    second.end(signal.SIGTERM)
    assert sum(totals(second)) == 2 * BATCH

"""Fault 5: the log is not there for a while, cannot be read, or is suddenly another file."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logmon_tui.sources.base import SourceState
from logmon_tui.sources.file_observer import FileObserver
from tests.faults.following import DEADLINE, NONE, POLL, faults, follow_until, seconds_until_read
from tests.faults.writer import line_of, rotate

SOON = 2.0
Figure = Callable[[str], None]
Follow = Callable[..., FileObserver]


@pytest.mark.parametrize("missing", ["file", "directory"])
def test_a_log_that_appears_five_seconds_late(
    log: Path, follow: Follow, figure: Figure, missing: str
) -> None:
    seconds = [0.0]
    log = log if missing == "file" else log.parent / "later" / log.name
    observer = follow(log, clock=lambda: seconds[0])
    while seconds[0] < 5:
        assert observer.read() == b""
        assert observer.status().state is SourceState.WAITING
        seconds[0] += POLL
    log.parent.mkdir(exist_ok=True)
    log.write_bytes(line_of(1))
    took = seconds_until_read(observer, line_of(1))
    figure(f"fault 5: the log's {missing} appears 5 s late: read after {took:.2f} s, 0 lost")
    assert took < SOON
    assert observer.status().state is SourceState.LIVE


def test_a_directory_deleted_and_made_again(log: Path, follow: Follow, figure: Figure) -> None:
    log.write_bytes(line_of(0))
    observer = follow(log)
    longest = seconds_until_read(observer, line_of(0))
    for number in range(1, 6):
        with log.open("ab", buffering=0) as old:
            shutil.rmtree(log.parent)
            if number % 2:  # so that its absence is seen, or not
                assert observer.read() == b""
            log.parent.mkdir()
            log.write_bytes(line_of(2 * number))
            old.write(line_of(2 * number - 1))
        lines = line_of(2 * number - 1) + line_of(2 * number)
        longest = max(longest, seconds_until_read(observer, lines))
    figure(
        "fault 5: the directory deleted and made again 5 times, the server late each time: "
        f"going on within {longest:.2f} s, 0 lost"
    )
    assert longest < SOON


def test_a_symbolic_link_swapped_twenty_times(log: Path, follow: Follow, figure: Figure) -> None:
    swaps, each = 20, 500
    ended = threading.Event()
    ended_at: list[float] = []

    def write() -> None:
        for number in range(swaps + 1):
            with (log.parent / f"day-{number}").open("ab", buffering=0) as file:
                if number:
                    link = log.parent / "link"
                    link.symlink_to(file.name)
                    link.replace(log)
                for line in range(number * each, (number + 1) * each):
                    file.write(line_of(line))
                    if line % each == 100:
                        time.sleep(0.05)
        ended_at.append(time.monotonic())
        ended.set()

    (log.parent / "day-0").touch()
    log.symlink_to("day-0")
    observer = follow(log)
    writer = threading.Thread(target=write)
    writer.start()
    lines = follow_until(observer, ended.is_set, poll=0.02)
    took = time.monotonic() - ended_at[0]
    writer.join()
    found = faults(lines, map(line_of, range((swaps + 1) * each)))
    figure(f"fault 5: a symbolic link swapped {swaps} times: {found}, up to date in {took:.2f} s")
    assert found == NONE
    assert took < SOON
    assert observer.status().rotations == swaps


class Output:
    """What the unprivileged follower has written to a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def states(self) -> list[bytes]:
        return [line for line in self._all() if line.startswith(b"[")]

    @property
    def lines(self) -> list[bytes]:
        return [line for line in self._all() if not line.startswith(b"[")]

    def seconds_until(self, state: bytes, lines: int) -> float:
        """Wait for a state, and for so many lines; return how long that took."""
        started = time.monotonic()
        while len(self.lines) < lines or self.states[-1:] != [b"[%s]\n" % state]:
            assert time.monotonic() - started < DEADLINE, self._all()
            time.sleep(0.01)
        return time.monotonic() - started

    def _all(self) -> list[bytes]:
        return self._file.read_bytes().splitlines(keepends=True)


@contextmanager
def unprivileged_follower(log: Path, folder: Path) -> Iterator[Output]:
    command = [sys.executable, str(Path(__file__).with_name("unprivileged_follower.py")), str(log)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, env=environment) as process,
    ):
        yield Output(folder / "output")
        process.communicate()
        assert process.returncode == 0


def test_a_log_and_its_directory_that_nobody_may_read_for_three_seconds(
    tmp_path: Path, figure: Figure
) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        log = directory / "access.log"
        log.write_bytes(line_of(0))
        log.chmod(0o644)
        with unprivileged_follower(log, tmp_path) as output, log.open("ab", buffering=0) as server:
            output.seconds_until(b"live", lines=1)
            directory.chmod(0)
            server.write(line_of(1))
            output.seconds_until(b"failed", lines=2)  # what is open goes on being read
            time.sleep(3)
            directory.chmod(0o755)
            server.write(line_of(2))
            longest = output.seconds_until(b"live", lines=3)
            rotate(log)
            with os.fdopen(os.open(log, os.O_CREAT | os.O_WRONLY, mode=0), "wb") as new:
                new.write(line_of(4))
            server.write(line_of(3))
            output.seconds_until(b"failed", lines=4)
            time.sleep(3)
            log.chmod(0o644)
            longest = max(longest, output.seconds_until(b"live", lines=5))
        found = faults(b"".join(output.lines), map(line_of, range(5)))
        figure(
            "fault 5: directory, then new log of mode 000 for 3 s each, followed by another user: "
            f"going on within {longest:.2f} s, {found}"
        )
        assert found == NONE
        assert longest < SOON
        assert len(output.states) == 5

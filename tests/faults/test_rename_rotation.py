"""Fault 1: a log is rotated by renaming, again and again, while it is being written."""

import random
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from logmon_tui.sources.file_observer import FileObserver
from tests.faults.following import NONE, faults, follow_until
from tests.faults.writer import line_of, rotate

LINES, ROTATIONS = 200_000, 50
Figure = Callable[[str], None]
Follow = Callable[..., FileObserver]


@contextmanager
def writing(*arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    """Run the writer with `arguments`."""
    command = [sys.executable, str(Path(__file__).with_name("writer.py")), *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("events", ["with", "without"], indirect=True)
@pytest.mark.parametrize("poll", [20, 100, 250])
def test_fifty_rotations_with_a_late_writer(
    log: Path, follow: Follow, figure: Figure, poll: int, events: str
) -> None:
    log.touch()
    observer = follow(log)
    started = time.monotonic()
    seen = [0]  # rotations, after each poll
    with writing(log, LINES, ROTATIONS) as process:
        lines = follow_until(
            observer,
            lambda: process.poll() is not None,
            poll=poll / 1000,
            after_poll=lambda: seen.append(observer.status().rotations),
        )
    took = time.monotonic() - started
    together = max(after - before for before, after in pairwise(seen))
    found = faults(lines, map(line_of, range(LINES)))
    figure(
        f"fault 1: {ROTATIONS} rotations, {LINES:,} lines, poll {poll} ms, {events} events, "
        f"up to {together} rotations in a poll: {found}, {took:.1f} s"
    )
    assert found == NONE
    assert process.returncode == 0
    assert seen[-1] == ROTATIONS
    assert poll < 250 or together > 1


@pytest.mark.parametrize("events", ["with", "without"], indirect=True)
def test_fifty_rotations_while_all_but_three_old_files_are_deleted(
    log: Path, follow: Follow, figure: Figure, events: str
) -> None:
    log.touch()
    observer = follow(log)
    started = time.monotonic()
    with writing(log, LINES, ROTATIONS, 3) as process:
        assert process.stdin
        assert process.stdout
        questions, answers = process.stdout, process.stdin

        def allow_one_rotation() -> None:
            if select.select([questions], [], [], 0)[0] and questions.readline():
                answers.write(b"yes\n")
                answers.flush()

        lines = follow_until(
            observer,
            lambda: process.poll() is not None,
            poll=0.02,
            after_poll=allow_one_rotation,
        )
    took = time.monotonic() - started
    found = faults(lines, map(line_of, range(LINES)))
    figure(
        f"fault 1: {ROTATIONS} rotations keeping 3 files, {LINES:,} lines, poll 20 ms, "
        f"{events} events: {found}, {took:.1f} s"
    )
    assert found == NONE
    assert process.returncode == 0
    assert observer.status().rotations == ROTATIONS
    assert len(list(log.parent.iterdir())) == 4


def test_inodes_of_deleted_files_are_used_again(log: Path, follow: Follow, figure: Figure) -> None:
    chance = random.Random(5)
    seconds = [0.0]
    log.touch()
    observer = follow(log, clock=lambda: seconds[0])
    numbers = iter(range(LINES))
    came: list[bytes] = []
    inodes = []
    old = writer = log.open("ab", buffering=0)
    for _ in range(ROTATIONS + 1):
        inodes.append(log.stat().st_ino)
        for part in range(8):
            file = writer if part else old  # the server goes on in the old file at first
            file.write(b"".join(line_of(next(numbers)) for _ in range(LINES // 408)))
            if chance.random() < 0.5:
                came += iter(observer.read, b"")
            seconds[0] += 0.4
        came += iter(observer.read, b"")
        rotate(log, 3)
        if old is not writer:
            old.close()
        old, writer = writer, log.open("ab", buffering=0)
    came += iter(observer.read, b"")
    old.close()
    writer.close()
    written = next(numbers)
    found = faults(b"".join(came), map(line_of, range(written)))
    figure(
        f"fault 1: {ROTATIONS + 1} rotations keeping 3 files over {len(set(inodes))} inodes, "
        f"{written:,} lines: {found}"
    )
    assert found == NONE
    assert observer.status().rotations == ROTATIONS + 1
    if len(set(inodes)) == len(inodes):
        pytest.skip("this file system does not use inodes again at once")

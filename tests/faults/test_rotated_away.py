"""Fault 13: logs are rotated, compressed, moved or left by a link while nobody looks."""

import gzip
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.sources.file_observer import FileObserver
from tests.faults.following import NONE, faults
from tests.faults.writer import line_of

Figure = Callable[[str], None]
Follow = Callable[..., FileObserver]

NAMES = (
    "access.log.{}",
    "access.log-2026010{}",
    "access.log-179600000{}",
    "access-2026010{}.log",
    "access-202601011{}.log",
    "old/access.log.{}",
    "archive/access-2026010{}.log",
)
COMPRESSORS = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}
ROTATIONS, LINES = 4, 500


def poll(observer: FileObserver) -> bytes:
    return b"".join(iter(observer.read, b""))


class Writer:
    """Writes lines that are all different."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, log: Path, count: int) -> None:
        new = [line_of(len(self.written) + number) for number in range(count)]
        self.written += new
        with log.open("ab") as file:
            file.write(b"".join(new))


def test_logs_rotated_four_times_while_down(tmp_path: Path, follow: Follow, figure: Figure) -> None:
    lines, writer = b"", Writer()
    cases = [(name, ending) for name in NAMES for ending in COMPRESSORS]
    for number, (name, ending) in enumerate(cases):
        log = tmp_path / str(number) / "access.log"
        (log.parent / name).parent.mkdir(parents=True, exist_ok=True)
        writer.write(log, LINES)
        observer = follow(log, clock=lambda: 0.0)
        lines += poll(observer)
        position = observer.position()
        observer.close()
        for rotation in range(ROTATIONS):
            writer.write(log, LINES)
            to = log.parent / name.format(ROTATIONS - rotation)
            log.rename(to)
            Path(f"{to}.new").write_bytes(COMPRESSORS[ending](to.read_bytes()))
            to.unlink()
            Path(f"{to}.new").rename(f"{to}{ending}")
        writer.write(log, LINES)
        observer = follow(log, position=position, clock=lambda: 0.0)
        lines += poll(observer)
        assert observer.status().message == ""
    found = faults(lines, writer.written)
    figure(
        f"fault 13: {ROTATIONS} rotations while down in {len(cases)} ways (numbers, dates, times, "
        f"folders; plain, gz, xz), {len(writer.written):,} lines: {found}"
    )
    assert found == NONE


@pytest.mark.parametrize("seed", range(3))
def test_a_link_that_goes_from_container_to_container(
    tmp_path: Path, follow: Follow, figure: Figure, seed: int
) -> None:
    rng, writer, seconds = random.Random(seed), Writer(), [0.0]
    pod, link = tmp_path / "pods", tmp_path / "x.log"
    pod.mkdir()
    number = moves = rotations = restarts = 0
    (pod / "0.log").touch()
    link.symlink_to(pod / "0.log")
    observer = follow(link, clock=lambda: seconds[0])
    lines = poll(observer)
    for step in range(300):
        log = pod / f"{number}.log"
        writer.write(log, rng.randint(1, 40))
        action = rng.choice(["rotate", "rotate", "move", "restart", "look", "look"])
        if action == "rotate":
            rotations += 1
            rotated = pod / f"{number}.log.20260101-{step:06}"
            log.rename(rotated)
            log.touch()
            if rng.random() < 0.5:
                writer.write(rotated, 5)
        elif action == "move":
            moves, number = moves + 1, number + 1
            (pod / f"{number}.log").touch()
            (tmp_path / "new").symlink_to(pod / f"{number}.log")
            (tmp_path / "new").replace(link)
            if rng.random() < 0.5:
                writer.write(log, 5)
        elif action == "restart":
            restarts += 1
            position = observer.position()
            observer.close()
            observer = follow(link, position=position, clock=lambda: seconds[0])
        else:
            seconds[0] += rng.choice([0.1, 1, 6])
            lines += poll(observer)
    lines += poll(observer)
    found = faults(lines, writer.written)
    figure(
        f"fault 13: a link moved {moves} times, {rotations} rotations, {restarts} restarts, late "
        f"lines in former targets, {len(writer.written):,} lines: {found}"
    )
    assert found == NONE
    assert observer.status().message == ""

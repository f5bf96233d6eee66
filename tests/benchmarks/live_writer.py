"""Appends generated lines to a log at a set rate; each bears the second in which it is written.

    python -m tests.benchmarks.live_writer LOG --rate 100000 --seconds 60 --notes FILE

The lines are made before, and repeat after some seconds; while writing only their times are set,
so the writer takes little of the machine. Appends to FILE a line for each write: the monotonic
time after it, and how many lines have been written. Ends early, and well, on SIGTERM.
"""

import signal
import time
from itertools import count, cycle
from pathlib import Path
from types import FrameType

import click
import numpy as np

from tests.benchmarks.generator import Generator, time_piece
from tests.benchmarks.shape import Shape

WRITES_PER_SECOND = 20
BLOCKS = 64


def blocks(lines: int) -> list[bytes]:
    """Return `BLOCKS` blocks of so many lines each, all of them at second 0."""
    generator = Generator(Shape())
    times = np.full(lines, time_piece(0), dtype=object)
    return [generator.block(times) for _ in range(BLOCKS)]


def write(log: Path, rate: int, seconds: float, notes: Path) -> None:
    """Write on time; what is late is made up for at once."""
    lines = rate // WRITES_PER_SECOND
    made = cycle(blocks(lines))
    began = time.monotonic()
    told = notes.open("a", encoding="ascii", buffering=1)
    with log.open("ab", buffering=0) as file, told:
        for number in count(1):
            due = began + number / WRITES_PER_SECOND
            if due > began + seconds:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            file.write(next(made).replace(time_piece(0), time_piece(time.time())))
            told.write(f"{time.monotonic():.6f} {number * lines}\n")


def leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


@click.command()
@click.argument("log", type=click.Path(path_type=Path))
@click.option("--rate", required=True, type=click.IntRange(min=WRITES_PER_SECOND))
@click.option("--seconds", required=True, type=float)
@click.option("--notes", required=True, type=click.Path(path_type=Path))
def main(log: Path, rate: int, seconds: float, notes: Path) -> None:
    signal.signal(signal.SIGTERM, leave)
    write(log, rate, seconds, notes)


if __name__ == "__main__":
    main()

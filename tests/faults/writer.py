"""A server in a process of its own, which writes numbered lines and has its log rotated.

Run as `python writer.py LOG LINES ROTATIONS [KEEP]`. Every line is written with one call, but
each tenth in two. After a rotation it goes on in the old file for a while, as servers do, and
only then opens the new one. With KEEP it asks before each rotation, by a line on standard
output, and waits for an answer; all but the newest KEEP rotated files are deleted.
"""

import os
import sys
import time
from itertools import count
from pathlib import Path

LATE_LINES = 200
PAUSE_EVERY, PAUSE = 250, 0.001


def line_of(number: int) -> bytes:
    """Return a line that shows whether it is whole."""
    return b"%d of a log that is being rotated %d\n" % (number, number)


def rotate(log: Path, keep: int | None = None) -> None:
    """Rename log.1 → log.2 …, then log → log.1; of the old ones only `keep` stay."""
    last = next(number for number in count(1) if not Path(f"{log}.{number}").exists())
    for number in range(last - 1, 0, -1):
        if keep is not None and number >= keep:
            Path(f"{log}.{number}").unlink()
        else:
            Path(f"{log}.{number}").rename(f"{log}.{number + 1}")
    log.rename(f"{log}.1")


def opened(log: Path) -> int:
    return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


def write(descriptor: int, number: int) -> None:
    line = line_of(number)
    if number % 10:
        os.write(descriptor, line)
    else:
        os.write(descriptor, line[:9])
        os.write(descriptor, line[9:])


def main(log: Path, lines: int, rotations: int, keep: int | None = None) -> None:
    each = lines // (rotations + 1) + 1
    current = fresh = opened(log)
    for number in range(lines):
        if number and number % each == 0:
            if keep is not None:
                print("may I?", flush=True)
                sys.stdin.readline()
            rotate(log, keep)
            fresh = opened(log)
        if current != fresh and number % each == LATE_LINES:
            os.close(current)
            current = fresh
        write(current, number)
        if number % PAUSE_EVERY == 0:
            time.sleep(PAUSE)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))

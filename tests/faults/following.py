"""Following a log by polls, and comparing what came with what was written."""

import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from logmon_tui.sources.file_observer import FileObserver

DEADLINE = 60.0
POLL = 0.25


class Faults(NamedTuple):
    """How many lines are missing, came again, or are not what was written."""

    lost: int
    double: int
    torn: int

    def __str__(self) -> str:
        return f"{self.lost} lost, {self.double} double, {self.torn} torn"


NONE = Faults(0, 0, 0)


def faults(lines: bytes, written: Iterable[bytes]) -> Faults:
    """Compare the lines that came with those that were `written`, which are all different."""
    wanted = set(written)
    came = lines.splitlines(keepends=True)
    whole = [line for line in came if line in wanted]
    return Faults(
        lost=len(wanted) - len(set(whole)),
        double=len(whole) - len(set(whole)),
        torn=len(came) - len(whole),
    )


def follow_until(
    observer: FileObserver,
    ended: Callable[[], bool],
    *,
    poll: float = POLL,
    after_poll: Callable[[], object] = lambda: None,
) -> bytes:
    """Read all there is, once in `poll` seconds or at a hint, until `ended` before a reading."""
    pieces: list[bytes] = []
    deadline = time.monotonic() + DEADLINE
    at_end = False
    while not at_end:
        assert time.monotonic() < deadline, "the end never came"
        at_end = ended()
        pieces += iter(observer.read, b"")
        after_poll()
        if not at_end:
            observer.wait(poll)
    return b"".join(pieces)


def seconds_until_read(observer: FileObserver, lines: bytes) -> float:
    """Look at each hint and poll until exactly `lines` came; return how long that took."""
    started = time.monotonic()
    came = b""
    while came != lines:
        assert lines.startswith(came)
        assert time.monotonic() - started < DEADLINE, f"only {came!r} came"
        observer.wait(POLL)
        came += observer.read()
    return time.monotonic() - started

"""What a second costs the monitor, as `ticks` finds it. Light: whoever measures imports it."""

import sys

import msgspec

from tests.benchmarks.processes import run


class Tick(msgspec.Struct, frozen=True):
    """Milliseconds of a second's feed, tick and snapshot, at `rate` hits/s, full windows."""

    rate: int
    window: int  # seconds, of the panels and of the alerts
    feed: float
    tick: float
    snapshot: float


def ticks() -> list[Tick]:
    """Measure in a process of its own, which imports what this one must not."""
    _, output = run([sys.executable, "-m", "tests.benchmarks.ticks"])
    return msgspec.json.decode(output, type=list[Tick])

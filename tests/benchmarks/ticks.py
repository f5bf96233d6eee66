"""What a second costs the monitor, by hits a second and by length of the windows. In process.

    python -m tests.benchmarks.ticks

Each second a batch is fed, the clock ticks and a picture is taken; counted are the seconds after
the windows have filled. Prints JSON: a list of `Tick`.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import ParamSpec

import click
import msgspec
import numpy as np
from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.parser import Parser
from logmon_tui.formats.presets.clf import COMBINED
from logmon_tui.monitor.monitor import HTTPMonitor
from tests.benchmarks.generator import Generator, time_piece
from tests.benchmarks.shape import Shape
from tests.benchmarks.tick import Tick

RATES = (1, 10, 100, 1_000, 10_000, 100_000)
WINDOWS = (10, 60, 600, 3_600)
MOST_HITS = 10_000_000
"""Maximum hits that fill a window: more would take minutes, and tell of no other keys."""
MEASURED = 30
BATCHES = 8
BEGIN = 1_795_262_400

Given = ParamSpec("Given")


def batches(rate: int) -> list[HitBatch]:
    """Return parsed batches of so many hits, which come in turn."""
    generator, parser = Generator(Shape()), Parser(COMBINED)
    times = np.full(rate, time_piece(BEGIN), dtype=object)
    return [parser.parse(generator.block(times)) for _ in range(BATCHES)]


def measure(rate: int, window: int, traffic: Sequence[HitBatch]) -> Tick:
    """Return the medians once both windows are full; times are of one thread."""
    settings = Settings(stats_interval=window, alert_window=window)
    monitor = HTTPMonitor(settings, journal=True)
    fed, ticked, shown = list[float](), list[float](), list[float]()
    for number, batch in enumerate(islice(cycle(traffic), window + MEASURED)):
        second = BEGIN + number
        hits = replace(batch, seconds=np.full(rate, second))
        now, wall = float(number), second + 0.5
        fed.append(_milliseconds(monitor.feed, hits, now))
        ticked.append(_milliseconds(monitor.tick, now, wall))
        if number >= window:
            shown.append(_milliseconds(monitor.snapshot, now, wall))
        monitor.saved()
    full = slice(window, None)
    medians = (statistics.median(times) for times in (fed[full], ticked[full], shown))
    return Tick(rate, window, *medians)


def _milliseconds(
    work: Callable[Given, object], *given: Given.args, **named: Given.kwargs
) -> float:
    started = time.thread_time()
    work(*given, **named)
    return 1_000 * (time.thread_time() - started)


def main() -> None:
    """Measure every rate with every window that does not hold too many of its hits."""
    found = []
    for rate in RATES:
        traffic = batches(rate)
        for window in (each for each in WINDOWS if rate * each <= MOST_HITS):
            found.append(measure(rate, window, traffic))
            click.echo(f"  {found[-1]}", err=True)
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()

"""The arithmetic of the traffic graph: its columns, their rates, and its scale. Pure."""

import math
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from logmon_tui.snapshot import ByClass, TrafficHistory

STACK = ((5,), (4,), (3,), (2,), (0, 1, 6, 7, 8, 9))
"""Status classes from the bottom up: errors are on the axis, where their height is easy to read."""

Rates: TypeAlias = tuple[float, ...]
"""Requests per second in one column, for each entry of STACK."""

STEPS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 300)
LABEL_STEPS = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200)
SPAN = 300
"""Minimum seconds that the graph shows, if the history is long enough."""

_NICE = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_MIN_RATE = 1e-6  # req/s; less than a hit in ten days is no traffic
_MAX_THRESHOLD_RATIO = 2.5  # a threshold further above the peak would squash the graph


class TimeAxis(NamedTuple):
    """The seconds of each column: column i begins at `start + i * step` and is `step` long."""

    start: int
    step: int
    columns: int

    def column_of(self, second: int) -> int | None:
        """Return the column that contains `second`, or None if it is outside of the graph."""
        column = (second - self.start) // self.step
        return column if 0 <= column < self.columns else None


def time_axis(last_second: int, width: int) -> TimeAxis:
    """Return an axis of `width` columns whose last one contains `last_second`.

    Columns begin at whole multiples of their step, so each keeps its seconds as time moves on.
    """
    step = next((step for step in STEPS if step * width >= SPAN), STEPS[-1])
    newest = last_second // step * step
    return TimeAxis(newest - (width - 1) * step, step, width)


def column_rates(history: TrafficHistory, axis: TimeAxis) -> list[Rates]:
    """Return the average rates in each column, over its known seconds."""
    columns: list[Rates] = []
    for column in range(axis.columns):
        begin = axis.start + column * axis.step - history.start
        seconds = history.seconds[max(0, begin) : max(0, begin + axis.step)]
        columns.append(_average(seconds))
    return columns


@lru_cache(maxsize=4_096)
def _average(seconds: tuple[ByClass, ...]) -> Rates:
    if not seconds:
        return (0.0,) * len(STACK)
    totals = [sum(hits) for hits in zip(*seconds, strict=True)]
    return tuple(sum(totals[c] for c in classes) / len(seconds) for classes in STACK)


def nice(value: float) -> float:
    """Return the smallest round number that is at least `value`."""
    if value < _MIN_RATE:
        return 1.0
    magnitude = 10.0 ** math.floor(math.log10(value))
    # Floating-point error may leave the value slightly above ten times its magnitude.
    return next((f * magnitude for f in _NICE if f * magnitude >= value), 20 * magnitude)


def scale(peak: float, threshold: float, current: float) -> float:
    """Return the rate at the top of the graph.

    It grows at once, but shrinks only when the graph fills less than 40 % of it, so that it does
    not jump every second. A threshold far above the traffic is not counted.
    """
    wanted = max(peak, threshold) if threshold <= peak * _MAX_THRESHOLD_RATIO or peak == 0 else peak
    wanted *= 1.05
    if wanted <= current and wanted >= current * 0.4:
        return current
    return nice(wanted)


def labelled(axis: TimeAxis) -> list[tuple[int, int]]:
    """Return the columns to label with their time, and their seconds, which are whole minutes."""
    every = next((step for step in LABEL_STEPS if step >= 9 * axis.step), LABEL_STEPS[-1])
    seconds = ((column, axis.start + column * axis.step) for column in range(axis.columns))
    return [(column, second) for column, second in seconds if second % every == 0]

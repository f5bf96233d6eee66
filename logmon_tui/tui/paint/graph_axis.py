"""The axis of the graph: which cells a column has, which times are written where. Pure."""

import time
from collections.abc import Collection, Iterable, Iterator

from logmon_tui import units
from logmon_tui.tui.paint.chart import TimeAxis
from logmon_tui.tui.paint.time_view import DAY, HOUR, MINUTE

LABEL_STEPS = (
    *(60, 120, 300, 600, 900, 1_800),
    *(each * HOUR for each in (1, 2, 3, 6, 12, 24, 48, 168)),
)
_ROOM = 9
"""Minimum cells from one time to the next."""


def cells_of(column: int, columns: int, width: int) -> range:
    """Return the cells of a column, where `columns` share `width` cells; each has one at least."""
    return range(-(-column * width // columns), -(-(column + 1) * width // columns))


def columns_of_cells(columns: int, width: int) -> list[int]:
    """Return the column to which each of `width` cells belongs."""
    return [cell * columns // width for cell in range(width)]


def labelled(axis: TimeAxis, width: int) -> list[tuple[int, str]]:
    """Return the cells that have a tick, and their times; days where days begin."""
    room = _ROOM * axis.step * axis.columns / max(1, width)
    every = next((step for step in LABEL_STEPS if step >= room), LABEL_STEPS[-1])
    found = []
    for column in range(axis.columns):
        second = axis.start + column * axis.step
        # A column of several hours may contain the second without beginning with it.
        at = -(-second // every) * every
        if at < second + axis.step:
            found.append((cells_of(column, axis.columns, width).start, _label(at, every)))
    return found


def _label(second: int, every: int) -> str:
    then = time.gmtime(second)
    if every >= 2 * DAY:
        return time.strftime("%d %b", then)
    if second % DAY == 0 and every >= MINUTE * 10:
        return time.strftime("%a %d", then)
    return time.strftime("%H:%M", then)


def places_of_times(
    times: Iterable[tuple[int, str]], columns: int, marks: Collection[int]
) -> Iterator[tuple[int, str]]:
    """Yield cell and text of the times that fit into the row of ticks and alert marks.

    `times` are texts with the cells of their ticks. A time goes after its tick, or else before
    it. It is left out if it would hide a mark, a tick or another time, since half a time misleads.
    """
    times = list(times)
    taken = {*marks, *(column for column, _ in times)}
    for column, text in times:
        for begin in (column + 1, column - len(text)):
            cells = range(begin, begin + len(text))
            if begin >= 0 and cells.stop <= columns and taken.isdisjoint(cells):
                taken.update(cells)
                yield begin, text
                break


def span_text(seconds: int) -> str:
    """Return the length of a graph: `6 min`, `1 h 50 m`, `24 h`, `7 d`."""
    if seconds < HOUR:
        return f"{max(1, seconds // MINUTE)} min"
    if seconds <= 2 * DAY and seconds % HOUR == 0:
        return f"{seconds // HOUR} h"
    return units.duration(seconds).removesuffix(" 00 h")


def time_text(first: int, last: int) -> str:
    """Return the times of day from the second `first` to `last`: `03:12:00–03:12:59`."""
    if first == last:
        return units.clock(first)
    if last - first >= DAY:
        return f"{_day(first)} {units.clock(first)}–{_day(last)} {units.clock(last)}"
    return f"{units.clock(first)}–{units.clock(last)}"


def _day(second: int) -> str:
    return time.strftime("%d %b", time.gmtime(second))


def day_text(second: int) -> str:
    """Return the day: `Fri 27 Nov`."""
    then = time.gmtime(second)
    return f"{time.strftime('%a', then)} {then.tm_mday} {time.strftime('%b', then)}"


def cursor_text(second: int, step: int) -> str:
    """Return when a column begins that is `step` seconds long, as short as the graph needs it."""
    then = time.gmtime(second // step * step)
    if step < MINUTE:
        return time.strftime("%H:%M:%S", then)
    if step < HOUR:
        return time.strftime("%H:%M", then)
    return time.strftime("%a %H:%M" if step < DAY else "%d %b", then)


def until_text(second: int, span: int) -> str:
    """Return when a graph of `span` seconds ends: `03:12`, or `Fri 03:12` if days matter."""
    return time.strftime("%H:%M" if span < DAY else "%a %H:%M", time.gmtime(second))

"""Divides a column of a graph among bands that stand on each other, to an eighth of a cell. Pure.

Other than `stack`, which shows errors however few they are, this draws what the eye is to read as
lines: the upper edges of the bands.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from logmon_tui.tui.paint.cells import EIGHTHS_HIGH
from logmon_tui.tui.paint.stack import EMPTY, Cell, Column


def edges(values: Sequence[float], top: float, height: int) -> list[int]:
    """Return the upper edge of each band in eighths of a cell, in a graph `height` cells high.

    `values` are the bands' own heights, `top` is the value at the top. A total above 0 shows.
    """
    most = height * 8
    found = [min(most, round(each / top * most)) for each in accumulate(values)]
    if found and not found[-1] and sum(values) > 0:
        highest = max(range(len(values)), key=lambda band: values[band])
        found[highest:] = [1] * (len(found) - highest)
    return found


@lru_cache(maxsize=4_096)
def column(values: tuple[float, ...], top: float, height: int) -> Column:
    """Return the column of bands with these heights, the lowest first."""
    upper = [0, *edges(values, top, height)]
    cells = [_cell(upper, row * 8) for row in range(height)]
    return Column(tuple(cells), None)


def _cell(upper: Sequence[int], low: int) -> Cell:
    """Return the cell whose lower edge is at `low` eighths."""
    parts = [
        (band, min(end, low + 8) - max(begin, low))
        for band, (begin, end) in enumerate(pairwise(upper))
        if end > low and begin < low + 8 and end > begin
    ]
    filled = sum(eighths for _, eighths in parts)
    if not filled:
        return EMPTY
    largest = max(parts, key=lambda part: part[1])[0]
    if filled < 8:
        return Cell(EIGHTHS_HIGH[filled], largest, None)
    if len(parts) == 1:
        return Cell("█", largest, None)
    (lowest, eighths), *above = parts
    return Cell(EIGHTHS_HIGH[eighths], lowest, max(above, key=lambda part: part[1])[0])

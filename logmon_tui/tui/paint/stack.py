"""How one column of the traffic graph is divided among status classes. Pure functions.

A column is so many eighths of a cell high, and each class gets its share of these eighths
(`eighths`). A cell has two colours only, though, so not every division can be drawn. `column` draws
what comes nearest and looks alike from column to column while shares stay alike:

- Errors stand on the axis. Where 5xx and 4xx together do not fill a cell, they are one band in
  the colour of the larger; the other one shows as an eighth below the axis.
- What an error or redirect leaves free of a cell goes to 2xx, and the next class begins on the
  edge of the next cell. Only 4xx follows 5xx at once, where it fills the cell.
- A cell that the column fills in part has one colour, that of the class with most eighths left.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from logmon_tui.tui.paint.cells import EIGHTHS_HIGH
from logmon_tui.tui.paint.chart import STACK, Rates

_SERVER, _CLIENT, _REDIRECTED, _ANSWERED, _OTHER = PARTS = range(len(STACK))
ERRORS = (_SERVER, _CLIENT)
_FROM_AXIS = (_SERVER, _CLIENT, _REDIRECTED, _OTHER, _ANSWERED)
_FILLERS = (_ANSWERED, _REDIRECTED, _OTHER)


class Cell(NamedTuple):
    """One cell of a column: a block, its part of STACK, and the part behind it or None."""

    glyph: str
    part: int
    behind: int | None


EMPTY = Cell(" ", 0, None)


class Column(NamedTuple):
    """The cells of a column from the bottom up, and the error class below the axis or None."""

    cells: tuple[Cell, ...]
    below: int | None


def eighths(rates: Rates, top: float, height: int) -> tuple[int, ...]:
    """Return how many eighths of a cell each class gets, by largest remainder.

    Any traffic gets an eighth at least, and so does each class with hits, errors first, as long as
    another class has two. Those eighths come from the class that has most: every other class is
    within one eighth of its share.
    """
    total = sum(rates)
    if not total:
        return (0,) * len(rates)
    whole = max(1, min(height * 8, round(total / top * height * 8)))
    shares = [rate / total * whole for rate in rates]
    given = [int(share) for share in shares]
    by_remainder = sorted(PARTS, key=lambda part: given[part] - shares[part])
    for part in by_remainder[: whole - sum(given)]:
        given[part] += 1
    for part in PARTS:
        # Of several that have most, the one with fewest hits gives, so that more hits are never
        # fewer eighths.
        giver = max(PARTS, key=lambda each: (given[each], -rates[each]))
        if rates[part] and not given[part] and given[giver] > 1:
            given[giver] -= 1
            given[part] = 1
    return tuple(given)


@lru_cache(maxsize=4_096)
def column(rates: Rates, top: float, height: int) -> Column:
    """Return the column of `rates` in a graph of `height` cells for `top` requests per second."""
    left = list(eighths(rates, top, height))
    full, rest = divmod(sum(left), 8)
    if full:
        _join_thin_errors(left, rates)
    cells = [_full_cell(left, rates) for _ in range(full)]
    if rest:
        cells.append(Cell(EIGHTHS_HIGH[rest], _most(left, rates), None))
    shown = {part for cell in cells for part in (cell.part, cell.behind)}
    hidden = (part for part in ERRORS if rates[part] and part not in shown)
    return Column((*cells, *[EMPTY] * (height - len(cells))), next(hidden, None))


def _join_thin_errors(left: list[int], rates: Rates) -> None:
    """Make one band of both error classes if they do not fill a cell; one eighth goes below."""
    if left[_SERVER] and left[_CLIENT] and left[_SERVER] + left[_CLIENT] < 8:
        larger, smaller = sorted(ERRORS, key=lambda part: -rates[part])
        filler = max(_FILLERS, key=lambda part: left[part])
        left[larger] += left[smaller] - 1
        left[filler] += 1
        left[smaller] = 0


def _full_cell(left: list[int], rates: Rates) -> Cell:
    """Return the next full cell of a column, and take its eighths from those `left`."""
    lower = next(part for part in _FROM_AXIS if left[part])
    begun = min(8, left[lower])
    left[lower] -= begun
    if begun == 8:
        return Cell("█", lower, None)
    behind = _behind(lower, 8 - begun, left, rates)
    _take(8 - begun, behind, left)
    return Cell(EIGHTHS_HIGH[begun], lower, behind)


def _behind(lower: int, room: int, left: Sequence[int], rates: Rates) -> int:
    """Return what fills the `room` eighths of a cell above the class `lower`."""
    wanted = (_CLIENT, *_FILLERS) if lower == _SERVER else _FILLERS
    enough = (part for part in wanted if left[part] >= room)
    return next(enough, _most(left, rates))


def _take(count: int, part: int, left: list[int]) -> None:
    """Take eighths from those left of `part`; what it lacks, from those with fewest."""
    while count:
        giver = part if left[part] else min((p for p in PARTS if left[p]), key=left.__getitem__)
        taken = min(count, left[giver])
        left[giver] -= taken
        count -= taken


def _most(left: Sequence[int], rates: Rates) -> int:
    return max(PARTS, key=lambda part: (left[part], rates[part]))

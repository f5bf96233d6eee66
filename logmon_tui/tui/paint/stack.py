"""Divides a column of the traffic graph among the status classes. Pure.

The height of a column is measured in eighths of a cell, and each class gets its share of them
(`eighths`). But a cell has only two colours, so not every division can be drawn. `column` draws the
nearest one that looks similar from column to column while shares are similar:

- Errors are on the axis. If 5xx and 4xx together do not fill a cell, they make one band in the
  colour of the larger class. The smaller class is an eighth below the axis.
- If an error or redirect leaves part of a cell free, 2xx fills it, and the next class begins at the
  edge of the next cell. Only 4xx may follow 5xx within a cell, if it fills that cell.
- A partly filled cell at the top has one colour, that of the class with most eighths left.
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
    """One cell: a block, the part of STACK that colours it, and the part behind it or None."""

    glyph: str
    part: int
    behind: int | None


EMPTY = Cell(" ", 0, None)


class Column(NamedTuple):
    """The cells of a column from the bottom up, and the error part below the axis or None."""

    cells: tuple[Cell, ...]
    below: int | None


def eighths(rates: Rates, top: float, height: int) -> tuple[int, ...]:
    """Return the eighths of a cell that each class gets, by largest remainder.

    Any traffic gets at least one eighth. So does each class with hits, errors first, as long as
    another class has two. These eighths are taken from the class that has most; every other class
    is within one eighth of its share.
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
        # Of several classes that have most, the one with fewest hits gives. Otherwise a class with
        # more hits could end up with fewer eighths.
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
    """Join both error classes into one band if they do not fill a cell, less an eighth below it."""
    if left[_SERVER] and left[_CLIENT] and left[_SERVER] + left[_CLIENT] < 8:
        larger, smaller = sorted(ERRORS, key=lambda part: -rates[part])
        filler = max(_FILLERS, key=lambda part: left[part])
        left[larger] += left[smaller] - 1
        left[filler] += 1
        left[smaller] = 0


def _full_cell(left: list[int], rates: Rates) -> Cell:
    """Return the next full cell of a column, and subtract its eighths from `left`."""
    lower = next(part for part in _FROM_AXIS if left[part])
    begun = min(8, left[lower])
    left[lower] -= begun
    if begun == 8:
        return Cell("█", lower, None)
    behind = _behind(lower, 8 - begun, left, rates)
    _take(8 - begun, behind, left)
    return Cell(EIGHTHS_HIGH[begun], lower, behind)


def _behind(lower: int, room: int, left: Sequence[int], rates: Rates) -> int:
    """Return the class that fills the `room` eighths of a cell above the class `lower`."""
    wanted = (_CLIENT, *_FILLERS) if lower == _SERVER else _FILLERS
    enough = (part for part in wanted if left[part] >= room)
    return next(enough, _most(left, rates))


def _take(count: int, part: int, left: list[int]) -> None:
    """Subtract `count` eighths from `part`; once it has none, from the classes with fewest."""
    while count:
        giver = part if left[part] else min((p for p in PARTS if left[p]), key=left.__getitem__)
        taken = min(count, left[giver])
        left[giver] -= taken
        count -= taken


def _most(left: Sequence[int], rates: Rates) -> int:
    return max(PARTS, key=lambda part: (left[part], rates[part]))

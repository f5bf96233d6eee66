"""The requests behind what is shown: the newest, slowest or largest hits of a View's window."""

from collections.abc import Iterable, Iterator
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from logmon_tui.formats.model.hit import UNKNOWN, Measure
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.recent.block import Block
from logmon_tui.recent.packed import Ints, Packed
from logmon_tui.recent.view import Indices, View
from logmon_tui.snapshot import Order, Request


def requests_of(
    view: View, end: int, order: Order, count: int, known: Iterable[Request] = ()
) -> tuple[Request, ...]:
    """Return up to `count` requests of the window of `view` that ends with the second `end`.

    The newest come in the reverse order of their arrival. The slowest and the largest come by
    their time and size, the newest first where these are equal, without hits that have no time.
    Those that are `known` already, of the same store, are not made again.
    """
    made = {request.number: request for request in known}
    if order is Order.NEWEST:
        return tuple(_newest(view, end, count, made))
    return tuple(_largest(view, end, order, count, made))


_Made = dict[int, Request]


def _newest(view: View, end: int, count: int, made: _Made) -> Iterator[Request]:
    for block, rows in reversed(list(view.within(end))):
        newest = rows[::-1][:count]
        yield from _requests(view, block, newest, made)
        count -= len(newest)
        if not count:
            return


def _largest(view: View, end: int, order: Order, count: int, made: _Made) -> Iterator[Request]:
    best = _best(view, end, order, count)
    rows_of: dict[Block, list[int]] = {}
    for place in best:
        rows_of.setdefault(place.block, []).append(place.row)
    for block, rows in rows_of.items():
        _requests(view, block, np.array(rows), made)
    return (made[place.number] for place in best)


class _Place(NamedTuple):
    """Where a hit is, behind what it is ordered by."""

    figure: int
    number: int
    block: Block
    row: int


def _best(view: View, end: int, order: Order, count: int) -> list[_Place]:
    """Return the hits with the `count` largest figures, in their order."""
    best: list[_Place] = []
    least = UNKNOWN  # what a figure must exceed: the blocks to come are older, so lose a tie
    for block, rows in reversed(list(view.within(end))):
        packed = _figures(block, order)
        if packed is None or _highest(packed) <= least:
            continue
        figures = packed.at(rows)
        above = np.flatnonzero(figures > least)
        top = above[_top(figures[above], count)]
        numbers = block.arrivals.at(rows[top]).tolist()
        best += map(_Place, figures[top].tolist(), numbers, repeat(block), rows[top].tolist())
        best.sort(key=itemgetter(0, 1), reverse=True)
        del best[count:]
        if len(best) == count:
            least = best[-1].figure
    return best


def _figures(block: Block, order: Order) -> Packed | None:
    """Return what the hits of a block are ordered by; None if they do not have it."""
    return block.sizes if order is Order.LARGEST else block.measures.get(Measure.RESPONSE_TIME)


def _highest(figures: Packed) -> int:
    """Return the largest of all figures of a block."""
    offsets = figures.offsets
    return figures.base + (0 if offsets is None else int(offsets.max()))


def _top(figures: Ints, count: int) -> Indices:
    """Return the places of the `count` largest figures, the last of those that are equal."""
    if len(figures) <= count:
        return np.arange(len(figures))
    least = np.partition(figures, -count)[-count]
    above = np.flatnonzero(figures > least)
    equal = np.flatnonzero(figures == least)
    return np.concatenate((above, equal[len(above) - count :]))


def _requests(view: View, block: Block, rows: Indices, made: _Made) -> list[Request]:
    """Return the hits of a block at `rows`; add to `made` those that were not there."""
    numbers = block.arrivals.at(rows).tolist()
    new = [place for place, number in enumerate(numbers) if number not in made]
    if new:
        hits = view.hits_of(block, rows[new])
        requests = requests_in(hits, [numbers[place] for place in new])
        made.update((request.number, request) for request in requests)
    return [made[number] for number in numbers]


def requests_in(hits: HitBatch, numbers: Iterable[int]) -> Iterator[Request]:
    """Yield the hits of a batch as requests with these numbers."""
    dimensions, measures = tuple(hits.columns), tuple(hits.measures)
    texts = list(map(_text_of_each, hits.columns.values()))
    amounts = [values.tolist() for values in hits.measures.values()]
    nothing = repeat((), len(hits))
    rows = zip(
        numbers,
        hits.seconds.tolist(),
        hits.status.tolist(),
        hits.sizes.tolist(),
        zip(*texts, strict=True) if texts else nothing,
        zip(*amounts, strict=True) if amounts else nothing,
        strict=True,
    )
    for number, second, status, size, keys, values in rows:
        # For each request anew, `strict` would take as long as all of the rest.
        known = zip(measures, values)  # noqa: B905
        yield Request(
            number,
            second,
            status,
            size,
            dict(zip(dimensions, keys)),  # noqa: B905
            {measure: value for measure, value in known if value > UNKNOWN},
        )


def _text_of_each(column: Column) -> list[bytes]:
    """Return the text of each hit."""
    if len(column.texts) > len(column.codes):  # a vocabulary
        return column.texts.take(column.codes).tolist()
    values = column.values
    return [values[code] for code in column.codes.tolist()]

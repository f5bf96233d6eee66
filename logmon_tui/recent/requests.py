"""The requests behind what is shown: the newest, slowest or largest hits of a View's window."""

from collections.abc import Iterable, Iterator

import numpy as np

from logmon_tui.formats.model.hit import UNKNOWN, Measure
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.recent.block import Block
from logmon_tui.recent.packed import Ints, Packed
from logmon_tui.recent.view import Indices, View
from logmon_tui.snapshot import Order, Request


def requests_of(view: View, end: int, order: Order, count: int) -> tuple[Request, ...]:
    """Return up to `count` requests of the window of `view` that ends with the second `end`.

    The newest come in the reverse order of their arrival. The slowest and the largest come by
    their time and size, the newest first where these are equal, without hits that have no time.
    """
    if order is Order.NEWEST:
        return tuple(_newest(view, end, count))
    found: list[tuple[int, Request]] = []
    for block, rows in view.within(end):
        figures = _figures(block, order)
        if figures is not None:
            top = rows[_top(figures.at(rows), count)]
            requests = _requests(view, block, top)
            found += zip(figures.at(top).tolist(), requests, strict=True)
    found.sort(key=lambda each: (each[0], each[1].number), reverse=True)
    return tuple(request for figure, request in found[:count] if figure > UNKNOWN)


def _newest(view: View, end: int, count: int) -> Iterator[Request]:
    for block, rows in reversed(list(view.within(end))):
        newest = rows[::-1][:count]
        yield from _requests(view, block, newest)
        count -= len(newest)
        if not count:
            return


def _figures(block: Block, order: Order) -> Packed | None:
    """Return what the hits of a block are ordered by; None if they do not have it."""
    return block.sizes if order is Order.LARGEST else block.measures.get(Measure.RESPONSE_TIME)


def _top(figures: Ints, count: int) -> Indices:
    """Return the places of the `count` largest figures."""
    return np.argsort(figures, kind="stable")[-count:]


def _requests(view: View, block: Block, rows: Indices) -> Iterator[Request]:
    """Return the hits of a block at `rows`."""
    return requests_in(view.hits_of(block, rows), block.arrivals.at(rows).tolist())


def requests_in(hits: HitBatch, numbers: Iterable[int]) -> Iterator[Request]:
    """Yield the hits of a batch as requests with these numbers."""
    texts = {
        dimension: column.texts.take(column.codes).tolist()
        for dimension, column in hits.columns.items()
    }
    measures = {measure: values.tolist() for measure, values in hits.measures.items()}
    figures = zip(hits.seconds.tolist(), hits.status.tolist(), hits.sizes.tolist(), strict=True)
    for row, (number, (second, status, size)) in enumerate(zip(numbers, figures, strict=True)):
        known = ((measure, values[row]) for measure, values in measures.items())
        yield Request(
            number,
            second,
            status,
            size,
            {dimension: values[row] for dimension, values in texts.items()},
            {measure: value for measure, value in known if value > UNKNOWN},
        )

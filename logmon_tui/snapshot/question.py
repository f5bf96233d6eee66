"""Question: which traffic somebody asks for, apart from what the screen shows. Frozen."""

from typing import NamedTuple

from logmon_tui.filters.language import Filter
from logmon_tui.snapshot.requests import Order


class Question(NamedTuple):
    """Asks for the hits that `where` takes in the `seconds` up to the second `end`.

    Without `seconds` the window is the stats interval, without `end` it is the present one. The
    answer has a graph of `columns` columns, each `step` seconds long, up to the same second or to
    `graph_end`, and the requests of the window in `order`, if these are asked for. Its rankings
    have as many `rows`, without `rows` as many as the screen's.
    """

    where: Filter = Filter()
    seconds: int | None = None
    end: int | None = None
    columns: int = 0
    step: int = 1
    order: Order | None = None
    rows: int | None = None
    graph_end: int | None = None

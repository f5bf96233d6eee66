"""The views of the graph: what its columns show of the traffic, in which units. Pure."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from logmon_tui import units
from logmon_tui.snapshot import GraphColumn
from logmon_tui.tui.paint import chart, stack
from logmon_tui.tui.paint.bands import column as banded

Values = tuple[float, ...]
"""The heights of the bands of one column, from the axis up."""


class Band(NamedTuple):
    """A part of each column: sign, name and colour for the legend, ink, block without colours.

    `ink` is a component class, `colour` one of the theme.
    """

    sign: str
    name: str
    colour: str
    ink: str
    block: str


class GraphView(NamedTuple):
    """What the graph shows. `values` of a column are None if it does not tell them.

    `text` writes a value with its unit, as short as the scale needs it. Of a column's values
    `told` makes those that the legend tells, one for each band. `compared` is the band at whose
    upper edge another time is drawn, `finest` the shortest step in seconds.
    """

    name: str
    bands: tuple[Band, ...]
    values: Callable[[GraphColumn], Values | None]
    text: Callable[[float], str]
    told: Callable[[Values], Sequence[float]]
    column: Callable[[Values, float, int], stack.Column] = banded
    compared: int = -1
    finest: int = 1
    gutter: int = 6
    """Cells left of the graph, for the scale."""

    def height_compared(self, column: GraphColumn) -> float | None:
        """Return where in a graph a column of another time is drawn."""
        values = self.values(column)
        if values is None:
            return None
        return sum(values) if self.compared < 0 else sum(values[: self.compared + 1])


def _rates(column: GraphColumn) -> Values:
    seconds = column.seconds or 1
    return tuple(sum(column.by_class[c] for c in classes) / seconds for classes in chart.STACK)


def _error_shares(column: GraphColumn) -> Values | None:
    if not column.hits:
        return None
    return column.by_class[5] / column.hits, column.by_class[4] / column.hits


def _times(column: GraphColumn) -> Values | None:
    times = column.times
    if times is None:
        return None
    p95, p99 = max(times.p50, times.p95), max(times.p50, times.p95, times.p99)
    return times.p50, p95 - times.p50, p99 - p95


def _bytes(column: GraphColumn) -> Values:
    return (column.bytes / (column.seconds or 1),)


def _clients(column: GraphColumn) -> Values | None:
    return None if column.clients is None else (column.clients,)


def _itself(values: Values) -> Values:
    return values


def _sums(values: Values) -> Values:
    return tuple(sum(values[: band + 1]) for band in range(len(values)))


def short(value: float) -> str:
    """Return a number in four characters, as there is room beside the graph: `250`, `1.5k`."""
    text = units.plain(value)
    return text if len(text) <= 4 else units.size(value).replace(".0", "")


def _bytes_text(value: float) -> str:
    return units.size(value).replace(".0", "")


def _share(value: float) -> str:
    percent = value * 100
    return f"{percent:.0f}%" if percent >= 10 or not percent else f"{percent:.2g}%"


def _seconds(value: float) -> str:
    return units.seconds(value).replace(".0 ", " ").replace(".00 ", " ")


RATE = GraphView(
    "req/s",
    (
        Band("✗", "5xx", "$status-5xx", "status--5xx", "░"),
        Band("!", "4xx", "$status-4xx", "status--4xx", "▒"),
        Band("→", "3xx", "$status-3xx", "status--3xx", "▓"),
        Band("✓", "2xx", "$status-2xx", "status--2xx", "█"),
        Band("", "other", "$foreground 62%", "status--other", "█"),
    ),
    _rates,
    short,
    _itself,
    stack.column,
)
ERRORS = GraphView(
    "share of errors",
    (
        Band("✗", "5xx", "$status-5xx", "status--5xx", "█"),
        Band("!", "4xx", "$status-4xx", "status--4xx", "▒"),
    ),
    _error_shares,
    _share,
    _itself,
    gutter=7,
)
TIMES = GraphView(
    "response time",
    (
        Band("█", "p50", "$primary", "graph--low", "█"),
        Band("▓", "p95", "$primary 80%", "graph--middle", "▓"),
        Band("░", "p99", "$foreground 70%", "graph--high", "░"),
    ),
    _times,
    _seconds,
    _sums,
    compared=1,
    gutter=8,
)
BYTES = GraphView(
    "bytes/s",
    (Band("█", "bytes/s", "$primary", "graph--low", "█"),),
    _bytes,
    _bytes_text,
    _itself,
)
CLIENTS = GraphView(
    "clients a minute",
    (Band("█", "clients a minute", "$primary", "graph--low", "█"),),
    _clients,
    short,
    _itself,
    finest=60,
)

VIEWS = (RATE, ERRORS, TIMES, BYTES, CLIENTS)
"""The views in the order of their key."""

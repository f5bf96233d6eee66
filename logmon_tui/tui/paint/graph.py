"""A graph that is ready to be drawn: the cells of its columns, its scale, its marks. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from textual.geometry import Size

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.monitor.commands import ShowGraph
from logmon_tui.snapshot import Graph, GraphColumn
from logmon_tui.tui.paint import chart, graph_axis, stack
from logmon_tui.tui.paint.chart import TimeAxis
from logmon_tui.tui.paint.graph_views import ERRORS, GraphView, Values

UNKNOWN_PART = -1
"""The part of a cell of a column of which nothing was recorded."""

_LEAST_SHARE = 0.01
"""The least scale of shares: a graph without any errors is not one of 100 %."""


class Drawing(NamedTuple):
    """The columns of a graph with their values, the value at its top, and another time's.

    `compared` are the rows of the other time by column, None where it is not known. `cells` maps
    each cell of the graph's width to its column.
    """

    axis: TimeAxis
    columns: tuple[stack.Column, ...]
    top: float
    values: tuple[Values | None, ...] = ()
    compared: tuple[int | None, ...] = ()
    cells: Sequence[int] = ()
    unknown: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """Its width in cells."""
        return len(self.cells)

    @property
    def columns_of_cells(self) -> list[stack.Column]:
        """The column of each cell."""
        return [self.columns[column] for column in self.cells]

    @property
    def has_compared(self) -> bool:
        """Whether anything is known of the other time."""
        return any(row is not None for row in self.compared)

    def cells_of(self, column: int) -> range:
        """Return the cells of a column."""
        return graph_axis.cells_of(column, len(self.columns), self.width)

    def cells_at(self, second: int | None) -> range:
        """Return the cells of the column that contains a second, none if none does."""
        column = None if second is None else self.axis.column_of(second)
        return range(0) if column is None else self.cells_of(column)

    def compared_cells(self, row: int) -> list[int]:
        """Return the cells of a row in which the other time is drawn."""
        if not self.compared:
            return []
        return [place for place, column in enumerate(self.cells) if self.compared[column] == row]

    def unknown_runs(self, room: int) -> Iterator[int]:
        """Yield where a text of `room` cells is written to say that nothing was recorded."""
        for unknown, run in groupby(
            range(self.width), key=lambda place: self.cells[place] in self.unknown
        ):
            cells = list(run)
            if unknown and len(cells) > room:
                yield cells[0] + (len(cells) - room) // 2

    def told_at(self, column: int | None, view: GraphView) -> Sequence[float] | None:
        """Return what the legend tells of a column, of the newest known one if None."""
        if column is not None:
            values = self.values[column] if column < len(self.values) else None
        else:
            values = next((each for each in reversed(self.values) if each is not None), None)
        return None if values is None else view.told(values)


def live_drawing(
    axis: TimeAxis, rates: Sequence[chart.Rates], threshold: float, top: float, height: int
) -> Drawing:
    """Return the drawing of the last minutes' `rates`; `top` is the scale until now."""
    peak = max((sum(column) for column in rates), default=0.0)
    top = chart.scale(peak, threshold, top)
    columns = tuple(stack.column(each, top, height) for each in rates)
    axis = axis._replace(columns=len(columns))  # of another view none until the graph comes
    return Drawing(axis, columns, top, tuple(rates), cells=range(len(columns)))


def blank_drawing(axis: TimeAxis, height: int) -> Drawing:
    """Return the drawing of columns that have not come yet."""
    return Drawing(axis, (_nothing(height),) * axis.columns, 1.0, cells=range(axis.columns))


def _nothing(height: int) -> stack.Column:
    return stack.Column((stack.EMPTY,) * height, None)


def drawing_of(
    graph: Graph, view: GraphView, size: Size, scale: tuple[float, float], now: int
) -> Drawing:
    """Return the drawing of a graph in `size` cells when log time is `now`.

    `scale` is the threshold to show, 0 for none, and the value at the top until now.
    """
    width, height = size
    axis = TimeAxis(graph.start, graph.step, len(graph.columns))
    values = tuple(
        None if each is None else view.values(_without_future(each, axis, place, now))
        for place, each in enumerate(graph.columns)
    )
    before = [None if each is None else view.height_compared(each) for each in graph.before]
    peak = max((sum(each) for each in values if each is not None), default=0.0)
    peak = max(peak, max((each for each in before if each is not None), default=0.0))
    threshold, top = scale
    top = chart.scale(max(peak, _LEAST_SHARE) if view is ERRORS else peak, threshold, top)
    if view is ERRORS:
        top = min(top, 1.0)
    unknown = stack.Column(
        (stack.Cell(" ", UNKNOWN_PART, None), *[stack.EMPTY] * (height - 1)), None
    )
    nothing = _nothing(height)
    missing = frozenset(place for place, column in enumerate(graph.columns) if column is None)
    columns = tuple(
        view.column(each, top, height)
        if each is not None
        else (unknown if place in missing else nothing)
        for place, each in enumerate(values)
    )
    compared = tuple(None if each is None else _row_of(each, top, height) for each in before)
    cells = graph_axis.columns_of_cells(len(columns), max(width, len(columns)))
    return Drawing(axis, columns, top, values, compared, cells, missing)


def _row_of(value: float, top: float, height: int) -> int:
    return max(0, min(height - 1, int(value / top * height)))


def _without_future(column: GraphColumn, axis: TimeAxis, place: int, now: int) -> GraphColumn:
    """Return the newest column as it is so far: what has not come yet does not make it lower."""
    so_far = now - (axis.start + place * axis.step) + 1
    if column.seconds < axis.step or not 0 < so_far < axis.step:
        return column
    return column._replace(seconds=so_far)


def is_of(graph: Graph, asked: ShowGraph) -> bool:
    """Tell whether a graph is the one that was asked for."""
    if (graph.step, len(graph.columns), graph.offset) != (asked.step, asked.columns, asked.offset):
        return False
    last = graph.start + (asked.columns - 1) * graph.step
    return asked.end is None or last == asked.end // asked.step * asked.step


def marks_of(
    incidents: Iterable[Incident], axis: TimeAxis, deploys: Iterable[int], sign: str
) -> dict[int, tuple[str, str]]:
    """Return sign and ink of what happened, by column: of a fire, else a deploy, else a recovery.

    `deploys` are seconds within the axis; their sign is `sign`.
    """
    marks: dict[int, tuple[str, str]] = {}
    seen = [
        incident
        for incident in incidents
        if incident.recovered_at is None or incident.recovered_at >= axis.start
    ]
    for incident in seen:
        if incident.recovered_at is not None:
            column = axis.column_of(incident.recovered_at)
            if column is not None:
                marks.setdefault(column, ("✓", "alert--recovered"))
    marks |= {(second - axis.start) // axis.step: (sign, "panel--header") for second in deploys}
    for incident in seen:
        column = axis.column_of(incident.triggered_at)
        if column is not None:
            marks[column] = ("▲", "alert--firing")
    return marks

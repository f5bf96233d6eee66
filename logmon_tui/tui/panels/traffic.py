"""The traffic graph: req/s stacked by status class, or another view, with alerts, for any time."""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from msgspec.structs import replace
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.monitor.commands import Command, ShowGraph
from logmon_tui.snapshot import Snapshot, TrafficHistory
from logmon_tui.tui.alerts.incident_text import MARK_SIGN
from logmon_tui.tui.paint import chart, graph_axis, stack
from logmon_tui.tui.paint.cells import Piece, crop, line, right, shown, width_of
from logmon_tui.tui.paint.graph import (
    Drawing,
    blank_drawing,
    drawing_of,
    is_of,
    live_drawing,
    marks_of,
)
from logmon_tui.tui.paint.graph_rows import AxisRows, written
from logmon_tui.tui.paint.graph_views import RATE, GraphView, short
from logmon_tui.tui.paint.keys import TIME_KEYS, TRAFFIC_KEYS
from logmon_tui.tui.paint.time_view import FORMER, TimeView
from logmon_tui.tui.panels.asking import Asking
from logmon_tui.tui.panels.panel import Place

MAX_MARK = 24
"""Maximum cells of a mark's text in the legend."""
TALL = 7
"""Minimum height in cells at which the times get a line of their own."""
COMPARED = "•"
"""Marks where the columns of another time would end."""
UNKNOWN = "·"
"""Marks columns of which nothing was recorded."""
HERE = "┊"
"""Leads from the top of the graph to the column at which one looks."""
NOT_RECORDED = " not recorded "


class Traffic(Asking):
    """The panel of the traffic graph.

    Public attributes, which the program sets with `look`: `time` says which time it shows, `view`
    what of the traffic.
    """

    NAME = PanelName.TRAFFIC
    TITLE = "Traffic"
    KEYS = ("1",)
    PLACE = Place.LEFT
    BINDINGS: ClassVar[list[BindingType]] = [
        *TRAFFIC_KEYS.bindings,
        *(
            Binding(each.key, f"app.{each.action}", each.description, show=False)
            for each in TIME_KEYS.bindings
        ),
    ]

    class MarkOpened(Message):
        """The user wants to see the traffic around a mark; None if there is none."""

        def __init__(self, mark: Mark | None) -> None:
            super().__init__()
            self.mark = mark

    def __init__(self) -> None:
        self.time = TimeView()
        self.view: GraphView = RATE
        super().__init__()
        self._top = 0.0
        self._height = 0
        self._measured_for = Size()
        self._rates: tuple[TrafficHistory, chart.TimeAxis, Sequence[chart.Rates]] | None = None
        self._drawing = Drawing(chart.TimeAxis(0, 1, 0), (), 1.0)

    # What is shown

    def look(self, time: TimeView, view: GraphView) -> None:
        """Show another time or another view."""
        if view is not self.view or time.zoom != self.time.zoom:
            self._top = 0.0  # the scale of another graph
        self.time, self.view = time, view
        self.ask()
        if self.display:
            self.arrange_items()
            self.repaint()

    @property
    def room(self) -> int:
        """The width of the graph in cells, 0 while it has none."""
        return max(0, self.view_size.width - self._gutter) if self.display else 0

    def on_resize(self, _event: Resize) -> None:
        """Ask for as many columns as have room; Textual calls the base class's handler as well."""
        self.ask()

    @property
    def _now(self) -> int:
        return int(self.snapshot.log_time or 0)

    @property
    def _is_usual(self) -> bool:
        """Whether every picture has what the graph shows, so that it need not be asked for."""
        time = self.time
        usual = time.is_live and not time.zoom and time.compared is None
        return usual and self.view is RATE

    def wish(self, *, seen: bool) -> Command:
        """Return the command for the columns that the graph shows."""
        if not seen or self._is_usual or self.snapshot.log_time is None:
            return ShowGraph()
        time, now = replace(self.time, width=self.room), self._now
        axis = time.axis(now)
        return ShowGraph(axis.columns, axis.step, time.end, time.offset(now))

    def has_wanted(self, snapshot: Snapshot) -> bool:
        """Tell whether the columns are those asked for."""
        asked = self._asked
        if not isinstance(asked, ShowGraph) or not asked.columns:
            return True
        return snapshot.graph is not None and is_of(snapshot.graph, asked)

    def part(self, snapshot: Snapshot) -> object:
        """Return the columns, the threshold, the times of incidents, and the marks to show.

        A column covers several seconds, so for an idle log this changes only that often. Incidents
        themselves change each second while they fire, as their evidence grows.
        """
        filtered = bool(snapshot.scope.where)
        alerts = snapshot.alerts
        times = [(each.triggered_at, each.recovered_at) for each in alerts.incidents]
        told = alerts.threshold, times, snapshot.marks, filtered
        if not self._is_usual and snapshot.graph is not None:
            return snapshot.graph, *told
        axis = self._live_axis(self.view_size)
        return axis, self._live_rates(axis), *told

    def detail(self) -> str:
        """Return view and time of the graph."""
        name, graph = self.view.name, self.snapshot.graph
        if self.snapshot.scope.where:
            unknown = not self._is_usual and graph is not None and not graph.filtered
            name += " of all hits" if unknown else " that pass the filter"
        axis = self._drawing.axis if self._measured_for else self._live_axis(self.view_size)
        if not axis.step * axis.columns:
            return name
        span = graph_axis.span_text(axis.step * axis.columns)
        if self.time.is_live:
            return f"{name}, last {span}"
        end = min(axis.start + axis.step * axis.columns, self._now)
        return f"{name}, {span} until {graph_axis.until_text(end, axis.step * axis.columns)}"

    def legend(self) -> Content:
        """Return threshold, other time and the bands, as many of them as fit."""
        room = self.view_size.width - 4
        bands = self._bands_legend()
        parts = [(each, "$foreground") for each in self._compared_legend()]
        if self.view is RATE:
            sign = "↑" if self._threshold_row is None else "╌"
            text = f"{sign} threshold {units.plain(self.snapshot.alerts.threshold)} req/s"
            parts.append((text + " of all hits" * bool(self.snapshot.scope.where), "$accent"))
        newest = self._marks_on(self._drawing.axis)[-1:]
        parts += [
            (f"{MARK_SIGN} {crop(shown(each.text), MAX_MARK)}", "$primary") for each in newest
        ]
        content = bands
        for part in parts:
            longer = Content.assemble(part, "  ", content)
            if width_of(longer.plain) <= room:
                content = longer
        return content

    def _bands_legend(self) -> Content:
        bands = [band for band in self.view.bands if band.name != "other"]
        if self.view is RATE:
            texts = [(f"{each.sign} {each.name}", each.colour) for each in reversed(bands)]
        else:
            told = self._drawing.told_at(self._cursor_column, self.view)
            values = [""] * len(bands) if told is None else [f" {self.view.text(v)}" for v in told]
            texts = [
                (f"{each.sign} {each.name}{value}", each.colour)
                for each, value in zip(bands, values, strict=True)
            ]
        return Content("  ").join([Content.styled(text, colour) for text, colour in texts])

    def _compared_legend(self) -> list[str]:
        if self.time.compared is None:
            return []
        unknown = "" if self._drawing.has_compared else ": not recorded"
        return [f"{COMPARED} {FORMER[self.time.compared]}{unknown}"]

    def action_open_mark(self) -> None:
        """Ask for the window of the newest mark, of those until where one looks if that is past."""
        marks = self.snapshot.marks
        if not self.time.is_live:
            until = replace(self.time, width=self.room).column(self._now).stop
            marks = tuple(each for each in marks if each.second < until) or marks
        self.post_message(self.MarkOpened(next(reversed(marks), None)))

    def _marks_on(self, axis: chart.TimeAxis) -> list[Mark]:
        """Return the marks that lie within the graph."""
        return [each for each in self.snapshot.marks if axis.column_of(each.second) is not None]

    # Drawing

    def arrange_items(self) -> None:
        """Find the columns and the scale."""
        self._measure(self.view_size)
        super().arrange_items()

    def paint(self, size: Size) -> list[Strip]:
        """Draw the columns, the threshold, the axis and its times."""
        if size != self._measured_for:
            self._measure(size)
        width = size.width
        blank = size.height - self._height - (2 if size.height >= TALL else 1)
        rows = [Strip.blank(width, self.ink(""))] * max(0, blank)
        pieces: dict[tuple[stack.Cell, bool], Piece] = {}
        columns = (column.cells for column in self._drawing.columns_of_cells)
        cells = list(zip(*columns, strict=True)) or [()] * self._height
        rows += [self._row(row, cells[row], pieces, width) for row in reversed(range(self._height))]
        axis = AxisRows(self, self.view, self._drawing, self.time.at, self._gutter)
        deploys = [each.second for each in self._marks_on(self._drawing.axis)]
        marks = marks_of(self.snapshot.alerts.incidents, self._drawing.axis, deploys, MARK_SIGN)
        return [*rows, *axis.lines(width, marks, separate=size.height >= TALL)][: size.height]

    def _live_axis(self, size: Size) -> chart.TimeAxis:
        history = self.snapshot.traffic
        last = history.start + len(history.seconds) - 1
        return chart.time_axis(last, max(0, size.width - self._gutter))

    def _live_rates(self, axis: chart.TimeAxis) -> Sequence[chart.Rates]:
        """Return the rates of the present traffic, which are asked for twice a picture."""
        traffic, known = self.snapshot.traffic, self._rates
        if known is None or known[0] is not traffic or known[1] != axis:
            known = self._rates = traffic, axis, chart.column_rates(traffic, axis)
        return known[2]

    def _measure(self, size: Size) -> None:
        """Find axis, scale and columns for a view of this size."""
        self._measured_for = size
        height = max(1, size.height - (2 if size.height >= TALL else 1))
        # With an even height, the middle is on a cell's edge and its label is a round number.
        self._height = height - height % 2 if height >= TALL else height
        snapshot, room = self.snapshot, max(0, size.width - self._gutter)
        threshold = snapshot.alerts.threshold if self.view is RATE else 0.0
        if self._is_usual or snapshot.graph is None:
            axis = self._live_axis(size)
            self._drawing = blank_drawing(axis, self._height)
            if self.view is RATE:
                rates = self._live_rates(axis)
                self._drawing = live_drawing(axis, rates, threshold, self._top, self._height)
        else:
            view_size, scale = Size(room, self._height), (threshold, self._top)
            self._drawing = drawing_of(snapshot.graph, self.view, view_size, scale, self._now)
        self._top = self._drawing.top

    @property
    def _gutter(self) -> int:
        return self.view.gutter - (self.view_size.width < 40)

    @property
    def _cursor_column(self) -> int | None:
        """The column at which one looks, None for the present and for one that is not shown."""
        return None if self.time.at is None else self._drawing.axis.column_of(self.time.at)

    @property
    def _cursor_cells(self) -> range:
        return self._drawing.cells_at(self.time.at)

    @property
    def _threshold_row(self) -> int | None:
        """The row that the threshold crosses; None if it lies above the graph, or has none."""
        threshold = self.snapshot.alerts.threshold
        if self.view is not RATE or threshold > self._top:
            return None
        row = math.floor(threshold / self._top * self._height)
        return min(self._height - 1, row)

    def _row(
        self,
        row: int,
        cells: Sequence[stack.Cell],
        known: dict[tuple[stack.Cell, bool], Piece],
        width: int,
    ) -> Strip:
        """Draw one row of cells; `known` caches the pieces of cells that were drawn before."""
        crossing = row == self._threshold_row
        pieces: list[Piece] = []
        for cell in cells:
            piece = known.get((cell, crossing))
            if piece is None:
                piece = known[cell, crossing] = self._cell(cell, crossing=crossing)
            pieces.append(piece)
        self._overlay(row, cells, pieces)
        # Equal cells are one object, so runs of them are found by identity.
        runs = (list(run) for _, run in groupby(pieces, key=id))
        joined = [(run[0][0] * len(run), run[0][1]) for run in runs]
        return line([self._y_label(row), *joined], width, self.ink(""))

    def _overlay(self, row: int, cells: Sequence[stack.Cell], pieces: list[Piece]) -> None:
        """Draw what lies over the columns: the other time, and where one looks."""
        if row == self._height // 2:
            for place in self._drawing.unknown_runs(len(NOT_RECORDED)):
                written(pieces, place, NOT_RECORDED, self.ink("panel--dim"))
        for place in self._drawing.compared_cells(row):
            cell = cells[place]
            colour = None if cell == stack.EMPTY or cell.part < 0 else self._band_ink(cell.part)
            if colour is not None and cell.glyph != "█" and cell.behind is None:
                colour = None  # the free part of the cell is larger or as large
            back = Style() if colour is None else Style(bgcolor=colour.color)
            pieces[place] = (COMPARED, self.ink("graph--compared") + back)
        for place in self._cursor_cells:
            if cells[place] == stack.EMPTY and pieces[place][0] in " ╌":
                pieces[place] = (HERE, self.ink("time--past"))

    def _y_label(self, row: int) -> Piece:
        gutter, threshold_row = self._gutter - 2, self._threshold_row
        threshold = "" if threshold_row is None else short(self.snapshot.alerts.threshold)
        if row == threshold_row:
            return (right(threshold, gutter) + " ┤", self.ink("alert--threshold"))
        every = self._height // 2 if self._height >= 4 and self._height % 2 == 0 else self._height
        text = self.view.text(self._top * (row + 1) / self._height)
        if (row + 1) % every or text == threshold:  # a threshold on the edge of two rows
            return (" " * gutter + " │", self.ink("panel--dim"))
        return (right(text, gutter) + " ┤", self.ink("panel--dim"))

    def _band_ink(self, part: int) -> Style:
        return self.ink(self.view.bands[part].ink)

    def _cell(self, cell: stack.Cell, *, crossing: bool) -> Piece:
        """Return the piece of a cell; the threshold crosses it only if that hides no colour."""
        if cell == stack.EMPTY:
            return ("╌", self.ink("alert--threshold")) if crossing else (" ", self.ink(""))
        if cell.part < 0:
            return (UNKNOWN, self.ink("panel--dim"))
        ink = self._band_ink(cell.part)
        if cell.behind is not None:
            return (cell.glyph, ink + Style(bgcolor=self._band_ink(cell.behind).color))
        if cell.glyph != "█":
            return (cell.glyph, ink)
        if crossing:
            return ("╌", self.ink("alert--threshold") + Style(bgcolor=ink.color))
        return (self.view.bands[cell.part].block if self.app.no_color else cell.glyph, ink)

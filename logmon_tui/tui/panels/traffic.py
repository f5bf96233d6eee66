"""The traffic graph: req/s stacked by status class, with the threshold and the alerts."""

import math
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.incident_text import MARK_SIGN
from logmon_tui.tui.paint import chart, stack
from logmon_tui.tui.paint.cells import Piece, crop, line, right, shown, width_of
from logmon_tui.tui.paint.keys import TRAFFIC_KEYS
from logmon_tui.tui.panels.panel import Panel, Place

MAX_MARK = 24
"""Maximum cells of a mark's text in the legend."""
TALL = 7
"""Minimum height in cells at which the times get a line of their own."""
NO_COLOUR_GLYPHS = ("░", "▒", "▓", "█", "█")
BELOW = "▔"
"""Marks errors below the axis when their column has no cell left to show them."""


class Traffic(Panel):
    """The panel of the traffic graph."""

    NAME = PanelName.TRAFFIC
    TITLE = "Traffic"
    KEYS = ("1",)
    PLACE = Place.LEFT
    BINDINGS: ClassVar[list[BindingType]] = list(TRAFFIC_KEYS.bindings)
    CLASSES = Content.assemble(
        ("✓ 2xx", "$status-2xx"),
        ("  → 3xx", "$status-3xx"),
        ("  ! 4xx", "$status-4xx"),
        ("  ✗ 5xx", "$status-5xx"),
    )

    class MarkOpened(Message):
        """The user wants to see the traffic around the newest mark; None if there is none."""

        def __init__(self, mark: Mark | None) -> None:
            super().__init__()
            self.mark = mark

    def __init__(self) -> None:
        super().__init__()
        self._top = 0.0
        self._axis = chart.TimeAxis(0, 1, 0)
        self._columns: list[stack.Column] = []
        self._height = 0
        self._measured_for = Size()

    def part(self, snapshot: Snapshot) -> object:
        """Return the columns, the threshold, the times of incidents, and the marks to show.

        A column covers several seconds, so for an idle log this changes only that often. Incidents
        themselves change each second while they fire, as their evidence grows.
        """
        axis = self._time_axis(self.view_size)
        rates = chart.column_rates(snapshot.traffic, axis)
        filtered = bool(snapshot.scope.where)
        alerts, marks = snapshot.alerts, self._marks_on(axis)
        times = [(each.triggered_at, each.recovered_at) for each in alerts.incidents]
        return axis, rates, alerts.threshold, times, marks, filtered

    def detail(self) -> str:
        """Return the span of time that the graph shows."""
        axis = self._time_axis(self.view_size)
        span = axis.step * axis.columns
        unit = "req/s that pass the filter" if self.snapshot.scope.where else "req/s"
        return f"{unit}, last {max(1, span // 60)} min" if span else unit

    def legend(self) -> Content:
        """Return the classes' colours, after the threshold: its line, or ↑ if above the graph."""
        sign = "↑" if self._threshold_row is None else "╌"
        threshold = f"{sign} threshold {units.plain(self.snapshot.alerts.threshold)} req/s"
        if self.snapshot.scope.where:
            threshold += " of all hits"
        room = self.view_size.width - len(self.CLASSES.plain) - 4
        if len(threshold) > room:
            return self.CLASSES
        legend = Content.assemble((threshold, "$accent"), "  ", self.CLASSES)
        for mark in self._marks_on(self._time_axis(self.view_size))[-1:]:
            text = f"{MARK_SIGN} {crop(shown(mark.text), MAX_MARK)}"
            if width_of(text) + 2 <= room - len(threshold):
                return Content.assemble((text, "$primary"), "  ", legend)
        return legend

    def action_open_mark(self) -> None:
        """Ask for the window of the newest mark."""
        self.post_message(self.MarkOpened(next(reversed(self.snapshot.marks), None)))

    def _marks_on(self, axis: chart.TimeAxis) -> list[Mark]:
        """Return the marks that lie within the graph."""
        return [each for each in self.snapshot.marks if axis.column_of(each.second) is not None]

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
        columns = (column.cells for column in self._columns)
        cells = list(zip(*columns, strict=True)) or [()] * self._height
        rows += [self._row(row, cells[row], pieces, width) for row in reversed(range(self._height))]
        return [*rows, *self._axis_lines(size)][: size.height]

    def _time_axis(self, size: Size) -> chart.TimeAxis:
        history = self.snapshot.traffic
        last = history.start + len(history.seconds) - 1
        return chart.time_axis(last, max(0, size.width - self._gutter))

    def _measure(self, size: Size) -> None:
        """Find axis, scale and columns for a view of this size."""
        self._measured_for = size
        height = max(1, size.height - (2 if size.height >= TALL else 1))
        # With an even height, the middle is on a cell's edge and its label is a round number.
        self._height = height - height % 2 if height >= TALL else height
        self._axis = self._time_axis(size)
        rates = chart.column_rates(self.snapshot.traffic, self._axis)
        peak = max((sum(column) for column in rates), default=0.0)
        self._top = chart.scale(peak, self.snapshot.alerts.threshold, self._top)
        self._columns = [stack.column(each, self._top, self._height) for each in rates]

    @property
    def _gutter(self) -> int:
        return 6 if self.view_size.width >= 40 else 5

    @property
    def _threshold_row(self) -> int | None:
        """The row that the threshold crosses; None if it lies above the graph."""
        threshold = self.snapshot.alerts.threshold
        if threshold > self._top:
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
        # Equal cells are one object, so runs of them are found by identity.
        runs = (list(run) for _, run in groupby(pieces, key=id))
        joined = [(run[0][0] * len(run), run[0][1]) for run in runs]
        return line([self._y_label(row), *joined], width, self.ink(""))

    def _y_label(self, row: int) -> Piece:
        gutter = self._gutter - 2
        if row == self._threshold_row:
            text = units.plain(self.snapshot.alerts.threshold)
            return (right(text, gutter) + " ┤", self.ink("alert--threshold"))
        every = self._height // 2 if self._height >= 4 and self._height % 2 == 0 else self._height
        if (row + 1) % every:
            return (" " * gutter + " │", self.ink("panel--dim"))
        text = units.plain(self._top * (row + 1) / self._height)
        return (right(text, gutter) + " ┤", self.ink("panel--dim"))

    def _cell(self, cell: stack.Cell, *, crossing: bool) -> Piece:
        """Return the piece of a cell; the threshold crosses it only if that hides no colour."""
        if cell == stack.EMPTY:
            return ("╌", self.ink("alert--threshold")) if crossing else (" ", self.ink(""))
        ink = self.ink(chart.INKS[cell.part])
        if cell.behind is not None:
            return (cell.glyph, ink + Style(bgcolor=self.ink(chart.INKS[cell.behind]).color))
        if cell.glyph != "█":
            return (cell.glyph, ink)
        if crossing:
            return ("╌", self.ink("alert--threshold") + Style(bgcolor=ink.color))
        return (NO_COLOUR_GLYPHS[cell.part] if self.app.no_color else cell.glyph, ink)

    def _axis_lines(self, size: Size) -> list[Strip]:
        """Draw the axis with its marks and the times: below the axis, or on it if room is short."""
        axis, dim = self._axis, self.ink("panel--dim")
        separate = size.height >= TALL
        marks = self._marks()
        ticks = [("─", dim)] * axis.columns
        times = [(" ", dim)] * axis.columns
        labelled = chart.labelled(axis) if self.snapshot.traffic.seconds else []
        for place, drawn in enumerate(self._columns):
            if drawn.below is not None:
                ticks[place] = (BELOW, self.ink(chart.INKS[drawn.below]))
        for column, _ in labelled:
            ticks[column] = ("┬", dim)
        named = [
            (column, time.strftime("%H:%M", time.gmtime(second))) for column, second in labelled
        ]
        if separate:
            for column, text in named:
                self._write(times, column - len(text) // 2, text)
        else:
            for begin, text in places_of_times(named, axis.columns, marks):
                self._write(ticks, begin, text)
        for column, mark in marks.items():
            ticks[column] = mark
        gutter = self._gutter
        lines = [line([(" " * (gutter - 3) + "0 └", dim), *ticks], size.width, self.ink(""))]
        if separate:
            lines.append(line([(" " * gutter, dim), *times], size.width, self.ink("")))
        return lines

    def _write(self, cells: list[Piece], begin: int, text: str) -> None:
        """Write a time from cell `begin` on, if it fits whole."""
        if begin >= 0 and begin + len(text) <= len(cells):
            cells[begin : begin + len(text)] = [(char, self.ink("panel--dim")) for char in text]

    def _marks(self) -> dict[int, Piece]:
        """Return the signs on the axis by column: of a fire, else of a mark, else of a recovery."""
        marks: dict[int, Piece] = {}
        start = self._axis.start
        for each in self._marks_on(self._axis):
            marks[(each.second - start) // self._axis.step] = (MARK_SIGN, self.ink("panel--header"))
        incidents = [
            incident
            for incident in self.snapshot.alerts.incidents
            if incident.recovered_at is None or incident.recovered_at >= start
        ]
        for incident in incidents:
            if incident.recovered_at is not None:
                column = self._axis.column_of(incident.recovered_at)
                if column is not None:
                    marks.setdefault(column, ("✓", self.ink("alert--recovered")))
        for incident in incidents:
            column = self._axis.column_of(incident.triggered_at)
            if column is not None:
                marks[column] = ("▲", self.ink("alert--firing"))
        return marks


def places_of_times(
    times: Iterable[tuple[int, str]], columns: int, marks: Collection[int]
) -> Iterator[tuple[int, str]]:
    """Yield column and text of the times that fit into the row of ticks and alert marks.

    `times` are texts with the columns of their ticks. A time goes after its tick, or else before
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

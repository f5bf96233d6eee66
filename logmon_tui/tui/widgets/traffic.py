"""The traffic graph: req/s stacked by status class, with the threshold and the alerts."""

import math
import time
from collections.abc import Sequence
from itertools import groupby

from rich.style import Style
from textual.content import Content
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui import numbers
from logmon_tui.config import Panel as PanelName
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui import chart
from logmon_tui.tui.cells import Piece, line, right
from logmon_tui.tui.widgets.panel import Panel

TALL = 7  # From this height on the times get a line of their own.
NO_COLOUR_GLYPHS = ("░", "▒", "▓", "█", "█")


class Traffic(Panel):
    """The panel of the traffic graph."""

    NAME = PanelName.TRAFFIC
    LEGEND = Content.assemble(
        ("✓ 2xx", "$status-2xx"),
        ("  → 3xx", "$status-3xx"),
        ("  ! 4xx", "$status-4xx"),
        ("  ✗ 5xx", "$status-5xx"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._top = 0.0
        self._axis = chart.TimeAxis(0, 1, 0)
        self._ends: list[tuple[int, ...]] = []
        self._height = 0

    def part(self, snapshot: Snapshot) -> object:
        """Return the columns, the threshold, and the incidents to mark."""
        return snapshot.traffic, snapshot.alerts.threshold, snapshot.alerts.incidents

    def detail(self) -> str:
        """Return how far back the graph goes."""
        axis = self._time_axis(self.view_size)
        span = axis.step * axis.columns
        return f"req/s, last {max(1, span // 60)} min" if span else "req/s"

    def paint(self, size: Size) -> list[Strip]:
        """Draw the columns, the threshold, the axis and its times."""
        self._measure(size)
        width = size.width
        blank = size.height - self._height - (2 if size.height >= TALL else 1)
        rows = [Strip.blank(width, self.ink(""))] * max(0, blank)
        pieces: dict[tuple[chart.Cell, bool], Piece] = {}
        columns = [chart.column_cells(ends, self._height) for ends in self._ends]
        cells = list(zip(*columns, strict=True)) or [()] * self._height
        rows += [self._row(row, cells[row], pieces, width) for row in reversed(range(self._height))]
        return [*rows, *self._axis_lines(size)][: size.height]

    def _time_axis(self, size: Size) -> chart.TimeAxis:
        history = self.snapshot.traffic
        last = history.start + len(history.seconds) - 1
        return chart.time_axis(last, max(0, size.width - self._gutter))

    def _measure(self, size: Size) -> None:
        """Find the columns and the scale."""
        height = max(1, size.height - (2 if size.height >= TALL else 1))
        # An even height has its middle, and so a round number to label there, on a cell's edge.
        self._height = height - height % 2 if height >= TALL else height
        self._axis = self._time_axis(size)
        rates = chart.column_rates(self.snapshot.traffic, self._axis)
        peak = max((sum(column) for column in rates), default=0.0)
        self._top = chart.scale(peak, self.snapshot.alerts.threshold, self._top)
        self._ends = [chart.boundaries(column, self._top, self._height) for column in rates]

    @property
    def _gutter(self) -> int:
        return 6 if self.view_size.width >= 40 else 5

    @property
    def _threshold_row(self) -> int | None:
        """The row that the threshold crosses; None where it lies above the graph."""
        threshold = self.snapshot.alerts.threshold
        if threshold > self._top:
            return None
        row = math.floor(threshold / self._top * self._height)
        return min(self._height - 1, row)

    def _row(
        self,
        row: int,
        cells: Sequence[chart.Cell],
        known: dict[tuple[chart.Cell, bool], Piece],
        width: int,
    ) -> Strip:
        """Draw one row of cells; `known` holds how cells look that were met before."""
        crossing = row == self._threshold_row
        pieces: list[Piece] = []
        for cell in cells:
            piece = known.get((cell, crossing))
            if piece is None:
                piece = known[cell, crossing] = self._cell(cell, crossing=crossing)
            pieces.append(piece)
        self._write_threshold(pieces, row)
        # Equal cells are one object, so runs of them are found by identity.
        runs = (list(run) for _, run in groupby(pieces, key=id))
        joined = [(run[0][0] * len(run), run[0][1]) for run in runs]
        return line([self._y_label(row), *joined], width, self.ink(""))

    def _y_label(self, row: int) -> Piece:
        gutter = self._gutter - 2
        if row == self._threshold_row:
            text = numbers.plain(self.snapshot.alerts.threshold)
            return (right(text, gutter) + " ┤", self.ink("alert--threshold"))
        every = self._height // 2 if self._height >= 4 and self._height % 2 == 0 else self._height
        if (row + 1) % every:
            return (" " * gutter + " │", self.ink("panel--dim"))
        text = numbers.plain(self._top * (row + 1) / self._height)
        return (right(text, gutter) + " ┤", self.ink("panel--dim"))

    def _cell(self, cell: chart.Cell, *, crossing: bool) -> Piece:
        ink = self.ink(chart.INKS[cell.part]) if cell.glyph != " " else self.ink("")
        if crossing:
            line_ink = self.ink("alert--threshold")
            if cell.glyph == "█" or cell.behind is not None:
                return ("╌", line_ink + Style(bgcolor=ink.color))
            return (
                "╌" if cell.glyph in " ▁▂▃" else cell.glyph,
                line_ink if cell.glyph in " ▁▂▃" else ink,
            )
        if cell.behind is not None:
            ink += Style(bgcolor=self.ink(chart.INKS[cell.behind]).color)
        elif self.app.no_color and cell.glyph == "█":
            return (NO_COLOUR_GLYPHS[cell.part], ink)
        return (cell.glyph, ink)

    def _write_threshold(self, pieces: list[Piece], row: int) -> None:
        """Write the threshold's name on its line, or an arrow to it at the top."""
        threshold = f"threshold {numbers.plain(self.snapshot.alerts.threshold)} req/s"
        above = self._threshold_row is None and row == self._height - 1
        if not above and row != self._threshold_row:
            return
        text = f" ↑ {threshold} " if above else f" {threshold} "
        if len(pieces) < len(text) + 4:
            text = text.replace(" req/s", "").replace("threshold ", "")
        if len(pieces) >= len(text) + 4:
            ink = self.ink("alert--threshold")
            pieces[3 : 3 + len(text)] = [(char, ink) for char in text]

    def _axis_lines(self, size: Size) -> list[Strip]:
        axis, dim = self._axis, self.ink("panel--dim")
        separate = size.height >= TALL
        ticks = [("─", dim)] * axis.columns
        times = [(" ", dim)] * axis.columns
        marks = self._marks()
        for column, second in chart.labelled(axis) if self.snapshot.traffic.seconds else ():
            ticks[column] = ("┬", dim)
            if separate or not marks.keys() & set(range(column - 2, column + 3)):
                self._write_time(times if separate else ticks, column, second)
        for column, mark in marks.items():
            ticks[column] = mark
        gutter = self._gutter
        lines = [line([(" " * (gutter - 3) + "0 └", dim), *ticks], size.width, self.ink(""))]
        if separate:
            lines.append(line([(" " * gutter, dim), *times], size.width, self.ink("")))
        return lines

    def _write_time(self, cells: list[Piece], column: int, second: int) -> None:
        """Write the time of day around its column, where it fits whole."""
        text = time.strftime("%H:%M", time.gmtime(second))
        begin = column - 2
        if begin >= 0 and begin + len(text) <= len(cells):
            cells[begin : begin + len(text)] = [(char, self.ink("panel--dim")) for char in text]

    def _marks(self) -> dict[int, Piece]:
        """Return the alert marks by column; an alert that fires wins over one that recovers."""
        marks: dict[int, Piece] = {}
        start = self._axis.start
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

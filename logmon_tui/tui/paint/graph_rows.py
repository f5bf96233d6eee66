"""The rows below a graph: the axis with its marks, the times, and where one looks."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import NamedTuple

from rich.style import Style
from textual.strip import Strip

from logmon_tui.tui.paint import graph_axis
from logmon_tui.tui.paint.cells import Piece, line
from logmon_tui.tui.paint.graph import Drawing
from logmon_tui.tui.paint.graph_views import GraphView
from logmon_tui.tui.paint.painted import Painted

BELOW = "▔"
"""Marks errors below the axis when their column has no cell left to show them."""


class AxisRows(NamedTuple):
    """Draws in the styles of `widget`; `at` is the second at which one looks, if past.

    `gutter` cells left of the graph are for its scale.
    """

    widget: Painted
    view: GraphView
    drawing: Drawing
    at: int | None
    gutter: int

    def lines(
        self, width: int, marks: Mapping[int, tuple[str, str]], *, separate: bool
    ) -> list[Strip]:
        """Return the axis, with times on it, or below it if these are to stand `separate`.

        `marks` are signs by column, each with the name of its ink.
        """
        base, dim = self.widget.ink(""), self.widget.ink("panel--dim")
        cells = {self.drawing.cells_of(column).start: mark for column, mark in marks.items()}
        ticks, ticked = self._ticks()
        times = [(" ", dim)] * self.drawing.width
        if separate:
            self._write_below(times, ticked)
        else:
            self._write_between(ticks, ticked, cells)
        for place, (sign, ink) in cells.items():
            ticks[place] = (sign, self.widget.ink(ink))
        past = self.widget.ink("time--past") + Style(reverse=True)
        for place in self._here:
            ticks[place] = (ticks[place][0], past)
        rows = [line([(" " * (self.gutter - 3) + "0 └", dim), *joined(ticks)], width, base)]
        if separate:
            rows.append(line([(" " * self.gutter, dim), *joined(times)], width, base))
        return rows

    @property
    def _here(self) -> range:
        return self.drawing.cells_at(self.at)

    def _ticks(self) -> tuple[list[Piece], list[tuple[int, str]]]:
        """Return the axis, with its ticks, and the times of the ticks by their cells."""
        drawing, dim = self.drawing, self.widget.ink("panel--dim")
        ticks = [("─", dim)] * drawing.width
        ticked = graph_axis.labelled(drawing.axis, drawing.width) if drawing.axis.start > 0 else []
        for place, drawn in enumerate(drawing.columns_of_cells):
            if drawn.below is not None:
                ticks[place] = (BELOW, self.widget.ink(self.view.bands[drawn.below].ink))
        for place, _ in ticked:
            ticks[place] = ("┬", dim)
        return ticks, ticked

    def _write_below(self, times: list[Piece], ticked: list[tuple[int, str]]) -> None:
        """Write the times below their ticks, those that leave room for where one looks."""
        here, taken = self._here, range(0)
        if here and self.at is not None:
            text = f" {graph_axis.cursor_text(self.at, self.drawing.axis.step)} "
            begin = (here.start + here.stop - len(text)) // 2
            begin = max(0, min(begin, len(times) - len(text)))
            written(times, begin, text, self.widget.ink("time--past") + Style(reverse=True))
            taken = range(begin - 1, begin + len(text) + 1)
        for place, text in ticked:
            begin = place - len(text) // 2
            if not set(taken).intersection(range(begin, begin + len(text))):
                written(times, begin, text, self.widget.ink("panel--dim"))

    def _write_between(
        self, ticks: list[Piece], ticked: list[tuple[int, str]], marks: Mapping[int, object]
    ) -> None:
        """Write the times between the ticks; first that at which one looks."""
        width, here, taken = len(ticks), self._here, {*marks, *self._here}
        label = range(0)
        if here and self.at is not None:
            text = graph_axis.cursor_text(self.at, self.drawing.axis.step)
            tries = [[(here.stop - 1, text)], [(here.start, text)]]
            found = (graph_axis.places_of_times(each, width, taken) for each in tries)
            begin = next((begin for places in found for begin, _ in places), None)
            if begin is not None:
                written(ticks, begin, text, self.widget.ink("time--past"))
                label = range(begin - 1, begin + len(text) + 1)
        free = [each for each in ticked if each[0] not in label]
        for begin, text in graph_axis.places_of_times(free, width, {*taken, *label}):
            written(ticks, begin, text, self.widget.ink("panel--dim"))


def written(cells: list[Piece], begin: int, text: str, ink: Style) -> None:
    """Write a text from cell `begin` on, if it fits whole."""
    if begin >= 0 and begin + len(text) <= len(cells):
        cells[begin : begin + len(text)] = [(char, ink) for char in text]


def joined(cells: Iterable[Piece]) -> list[Piece]:
    """Return the cells with neighbours of the same ink in one piece: pieces take time, not cells.

    The same ink is one object, as `Painted.ink` keeps them.
    """
    runs = (list(run) for _, run in groupby(cells, key=lambda cell: id(cell[1])))
    return [("".join(text for text, _ in run), run[0][1]) for run in runs]

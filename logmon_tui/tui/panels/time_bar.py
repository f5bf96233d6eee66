"""TimeBar: which past moment the panels show, and what is known of it; hidden while live."""

from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.snapshot import Known, Moment, Snapshot
from logmon_tui.tui.paint.cells import Piece, line
from logmon_tui.tui.paint.graph_axis import day_text, time_text
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.paint.parts import Part, fitted
from logmon_tui.tui.paint.time_view import Asked

_KNOWN = {
    Known.HITS: "every hit is known",
    Known.MINUTES: "the top keys of each minute are known",
    Known.HOURS: "the top keys of each hour are known",
    Known.NOTHING: "nothing recorded then",
}
_SHORT = {
    Known.HITS: "every hit",
    Known.MINUTES: "top keys of minutes",
    Known.HOURS: "top keys of hours",
    Known.NOTHING: "nothing recorded",
}
_WIDE = 100
"""Minimum width in cells at which words are not shortened."""


def covers(moment: Moment | None, asked: Asked | None) -> bool:
    """Tell whether what a Snapshot shows is the moment that was asked for.

    Minutes and hours are shown whole, though only a part of them was asked for.
    """
    if moment is None or asked is None:
        return moment is None and asked is None
    if moment.known is Known.HITS:
        return (moment.end, moment.seconds) == tuple(asked)
    begin, wanted = moment.end - moment.seconds + 1, asked.end - asked.seconds + 1
    return begin <= wanted and asked.end <= moment.end


class TimeBar(Painted):
    """The line under the header about the past moment that is shown, in a colour of its own."""

    def __init__(self) -> None:
        super().__init__(id="time-bar")
        self._asked: Asked | None = None
        self.display = False

    def look(self, asked: Asked | None) -> None:
        """Show another moment, which the Snapshots may not have yet; None for the present."""
        if asked == self._asked:
            return
        self._asked = asked
        self.display = asked is not None
        self.repaint()

    def part(self, snapshot: Snapshot) -> object:
        """Return what is known of the moment."""
        return snapshot.moment, snapshot.scope.where

    def paint(self, size: Size) -> list[Strip]:
        """Draw the line."""
        base = self.ink("")
        if self._asked is None:
            return [Strip.blank(size.width, base)]
        parts = fitted(self._parts(self._asked, size.width), size.width - 2, (" · ", base))
        return [line([(" ", base), *parts], size.width, base)]

    def _parts(self, asked: Asked, width: int) -> list[Part]:
        past, base, dim = self.ink("time--past"), self.ink(""), self.ink("panel--dim")
        moment = self.snapshot.moment
        answered = moment is not None and covers(moment, asked)
        shown = Asked(moment.end, moment.seconds) if moment and answered else asked
        first = shown.end - shown.seconds + 1
        parts = [
            Part(0, ((time_text(first, shown.end), past),)),
            Part(1, ((day_text(shown.end), past),)),
        ]
        if moment is None or not answered:
            return [*parts, Part(2, (("looking …", dim),))]
        known = (_KNOWN if width >= _WIDE else _SHORT)[moment.known]
        parts.append(Part(2, (self._known_piece(moment, known),)))
        if moment.answered is not None and moment.known is not Known.NOTHING:
            names = ", ".join(moment.answered) or "no table"
            parts.append(Part(3, ((f"the filter: only top {names}", self.ink("panel--warning")),)))
        parts.append(Part(4, (("End live", base),)))
        parts.append(Part(5, (("← → t move", dim),)))
        return [*parts, Part(6, (("[ ] alerts", dim),))]

    def _known_piece(self, moment: Moment, text: str) -> Piece:
        if moment.known is Known.NOTHING:
            return (f"! {text}", self.ink("panel--warning"))
        return (text, self.ink("" if moment.known is Known.HITS else "panel--warning"))

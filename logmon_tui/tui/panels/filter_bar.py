"""FilterBar: which hits the panels show, if not all of the usual window; else hidden."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.style import Style
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.snapshot import Scope, Snapshot
from logmon_tui.tui.paint.cells import Piece, crop, line, shown, width_of
from logmon_tui.tui.paint.changes import compared_with, is_known
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.paint.time_view import FORMER

TERM_WIDTHS = (60, 40, 28, 20, 14)
"""Maximum cells of a term, from the roomiest choice to the tightest."""

_ALERTS = ("alerts judge all hits", "alerts: all hits", "")
_KEYS = "f edit · esc takes the last off"
_KEYS_THEN = "f edit · ⌫ takes the last off"  # of the past, esc leads back to the present first
_GAP = "  "
_LABEL = "only "
_UNKNOWN = "nothing recorded then", "not recorded"
_NOT_FILTERED = "no filter can be applied to what is kept", "not with a filter"
_WIDE = 100
"""Cells from which on the bar tells in full what is compared with."""
_AROUND = 16
"""Cells around the only term of the tightest layout."""


class Chip(NamedTuple):
    """A term of the filter as it is drawn, from cell `start` to before `end`."""

    place: int
    text: str
    start: int
    end: int


class Layout(NamedTuple):
    """What fits into the bar: the newest terms as `chips`; there are `before` older ones."""

    chips: tuple[Chip, ...]
    before: int
    alerts: str
    width: int


class FilterBar(Painted):
    """The line under the header with the terms of the filter and the window.

    `usual` is the window in seconds that needs no mention. A click on a term takes it off, one
    elsewhere edits the filter.
    """

    class TakenOff(Message):
        """The user wants the filter without its term number `place`, from 0 on."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, usual: int, scope: Scope) -> None:
        super().__init__(id="filter-bar")
        self._usual = usual
        self._scope = scope
        self._compared = ""  # with which time
        self._is_known = True  # whether anything is known of that time
        self.display = self._is_worth_telling

    def show(self, snapshot: Snapshot) -> None:
        """Show the scope of `snapshot`."""
        was_live, self.snapshot = self.snapshot.moment is None, snapshot
        if was_live != (snapshot.moment is None):
            self.repaint()  # esc is another key in the past
        self.set_scope(snapshot.scope)
        text = compared_with(snapshot)
        if self._compared != text:
            self._set_compared(text, known=is_known(snapshot.baseline))

    def set_scope(self, scope: Scope) -> None:
        """Show a scope, which the Snapshots may not have yet."""
        if scope == self._scope:
            return
        self._scope = scope
        self.display = self._is_worth_telling
        self.repaint()

    def set_compared(self, offset: int | None) -> None:
        """Show what is compared with, of which Snapshots may not have the figures yet."""
        self._set_compared("" if offset is None else f"{FORMER[offset]} …")

    def _set_compared(self, text: str, *, known: bool = True) -> None:
        self._compared, self._is_known = text, known
        self.display = self._is_worth_telling
        self.repaint()

    @property
    def _is_worth_telling(self) -> bool:
        scope = self._scope
        return bool(scope.where) or scope.seconds != self._usual or self._compared != ""

    def paint(self, size: Size) -> list[Strip]:
        """Draw the line."""
        base, dim = self.ink(""), self.ink("panel--dim")
        pieces: list[Piece] = [(" ", base)]
        if self._scope.terms:
            pieces += self._term_pieces(size.width)
        for text, ink in self._window():
            pieces += [(text, self.ink(ink)), (_GAP, base)]
        keys = _KEYS if self.snapshot.moment is None else _KEYS_THEN
        keys = keys if self._scope.where else "w next window"
        if self._compared:
            keys = "s sorts by Δ · c next" if self._is_known else "c next"
        used = sum(width_of(text) for text, _ in pieces)
        if used + len(keys) < size.width:
            pieces.append((keys, dim))
        return [line(pieces, size.width, base)]

    async def on_click(self, event: Click) -> None:
        """Take the clicked term off, or edit the filter."""
        chips = self._layout(self.view_size.width).chips if self._scope.terms else ()
        for chip in chips:
            if chip.start <= event.x < chip.end:
                self.post_message(self.TakenOff(chip.place))
                return
        await self.app.run_action("edit_filter")

    def _term_pieces(self, width: int) -> Iterator[Piece]:
        base, dim = self.ink(""), self.ink("panel--dim")
        layout = self._layout(width)
        yield _LABEL, dim
        if layout.before:
            yield _more(layout.before), self.ink("panel--strong")
        chip = self.ink("filter--term") + Style(bold=True)
        for each in layout.chips:
            yield each.text, chip
            yield " ", base
        yield " ", base
        if layout.alerts:
            # Whoever sees a part of the traffic must not think that the alerts do.
            yield layout.alerts, dim
            yield _GAP, base

    def _layout(self, width: int) -> Layout:
        """Return the roomiest layout that fits beside the window, else the tightest one.

        Terms are cropped before the first ones are left out; the newest always shows.
        """
        room = width - sum(len(text) + len(_GAP) for text, _ in self._window())
        terms = self._scope.terms
        before = _without_room(terms, room)
        choices = (
            _laid_out(terms, before, most, alerts) for most in TERM_WIDTHS for alerts in _ALERTS
        )
        last = _laid_out(terms, len(terms) - 1, max(1, room - _AROUND), "")
        return next((each for each in choices if each.width <= room), last)

    def _window(self) -> Sequence[tuple[str, str]]:
        """Return texts about the window, with their inks."""
        scope = self._scope
        texts = []
        if scope.seconds is None:
            texts.append(("all that is kept", "panel--strong"))
        elif scope.seconds != self._usual:
            texts.append((f"last {units.window(scope.seconds)}", "panel--strong"))
        if scope.since is not None:
            texts.append((f"known since {units.clock(scope.since)}", "panel--warning"))
        if scope.sampled:
            texts.append(("≈ sampled", "panel--warning"))
        if self._compared:
            texts.append(self._comparison())
        return texts

    def _comparison(self) -> tuple[str, str]:
        """Return what is compared with, and the ink; the short form where there is little room."""
        is_wide = self.view_size.width >= _WIDE
        text = f"compared with {self._compared}" if is_wide else f"Δ {self._compared}"
        if self._is_known:
            return text, "panel--strong"
        why = _NOT_FILTERED if self._scope.where else _UNKNOWN
        return f"{text}: {why[not is_wide]}", "panel--warning"


def _more(before: int) -> str:
    return f"+{before} " if before else ""


def _chip_text(term: str, most: int) -> str:
    """Return a term as it is drawn, in `most` cells beside its sign and blanks."""
    # The sign tells what a click does, and shows what is a term where there are no colours.
    return f" {crop(shown(term), most)} × "


def _without_room(terms: Sequence[str], room: int) -> int:
    """Return how many of the first terms have no room, however tight the others are.

    Only the terms that fit are measured, as a filter may have a thousand.
    """
    used = 1 + len(_LABEL) + 1
    for before in reversed(range(len(terms))):
        used += width_of(_chip_text(terms[before], TERM_WIDTHS[-1])) + 1
        if used + len(_more(before)) > room:
            return min(before + 1, len(terms) - 1)
    return 0


def _laid_out(terms: Sequence[str], before: int, most: int, alerts: str) -> Layout:
    """Return the layout without the first `before` terms, each term in `most` cells."""
    start = 1 + len(_LABEL) + len(_more(before))
    chips = []
    for place in range(before, len(terms)):
        text = _chip_text(terms[place], most)
        chips.append(Chip(place, text, start, start + width_of(text)))
        start = chips[-1].end + 1
    width = start + 1 + (len(alerts) + len(_GAP) if alerts else 0)
    return Layout(tuple(chips), before, alerts, width)

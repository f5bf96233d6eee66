"""FilterBar: which hits the panels show, if not all of the usual window; else hidden."""

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui import units
from logmon_tui.snapshot import Scope, Snapshot
from logmon_tui.tui.paint.cells import crop, ends, shown
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.paint.parts import Part, fitted

MAX_TERM = 40
"""Maximum cells of one term."""


class FilterBar(Painted):
    """The line under the header with the terms of the filter and the window.

    `usual` is the window in seconds that needs no mention.
    """

    def __init__(self, usual: int) -> None:
        super().__init__(id="filter-bar")
        self._usual = usual
        self._scope = Scope(seconds=usual)
        self.display = False

    def show(self, snapshot: Snapshot) -> None:
        """Show the scope of `snapshot`."""
        self.snapshot = snapshot
        self.set_scope(snapshot.scope)

    def set_scope(self, scope: Scope) -> None:
        """Show a scope, which the Snapshots may not have yet."""
        if scope == self._scope:
            return
        self._scope = scope
        self.display = bool(scope.where) or scope.seconds != self._usual
        self.repaint()

    def paint(self, size: Size) -> list[Strip]:
        """Draw the line."""
        base, dim = self.ink(""), self.ink("panel--dim")
        keys = "f edit · esc takes the last off" if self._scope.where else "w next window"
        room = size.width - 2
        parts = [*self._terms(), *self._window(), Part(99, ((keys, dim),), "keys")]
        return [ends([(" ", base), *fitted(parts, room, ("  ", base))], [], size.width, base)]

    def _terms(self) -> list[Part]:
        chip = self.ink("filter--term") + Style(bold=True)
        label = Part(98, (("only", self.ink("panel--dim")),), "terms")
        terms = self._scope.terms
        chips = [
            Part(len(terms) - place, ((f" {crop(shown(term), MAX_TERM)} ", chip),), "terms")
            for place, term in enumerate(terms)
        ]
        # Whoever sees a part of the traffic must not think that the alerts do.
        alerts = Part(97, (("alerts judge all hits", self.ink("panel--dim")),), "alerts")
        return [label, *chips, alerts] if terms else []

    def _window(self) -> list[Part]:
        scope, strong = self._scope, self.ink("panel--strong")
        parts = []
        if scope.seconds is None:
            parts.append(Part(0, (("all that is kept", strong),), "window"))
        elif scope.seconds != self._usual:
            parts.append(Part(0, ((f"last {units.window(scope.seconds)}", strong),), "window"))
        if scope.since is not None:
            since = f"known since {units.clock(scope.since)}"
            parts.append(Part(96, ((since, self.ink("panel--warning")),), "window"))
        if scope.sampled:
            parts.append(Part(96, (("≈ sampled", self.ink("panel--warning")),), "window"))
        return parts

"""FilterActions: the part of the program that chooses which hits the panels show."""

from collections.abc import Iterable

from msgspec.structs import replace
from textual.app import App

from logmon_tui.errors import FilterError
from logmon_tui.escape import printable
from logmon_tui.filters.language import Filter
from logmon_tui.monitor.commands import SetFilter, SetWindow
from logmon_tui.snapshot import Scope, Snapshot
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.filter_prompt import FilterPrompt
from logmon_tui.tui.panels.cursor_panel import CursorPanel
from logmon_tui.tui.panels.dashboard import Dashboard
from logmon_tui.tui.panels.filter_bar import FilterBar
from logmon_tui.tui.saved_filters import SavedFilters

WINDOWS = (10, 60, 300, 900, None)
"""The windows to choose from in seconds, besides the configured one; None for all that is kept."""


class FilterActions(App[None]):
    """The part of LogmonApp that has to do with filter and window.

    Both hold for all panels, never for alerts. While the display is paused, the first Snapshot
    that shows what the user asked for is painted, and no other.
    """

    dashboard: Dashboard
    filter_bar: FilterBar

    _engine: Engine
    _where: Filter
    _seconds: int | None
    _usual_seconds: int
    _saved_filters: SavedFilters
    _awaits_answer = False

    def on_cursor_panel_narrowed(self, message: CursorPanel.Narrowed) -> None:
        """Narrow all panels to the hits of a row, or leave them out."""
        try:
            self.set_filter(self._where.with_term(message.term))
        except FilterError as error:
            text = f"No filter can be made of this row: {printable(error.problem)}."
            self.notify(text, severity="warning", markup=False)

    def set_filter(self, where: Filter) -> None:
        """Show the hits that `where` takes; the screen says so at once."""
        if where == self._where:
            return
        self._where = where
        self._engine.post(SetFilter(where))
        self._show_scope()

    def action_take_off(self) -> None:
        """Take the last term off the filter."""
        self.set_filter(self._where.without_last())

    def on_filter_bar_taken_off(self, message: FilterBar.TakenOff) -> None:
        """Take the clicked term off the filter."""
        self.set_filter(self._where.without(message.place))

    def action_window_next(self) -> None:
        """Show the next longer window, the shortest after all that is kept."""
        windows = windows_of(self._usual_seconds)
        self._seconds = windows[(windows.index(self._seconds) + 1) % len(windows)]
        self._engine.post(SetWindow(self._seconds))
        self._show_scope()

    def action_edit_filter(self) -> None:
        """Let the user type a filter, which is applied with the enter key."""

        def ended(where: Filter | None) -> None:
            # What was saved meanwhile, other keys may name.
            self._where = replace(self._where, saved=self._saved_filters.texts)
            if where is not None:
                self.set_filter(where)

        self.push_screen(FilterPrompt(self._where.text, self._values, self._saved_filters), ended)

    def _values(self, field: str) -> Iterable[bytes]:
        """Return the known values of a filter's field, those with the most hits first."""
        found = (table.values_of(field) for table in self.dashboard.tables)
        return next((values for values in found if values is not None), ())

    @property
    def _scope(self) -> Scope:
        """What the user asked for last."""
        return Scope(self._where.text, self._where.terms, self._seconds)

    def _show_scope(self) -> None:
        self.filter_bar.set_scope(self._scope)
        self._awaits_answer = True

    def _is_asked(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` shows what the user asked for last."""
        scope = snapshot.scope
        return (scope.where, scope.seconds) == (self._where.text, self._seconds)


def windows_of(usual: int) -> list[int | None]:
    """Return the windows to choose from, where `usual` is the configured one."""
    lengths = sorted({usual, *(each for each in WINDOWS if each is not None)})
    return [*lengths, None]

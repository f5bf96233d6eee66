"""PanelActions: the part of the program that shows, focuses, sorts and filters panels."""

from collections.abc import Iterable

from textual.app import App

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.tui.choices import Choices
from logmon_tui.tui.panels.dashboard import Dashboard
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.panel import Panel
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.registry import SCREEN_PANELS
from logmon_tui.tui.panels.requests import Requests
from logmon_tui.tui.panels.status import Status
from logmon_tui.tui.panels.tail import Tail


class PanelActions(App[None]):
    """The part of LogmonApp that has to do with panels."""

    dashboard: Dashboard

    _choices: Choices

    def action_toggle_panel(self, name: str) -> None:
        """Show and focus a panel; hide it if it has the focus already."""
        panel = self.dashboard.panels[PanelName(name)]
        hides = panel.display and panel is self.focused  # `has_focus` is set only later
        if self.screen.maximized is not None:
            self.screen.minimize()
        if hides or not panel.display:
            self.dashboard.set_shown({*self.dashboard.shown} ^ {panel.NAME})
            self.show_problem(self._choices.save_shown(self.dashboard.shown))
        if hides:
            self.focus_first(self.dashboard.focused_lately)
        else:
            # At once, as the next key may already be on its way.
            self.screen.set_focus(panel, scroll_visible=False)
            # Its position is known only after the next layout.
            self.call_after_refresh(panel.scroll_visible, animate=False)

    def action_maximise(self) -> None:
        """Give the focused panel the whole screen, or restore it."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif isinstance(self.focused, Panel):
            self.screen.maximize(self.focused, container=False)

    def action_sort_next(self) -> None:
        """Sort a table by its next column, or show requests in the next order."""
        if isinstance(self.focused, Requests):
            self.focused.sort_next()
            return
        if (table := self._table()) is not None:
            table.sort_next()

    def action_sort_reverse(self) -> None:
        """Reverse a table's order."""
        if (table := self._table()) is not None:
            table.sort_reverse()

    def action_view_next(self) -> None:
        """Show the next view of the focused panel, or of a table that has several views."""
        if isinstance(self.focused, Requests | Status | Tail):
            self.focused.view_next()
            return
        if (table := self._table(views=2)) is not None:
            table.view_next()

    def action_filter(self) -> None:
        """Filter the focused panel, or the only one that can be filtered; else list those."""
        seen = [panel for panel in self._visible() if isinstance(panel, Filtered)]
        focused = [panel for panel in seen if panel is self.focused]
        if len(focused or seen) == 1:
            (panel,) = focused or seen
            self.screen.set_focus(panel)
            panel.action_filter()
            return
        names = ", ".join(f"{panel.KEYS[0]} {panel.TITLE}" for panel in seen)
        text = f"To filter, go to one of: {names}" if seen else "Nothing here can be filtered"
        self.notify(f"{text}.", markup=False)

    def on_rank_table_arranged(self, message: RankTable.Arranged) -> None:
        """Save order and view for the next start."""
        self.show_problem(self._choices.save_table(message.table))

    def show_problem(self, problem: str | None) -> None:
        """Show why a choice was not saved, if there is a problem."""
        if problem is not None:
            self.notify(problem, severity="warning", markup=False)

    def focus_first(self, wanted: Iterable[Panel] = ()) -> None:
        """Focus the first visible panel: of `wanted`, else the sections, else any."""
        others = (self.dashboard.panels[name] for name in (PanelName.SECTIONS, *SCREEN_PANELS))
        panel = next((each for each in (*wanted, *others) if each.display), None)
        self.screen.set_focus(panel, scroll_visible=False)

    def _visible(self) -> list[Panel]:
        """Return the visible panels; a maximised panel is the only one."""
        maximized = self.screen.maximized
        panels = self.dashboard.panels.values()
        return [each for each in panels if each.display and maximized in {None, each}]

    def _table(self, views: int = 1) -> RankTable | None:
        """Return the focused or else first visible table that has at least `views` views.

        Return None, and tell the user, if there is no such table.
        """
        tables = [panel for panel in self._visible() if isinstance(panel, RankTable)]
        tables = [table for table in tables if len(table.VIEWS) >= views]
        if not tables:
            text = "No table is shown" if views == 1 else "No table that is shown has other views"
            self.notify(f"{text}.", markup=False)
            return None
        return next((table for table in tables if table is self.focused), tables[0])

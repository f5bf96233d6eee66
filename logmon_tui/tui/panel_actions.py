"""What the program does with panels: which show, which has the focus, how each is arranged."""

from collections.abc import Iterable

from textual.app import App

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.tui.choices import Choices
from logmon_tui.tui.panels.dashboard import Dashboard
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.panel import Panel
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.registry import SCREEN_PANELS


class PanelActions(App[None]):
    """The part of the program that has to do with panels; LogmonApp is the whole."""

    dashboard: Dashboard

    _choices: Choices

    def action_toggle_panel(self, name: str) -> None:
        """Show a panel and give it the focus; hide it if it has that already."""
        panel = self.dashboard.panels[PanelName(name)]
        hides = panel.display and panel is self.focused  # has_focus comes to know it later
        if self.screen.maximized is not None:
            self.screen.minimize()
        if hides or not panel.display:
            self.dashboard.set_shown({*self.dashboard.shown} ^ {panel.NAME})
            self.remember(self._choices.shown(self.dashboard.shown))
        if hides:
            self.focus_first(self.dashboard.focused_lately)
        else:
            # At once, for the next key may be on its way.
            self.screen.set_focus(panel, scroll_visible=False)
            # Where it stands is known only after the next layout.
            self.call_after_refresh(panel.scroll_visible, animate=False)

    def action_maximise(self) -> None:
        """Give the focused panel the whole screen, or restore it."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif isinstance(self.focused, Panel):
            self.screen.maximize(self.focused, container=False)

    def action_sort_next(self) -> None:
        """Sort a table by its next column."""
        if (table := self._table()) is not None:
            table.sort_next()

    def action_sort_reverse(self) -> None:
        """Turn a table's order around."""
        if (table := self._table()) is not None:
            table.sort_reverse()

    def action_view_next(self) -> None:
        """Show the next view of a table that has several."""
        if (table := self._table(views=2)) is not None:
            table.view_next()

    def action_filter(self) -> None:
        """Filter the focused panel or the only one that can be filtered; else tell which can."""
        seen = [panel for panel in self._seen() if isinstance(panel, Filtered)]
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
        """Remember order and view for the next start."""
        self.remember(self._choices.arranged(message.table))

    def remember(self, problem: str | None) -> None:
        """Tell the problem that kept a choice from being saved, if there is one."""
        if problem is not None:
            self.notify(problem, severity="warning", markup=False)

    def focus_first(self, wanted: Iterable[Panel] = ()) -> None:
        """Focus the first panel that shows: of those `wanted`, else the sections, else any."""
        others = (self.dashboard.panels[name] for name in (PanelName.SECTIONS, *SCREEN_PANELS))
        panel = next((each for each in (*wanted, *others) if each.display), None)
        self.screen.set_focus(panel, scroll_visible=False)

    def _seen(self) -> list[Panel]:
        """Return the panels that are shown, which is one where it is maximised."""
        maximized = self.screen.maximized
        panels = self.dashboard.panels.values()
        return [each for each in panels if each.display and maximized in {None, each}]

    def _table(self, views: int = 1) -> RankTable | None:
        """Return the focused table, or the first that shows, of those with so many views.

        Where there is none, says so.
        """
        tables = [panel for panel in self._seen() if isinstance(panel, RankTable)]
        tables = [table for table in tables if len(table.VIEWS) >= views]
        if not tables:
            text = "No table is shown" if views == 1 else "No table that is shown has other views"
            self.notify(f"{text}.", markup=False)
            return None
        return next((table for table in tables if table is self.focused), tables[0])

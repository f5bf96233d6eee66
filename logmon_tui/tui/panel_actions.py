"""PanelActions: the part of the program that shows, focuses, sorts and filters panels."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TypeAlias, TypeVar

from textual.app import App
from textual.events import Resize
from textual.geometry import Size

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.formats.clients import address_of
from logmon_tui.formats.crawlers import Answer
from logmon_tui.monitor.commands import ShowTables
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.choices import Choices, usual_panels
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.panels.cursor_panel import CursorPanel
from logmon_tui.tui.panels.dashboard import Dashboard
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.naming import NameTold, NameWanted
from logmon_tui.tui.panels.panel import Panel
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.requests import Requests
from logmon_tui.tui.panels.servers import Servers
from logmon_tui.tui.panels.sorted_table import SortedTable
from logmon_tui.tui.panels.status import Status
from logmon_tui.tui.panels.tail import Tail

Table = TypeVar("Table", bound=SortedTable)

AskName: TypeAlias = Callable[[str, Callable[[Answer], None]], None]
"""Asks DNS for the name of an address; calls back with the answer, from any thread."""


def no_names(_address: str, tell: Callable[[Answer], None]) -> None:
    """Answer that nobody can be asked."""
    tell(Answer(problem="names cannot be asked for here"))


class PanelActions(App[None]):
    """The part of LogmonApp that has to do with panels."""

    dashboard: Dashboard

    _engine: Engine
    _seen: frozenset[str] | None = None  # the rankings that Snapshots were asked for
    _choices: Choices
    _ask_name: AskName
    _has_hosts = False  # whether logs of other machines came together in this run

    def show_chosen(self, size: Size) -> None:
        """Show the panels that the user chose, or else those usual for a screen of `size`.

        The panels in use stay, too, so that a smaller screen takes none of them away.
        """
        chosen = self._choices.show
        if chosen is None:
            here = (panel.NAME for panel in self.dashboard.in_use if isinstance(panel, Panel))
            chosen = (*usual_panels(size, has_hosts=self._has_hosts), *here)
        if {*chosen} != {*self.dashboard.shown}:
            self.dashboard.set_shown(chosen)
            self.ask_for_tables()

    def bring_hosts(self, snapshot: Snapshot) -> None:
        """Show the panel of hosts once there are any, unless the user chose panels."""
        if self._has_hosts or not snapshot.fleet.servers:
            return
        self._has_hosts = True
        if self._choices.show is not None:
            return
        usual = usual_panels(self.size, has_hosts=True)
        if self._is_as_at_start and PanelName.SECTIONS not in usual:
            servers = self.dashboard.panels[PanelName.SERVERS]
            self.dashboard.set_shown({*self.dashboard.shown, servers.NAME})
            self.screen.set_focus(servers, scroll_visible=False)
        self.show_chosen(self.size)

    @property
    def _is_as_at_start(self) -> bool:
        """Whether the sections, which the start focuses, have the focus, and nobody moved there."""
        panel = self.focused
        return (
            isinstance(panel, CursorPanel)
            and panel is self.dashboard.panels[PanelName.SECTIONS]
            and panel.is_untouched
            and self.screen.maximized is None
        )

    def on_resize(self, event: Resize) -> None:
        """Show as many panels as are usual for the new size, unless the user chose some."""
        if self.dashboard.is_mounted and self._choices.show is None:
            self.show_chosen(event.size)

    def action_toggle_panel(self, name: str) -> None:
        """Show and focus a panel; hide it if it has the focus already."""
        panel = self.dashboard.panels[name]
        hides = panel.display and panel is self.focused  # `has_focus` is set only later
        if self.screen.maximized is not None:
            self.screen.minimize()
        if hides or not panel.display:
            self.dashboard.set_shown({*self.dashboard.shown} ^ {panel.NAME})
            self.ask_for_tables()
            self._choices.note_shown(self.dashboard.shown)
            self.call_after_refresh(self._write_choices)
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
        """Reverse a table's order; from lines that have none, no other panel's."""
        if isinstance(self.focused, Requests | Tail):
            self.notify("Only tables can be reversed.", markup=False)
            return
        if (table := self._table()) is not None:
            table.sort_reverse()

    def action_view_next(self) -> None:
        """Show the next view of the focused panel, or of a table that has several views."""
        if isinstance(self.focused, Requests | Servers | Status | Tail):
            self.focused.view_next()
            return
        tables = [table for table in self._tables(RankTable) if len(table.VIEWS) > 1]
        if (table := self._chosen(tables, "No table that is shown has other views.")) is not None:
            table.view_next()

    def action_filter(self) -> None:
        """Find rows in the focused panel, or in the only one that can; else list those."""
        seen = [panel for panel in self._visible() if isinstance(panel, Filtered)]
        focused = [panel for panel in seen if panel is self.focused]
        if len(focused or seen) == 1:
            (panel,) = focused or seen
            self.screen.set_focus(panel)
            panel.action_filter()
            return
        names = ", ".join(panel.full_title for panel in seen)
        text = f"To find rows, go to one of: {names}" if seen else "There are no rows to find here"
        self.notify(f"{text}.", markup=False)

    def on_sorted_table_arranged(self, message: SortedTable.Arranged) -> None:
        """Ask for what the view shows, and save order and view for the next start."""
        self.ask_for_tables()
        self.show_problem(self._choices.save_table(message.table))

    def on_name_wanted(self, message: NameWanted) -> None:
        """Ask for the name of a client; the answer comes as a message, from any thread."""
        address = address_of(message.client)
        if address is None:
            return

        def tell(answer: Answer) -> None:
            with suppress(RuntimeError):  # the program has ended meanwhile
                self.post_message(NameTold(message, answer))

        self._ask_name(address, tell)

    def on_name_told(self, message: NameTold) -> None:
        """Hand the answer to the table that asked."""
        message.wanted.table.tell(message.wanted, message.answer)

    def _write_choices(self) -> None:
        self.show_problem(self._choices.write())

    def show_problem(self, problem: str | None) -> None:
        """Show why a choice was not saved, if there is a problem."""
        if problem is not None:
            self.notify(problem, severity="warning", markup=False)

    def ask_for_tables(self) -> None:
        """Ask for the rankings that tables show now, if these are others than before."""
        shown = (table for table in self.dashboard.tables if table.display)
        seen = frozenset(each.view.shows for each in shown if isinstance(each, RankTable))
        if seen != self._seen:
            self._seen = seen
            self._engine.post(ShowTables(seen))

    def focus_first(self, wanted: Iterable[Panel] = ()) -> None:
        """Focus the first visible panel: of `wanted`, else the sections, else any."""
        others = (
            self.dashboard.panels[name] for name in (PanelName.SECTIONS, *self.dashboard.panels)
        )
        panel = next((each for each in (*wanted, *others) if each.display), None)
        self.screen.set_focus(panel, scroll_visible=False)

    def _visible(self) -> list[Panel]:
        """Return the visible panels; a maximised panel is the only one."""
        maximized = self.screen.maximized
        panels = self.dashboard.panels.values()
        return [each for each in panels if each.display and maximized in {None, each}]

    def _table(self) -> SortedTable | None:
        """Return the focused or else first visible table; None, and tell the user, if none is."""
        return self._chosen(self._tables(SortedTable), "No table is shown.")

    def _tables(self, kind: type[Table]) -> list[Table]:
        return [panel for panel in self._visible() if isinstance(panel, kind)]

    def _chosen(self, tables: Sequence[Table], problem: str) -> Table | None:
        """Return the focused one of `tables`, else the first; tell the problem if there is none."""
        if not tables:
            self.notify(problem, markup=False)
            return None
        return next((table for table in tables if table is self.focused), tables[0])

"""The full-screen program: takes Snapshots from an engine, hands them to the panels, obeys keys.

It only ever sees Snapshots; nothing here, or imported from here, reads a log.
"""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen

from logmon_tui.config import DEFAULT_SHOW, Settings
from logmon_tui.config import Panel as PanelName
from logmon_tui.errors import UsageError
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.announcer import Announcer
from logmon_tui.tui.commands import palette_commands
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.keys import APP_GROUPS, SCREEN_PANELS
from logmon_tui.tui.memory import recall, remember
from logmon_tui.tui.screens.help import Help
from logmon_tui.tui.screens.incident import IncidentWindow
from logmon_tui.tui.styles import (
    DEFAULT_THEME,
    OWN_THEMES,
    check_css,
    check_theme,
    status_variables,
    theme_names,
)
from logmon_tui.tui.threshold import nudged
from logmon_tui.tui.widgets.alerts import Alerts
from logmon_tui.tui.widgets.banner import Banner
from logmon_tui.tui.widgets.dashboard import Dashboard
from logmon_tui.tui.widgets.key_bar import KeyBar
from logmon_tui.tui.widgets.panel import Panel
from logmon_tui.tui.widgets.rank_table import RankTable
from logmon_tui.tui.widgets.summary import Summary

OWN_CSS = Path(__file__).parent / "logmon.tcss"
LEAVE_SECONDS = 5.0
TICK_SECONDS = 0.5


class SnapshotReady(Message):
    """A newer Snapshot waits in the app; several of these in a row count as one."""

    def can_replace(self, message: Message) -> bool:
        """Tell that the newest Snapshot is the only one worth painting."""
        return isinstance(message, SnapshotReady)


class LogmonApp(App[None]):
    """The dashboard.

    `name_of_log` is shown in the header, `state_file` remembers the user's choices if it is
    given, `clock` is the wall clock and `monotonic` measures intervals.
    Raises UsageError for an unknown theme or a stylesheet with errors.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for group in APP_GROUPS for binding in group.bindings
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (56, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-high")]  # noqa: RUF012
    ALLOW_IN_MAXIMIZED_VIEW = "#header, KeyBar"
    # To begin a selection on a toast that a click has just closed would crash Textual.
    ALLOW_SELECT = False
    TITLE = "logmon"

    snapshot: reactive[Snapshot] = reactive(Snapshot, repaint=False, init=False)

    def __init__(  # noqa: PLR0913 - clocks come as parameters
        self,
        engine: Engine,
        settings: Settings,
        *,
        name_of_log: str,
        state_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._user_css = Path(settings.css).expanduser().absolute() if settings.css else None
        if self._user_css is not None:
            check_css(self._user_css)
        if settings.theme is not None:
            check_theme(settings.theme)
        sheets: list[str | Path] = [OWN_CSS]
        if self._user_css is not None:
            sheets.append(self._user_css)
        super().__init__(css_path=list(sheets), watch_css=self._user_css is not None)
        self._engine = engine
        self._settings = settings
        self._state_file = state_file
        self._memory = recall(state_file)
        self._monotonic = monotonic
        self._newest: Snapshot | None = None
        self._threshold: float | None = None  # once the user has moved it
        self._paused_at: float | None = None
        self._painted_at = 0.0
        self._announcer = Announcer()
        self._told_unsaved = False
        self.summary = Summary(name_of_log, clock)
        self.banner = Banner()
        self.dashboard = Dashboard(clock)
        for theme in OWN_THEMES:
            self.register_theme(theme)

    # Start and end

    def compose(self) -> ComposeResult:
        """Lay out header, panels and keys."""
        yield Vertical(self.summary, self.banner, id="header")
        yield self.dashboard
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Restore the user's choices and start the engine once something is on the screen."""
        self.theme = self._first_theme()
        show = self._settings.show or self._memory.show
        self.dashboard.set_shown(DEFAULT_SHOW if show is None else show)
        for name, sort in self._memory.sort.items():
            table = self._table(name)
            if table is not None:
                table.set_sort(sort)
        self._focus_first()
        self.set_interval(TICK_SECONDS, self._tick)
        self._leave_on_signals()
        self.call_after_refresh(self._engine.start, self.publish)

    def on_unmount(self) -> None:
        """End the engine with the screen."""
        self._engine.stop()

    def _leave_on_signals(self) -> None:
        """Let SIGTERM, and the end of the terminal, restore the terminal and exit with 0."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            # Only the main thread may take signals; elsewhere somebody else does.
            with suppress(RuntimeError, ValueError):
                loop.add_signal_handler(number, self._leave)

    def _leave(self) -> None:
        """Exit, even where the terminal is gone and Textual waits for it for ever."""
        self.exit()
        last_resort = threading.Timer(LEAVE_SECONDS, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()

    def publish(self, snapshot: Snapshot) -> None:
        """Take a Snapshot from the engine's thread."""
        self._newest = snapshot
        self.post_message(SnapshotReady())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of status classes, which other people's themes do not know."""
        return status_variables(self.current_theme)

    # Snapshots

    def on_snapshot_ready(self) -> None:
        """Announce what is new, and paint it unless the picture stands still."""
        if self._newest is None:
            return
        self._announce(self._newest)
        if self._paused_at is None:
            self.snapshot = self._judged(self._newest)

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Hand the new picture to everything that shows it."""
        self._painted_at = self._monotonic()
        self.summary.show(snapshot)
        self.banner.show(snapshot)
        self.dashboard.show(snapshot)

    def _judged(self, snapshot: Snapshot) -> Snapshot:
        """Return `snapshot` with the threshold that the user has set, which may be newer."""
        if self._threshold is None or snapshot.alerts.threshold == self._threshold:
            return snapshot
        return replace(snapshot, alerts=replace(snapshot.alerts, threshold=self._threshold))

    def _announce(self, snapshot: Snapshot) -> None:
        toasts = self._announcer.announce(snapshot)
        for toast in toasts:
            self.notify(
                toast.message,
                title=toast.title,
                severity="error" if toast.firing else "information",
                markup=False,
            )
        if not self._settings.no_bell and any(toast.ring for toast in toasts):
            self.bell()

    def _tick(self) -> None:
        """Keep clock and pause counter going while no Snapshot does."""
        if self._paused_at is not None or self._monotonic() - self._painted_at > TICK_SECONDS:
            self._count_pause()

    def _count_pause(self) -> None:
        paused = self._paused_at
        self.summary.set_paused(None if paused is None else self._monotonic() - paused)

    # Keys

    def action_toggle_panel(self, name: str) -> None:
        """Show or hide a panel."""
        panel = PanelName(name)
        shown = set(self.dashboard.shown) ^ {panel}
        if self.screen.maximized is not None:
            self.screen.minimize()
        self.dashboard.set_shown(shown)
        if panel in shown:
            self.dashboard.panels[panel].focus(scroll_visible=False)
            # Where it stands is known only after the next layout.
            self.call_after_refresh(self.dashboard.panels[panel].scroll_visible, animate=False)
        elif self.focused is None or not self.focused.display:
            self._focus_first()
        self._memory.show = self.dashboard.shown
        self._remember()

    def action_pause(self) -> None:
        """Let the picture stand still, or go on with the newest."""
        if self._paused_at is None:
            self._paused_at = self._monotonic()
        else:
            self._paused_at = None
            if self._newest is not None:
                self.snapshot = self._judged(self._newest)
        self._count_pause()

    def action_nudge(self, direction: int) -> None:
        """Move the traffic alert's threshold, on the screen at once."""
        has_picture = self._newest is not None
        current = self.snapshot.alerts.threshold if has_picture else self._settings.threshold
        self._threshold = nudged(self._threshold or current, direction)
        self._engine.set_threshold(self._threshold)
        self.snapshot = self._judged(self.snapshot)

    def action_sort_next(self) -> None:
        """Sort the focused table by its next column."""
        if (table := self._focused_table()) is not None:
            table.sort_next()

    def action_sort_reverse(self) -> None:
        """Turn the focused table's order around."""
        if (table := self._focused_table()) is not None:
            table.sort_reverse()

    def action_maximise(self) -> None:
        """Give the focused panel the whole screen, or restore it."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif isinstance(self.focused, Panel):
            self.screen.maximize(self.focused, container=False)

    def action_restore(self) -> None:
        """Restore a maximised panel."""
        if self.screen.maximized is not None:
            self.screen.minimize()

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(Help())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Return every action and every theme for the palette."""
        return palette_commands(self.run_action, self._dress)

    # What the panels report, and what is remembered

    def on_alerts_opened(self, message: Alerts.Opened) -> None:
        """Show the incident in full."""
        self.push_screen(IncidentWindow(message.incident))

    def on_rank_table_sorted(self, message: RankTable.Sorted) -> None:
        """Remember the order for the next start."""
        self._memory.sort[message.table.NAME] = message.table.sort
        self._remember()

    def _dress(self, theme: str) -> None:
        self.theme = theme
        self._memory.theme = theme
        self._remember()

    def _remember(self) -> None:
        try:
            remember(self._state_file, self._memory)
        except OSError as error:
            if not self._told_unsaved:
                self._told_unsaved = True
                text = f"Choices are not saved: {error.strerror}"
                self.notify(text, severity="warning", markup=False)

    def _first_theme(self) -> str:
        wanted = self._settings.theme or self._memory.theme
        return wanted if wanted in theme_names() else DEFAULT_THEME

    # Focus

    def _focus_first(self) -> None:
        shown = self.dashboard.shown
        order = (PanelName.SECTIONS, *SCREEN_PANELS)
        first = next((name for name in order if name in shown), None)
        panel = None if first is None else self.dashboard.panels[first]
        self.screen.set_focus(panel, scroll_visible=False)

    def _focused_table(self) -> RankTable | None:
        """Return the focused table, or the sections if no table has the focus."""
        if isinstance(self.focused, RankTable):
            return self.focused
        sections = self._table(PanelName.SECTIONS)
        return sections if sections is not None and sections.display else None

    def _table(self, name: str) -> RankTable | None:
        panel = self.dashboard.panels.get(PanelName(name)) if name in SCREEN_PANELS else None
        return panel if isinstance(panel, RankTable) else None

    async def _on_css_change(self) -> None:
        """Take an edited stylesheet; one with errors is told and left aside."""
        try:
            if self._user_css is not None:
                check_css(self._user_css)
        except UsageError as error:
            self.notify(str(error), title="Stylesheet", severity="error", markup=False)
            return
        await super()._on_css_change()

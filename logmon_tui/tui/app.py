"""LogmonApp: takes Snapshots from an engine, passes them to the panels, and handles keys.

The program only ever sees Snapshots; neither this module nor any that it imports reads a log.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.events import Event, Key
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from logmon_tui.config.settings import Settings
from logmon_tui.errors import UsageError
from logmon_tui.monitor.commands import SetThreshold
from logmon_tui.notify.target import TargetSettings
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alert_actions import AlertActions
from logmon_tui.tui.alerts.notification_center import NotificationCenter, bell_policy
from logmon_tui.tui.alerts.threshold import nudged
from logmon_tui.tui.choices import Choices
from logmon_tui.tui.commands import palette_commands
from logmon_tui.tui.compare_actions import CompareActions
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.leaving import Leaving, leave_with_terminal, obey_signals
from logmon_tui.tui.mark_actions import MarkActions
from logmon_tui.tui.paint.compositor import LaidOut
from logmon_tui.tui.paint.kept_lines import KeptLines
from logmon_tui.tui.paint.keys import REACHING
from logmon_tui.tui.paint.styles import OWN_THEMES, check_css, check_theme, status_variables
from logmon_tui.tui.panel_actions import AskName, PanelActions, no_names
from logmon_tui.tui.panels.banner import Banner
from logmon_tui.tui.panels.dashboard import Dashboard, Stack
from logmon_tui.tui.panels.filter_bar import FilterBar
from logmon_tui.tui.panels.key_bar import KeyBar
from logmon_tui.tui.panels.keys import ALL_GROUPS, APP_GROUPS
from logmon_tui.tui.panels.own import OwnTable, own_tables
from logmon_tui.tui.panels.summary import Summary
from logmon_tui.tui.panels.time_bar import TimeBar
from logmon_tui.tui.reloading import Outcome, Reloading
from logmon_tui.tui.request_actions import RequestActions
from logmon_tui.tui.save_actions import SaveActions
from logmon_tui.tui.saved_filters import SavedFilters
from logmon_tui.tui.screens.help import Help

OWN_CSS = Path(__file__).parent / "logmon.tcss"
TICK_SECONDS = 0.5
PAGE_SECONDS = 30.0
"""Seconds for which the address of the page is shown: it may have a token that nobody can guess."""
_LATE_SECONDS = 1.3
"""Seconds until the clock is repainted without a Snapshot; an idle log yields one a second."""


class SnapshotReady(Message):
    """A newer Snapshot waits in the app; Textual merges several of these in a row into one."""

    def can_replace(self, message: Message) -> bool:
        """Return True for another SnapshotReady: only the newest Snapshot is worth painting."""
        return isinstance(message, SnapshotReady)


class DashboardScreen(Screen[object], KeptLines):
    """The dashboard's screen. When the focus moves, only the panels concerned repaint."""

    focused = Reactive[Widget | None](None, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="_default")
        self._compositor = LaidOut()


class LogmonApp(
    AlertActions,
    CompareActions,
    MarkActions,
    PanelActions,
    RequestActions,
    SaveActions,
    Leaving,
    Reloading,
):
    """The dashboard.

    `name_of_log` is shown in the header. `state_file`, if given, keeps the user's choices for the
    next start. `targets` are the notification targets. `ask_name` asks DNS. `page` is the address
    of the page for browsers, told at the start. `reload` reads the settings file again;
    `asked_to_reload` tells whether somebody asked for that before it could be done. `clock`
    returns wall time and `monotonic` measures intervals, both in seconds.
    Raises UsageError for an unknown theme or a stylesheet with errors.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(binding for group in APP_GROUPS for binding in group.bindings),
        *REACHING,
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (56, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-high")]  # noqa: RUF012
    ALLOW_IN_MAXIMIZED_VIEW = "#header, KeyBar"
    # Textual crashes if a selection starts on a toast that a click has just closed.
    ALLOW_SELECT = False
    # Esc first ends a search in the maximised panel; `action_restore` restores the panel.
    ESCAPE_TO_MINIMIZE = False
    TITLE = "logmon"

    def __init__(  # noqa: PLR0913 - clocks come as parameters
        self,
        engine: Engine,
        settings: Settings,
        *,
        name_of_log: str,
        state_file: Path | None = None,
        targets: Sequence[TargetSettings] = (),
        ask_name: AskName = no_names,
        page: str = "",
        reload: Callable[[], Outcome] | None = None,
        asked_to_reload: Callable[[], bool] = lambda: False,
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
        self._name_of_log = name_of_log
        self._choices = Choices(state_file, settings)
        self._ask_name = ask_name
        self._page = page
        self._reload = reload
        self._asked_to_reload = asked_to_reload
        self._clock = clock
        self._monotonic = monotonic
        self._idle = threading.Event()
        self._idle.set()
        self._newest: Snapshot | None = None
        self._threshold: float | None = None  # None until the user changes it
        self._paused_at: float | None = None
        self._painted_at = 0.0
        self._notification_center = NotificationCenter(
            self, bell_policy(settings, targets), clock, monotonic
        )
        self.summary = Summary(name_of_log, clock)
        self.time_bar = TimeBar()
        self.banner = Banner()
        self._saved_filters = SavedFilters(settings.filters, self._choices, settings.own_dimensions)
        self._where = replace(settings.filter, saved=self._saved_filters.texts)
        self._seconds = self._usual_seconds = settings.stats_interval
        self.filter_bar = FilterBar(settings.stats_interval, self._scope)
        self.dashboard = Dashboard(clock, own_tables(settings.panels))
        for theme in OWN_THEMES:
            self.register_theme(theme)
        self._set_first_theme(self._choices.theme)

    def _set_first_theme(self, theme: str) -> None:
        """Set the theme before the first paint; Textual would otherwise style everything twice."""
        self.set_reactive(LogmonApp.theme, theme)
        dark = self.current_theme.dark
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)
        self.add_class(f"-theme-{theme}", update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self.stylesheet.set_variables(self.get_css_variables())

    # Start and end

    def get_default_screen(self) -> Screen[object]:
        """Return the screen of the dashboard."""
        return DashboardScreen()

    def compose(self) -> ComposeResult:
        """Lay out header, panels and keys."""
        yield Stack(self.summary, self.time_bar, self.filter_bar, self.banner, id="header")
        yield self.dashboard
        yield KeyBar(id="keys")

    def on_mount(self) -> None:
        """Restore the user's choices and start the engine once something is on the screen."""
        self.show_chosen(self.size)
        for table in self.dashboard.tables:
            self._choices.restore(table)
        self.focus_first()
        self.set_interval(TICK_SECONDS, self._tick)
        obey_signals(self.exit, self.action_suspend_process, self.action_reload_settings)
        if self._asked_to_reload():
            self.action_reload_settings()
        if not self.is_headless:
            leave_with_terminal(self.exit)
        self.call_after_refresh(self._engine.start, self.publish, self._idle)
        if self._page:
            self.notify(self._page, title="The page is at", timeout=PAGE_SECONDS, markup=False)

    def on_unmount(self) -> None:
        """Write the last choices and stop the engine when the screen ends."""
        self._choices.write()
        self._engine.stop()

    def publish(self, snapshot: Snapshot) -> None:
        """Take a Snapshot from the engine's thread."""
        self._newest = snapshot
        self._idle.clear()
        self.post_message(SnapshotReady())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the colours of status classes, which foreign themes do not define."""
        return status_variables(self.current_theme)

    # Snapshots

    def on_snapshot_ready(self) -> None:
        """Notify the user of what is new, and paint it unless the display is paused."""
        self._idle_once_painted()
        if self._newest is None:
            return
        self._notification_center.notify(self._newest)
        self._deliver_line(self._newest)
        newest = self._newest
        awaits = self._awaits_answer or not self._has_asked(self.snapshot)
        answers = awaits and self._is_asked(newest) and self._has_asked(newest)
        if self._paused_at is None or answers:
            self._awaits_answer &= not answers
            self.snapshot = self._with_user_threshold(newest)
            self._go_home()

    def _idle_once_painted(self) -> None:
        """Let the engine go on once the screen shows what changed."""
        self._idle.clear()
        self.call_after_refresh(self._idle.set)

    async def on_event(self, event: Event) -> None:
        """Let what a key changes come before reading."""
        if isinstance(event, Key):
            self._idle_once_painted()
        await super().on_event(event)

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Pass the new Snapshot to every widget that shows it."""
        self._painted_at = self._monotonic()
        self.bring_hosts(snapshot)
        self.summary.show(snapshot)
        self.time_bar.show(snapshot)
        self.banner.show(snapshot)
        if self._is_asked(snapshot):
            self.filter_bar.show(snapshot)
        self.dashboard.show(snapshot)
        self.ask_for_tables()  # which view is usual may depend on the log

    def _has_asked(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` has what panels and windows asked for."""
        return self._is_answered(snapshot) and self.windows_are_answered(snapshot)

    def _with_user_threshold(self, snapshot: Snapshot) -> Snapshot:
        """Return `snapshot` with the user's threshold, which the engine may not know yet."""
        alerts, threshold = snapshot.alerts, self._threshold
        if threshold is None or alerts.threshold == threshold:
            return snapshot
        configured = alerts.threshold if alerts.configured is None else alerts.configured
        if threshold == configured:
            alerts = replace(alerts, threshold=threshold, configured=None)
        else:
            alerts = replace(alerts, threshold=threshold, configured=configured)
        return replace(snapshot, alerts=alerts)

    def _tick(self) -> None:
        """Update the clock and the pause counter while no Snapshots come."""
        if self._paused_at is not None or self._monotonic() - self._painted_at > _LATE_SECONDS:
            self._count_pause()

    def _count_pause(self) -> None:
        paused = self._paused_at
        self.summary.set_paused(None if paused is None else self._monotonic() - paused)

    # Keys

    def action_pause(self) -> None:
        """Pause the display while collection continues, or resume with the newest Snapshot."""
        if self._paused_at is None:
            self._paused_at = self._monotonic()
        else:
            self._paused_at = None
            if self._newest is not None:
                self.snapshot = self._with_user_threshold(self._newest)
        self._count_pause()

    def action_nudge(self, direction: int) -> None:
        """Raise (1) or lower (-1) the traffic alert's threshold; the screen shows it at once."""
        has_picture = self._newest is not None
        current = self.snapshot.alerts.threshold if has_picture else self._settings.threshold
        self._threshold = nudged(self._threshold or current, direction)
        self._engine.post(SetThreshold(self._threshold))
        self.snapshot = self._with_user_threshold(self.snapshot)

    def action_unset_threshold(self) -> None:
        """Return to the configured threshold; the screen shows it at once."""
        alerts = self.snapshot.alerts
        if alerts.configured is None:
            return
        self._threshold = alerts.configured
        self._engine.post(SetThreshold(None))
        self.snapshot = self._with_user_threshold(self.snapshot)

    def action_restore(self) -> None:
        """Restore a maximised panel, else be live again, else take a term off the filter."""
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif not self._time.is_live:
            self.action_live()
        else:
            self.action_take_off()

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(Help(ALL_GROUPS))

    def action_manual(self) -> None:
        """Show the manual."""
        # Markdown is slow to import.
        from logmon_tui.tui.screens.manual import Manual

        self.push_screen(Manual())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Yield the program's actions, every theme and the newest marks for the palette."""
        panels = self.dashboard.panels.values()
        own = [panel for panel in panels if isinstance(panel, OwnTable)]
        yield from palette_commands(self.run_action, self.run_alert_action, self._choose_theme, own)
        yield from self.mark_commands()

    # Messages from panels, and choices

    def _choose_theme(self, theme: str) -> None:
        self.theme = theme
        self.show_problem(self._choices.save_theme(theme))

    async def _on_css_change(self) -> None:
        """Apply an edited stylesheet, unless it has errors: then show the first."""
        try:
            if self._user_css is not None:
                check_css(self._user_css)
        except UsageError as error:
            self.notify(str(error), title="Stylesheet", severity="error", markup=False)
            return
        await super()._on_css_change()

"""MarkActions: the part of the program that compares the traffic before and after marks."""

from collections.abc import Iterator
from functools import partial

from textual.app import App, SystemCommand
from textual.reactive import reactive

from logmon_tui import units
from logmon_tui.alerts.model.mark import Mark
from logmon_tui.monitor.commands import CompareMark
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.alerts.mark_window import MarkWindow
from logmon_tui.tui.commands import literal
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.paint.cells import shown
from logmon_tui.tui.panels.traffic import Traffic

MAX_COMMANDS = 20
"""Maximum marks, the newest ones, that the palette lists."""
NO_MARK = "Nothing is marked yet: logmon-tui mark 'api 4.12' LOG marks this moment."


class MarkActions(App[None]):
    """The part of LogmonApp that opens the window of a mark, and gets what it shows."""

    snapshot: reactive[Snapshot] = reactive(Snapshot, repaint=False, init=False)

    _engine: Engine

    def on_traffic_mark_opened(self, message: Traffic.MarkOpened) -> None:
        """Compare the traffic around the newest mark."""
        if message.mark is None:
            self.notify(NO_MARK, markup=False)
        else:
            self.open_mark(message.mark)

    def open_mark(self, mark: Mark) -> None:
        """Open the window of a mark; the traffic around it is summed up as long as it is open."""
        self.push_screen(MarkWindow(mark), lambda _: self._engine.post(CompareMark(None)))

    def on_mark_window_compared(self, message: MarkWindow.Compared) -> None:
        """Have the engine sum up the traffic around a mark."""
        self._engine.post(CompareMark(message.mark))

    def mark_commands(self) -> Iterator[SystemCommand]:
        """Yield a command of the palette for each of the newest marks."""
        for mark in reversed(self.snapshot.marks[-MAX_COMMANDS:]):
            title = f"Marks: Compare before and after {shown(mark.text)}"
            tooltip = f"The ten minutes around {units.date_time(mark.second)} UTC"
            yield SystemCommand(literal(title), tooltip, partial(self.open_mark, mark))

    def windows_are_answered(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` has what an open window of a mark shows."""
        windows = (each for each in self.screen_stack if isinstance(each, MarkWindow))
        return all(window.is_answered(snapshot) for window in windows)

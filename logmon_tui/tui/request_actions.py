"""RequestActions: the part of the program that gets requests, and the raw lines of them."""

from collections.abc import Callable

from textual.app import App

from logmon_tui.monitor.commands import FindLine
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.engine import Engine
from logmon_tui.tui.panels.asking import Asking
from logmon_tui.tui.panels.dashboard import Dashboard
from logmon_tui.tui.panels.requests import Requests


class RequestActions(App[None]):
    """The part of LogmonApp that asks the engine for what only some panels show.

    While the display is paused, the first Snapshot that has it is painted.
    """

    dashboard: Dashboard

    _engine: Engine
    _wanted: tuple[int, Callable[[bytes | None], None]] | None = None  # request number, receiver

    def on_asking_asked(self, message: Asking.Asked) -> None:
        """Pass on what a panel asks for."""
        self._engine.post(message.command)

    def on_requests_line_wanted(self, message: Requests.LineWanted) -> None:
        """Look for the raw line of a request; whoever waits for another one waits no longer."""
        self._wanted = message.request.number, message.found
        self._engine.post(FindLine(message.request))

    def _is_answered(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` has what all panels asked for."""
        panels = self.dashboard.panels.values()
        return all(each.is_answered(snapshot) for each in panels if isinstance(each, Asking))

    def _deliver_line(self, snapshot: Snapshot) -> None:
        """Hand over the raw line that was asked for, once a Snapshot has it."""
        if self._wanted is None or snapshot.line is None:
            return
        number, found = self._wanted
        if snapshot.line.number == number:
            self._wanted = None
            found(snapshot.line.line)

"""Asking: a panel whose content costs time, and is made only while the panel is seen."""

from textual.dom import NoScreen
from textual.errors import NoWidget
from textual.events import Hide, Show
from textual.message import Message

from logmon_tui.monitor.commands import Command
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.panels.panel import Panel


class Asking(Panel):
    """Base of the panels that ask for their content with a command, and end that unseen.

    A panel is unseen while it is hidden, scrolled out of sight, or behind a maximised one.
    """

    class Asked(Message):
        """The panel needs `command` to be applied."""

        def __init__(self, command: Command) -> None:
            super().__init__()
            self.command = command

    def __init__(self) -> None:
        super().__init__()
        self._asked = self.wish(seen=False)

    def wish(self, *, seen: bool) -> Command:
        """Return the command for what the panel shows, or for nothing while it is not `seen`."""
        raise NotImplementedError

    def has_wanted(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` has what the panel shows while it is seen."""
        raise NotImplementedError

    def is_answered(self, snapshot: Snapshot) -> bool:
        """Tell whether `snapshot` has all that the panel asked for."""
        return self._asked == self.wish(seen=False) or self.has_wanted(snapshot)

    def ask(self) -> None:
        """Post the panel's command, if it is another one than before."""
        command = self.wish(seen=self._is_seen())
        if command != self._asked:
            self._asked = command
            self.post_message(self.Asked(command))

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot; the panel may have been scrolled since the last one."""
        super().show(snapshot)
        self.ask()

    def on_show(self, _event: Show) -> None:
        """Ask for what is shown; Textual calls this when the layout gives the panel room."""
        self.ask()

    def on_hide(self, _event: Hide) -> None:
        """Ask for nothing more."""
        self.ask()

    def _is_seen(self) -> bool:
        try:
            place = self.screen.find_widget(self)
        except (NoScreen, NoWidget):
            return False
        return self.display and bool(place.visible_region)

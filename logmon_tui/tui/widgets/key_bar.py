"""The line at the bottom: the keys used most, which can be clicked too."""

from typing import NamedTuple

from textual.events import Click
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from logmon_tui.tui.cells import Piece, line
from logmon_tui.tui.widgets.alerts import Alerts
from logmon_tui.tui.widgets.painted import Painted


class Entry(NamedTuple):
    """A key and what it does; the highest `rank` goes first when there is no room."""

    key: str
    label: str
    rank: int
    action: str = ""


ENTRIES = (
    Entry("0-9", "panels", 2),
    Entry("tab", "focus", 5, "app.focus_next"),
    Entry("space", "pause", 3, "app.pause"),
    Entry("+ - c", "threshold", 4),
    Entry("s", "sort", 6, "app.sort_next"),
    Entry("v", "view", 8, "app.view_next"),
    Entry("m", "maximise", 7, "app.maximise"),
    Entry("?", "help", 0, "app.help"),
    Entry("q", "quit", 1, "app.quit"),
)


ALERT_ENTRIES = (
    Entry("enter", "why", 6, "open"),
    Entry("a", "acknowledge", 2, "acknowledge"),
    Entry("n", "note", 4, "note"),
    Entry("S", "silence", 3, "silence"),
    Entry("/", "filter", 5, "filter"),
)
_LATER = len(ALERT_ENTRIES)
WITH_ALERTS = (
    *ALERT_ENTRIES,
    *(
        entry._replace(rank=entry.rank + _LATER if entry.rank > 1 else entry.rank)
        for entry in ENTRIES
        if entry.key not in {"s", "v"}
    ),
)
"""Those that tell while the alerts panel has the focus, which is no table."""


class KeyBar(Painted):
    """The keys that fit."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._entries: tuple[Entry, ...] = ENTRIES

    def on_mount(self) -> None:
        """Follow the focus."""
        self.watch(self.screen, "focused", self._follow)

    def _follow(self, focused: Widget | None) -> None:
        """Tell the keys of the panel that has the focus."""
        self._entries = WITH_ALERTS if isinstance(focused, Alerts) else ENTRIES
        self.repaint()

    def paint(self, size: Size) -> list[Strip]:
        """Draw keys and labels."""
        key, label = self.ink("panel--header"), self.ink("panel--dim")
        pieces: list[Piece] = []
        for entry in self._fitting(size.width):
            pieces += [(" ", label), (entry.key, key), (f" {entry.label} ", label)]
        return [line(pieces, size.width, self.ink(""))]

    async def on_click(self, event: Click) -> None:
        """Do what was clicked."""
        start = 0
        for entry in self._fitting(self.view_size.width):
            start += _width(entry)
            if event.x < start:
                if entry.action:
                    await self.app.run_action(entry.action, self.screen.focused)
                return

    def _fitting(self, width: int) -> list[Entry]:
        entries = list(self._entries)
        while sum(map(_width, entries)) > width and len(entries) > 1:
            entries.remove(max(entries, key=lambda entry: entry.rank))
        return entries


def _width(entry: Entry) -> int:
    return len(entry.key) + len(entry.label) + 3

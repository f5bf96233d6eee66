"""The line at the bottom: the keys used most, which can be clicked too."""

from typing import NamedTuple

from textual.events import Click
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.tui.cells import Piece, line
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
    Entry("+ -", "threshold", 4),
    Entry("s", "sort", 6, "app.sort_next"),
    Entry("v", "view", 8, "app.view_next"),
    Entry("m", "maximise", 7, "app.maximise"),
    Entry("?", "help", 0, "app.help"),
    Entry("q", "quit", 1, "app.quit"),
)


class KeyBar(Painted):
    """The keys that fit."""

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
                    await self.run_action(entry.action)
                return

    def _fitting(self, width: int) -> list[Entry]:
        entries = list(ENTRIES)
        while sum(map(_width, entries)) > width and len(entries) > 1:
            entries.remove(max(entries, key=lambda entry: entry.rank))
        return entries


def _width(entry: Entry) -> int:
    return len(entry.key) + len(entry.label) + 3

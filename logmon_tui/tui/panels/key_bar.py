"""KeyBar: the line at the bottom with the keys used most; they can be clicked, too."""

from typing import NamedTuple

from textual.events import Click
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from logmon_tui.tui.paint.cells import Piece, line
from logmon_tui.tui.paint.painted import Painted
from logmon_tui.tui.panels.alerts import Alerts
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.keys import APP_GROUPS, key_of
from logmon_tui.tui.panels.registry import PANELS
from logmon_tui.tui.panels.traffic import Traffic


class Entry(NamedTuple):
    """A key with its label; when room is short, entries of the highest `rank` go first.

    A click runs `action`, unless it is empty.
    """

    key: str
    label: str
    rank: float
    action: str = ""


def _entry(action: str, label: str, rank: float) -> Entry:
    return Entry(key_of(action), label, rank, action)


def _pair(actions: tuple[str, str], label: str, rank: float) -> Entry:
    return Entry(" ".join(map(key_of, actions)), label, rank)


_DIGITS = sorted(key for panel in PANELS for key in panel.KEYS if key.isdigit())
_OF_APP = {binding.action for group in APP_GROUPS for binding in group.bindings}

_BACK_AND_FORTH = _pair(("scrub(-1)", "scrub(1)"), "time", 4.5)
FIND_ENTRY = _entry("filter", "find", 8.5)
ENTRIES = (
    Entry(f"{_DIGITS[0]}-{_DIGITS[-1]}", "panels", 2),
    _entry("app.focus_next", "focus", 5),
    _entry("edit_filter", "filter", 3),
    _entry("window_next", "window", 7),
    _BACK_AND_FORTH,
    _entry("pause", "pause", 4),
    Entry(" ".join(map(key_of, ("nudge(1)", "nudge(-1)", "unset_threshold"))), "threshold", 6),
    _entry("sort_next", "sort", 8),
    _entry("view_next", "view", 10),
    FIND_ENTRY,
    _entry("maximise", "maximise", 9),
    _entry("help", "help", 0),
    _entry("quit", "quit", 1),
)
WITHOUT_FIND = tuple(entry for entry in ENTRIES if entry is not FIND_ENTRY)
ALERT_ENTRIES = (
    _entry("open", "why", 6),
    _entry("acknowledge", "acknowledge", 2),
    _entry("note", "note", 4),
    _entry("silence", "silence", 3),
    FIND_ENTRY._replace(rank=5),
    _entry("go_there", "go there", 4.5),
)
_LATER = len(ALERT_ENTRIES)
WITH_ALERTS = (
    *ALERT_ENTRIES,
    *(
        entry._replace(rank=entry.rank + _LATER if entry.rank > 1 else entry.rank)
        for entry in WITHOUT_FIND
        if entry.action not in {"sort_next", "view_next"}
    ),
)
"""The entries while the alerts panel has the focus; it is no table, so it has no order and view."""

GRAPH_ENTRIES = (
    _BACK_AND_FORTH._replace(rank=2),
    _entry("go_to", "go to", 3),
    _pair(("incident(-1)", "incident(1)"), "alerts", 4),
    _pair(("zoom(1)", "zoom(-1)"), "zoom", 5),
    _entry("graph_next", "graph", 6),
    _entry("compare_next", "compare", 7),
)
_AFTER_GRAPH = len(GRAPH_ENTRIES)
WITH_GRAPH = (
    *GRAPH_ENTRIES,
    *(
        entry._replace(rank=entry.rank + _AFTER_GRAPH if entry.rank > 1 else entry.rank)
        for entry in WITHOUT_FIND
        if entry.action not in {"sort_next", "view_next"} and entry is not _BACK_AND_FORTH
    ),
)
"""The entries while the graph has the focus, where all keys of time work."""


class KeyBar(Painted):
    """Shows as many keys as fit."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._entries: tuple[Entry, ...] = WITHOUT_FIND

    def on_mount(self) -> None:
        """Follow the focus."""
        self.watch(self.screen, "focused", self._follow)

    def _follow(self, focused: Widget | None) -> None:
        """Show the keys of the panel that has the focus."""
        if isinstance(focused, Alerts):
            self._entries = WITH_ALERTS
        elif isinstance(focused, Traffic):
            self._entries = WITH_GRAPH
        else:
            self._entries = ENTRIES if isinstance(focused, Filtered) else WITHOUT_FIND
        self.repaint()

    def paint(self, size: Size) -> list[Strip]:
        """Draw keys and labels."""
        key, label = self.ink("panel--header"), self.ink("panel--dim")
        pieces: list[Piece] = []
        for entry in self._fitting(size.width):
            pieces += [(" ", label), (entry.key, key), (f" {entry.label} ", label)]
        return [line(pieces, size.width, self.ink(""))]

    async def on_click(self, event: Click) -> None:
        """Run the action of the clicked entry."""
        start = 0
        for entry in self._fitting(self.view_size.width):
            start += _width(entry)
            if event.x < start:
                if entry.action:
                    actor = self.app if entry.action in _OF_APP else self.screen.focused
                    await self.app.run_action(entry.action, actor)
                return

    def _fitting(self, width: int) -> list[Entry]:
        entries = list(self._entries)
        while sum(map(_width, entries)) > width and len(entries) > 1:
            entries.remove(max(entries, key=lambda entry: entry.rank))
        return entries


def _width(entry: Entry) -> int:
    return len(entry.key) + len(entry.label) + 3

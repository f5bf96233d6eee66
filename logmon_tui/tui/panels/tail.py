"""The newest raw lines of the log."""

import re

from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.cells import line, shown
from logmon_tui.tui.panels.filtered import Filtered
from logmon_tui.tui.panels.panel import Place, ScrolledPanel
from logmon_tui.tui.panels.status import SIGNS, class_ink

MAX_LINE = 1_000
"""Maximum bytes of a line that are shown; no terminal is wider."""

# In an Apache-like line, the status follows the closing quote of the request. In a JSON line it has
# a name; quotes in JSON values are escaped, so no value can look like a name.
_STATUS = re.compile(rb'" ([1-5])\d\d ')
_JSON_STATUS = re.compile(
    rb'"(?:status|status_?code|http_status|response_(?:code|status)|DownstreamStatus'
    rb'|EdgeResponseStatus)"\s*:\s*"?([1-5])\d\d["\s,}]',
    re.IGNORECASE,
)


class Tail(ScrolledPanel, Filtered):
    """The panel of raw lines, newest last: it follows the end until the user scrolls up.

    Scrolling back to the end makes it follow again.
    """

    NAME = PanelName.TAIL
    TITLE = "Tail"
    KEYS = ("9",)
    PLACE = Place.BOTTOM

    def __init__(self) -> None:
        super().__init__()
        self._frozen: tuple[bytes, ...] | None = None
        self._matching: tuple[bytes, ...] = ()

    @property
    def following(self) -> bool:
        """Whether the panel follows the end; otherwise its lines are frozen."""
        return self._frozen is None

    def detail(self) -> str:
        """Return the filter, and whether the lines are frozen."""
        how = "raw lines" if self.following else "standing still, G follows"
        if not self.filter_text:
            return how
        return f"{self.matching(len(self._matching), len(self._current_lines()))} · {how}"

    def part(self, snapshot: Snapshot) -> object:
        """Return the newest lines."""
        return snapshot.tail

    def show(self, snapshot: Snapshot) -> None:
        """Show the newest lines, unless the lines are frozen."""
        super().show(snapshot)
        if self.display and self.following:
            self.action_last()

    def set_filter(self, text: str) -> None:
        """Show only the lines that contain `text`, and stay at the end."""
        super().set_filter(text)
        if self.following:
            self.action_last()

    def on_resize(self, _event: Resize) -> None:
        """Stay at the end; Textual calls the base class's handler as well."""
        if self.following:
            self.call_after_refresh(self.action_last)

    def arrange_items(self) -> None:
        """Find the lines that match, and set the height to scroll."""
        self._matching = self._current_lines()
        if self.filter_text:
            self._matching = tuple(raw for raw in self._matching if self.has_text(_text(raw)))
        self.virtual_size = Size(self.view_size.width, len(self._matching))
        super().arrange_items()

    def paint(self, size: Size) -> list[Strip]:
        """Draw the visible lines."""
        lines = self._matching
        first = int(self.scroll_offset.y)
        if self.following:
            first = max(0, len(lines) - size.height)
        if not lines:
            text = self.no_match("line") if self._current_lines() else "no lines yet"
            return [line([(text, self.ink("panel--dim"))], size.width, self.ink(""))]
        return [self._line(raw, size.width) for raw in lines[first : first + size.height]]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Freeze the lines when scrolled up; follow again at the end."""
        super().watch_scroll_y(old_value, new_value)
        at_end = round(new_value) >= self.max_scroll_y
        if at_end:
            self._frozen = None
        elif new_value < old_value and self._frozen is None:
            self._frozen = self.snapshot.tail
        self.arrange_items()

    def _current_lines(self) -> tuple[bytes, ...]:
        return self.snapshot.tail if self._frozen is None else self._frozen

    def _line(self, raw: bytes, width: int) -> Strip:
        found = (_JSON_STATUS if raw.startswith(b"{") else _STATUS).search(raw)
        status_class = int(found[1]) if found else 0
        return line(
            [
                (SIGNS.get(status_class, " ") + " ", self.ink(class_ink(status_class))),
                (_text(raw), self.ink("")),
            ],
            width,
            self.ink(""),
        )


def _text(raw: bytes) -> str:
    """Return the text of a line, safe to paint."""
    return shown(raw[:MAX_LINE]) if raw else ""

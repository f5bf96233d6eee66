"""The newest lines of the log, raw or parsed into columns."""

import re
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.style import Style
from textual.binding import BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.escape import printable
from logmon_tui.monitor.commands import Command, ParseTail
from logmon_tui.reports.sheet import Sheet, sheet_of
from logmon_tui.snapshot import Request, Snapshot
from logmon_tui.tui.paint import clipboard
from logmon_tui.tui.paint.cells import Piece, line, width_of
from logmon_tui.tui.paint.keys import LINE_KEYS
from logmon_tui.tui.paint.statuses import SIGNS
from logmon_tui.tui.panels.asking import Asking
from logmon_tui.tui.panels.panel import Place, ScrolledPanel
from logmon_tui.tui.panels.request_columns import (
    DAY,
    Layout,
    highlighted,
    layout_of,
    longest_overhang,
    request_pieces,
    searched_text,
    shifted,
    status_ink,
)
from logmon_tui.tui.panels.searched import Searched

MAX_LINE = 4_000
"""Maximum bytes of a line that are shown and searched."""

_SIGN_WIDTH = 2

# In an Apache-like line, the status follows the closing quote of the request. In a JSON line it has
# a name; quotes in JSON values are escaped, so no value can look like a name.
_STATUS = re.compile(rb'" (([1-5])\d\d) ')
_JSON_STATUS = re.compile(
    rb'"(?:status|status_?code|http_status|response_(?:code|status)|DownstreamStatus'
    rb'|EdgeResponseStatus)"\s*:\s*"?(([1-5])\d\d)["\s,}]',
    re.IGNORECASE,
)


class TailLine(NamedTuple):
    """A raw line, and its hit where the tail is parsed."""

    raw: bytes
    hit: Request | None

    @property
    def searched(self) -> str:
        """The text in which a search looks: what shows of the line."""
        return _text(self.raw) if self.hit is None else searched_text(self.hit)


class Tail(ScrolledPanel, Searched, Asking):
    """The panel of lines, newest last: it follows the end until the user scrolls up.

    Scrolling back to the end makes it follow again.
    """

    NAME = PanelName.TAIL
    TITLE = "Tail"
    KEYS = ("9",)
    PLACE = Place.BOTTOM
    BINDINGS: ClassVar[list[BindingType]] = list(LINE_KEYS.bindings)

    def __init__(self) -> None:
        self._parsed = False  # what the user chose
        super().__init__()
        self._frozen: Sequence[TailLine] | None = None
        self._matching: Sequence[TailLine] = ()
        self._found: int | None = None  # the line that a search went to
        self._layout: Layout | None = None  # of parsed lines, while they are drawn

    @property
    def following(self) -> bool:
        """Whether the panel follows the end; otherwise its lines are frozen."""
        return self._frozen is None

    def detail(self) -> str:
        """Return the search, and whether the lines are frozen."""
        parts = [] if self.snapshot.moment is None else ["live"]
        parts += self.search_state()
        if self.filter_text:
            parts.append(self.matching(len(self._matching), len(self._current_lines())))
        kind = "parsed" if self._parsed else "raw lines"
        parts.append(kind if self.following else "standing still, G follows")
        return " · ".join(parts)

    def hint(self) -> str:
        """Return what clears the search, or the other view."""
        if self.filter_text:
            return self.fitting("esc: all lines", "n N: from match to match")
        return "v: raw lines" if self._parsed else "v: parsed"

    def part(self, snapshot: Snapshot) -> object:
        """Return the newest lines."""
        return snapshot.tail, snapshot.tail_hits, snapshot.moment is None

    def wish(self, *, seen: bool) -> Command:
        """Return the command for parsed lines or for none."""
        return ParseTail(seen and self._parsed)

    def has_wanted(self, snapshot: Snapshot) -> bool:
        """Tell whether the lines have their hits."""
        return snapshot.tail_hits is not None

    def show(self, snapshot: Snapshot) -> None:
        """Show the newest lines, unless the lines are frozen for the same filter."""
        if snapshot.scope.where != self.snapshot.scope.where:
            self._frozen = self._found = None
        super().show(snapshot)
        if self.display and self.following:
            self.action_last()

    def set_filter(self, text: str) -> None:
        """Show only the lines that contain `text`, and stay at the end."""
        self._found = None
        super().set_filter(text)
        if self.following:
            self.action_last()

    def view_next(self) -> None:
        """Show the lines parsed into columns, or raw."""
        self._parsed = not self._parsed
        self.shift = 0
        self.ask()
        self.arrange_items()
        self.action_last()
        self.repaint()

    def on_resize(self, _event: Resize) -> None:
        """Stay at the end; Textual calls the base class's handler as well."""
        if self.following:
            self.call_after_refresh(self.action_last)

    def arrange_items(self) -> None:
        """Find the lines that match, and set the height to scroll."""
        self._matching = self._current_lines()
        if self.filter_text:
            self._matching = [each for each in self._matching if self.has_text(each.searched)]
        super().arrange_items()
        self.virtual_size = Size(self.view_size.width, len(self._matching))

    def paint(self, size: Size) -> list[Strip]:
        """Draw the visible lines."""
        if not self._matching:
            text = self.no_match("line") if self._current_lines() else "no lines yet"
            return [line([(text, self.ink("panel--dim"))], size.width, self.ink(""))]
        visible = self._visible(size)
        self._layout = self._layout_for(size.width)
        return [self._line(place, size.width) for place in visible]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Freeze the lines when scrolled up; follow again at the end."""
        super().watch_scroll_y(old_value, new_value)
        if round(new_value) >= self.max_scroll_y:
            if self._found is None:
                self._frozen = None
        elif new_value < old_value:
            self._freeze()
        self.arrange_items()

    def exported(self) -> Sheet:
        """Return the lines that match, oldest first."""
        return sheet_of(self.TITLE, ("line",), ((each.raw,) for each in self._matching))

    def action_last(self) -> None:
        """Go to the end, and follow it."""
        if self._frozen is not None:
            self._frozen = None
            self.arrange_items()
            self.repaint()
        self._found = None
        super().action_last()

    # Search

    def searched_lines(self) -> Sequence[str]:
        """Return the text of each line."""
        return [each.searched for each in self._current_lines()]

    def current_line(self) -> int:
        """Return the line that a search found last; before that, the one after the newest."""
        return len(self._current_lines()) if self._found is None else self._found

    def action_match(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) match; to the newest one at first."""
        super().action_match(-1 if self._found is None else direction)

    def go_to_line(self, number: int) -> None:
        """Bring a line that was found to the middle, and freeze the lines."""
        self._freeze()
        self._found = number
        self.arrange_items()
        self.scroll_lines_to(max(0, number - self.view_size.height // 2))

    def overhang(self) -> int:
        """Return by how many characters the longest visible line is longer than the panel."""
        size = self.view_size
        visible = [self._matching[place] for place in self._visible(size)]
        hits = [each.hit for each in visible if each.hit is not None]
        if hits and self._layout is not None:
            return longest_overhang(hits, self._layout)
        return max((width_of(_text(each.raw)) + _SIGN_WIDTH for each in visible), default=0) - (
            size.width
        )

    def action_copy(self) -> None:
        """Copy the line that a search found, else the lowest one that is visible."""
        visible = self._visible(self.view_size)
        if self._matching:
            place = visible[-1] if self._found is None else self._found
            told = clipboard.copy(self.app, self._matching[place].raw)
            self.app.notify(told, markup=False, timeout=clipboard.TOAST_SECONDS)

    # Lines

    def _visible(self, size: Size) -> range:
        count = len(self._matching)
        first = max(0, count - size.height) if self.following else int(self.scroll_offset.y)
        return range(min(first, count), min(count, first + size.height))

    def _freeze(self) -> None:
        if self._frozen is None:
            self._frozen = self._current_lines()

    def _current_lines(self) -> Sequence[TailLine]:
        if self._frozen is not None:
            return self._frozen
        lines, hits = self.snapshot.tail, self.snapshot.tail_hits
        if hits is None or not self._parsed:
            return [TailLine(raw, None) for raw in lines]
        return list(map(TailLine, lines, hits))

    def _layout_for(self, width: int) -> Layout | None:
        hits = [each.hit for each in self._matching if each.hit is not None]
        snapshot = self.snapshot
        today, resolution = int(snapshot.log_time or 0) // DAY, snapshot.ingest.resolution / 1e6
        return layout_of(hits, width, today=today, resolution=resolution) if hits else None

    def _line(self, place: int, width: int) -> Strip:
        raw, hit = self._matching[place]
        base = self.ink("")
        if place == self._found:
            base += self.cursor_shade()
        if hit is not None and self._layout is not None:
            pieces = request_pieces(self, hit, self._layout, base, self.shift)
        else:
            pieces = self._raw_pieces(raw, base)
        match = self.ink("search--match")
        return line(highlighted(pieces, self.highlight, match), width, base)

    def _raw_pieces(self, raw: bytes, base: Style) -> list[Piece]:
        """Return a line with its sign and its status in the colour of its class."""
        found = (_JSON_STATUS if raw.startswith(b"{") else _STATUS).search(raw[:MAX_LINE])
        status_class = int(found[2]) if found else 0
        ink = status_ink(self, status_class, base)
        sign = SIGNS.get(status_class, "").ljust(_SIGN_WIDTH), ink
        text = shifted(_text(raw), self.shift)
        # The status may have slid out of sight, or under the ellipsis.
        start = len(_text(raw[: found.start(1)])) - self.shift if found else 0
        if found is None or start < 1:
            return [sign, (text, base)]
        end = start + len(found[1])
        return [sign, (text[:start], base), (text[start:end], ink), (text[end:], base)]


def _text(raw: bytes) -> str:
    """Return the text of a line, safe to paint."""
    return printable(raw[:MAX_LINE])

"""Painted: the base of the widgets that draw their own lines and repaint only changed ones.

Its subclasses parse no markup: text reaches the screen as styled segments.
"""

from collections.abc import Iterable
from itertools import takewhile, zip_longest
from math import ceil
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.styles import RenderStyles
from textual.dom import DOMNode
from textual.events import Resize
from textual.geometry import Offset, Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from logmon_tui.fitting import is_narrow, width_of
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.kept_lines import KeptLines

MOST_REGIONS = 500
"""Regions that are remembered to be written, before all of a widget is: a screen has fewer."""


class Painted(ScrollView, KeptLines, can_focus=False):
    """A widget that shows a Snapshot as lines of styled text."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "panel--dim",
        "panel--strong",
        "panel--header",
        "panel--cursor",
        "panel--share",
        "panel--track",
        "panel--bar",
        "panel--warning",
        "status--1xx",
        "status--2xx",
        "status--3xx",
        "status--4xx",
        "status--5xx",
        "status--other",
        "alert--firing",
        "alert--recovered",
        "alert--threshold",
        "alert--chip",
        "filter--term",
        "graph--low",
        "graph--middle",
        "graph--high",
        "graph--compared",
        "time--past",
        "search--match",
        "change--rise",
        "change--fall",
    }
    DEFAULT_CSS = """
    Painted { overflow-x: hidden; overflow-y: hidden; scrollbar-size-vertical: 1; }
    """

    # The number of lines decides whether there is a scrollbar, but not where the widgets are: a
    # layout of the whole screen is in vain.
    virtual_size = Reactive(Size(0, 0), repaint=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.snapshot = Snapshot()
        self._lines: list[Strip] = []
        self._blank = Strip([])
        self._arranged_for: Size | None = None
        self._drawn_for: tuple[Size, Offset] | None = None
        self._part: object = None
        self._inks: dict[str, Style] = {}
        self._used: set[str] = set()  # component classes that were asked for

    def paint(self, size: Size) -> list[Strip]:
        """Return the visible lines, each `size.width` cells wide, at most `size.height`."""
        raise NotImplementedError

    def part(self, snapshot: Snapshot) -> object:
        """Return the part of a Snapshot that is drawn; the widget redraws only if it changes."""
        return snapshot

    def arrange_items(self) -> None:
        """Prepare drawing from `snapshot` for the size; called before it is drawn, and on resize.

        Subclasses call this before they set `virtual_size`: a scrollbar changes the size.
        """
        self._arranged_for = self.view_size

    def _size_updated(
        self,
        size: Size,
        virtual_size: Size,
        container_size: Size,
        layout: bool = True,  # noqa: FBT001, FBT002 - as Textual has it
    ) -> bool:
        """Take the size of a layout; return whether it is another one.

        Textual has scrollbars drawn anew after each layout, as it compares sizes with and without
        the border.
        """
        if size == self._size and self._container_size == size - self.styles.gutter.totals:
            return False
        return super()._size_updated(size, virtual_size, container_size, layout)

    def watch_virtual_size(self, before: Size, size: Size) -> None:
        """Show or hide the scrollbar; draw it anew only if it looks another."""
        room, at = self.container_size.height, self.scroll_y
        if self.show_vertical_scrollbar and at <= size.height - room:
            thumb = thumb_of(room, size.height, at)
            if thumb is not None and thumb == thumb_of(room, before.height, at):
                bar = self.vertical_scrollbar
                bar.set_reactive(ScrollBar.window_virtual_size, size.height)
                return
        self._scroll_update(size)

    @property
    def view_size(self) -> Size:
        """Width and height of the drawable area, in cells, as the widget was last told.

        It is asked for often. Where the widget stands on the screen now, Textual must look up.
        """
        width, height = self.outer_size
        gutter = self.styles.gutter
        bar = self.scrollbar_size_vertical
        return Size(max(0, width - gutter.width - bar), max(0, height - gutter.height))

    def show(self, snapshot: Snapshot) -> None:
        """Show another Snapshot; while hidden, only store it."""
        self.snapshot = snapshot
        if not self.display:
            self._drawn_for = None
            return
        part = self.part(snapshot)
        if part != self._part or self._drawn_for is None:
            self._part = part
            self.arrange_items()
            self.repaint()

    def repaint(self) -> None:
        """Redraw, and have the terminal rewrite only the cells that changed."""
        size = self.view_size
        if self._drawn_for is None or self._drawn_for[0] != size or not size:
            self._drawn_for = None
            self.refresh()
            return
        before, self._lines = self._lines, self._draw(size)
        changed = _changed(before, self._lines, size.width)
        if changed:
            self.refresh(*changed)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region; first redraw if size or scroll offset changed."""
        size = self.view_size
        if self._arranged_for != size:
            # A border or a scrollbar that comes or goes is no Resize.
            self.call_later(self._arrange_anew)
        if self._drawn_for != (size, self.scroll_offset):
            self._lines = self._draw(size)
        self._blank = Strip.blank(size.width, self.ink(""))
        return super().render_lines(crop)

    def _set_dirty(self, *regions: Region) -> None:
        """Note that regions, or all, must be written; out of sight they would add up for ever."""
        if len(self._repaint_regions) > MOST_REGIONS:
            regions = ()
        super()._set_dirty(*regions)
        self._dirty_regions.clear()  # these are for widgets without `render_line`

    @property
    def is_plain(self) -> bool:
        """Whether lines reach the terminal as `paint` drew them, but for the app's filters."""
        styles = self.styles
        return (
            self._drawn_for == (self.scrollable_content_region.size, self.scroll_offset)
            and not (styles.tint.a or styles.has_rule("hatch") or styles.outline)
            and self.opacity == styles.text_opacity == 1.0
        )

    def pieces(self, y: int, start: int, end: int, background: Color) -> list[Segment]:
        """Return what a plain widget shows at line `y` from cell `start` to before `end`."""
        segments = _between(self.render_line(y), start, end)
        for each in self.get_line_filters():
            segments = each.apply(segments, background)
        return segments

    def render_line(self, y: int) -> Strip:
        """Return the line at `y`, counted from the top of the visible part."""
        return self._lines[y] if y < len(self._lines) else self._blank

    def ink(self, name: str) -> Style:
        """Return the style of the component class `name`; of the widget itself if it is empty."""
        style = self._inks.get(name)
        if style is None:
            style = self.get_component_rich_style(name) if name else self.rich_style
            self._inks[name] = style
        return style

    def cursor_shade(self) -> Style:
        """Return what to add to the style of the line under a cursor."""
        return Style(bgcolor=self.ink("panel--cursor").bgcolor, bold=True)

    def get_component_styles(self, *names: str) -> RenderStyles:
        """Return the styles of component classes; each is computed on its first use."""
        for name in self.COMPONENT_CLASSES.intersection(names) - self._component_styles.keys():
            self._used.add(name)
            component = DOMNode(classes=name)
            component._attach(self)  # noqa: SLF001 - as Textual does for every component class
            self.app.stylesheet.apply(component, animate=False)
            self._component_styles[name] = component.styles
        return super().get_component_styles(*names)

    def _get_component_classes(self) -> frozenset[str]:  # type: ignore[override]
        """Return only the classes in use, as Textual recomputes the styles of all it gets.

        Computing every class for every widget took half of the time until the first paint.
        """
        return frozenset(self._used)

    def notify_style_update(self) -> None:
        """Discard everything that was drawn in the old styles."""
        self._inks.clear()
        self._drawn_for = None
        super().notify_style_update()

    def on_resize(self, _event: Resize) -> None:
        """Draw for the new size."""
        self.arrange_items()
        self.repaint()

    def _arrange_anew(self) -> None:
        """Arrange for the size that is there, unless that has been done."""
        if self._arranged_for != self.view_size:
            self.arrange_items()
            self.repaint()

    def _draw(self, size: Size) -> list[Strip]:
        self._drawn_for = (size, self.scroll_offset)
        return self.paint(size)


def thumb_of(room: int, lines: int, at: float) -> tuple[int, int] | None:
    """Return where a scrollbar of `room` cells draws its thumb, in eighths of a cell.

    There are `lines` lines, of which line `at` is the topmost. None if no bar is needed.
    """
    if not 0 < room < lines:
        return None
    cells = max(1.0, room / (lines / room))  # the same operations as Textual's, so no two differ
    start = int((room - cells) * (at / (lines - room)) * _EIGHTHS)
    return start, start + ceil(cells * _EIGHTHS)


_EIGHTHS = 8


def _changed(before: list[Strip], now: list[Strip], width: int) -> list[Region]:
    """Return where the lines differ that are shown `now`: a region for each line that does."""
    blank = Strip([])
    pairs = zip_longest(before, now, fillvalue=blank)
    return [
        Region(start, y, end - start, 1)
        for y, (old, new) in enumerate(pairs)
        if old != new
        for start, end in (_cells_changed(old, new, width),)
    ]


def _cells_changed(old: Strip, new: Strip, width: int) -> tuple[int, int]:
    """Return the first cell of a line that another piece is in, and the one after the last.

    It is all of the line if there are wide characters: terminals do not agree which are wide.
    """
    if not is_narrow("".join([text for strip in (old, new) for text, _, _ in strip])):
        return 0, width
    ends = _equal_cells(old, new), _equal_cells(reversed(list(old)), reversed(list(new)))
    return ends[0], width - ends[1]


def _between(line: Strip, start: int, end: int) -> list[Segment]:
    """Return what a line shows from cell `start` to before `end`.

    `Strip.crop` makes a line of that, with caches, which takes longer than to cut it.
    """
    found, at = [], 0
    for piece in line:
        width = width_of(piece.text)
        first, last = max(0, start - at), min(width, end - at)
        if first < last:
            part = piece if last == width else piece.split_cells(last)[0]
            found.append(part.split_cells(first)[1] if first else part)
        at += width
        if at >= end:
            break
    return found


def _equal_cells(old: Iterable[Segment], new: Iterable[Segment]) -> int:
    """Return how many cells the pieces take with which both begin."""
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    return sum(len(piece.text) for piece, _ in equal)

"""LaidOut: the compositor of the dashboard. It writes only what changed, and misses no layout."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from textual._compositor import (
    ChopsUpdate,
    Compositor,
    CompositorMap,
    CompositorUpdate,
    ReflowResult,
)
from textual.color import Color
from textual.geometry import Offset, Region, Size
from textual.map_geometry import MapGeometry
from textual.strip import Strip
from textual.widget import Widget

from logmon_tui.tui.paint.painted import Painted


class PiecesUpdate(CompositorUpdate):
    """Pieces of lines, each at its cell (x, y), and then `rest`, which Textual has composed."""

    def __init__(
        self, pieces: Sequence[tuple[int, int, list[Segment]]], rest: ChopsUpdate | None
    ) -> None:
        self.pieces = pieces
        self.rest = rest

    def render_segments(self, console: Console) -> str:
        """Return what to write to the terminal."""
        colours = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - as Strip does
        style = Strip.render_style
        texts: list[str] = []
        for x, y, segments in self.pieces:
            texts.append(f"\x1b[{y + 1};{x + 1}H")
            texts += [
                style(ink, text, colours) if ink is not None else text for text, ink, _ in segments
            ]
        if self.rest is not None:
            texts.append(self.rest.render_segments(console))
        return "".join(texts)


class _Place(NamedTuple):
    """Cells of a line of the screen, before `end`, that show a widget's content.

    That begins at column `left` and line `top`.
    """

    start: int
    end: int
    widget: Painted
    left: int
    top: int


class LaidOut(Compositor):
    """Writes changes in the content of panels at once, and compares each layout with the former.

    If one cell of the screen changes, Textual has all widgets draw, frames all of their lines, cuts
    these at all edges and writes whole lines. That took half of the time of a picture. A panel's
    content is written as the panel drew it, but for what something covers, such as a toast.

    Between two layouts, Textual may work out where the widgets are to stand, because somebody asks
    for the region of one. The base class compares the next layout with that. What has moved by
    then is neither told of its new size nor written to the terminal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._laid_out: CompositorMap = {}
        self._has_scrolled = False
        self._forget_places()

    def _forget_places(self) -> None:
        self._placed: object = None
        self._places: list[list[_Place]] = []  # by line
        self._covers: dict[Widget, list[Region]] = {}  # of those that something covers in part
        self._hidden: set[Widget] = set()

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override]
        """Return what to write where something changed; None if nothing did."""
        spans = list(self._regions_to_spans(self._dirty_regions))
        self._dirty_regions.clear()
        backgrounds: dict[Painted, Color | None] = {}  # None: not to be written as it was drawn
        pieces = []
        for y, start, end in spans:
            for first, last, widget, left, top in self._places_at(y):
                if first <= start and end <= last:
                    if widget not in backgrounds:
                        plain = widget.is_plain
                        backgrounds[widget] = widget.background_colors[1] if plain else None
                    background = backgrounds[widget]
                    if background is not None:
                        piece = widget.pieces(y - top, start - left, end - left, background)
                        pieces.append((start, y, piece))
                        break
            else:
                self._dirty_regions.add(Region(start, y, end - start, 1))
        rest = self._composed() if self._dirty_regions else None
        return PiecesUpdate(pieces, rest) if pieces else rest

    def _composed(self) -> ChopsUpdate | None:
        """Have Textual compose what changed, but ask only widgets that are there to be seen."""
        everywhere, _ = self.visible_widgets, self.cuts
        self._find_places()
        self._visible_widgets = {
            widget: (region, clip)
            for widget, (region, clip) in everywhere.items()
            if widget not in self._hidden and any(map(region.overlaps, self._dirty_regions))
        }
        try:
            return super().render_partial_update()
        finally:
            self._visible_widgets = everywhere

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Note what changed in widgets, without what others cover: that is not to be written."""
        self._find_places()
        covered = widgets & self._covers.keys()
        super().update_widgets(widgets - covered)
        for widget in covered:
            noted, self._dirty_regions = self._dirty_regions, set()
            super().update_widgets({widget})
            for region in self._dirty_regions:
                noted.update(_uncovered(region, self._covers[widget]))
            self._dirty_regions = noted

    def _places_at(self, y: int) -> list[_Place]:
        """Return the places of content on a line of the screen."""
        self._find_places()
        return self._places[y] if y < len(self._places) else []

    def _find_places(self) -> None:
        """Find what is seen of each widget, once after each layout."""
        if self._placed is self.visible_widgets:
            return
        self._forget_places()
        self._placed = self.visible_widgets
        self._places = [[] for _ in range(self.size.height)]
        nearer: list[Region] = []
        for widget, (region, clip) in self.visible_widgets.items():  # the nearest ones first
            shown = region.intersection(clip)
            if isinstance(widget, Painted) and shown == region:
                self._place(widget, region.offset + widget.content_offset, nearer)
            elif widget.is_container and is_covered(shown, nearer):
                self._hidden.add(widget)
            nearer.append(shown)

    def _place(self, widget: Painted, offset: Offset, nearer: Iterable[Region]) -> None:
        content = Region.from_offset(offset, widget.scrollable_content_region.size)
        covers = [each for each in nearer if each.overlaps(content)]
        if covers:
            self._covers[widget] = covers
        whole = _Place(content.x, content.right, widget, *content.offset)
        touched = {y for each in covers for y in each.line_range}
        for y in content.line_range:
            if y not in touched:
                self._places[y].append(whole)
                continue
            for seen in _uncovered(Region(content.x, y, content.width, 1), covers):
                self._places[y].append(whole._replace(start=seen.x, end=seen.right))

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out `parent` and its children; return what hid, appeared and was resized."""
        if self._has_scrolled:
            # The terminal shows neither the layout before this one nor the newest places.
            self._has_scrolled = False
            self._dirty_regions.add(size.region)
        self._full_map = before = self._laid_out
        dirty, self._dirty_regions = self._dirty_regions, set()
        result = super().reflow(parent, size)
        self._laid_out = self._full_map
        # Textual would write the whole screen for a toast: that alters the order of all widgets,
        # and its invisible place is nearly as large.
        changed = [each for each in _looks(self._full_map) ^ _looks(before) if each[0].visible]
        shown = [place.clip.intersection(place.region) for _, place in changed]
        self._dirty_regions = dirty.union(filter(None, shown))
        return result

    def reflow_visible(self, parent: Widget, size: Size) -> set[Widget]:
        """Move what scrolls; return what came into sight."""
        self._has_scrolled = True
        return super().reflow_visible(parent, size)

    def clear(self) -> None:
        """Forget every widget."""
        super().clear()
        self._laid_out = {}
        self._forget_places()


def _uncovered(region: Region, covers: Iterable[Region]) -> list[Region]:
    """Return the parts of a line that nothing covers; of several lines, all of them."""
    if region.height > 1:
        return [region]
    parts = [region.column_span]
    for each in covers:
        if region.y in each.line_range:
            begin, end = each.column_span
            sides = [((a, min(b, begin)), (max(a, end), b)) for a, b in parts]
            parts = [(a, b) for pair in sides for a, b in pair if a < b]
    return [Region(a, region.y, b - a, 1) for a, b in parts]


def is_covered(region: Region, others: Iterable[Region]) -> bool:
    """Tell whether `others` cover each cell of a region."""
    over = [each for each in map(region.intersection, others) if each]
    edges = sorted({region.y, region.bottom, *(e for each in over for e in (each.y, each.bottom))})
    for top in edges[:-1]:  # between two edges, all lines look alike
        reached = region.x
        for each in sorted(each for each in over if each.y <= top < each.bottom):
            if each.x > reached:
                break
            reached = max(reached, each.right)
        if reached < region.right:
            return False
    return True


def _looks(places: CompositorMap) -> set[tuple[Widget, MapGeometry]]:
    """Return how each widget is placed, but for its order: those in one plane do not overlap."""
    return {(widget, place._replace(order=())) for widget, place in places.items()}

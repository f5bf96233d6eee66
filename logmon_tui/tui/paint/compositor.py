"""LaidOut: the compositor of the dashboard. It writes only what changed, and misses no layout."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from textual.geometry import Region, Size
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
    """Where a widget's content is on the screen."""

    widget: Painted
    content: Region


class LaidOut(Compositor):
    """Writes changes in the content of panels at once, and compares each layout with the former.

    If one cell of the screen changes, Textual has all widgets draw, frames all of their lines, cuts
    these at all edges and writes whole lines. That took half of the time of a picture. A panel's
    content that nothing covers is written as the panel drew it.

    Between two layouts, Textual may work out where the widgets are to stand, because somebody asks
    for the region of one. The base class compares the next layout with that. What has moved by
    then is neither told of its new size nor written to the terminal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._laid_out: CompositorMap = {}
        self._has_scrolled = False
        self._places: list[list[_Place]] = []
        self._placed: object = None

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override]
        """Return what to write where something changed; None if nothing did."""
        spans = list(self._regions_to_spans(self._dirty_regions))
        self._dirty_regions.clear()
        backgrounds: dict[Painted, Color | None] = {}  # None: not to be written as it was drawn
        pieces = []
        for y, start, end in spans:
            for widget, (left, top, width, _) in self._places_at(y):
                if left <= start and end <= left + width:
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
        self._visible_widgets = _seen(everywhere, self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._visible_widgets = everywhere

    def _places_at(self, y: int) -> list[_Place]:
        """Return the widgets at a line of the screen whose content nothing covers there."""
        if self._placed is not self.visible_widgets:
            self._placed = self.visible_widgets
            self._places = self._found_places()
        return self._places[y] if y < len(self._places) else []

    def _found_places(self) -> list[list[_Place]]:
        places: list[list[_Place]] = [[] for _ in range(self.size.height)]
        nearer: list[Region] = []
        for widget, (region, clip) in self.visible_widgets.items():  # the nearest ones first
            if isinstance(widget, Painted) and clip.contains_region(region):
                offset, size = region.offset + widget.content_offset, widget.view_size
                content = Region.from_offset(offset, size)
                over = [each for each in nearer if each.overlaps(content)]
                for y in content.line_range:
                    if not any(y in each.line_range for each in over):
                        places[y].append(_Place(widget, content))
            nearer.append(region.intersection(clip))
        return places

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
        self._places, self._placed = [], None


def _seen(
    places: Mapping[Widget, tuple[Region, Region]], dirty: Collection[Region]
) -> dict[Widget, tuple[Region, Region]]:
    """Return the widgets in `dirty` regions, without containers that their children cover.

    `places` are their regions and clips, the nearest ones first.
    """
    seen: dict[Widget, tuple[Region, Region]] = {}
    nearer: list[Region] = []
    for widget, (region, clip) in places.items():
        shown = region.intersection(clip)
        is_there = any(map(region.overlaps, dirty))
        if is_there and not (widget.is_container and is_covered(shown, nearer)):
            seen[widget] = region, clip
        nearer.append(shown)
    return seen


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

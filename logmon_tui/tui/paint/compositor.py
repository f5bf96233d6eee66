"""LaidOut: a compositor whose widgets hear of every change of their size."""

from textual._compositor import Compositor, CompositorMap, ReflowResult
from textual.geometry import Size
from textual.widget import Widget


class LaidOut(Compositor):
    """Compares each layout with the one before it.

    Between two layouts, Textual may work out where the widgets are to stand, because somebody asks
    for the region of one. The base class compares the next layout with that. What has moved by
    then is neither told of its new size nor written to the terminal.
    """

    def __init__(self) -> None:
        super().__init__()
        self._laid_out: CompositorMap = {}
        self._has_scrolled = False

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        """Lay out `parent` and its children; return what hid, appeared and was resized."""
        if self._has_scrolled:
            # The terminal shows neither the layout before this one nor the newest places.
            self._has_scrolled = False
            self._dirty_regions.add(size.region)
        self._full_map = self._laid_out
        result = super().reflow(parent, size)
        self._laid_out = self._full_map
        return result

    def reflow_visible(self, parent: Widget, size: Size) -> set[Widget]:
        """Move what scrolls; return what came into sight."""
        self._has_scrolled = True
        return super().reflow_visible(parent, size)

    def clear(self) -> None:
        """Forget every widget."""
        super().clear()
        self._laid_out = {}

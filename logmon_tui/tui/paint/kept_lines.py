"""KeptLines: for widgets that are asked for all of their lines although few have changed."""

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class KeptLines(Widget):
    """Renders only the lines that changed since it was last asked, and keeps the others.

    If one line of the screen changes, Textual asks every widget for all of its lines. To look each
    of them up, frame it and filter its colours took half of the time of a repaint.
    """

    _kept: tuple[Region, list[Strip]] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of a region of the widget."""
        if self._kept is None or self._kept[0] != crop:
            lines = super().render_lines(crop)
        else:
            lines = self._kept[1]
            changed = [y for y in crop.line_range if self._styles_cache.is_dirty(y)]
            if changed:
                first, end = changed[0], changed[-1] + 1
                part = Region(crop.x, first, crop.width, end - first)
                before, after = lines[: first - crop.y], lines[end - crop.y :]
                lines = [*before, *super().render_lines(part), *after]
        self._kept = crop, lines
        return lines

    def _set_dirty(self, *regions: Region) -> None:
        """Mark regions, or everything, as changed; Textual calls this for every change."""
        if not regions:
            self._kept = None
        super()._set_dirty(*regions)

"""The ingest panel: all counts, each log, the saved state, the targets, the unparsed lines.

The lines are made once for each Snapshot, as texts with the names of their inks. Only the visible
ones are turned into styled segments.
"""

from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.native.library import problem
from logmon_tui.tui.paint.cells import line
from logmon_tui.tui.paint.health import Oddity, oddities
from logmon_tui.tui.paint.ingest_text import (
    WARNING,
    Words,
    figures,
    flowing,
    host_rows,
    log_rows,
    paragraph,
    saving_rows,
    slow_rows,
    target_rows,
    too_late,
    unparsed_rows,
)
from logmon_tui.tui.panels.panel import Place, ScrolledPanel


class Ingest(ScrolledPanel):
    """The panel about reading, saving and notifying."""

    NAME = PanelName.INGEST
    TITLE = "Ingest"
    KEYS = ("0", "i")
    PLACE = Place.BOTTOM

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Words] = []
        self._width = 0

    def detail(self) -> str:
        """Return the counts that should be zero and are not."""
        ingest = self.snapshot.ingest
        dead = sum(bool(target.problem) for target in ingest.targets)
        counts = (*oddities(ingest), Oddity("dead targets", dead))
        odd = [str(oddity) for oddity in counts if oddity.number]
        live = "" if self.snapshot.moment is None else "live · "
        return live + (f"! {' · '.join(odd)}" if odd else "nothing odd")

    def arrange_items(self) -> None:
        """Make the lines, and set the height to scroll."""
        self._make_rows(self.view_size.width)
        super().arrange_items()
        self.virtual_size = Size(self._width, len(self._rows))

    def paint(self, size: Size) -> list[Strip]:
        """Draw the visible lines."""
        if size.width != self._width:
            self._make_rows(size.width)
        first = int(self.scroll_offset.y)
        return [
            line([(text, self.ink(ink)) for text, ink in row], size.width, self.ink(""))
            for row in self._rows[first : first + size.height]
        ]

    def _make_rows(self, width: int) -> None:
        snapshot = self.snapshot
        self._width = width
        self._rows = [
            *flowing(figures(snapshot.ingest), width),
            *paragraph(too_late(snapshot.ingest), "! ", WARNING, width),
            *slow_rows(problem(), width),
            *log_rows(snapshot.sources, width),
            *host_rows(snapshot.fleet, width),
            *saving_rows(snapshot.saving, width, self.clock()),
            *paragraph(snapshot.ingest.marks_problem, "! ", WARNING, width),
            *target_rows(snapshot.ingest.targets, width),
            *unparsed_rows(snapshot.ingest, width),
        ]

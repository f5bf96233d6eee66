"""The watched logs, the busiest first; the user can choose to see one of them only."""

import os
from dataclasses import replace

from textual.message import Message

from logmon_tui.config.settings import Panel
from logmon_tui.snapshot import CountRow, Ranking, Snapshot
from logmon_tui.tui.paint.cells import crop_start, shown
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable, View


class Logs(RankTable):
    """The panel of logs."""

    NAME = Panel.LOGS
    TITLE = "Logs"
    KEYS = ("L",)
    PLACE = Place.WIDE
    VIEWS = (View("logs", "log", lambda window: window.sources),)

    class Chosen(Message):
        """The user wants to see the hits of one log only, or of all logs again (None)."""

        def __init__(self, name: bytes | None) -> None:
            super().__init__()
            self.name = name

    @property
    def ranking(self) -> Ranking:
        """The ranking of all logs, including those without hits: a silent log is worth seeing."""
        found = super().ranking
        filtered = self.snapshot.filtered
        # While one log is shown alone, the hits of the others in the window are not counted.
        watched = {os.fsencode(filtered)} if filtered else set(self.snapshot.logs)
        quiet = sorted(watched.difference(row.key for row in found.rows))
        rows = (*found.rows, *(CountRow(name, 0, 0) for name in quiet))
        return replace(found, rows=rows, distinct=max(found.distinct, len(rows)))

    def part(self, snapshot: Snapshot) -> object:
        """Return the ranking, the logs, the chosen log, and why none can be chosen."""
        return super().part(snapshot), snapshot.logs, snapshot.filtered, snapshot.no_filter

    def detail(self) -> str:
        """Return the chosen log, and the window."""
        name = self.snapshot.filtered
        return f"only {shown(name)} · {super().detail()}" if name else super().detail()

    def hint(self) -> str:
        """Return what the enter key does, or why it does nothing."""
        if self.snapshot.no_filter:
            return shown(self.snapshot.no_filter)
        return "enter: all logs" if self.snapshot.filtered else "enter: only this log"

    def cropped(self, key: str, width: int) -> str:
        """Return the end of a log's name; names mostly differ at their end."""
        return crop_start(key, width)

    def absence(self) -> str:
        """Return why there are no rows."""
        return "only one log is read" if self.snapshot.now.hits else super().absence()

    def action_open(self) -> None:
        """Show only the log under the cursor, or all logs again."""
        if self.snapshot.filtered:
            self.post_message(self.Chosen(None))
        elif isinstance(self.cursor_key, bytes) and not self.snapshot.no_filter:
            self.post_message(self.Chosen(self.cursor_key))

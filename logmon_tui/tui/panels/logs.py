"""The watched logs, the busiest first."""

from msgspec.structs import replace

from logmon_tui.config.settings import Panel
from logmon_tui.snapshot import CountRow, Ranking, Snapshot
from logmon_tui.tui.paint.cells import crop_start
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class Logs(RankTable):
    """The panel of logs."""

    NAME = Panel.LOGS
    TITLE = "Logs"
    KEYS = ("L",)
    PLACE = Place.WIDE
    VIEWS = (View("logs", "log", "sources", field="log"),)

    @property
    def ranking(self) -> Ranking:
        """The ranking of all logs, including those without hits: a silent log is worth seeing."""
        found = super().ranking
        quiet = sorted(set(self.snapshot.logs).difference(row.key for row in found.rows))
        rows = (*found.rows, *(CountRow(name, 0, 0) for name in quiet))
        return replace(found, rows=rows, distinct=max(found.distinct, len(rows)))

    def part(self, snapshot: Snapshot) -> object:
        """Return the ranking and the logs."""
        return super().part(snapshot), snapshot.logs

    def cropped(self, key: str, width: int) -> str:
        """Return the end of a log's name; names mostly differ at their end."""
        return crop_start(key, width)

    def absence(self) -> str:
        """Return why there are no rows."""
        return "only one log is read" if self.snapshot.now.hits else super().absence()

"""The paths with the most hits."""

from logmon_tui.config import Panel
from logmon_tui.snapshot import Ranking, Window
from logmon_tui.tui.widgets.rank_table import RankTable


class Paths(RankTable):
    """The panel of paths."""

    NAME = Panel.PATHS
    KEY_TITLE = "path"

    def ranking(self, window: Window) -> Ranking:
        """Return the ranking of paths."""
        return window.paths

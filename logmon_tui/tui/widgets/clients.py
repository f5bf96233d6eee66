"""The client hosts with the most hits."""

from logmon_tui.config import Panel
from logmon_tui.snapshot import Ranking, Window
from logmon_tui.tui.widgets.rank_table import RankTable


class Clients(RankTable):
    """The panel of clients."""

    NAME = Panel.CLIENTS
    KEY_TITLE = "client"

    def ranking(self, window: Window) -> Ranking:
        """Return the ranking of clients."""
        return window.hosts

"""The user agents with the most hits."""

from logmon_tui.config import Panel
from logmon_tui.snapshot import Ranking, Window
from logmon_tui.tui.widgets.rank_table import RankTable


class Agents(RankTable):
    """The panel of user agents."""

    NAME = Panel.AGENTS
    KEY_TITLE = "user agent"

    def ranking(self, window: Window) -> Ranking:
        """Return the ranking of user agents."""
        return window.user_agents

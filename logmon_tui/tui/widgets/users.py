"""The authenticated users with the most hits."""

from logmon_tui.config import Panel
from logmon_tui.snapshot import Ranking, Window
from logmon_tui.tui.widgets.rank_table import RankTable


class Users(RankTable):
    """The panel of users."""

    NAME = Panel.USERS
    KEY_TITLE = "user"

    def ranking(self, window: Window) -> Ranking:
        """Return the ranking of users."""
        return window.users

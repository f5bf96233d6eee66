"""The authenticated users with the most hits."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class Users(RankTable):
    """The panel of users."""

    NAME = Panel.USERS
    TITLE = "Users"
    KEYS = ("8",)
    PLACE = Place.EXTRAS
    VIEWS = (View("users", "user", "users", field="user"),)

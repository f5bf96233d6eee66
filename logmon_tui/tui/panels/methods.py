"""The request methods with the most hits."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class Methods(RankTable):
    """The panel of methods."""

    NAME = Panel.METHODS
    TITLE = "Methods"
    KEYS = ("M",)
    PLACE = Place.MORE
    VIEWS = (View("methods", "method", "methods", field="method"),)

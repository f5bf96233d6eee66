"""The client hosts with the most hits."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.panels.rank_table import RankTable, View


class Clients(RankTable):
    """The panel of clients."""

    NAME = Panel.CLIENTS
    VIEWS = (View("clients", "client", lambda window: window.hosts),)

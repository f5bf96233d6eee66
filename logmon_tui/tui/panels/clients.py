"""The client hosts with the most hits, errors and response time."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.paint.columns import CLASSED
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable, View


class Clients(RankTable):
    """The panel of clients."""

    NAME = Panel.CLIENTS
    TITLE = "Clients"
    KEYS = ("5",)
    PLACE = Place.EXTRAS
    VIEWS = (View("clients", "client", lambda window: window.hosts, field="client"),)
    COLUMNS = CLASSED

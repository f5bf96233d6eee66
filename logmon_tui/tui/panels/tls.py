"""The TLS versions with the most hits."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class Tls(RankTable):
    """The panel of TLS versions."""

    NAME = Panel.TLS
    TITLE = "TLS"
    KEYS = ("T",)
    PLACE = Place.MORE
    VIEWS = (View("TLS versions", "TLS", "tls", field="tls"),)

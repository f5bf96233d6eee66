"""The virtual hosts with the most hits."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class VirtualHosts(RankTable):
    """The panel of virtual hosts."""

    NAME = Panel.VHOSTS
    TITLE = "Virtual hosts"
    KEYS = ("V",)
    PLACE = Place.MORE
    VIEWS = (View("virtual hosts", "virtual host", "virtual_hosts", field="host"),)

"""The pages that most hits came from."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.paint.cells import shown_decoded
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class Referrers(RankTable):
    """The panel of referrers."""

    NAME = Panel.REFERRERS
    TITLE = "Referrers"
    KEYS = ("R",)
    PLACE = Place.MORE
    VIEWS = (View("referrers", "referrer", "referrers", shown_decoded, "referrer"),)

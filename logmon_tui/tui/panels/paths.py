"""The paths with the most hits, one by one or grouped into routes."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.paint.cells import shown_decoded
from logmon_tui.tui.paint.columns import TIMED
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class Paths(RankTable):
    """The panel of paths."""

    NAME = Panel.PATHS
    TITLE = "Paths"
    KEYS = ("6",)
    PLACE = Place.EXTRAS
    VIEWS = (
        View("paths", "path", "paths", shown_decoded, "path"),
        View("routes", "route", "routes", shown_decoded, "route"),
    )
    COLUMNS = TIMED

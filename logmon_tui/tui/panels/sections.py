"""The busiest sections: hits, share, rate, errors, response times, bytes and trend."""

from logmon_tui.config.settings import Panel
from logmon_tui.tui.paint.cells import shown_decoded
from logmon_tui.tui.paint.columns import TIMED, TREND
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View


class Sections(RankTable):
    """The panel of sections."""

    NAME = Panel.SECTIONS
    TITLE = "Sections"
    KEYS = ("2",)
    PLACE = Place.MIDDLE
    VIEWS = (View("sections", "section", "sections", shown_decoded, "section"),)
    COLUMNS = (*TIMED, TREND)

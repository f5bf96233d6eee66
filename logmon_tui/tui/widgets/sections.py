"""The busiest sections: hits, share, rate, errors, bytes and trend."""

from logmon_tui.config import Panel
from logmon_tui.snapshot import Ranking, Window
from logmon_tui.tui.widgets.rank_table import (
    BYTES,
    ERRORS,
    HITS,
    RATE,
    SHARE,
    TREND,
    RankTable,
)


class Sections(RankTable):
    """The panel of sections."""

    NAME = Panel.SECTIONS
    KEY_TITLE = "section"
    COLUMNS = (HITS, SHARE, RATE, ERRORS, BYTES, TREND)

    def ranking(self, window: Window) -> Ranking:
        """Return the ranking of sections."""
        return window.sections

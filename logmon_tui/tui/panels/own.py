"""Own panels: tables of further fields of the log's format, which the settings name."""

from collections.abc import Mapping
from typing import cast

from logmon_tui.config.own_panels import OwnPanel, title_of
from logmon_tui.escape import printable
from logmon_tui.snapshot import Ranking, Window
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable
from logmon_tui.tui.panels.view import View

_NOTHING = Ranking()


class OwnView(View):
    """The view of an own panel; its ranking is always made."""

    def ranking(self, window: Window) -> Ranking:
        """Return the ranking of the panel of that name."""
        return window.own.get(self.shows, _NOTHING)


class OwnTable(RankTable):
    """Base of the own panels; each is a class of its own, as every panel is."""

    KEYS = ()
    PLACE = Place.MORE


def own_tables(panels: Mapping[str, OwnPanel]) -> list[OwnTable]:
    """Return the panels of the settings, in their order."""
    return [_own_table(name, panel) for name, panel in panels.items()]


def _own_table(name: str, panel: OwnPanel) -> OwnTable:
    title = title_of(name, panel)
    view = OwnView(printable(panel.field), title.lower(), name, field=name)
    described = {"NAME": name, "TITLE": title, "VIEWS": (view,)}
    return cast("type[OwnTable]", type("OwnTable", (OwnTable,), described))()

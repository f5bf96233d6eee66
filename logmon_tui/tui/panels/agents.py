"""The user agents with the most hits, single or grouped by browser, system or bot."""

from logmon_tui.config.settings import Panel
from logmon_tui.formats.user_agents import BOT, NO_BOT
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.rank_table import RankTable, View

_WHO = {BOT: "is:bot", NO_BOT: "is:human"}


class Agents(RankTable):
    """The panel of user agents."""

    NAME = Panel.AGENTS
    TITLE = "User agents"
    KEYS = ("7",)
    PLACE = Place.EXTRAS
    VIEWS = (
        View("user agents", "user agent", lambda window: window.user_agents, field="agent"),
        View("browsers", "browser", lambda window: window.browsers, field="browser", named=_WHO),
        View("systems", "system", lambda window: window.systems, field="system", named=_WHO),
        View("bots", "bot", lambda window: window.bots, field="bot", named=_WHO),
    )

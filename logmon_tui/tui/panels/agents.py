"""The user agents with the most hits, single or grouped by browser, system, bot or kind."""

from collections.abc import Mapping, Sequence

from logmon_tui.config.settings import Panel
from logmon_tui.formats.agent_text import product_first
from logmon_tui.formats.clients import address_of
from logmon_tui.formats.crawlers import Answer, claim_of, is_verified, verdict
from logmon_tui.formats.user_agents import BOT, NO_BOT, Kind
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.cells import shown, width_of
from logmon_tui.tui.panels.naming import Naming
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.view import View

MAX_ASKED = 5
"""Maximum clients of a crawler that are asked for at once, those that came last."""

NARROW = 64
"""Cells below which families are shown first: agents that are cut after so few look alike."""

_VERIFIED = ("user agents", "bots")
"""The views whose rows may be crawlers."""

_KINDS: dict[str, str] = {Kind.HUMAN: "humans", Kind.BOT: "bots", Kind.AI: "AI crawlers"}

_WHO = {BOT: "is:bot", NO_BOT: "is:human"}


def _kind(key: bytes) -> str:
    return _KINDS.get(text := shown(key), text)


_TERMS = {b"bot": "(is:bot !is:ai)"}  # a crawler for AI is a bot for filters


class Agents(Naming):
    """The panel of user agents."""

    NAME = Panel.AGENTS
    TITLE = "User agents"
    KEYS = ("7",)
    PLACE = Place.EXTRAS
    VIEWS = (
        View("user agents", "user agent", "user_agents", field="agent"),
        View("browsers", "browser", "browsers", field="browser", named=_WHO),
        View("systems", "system", "systems", field="system", named=_WHO),
        View("bots", "bot", "bots", field="bot", named=_WHO),
        View("kinds", "kind", "agent_kinds", _kind, "is", _TERMS),
    )

    def usual_view(self) -> View:
        """Return the agents; browsers where there is no room for agents."""
        agents, browsers, *_ = self.VIEWS
        has_families = bool(browsers.ranking(self.snapshot.now).rows)
        return browsers if 0 < self.view_size.width < NARROW and has_families else agents

    def cropped(self, key: str, width: int) -> str:
        """Return an agent that is too long with its product first."""
        if self.view.name != "user agents" or width_of(key) <= width:
            return super().cropped(key, width)
        return super().cropped(product_first(key), width)

    def part(self, snapshot: Snapshot) -> object:
        """Return the ranking, and what clients claim to be."""
        return super().part(snapshot), snapshot.claims

    def clients_of(self, key: bytes) -> Sequence[bytes]:
        """Return the clients that claimed to be the crawler of a row last."""
        claim = self._claim(key)
        claims = self.snapshot.claims.items() if claim else ()
        clients = [host for host, each in claims if each == claim and address_of(host) is not None]
        return clients[-MAX_ASKED:]

    def why_none(self) -> str:
        """Return why the row under the cursor has no client to ask for."""
        return "Only a known crawler's clients can be verified."

    def facts(self, key: bytes) -> Sequence[str]:
        """Return nothing: no database tells of agents."""
        del key
        return ()

    def words(self, key: bytes, answers: Mapping[bytes, Answer]) -> str:
        """Return how many clients are the crawler that they claim to be, and the first that is not.

        Where DNS cannot tell, the reason comes first.
        """
        claim = self._claim(key)
        verified = sum(is_verified(answer, claim) is True for answer in answers.values())
        others = [
            f"{shown(client)}: {verdict(answer, claim)}"
            for client, answer in answers.items()
            if not is_verified(answer, claim)
        ]
        return "; ".join([*others[:1], f"{verified} of {len(answers)} verified"])

    def _claim(self, key: bytes) -> str:
        return claim_of(key) if self.view.name in _VERIFIED else ""

"""The client hosts with the most hits, errors and response time; by network, country or ASN."""

from collections.abc import Mapping, Sequence

from logmon_tui.config.settings import Panel
from logmon_tui.formats.clients import NOWHERE, address_of, is_network
from logmon_tui.formats.crawlers import Answer, verdict
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.cells import shown
from logmon_tui.tui.paint.columns import CLASSED
from logmon_tui.tui.panels.naming import Naming
from logmon_tui.tui.panels.panel import Place
from logmon_tui.tui.panels.view import View


class Clients(Naming):
    """The panel of clients."""

    NAME = Panel.CLIENTS
    TITLE = "Clients"
    KEYS = ("5",)
    PLACE = Place.EXTRAS
    VIEWS = (
        View("clients", "client", "hosts", field="client"),
        View("networks", "network", "networks", field="client"),
        View("countries", "country", "countries", optional=True),
        View("ASNs", "ASN", "asns", optional=True),
    )
    COLUMNS = CLASSED
    WHOLE_NAMES = 40  # an IPv6 address has 39 cells at most

    def part(self, snapshot: Snapshot) -> object:
        """Return the ranking, and what is known of clients."""
        return super().part(snapshot), snapshot.places, snapshot.claims

    def term(self, *, negated: bool) -> str | None:
        """Return the term for the row under the cursor: for a network, its addresses."""
        key = self.cursor_key
        if self.view.name == "networks" and isinstance(key, bytes) and is_network(key):
            return f"{'!' if negated else ''}client:{key.decode()}"
        return super().term(negated=negated)

    def absence(self) -> str:
        """Return why there are no rows."""
        if self.view.optional and self.snapshot.now.hits:
            return f"{self.view.name} need a database: --geoip FILE"
        return super().absence()

    def clients_of(self, key: bytes) -> Sequence[bytes]:
        """Return the client of a row, if it has an address."""
        return [key] if self.view is self.VIEWS[0] and address_of(key) is not None else []

    def why_none(self) -> str:
        """Return why the row under the cursor has no client to ask for."""
        if self.view is not self.VIEWS[0]:
            return "Only a client has a name; v leads to the clients."
        return "Only an address has a name to ask for."

    def facts(self, key: bytes) -> Sequence[str]:
        """Return the crawler that a client claims to be, and where it is."""
        if self.view is not self.VIEWS[0]:
            return []
        claim = self.snapshot.claims.get(key, "")
        place = self.snapshot.places.get(key, NOWHERE)
        where = " · ".join(shown(each) for each in place if each)
        claims = f"claims {claim}" if claim and not self.found(key) else ""
        return [fact for fact in (claims, where) if fact]

    def words(self, key: bytes, answers: Mapping[bytes, Answer]) -> str:
        """Return the name of a client, and whether it bears out what the client claims to be."""
        return verdict(answers[key], self.snapshot.claims.get(key, ""))

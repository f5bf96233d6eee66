"""The servers whose logs come together in one dashboard, as a moment shows them. Frozen values."""

from enum import StrEnum

import msgspec


class ServerState(StrEnum):
    """Whether a server's figures can be believed."""

    LIVE = "live"
    CATCHING_UP = "catching up"  # it sends a backlog, so its figures are of the past
    STALE = "stale"  # it has said nothing for a while: nothing is known, which is not zero
    SILENT = "silent"  # for so long that the rule `host_silent` fires
    GONE = "gone"  # it said that it ends
    FAILED = "failed"  # it cannot be reached


class Differs(StrEnum):
    """A figure in which a server is beyond its peers."""

    ERRORS = "errors"
    TIME = "time"


class Figures(msgspec.Struct, frozen=True):
    """The figures of a server, a site or the fleet over the stats window.

    `rate` are hits a second, `errors` the share of 5xx, `p95` is in seconds. Each is None where it
    is not known: a server that is stale has no rate, and without hits there is no share.
    """

    hits: int = 0
    rate: float | None = None
    errors: float | None = None
    p95: float | None = None


class ServerRow(msgspec.Struct, frozen=True):
    """One server; `name` is `site/host`, `site` is empty where there is none.

    `quiet` is for how many seconds it has said nothing, `lag` how old its newest lines were when
    they came (seconds), `backlog` the bytes that it has still to send. `lost` lines were deleted
    before they could be sent, `left_out` ones were left out on purpose. `differs` has the figures
    in which it is beyond its peers, and `typical` the medians of these peers in the same figures.
    `message` says in one line what is wrong and how to mend it.
    """

    name: bytes
    site: bytes = b""
    state: ServerState = ServerState.LIVE
    quiet: float | None = None
    figures: Figures = Figures()
    lag: float | None = None
    backlog: int = 0
    version: str = ""
    lost: int = 0
    left_out: int = 0
    differs: frozenset[Differs] = frozenset()
    message: str = ""
    typical: Figures = Figures()


class SiteRow(msgspec.Struct, frozen=True):
    """One site: how many of its servers there are, how many of these are live, and their sums."""

    name: bytes
    servers: int
    live: int
    figures: Figures = Figures()


class Fleet(msgspec.Struct, frozen=True):
    """All servers by name, their sites by name, and the figures of all that are live.

    Empty where all logs are files of this machine.
    """

    servers: tuple[ServerRow, ...] = ()
    sites: tuple[SiteRow, ...] = ()
    figures: Figures = Figures()

    @property
    def live(self) -> int:
        """How many servers' figures are of the present."""
        return sum(server.state is ServerState.LIVE for server in self.servers)

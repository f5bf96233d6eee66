"""The servers of many, as lines of text: first those that need a look."""

from collections.abc import Iterator

from logmon_tui.escape import printable
from logmon_tui.snapshot import Differs, Figures, Fleet, ServerRow, ServerState
from logmon_tui.units import duration, percent, rate, seconds, size

ORDER = (
    ServerState.FAILED,
    ServerState.SILENT,
    ServerState.STALE,
    ServerState.CATCHING_UP,
    ServerState.LIVE,
    ServerState.GONE,
)
"""The states, the worst first."""

SIGNS = {
    ServerState.FAILED: ("✗", "red"),
    ServerState.SILENT: ("✗", "red"),
    ServerState.STALE: ("!", "yellow"),
    ServerState.CATCHING_UP: ("→", "cyan"),
    ServerState.LIVE: ("✓", "green"),
    ServerState.GONE: ("·", None),
}
"""The sign of a server by its state, and the sign's colour."""

DIFFERS = "!"
"""Stands after a figure in which a server is beyond its peers."""


def fleet_phrases(fleet: Fleet) -> list[str]:
    """Return how many servers are live, and the figures of these."""
    known = sum(row.state is not ServerState.GONE for row in fleet.servers)
    return [f"{fleet.live:,} of {known:,} live", *_figures(fleet.figures)]


def servers_in_order(fleet: Fleet) -> list[ServerRow]:
    """Return the servers: first by their states, then those that differ, then the busiest."""
    return sorted(
        fleet.servers,
        key=lambda row: (ORDER.index(row.state), -len(row.differs), -row.figures.hits, row.name),
    )


def server_phrases(row: ServerRow) -> list[str]:
    """Return what is known of a server, its name and state first."""
    return [
        f"{printable(row.name)} {_state(row)}",
        *_figures(row.figures, row.differs),
        *_more(row),
    ]


def _state(row: ServerRow) -> str:
    if row.quiet is None or row.state in {ServerState.LIVE, ServerState.CATCHING_UP}:
        return row.state.value
    return f"{row.state.value} for {duration(row.quiet)}"


def _figures(figures: Figures, differs: frozenset[Differs] = frozenset()) -> Iterator[str]:
    """Yield the figures that are known."""
    if figures.rate is not None:
        yield f"{rate(figures.rate)} req/s"
    if figures.errors is not None:
        yield f"5xx {percent(figures.errors)} %{DIFFERS if Differs.ERRORS in differs else ''}"
    if figures.p95 is not None:
        yield f"p95 {seconds(figures.p95)}{DIFFERS if Differs.TIME in differs else ''}"


def _more(row: ServerRow) -> Iterator[str]:
    if row.lag is not None and row.state is not ServerState.GONE:
        yield f"lag {seconds(row.lag)}"
    if row.backlog:
        yield f"{size(row.backlog)}B to come"
    if row.lost:
        yield f"{row.lost:,} lines lost"
    if row.left_out:
        yield f"{row.left_out:,} left out"
    if row.message:
        yield printable(row.message)

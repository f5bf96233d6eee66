"""The object of many servers in a line of `watch --output json`."""

from typing import Any

from logmon_tui.escape import decoded
from logmon_tui.reports.json_objects import encodable
from logmon_tui.snapshot import Figures, Fleet, ServerRow, ServerState, SiteRow


def fleet_objects(fleet: Fleet) -> dict[str, Any]:
    """Return the servers and their sites, if there are any servers."""
    if not fleet.servers:
        return {}
    known = sum(row.state is not ServerState.GONE for row in fleet.servers)
    return {
        "fleet": {
            "known": known,
            "live": fleet.live,
            **_figures(fleet.figures),
            "servers": [_server(row) for row in fleet.servers],
            "sites": [_site(row) for row in fleet.sites],
        }
    }


def _server(row: ServerRow) -> dict[str, Any]:
    return {
        "server": decoded(row.name),
        "site": decoded(row.site) or None,
        "state": row.state.value,
        "quiet": _rounded(row.quiet, 3),
        **_figures(row.figures),
        "differs": sorted(row.differs),
        "lag": _rounded(row.lag, 3),
        "backlog": row.backlog,
        "lost": row.lost,
        "left_out": row.left_out,
        "version": encodable(row.version),
        "message": encodable(row.message),
    }


def _site(row: SiteRow) -> dict[str, Any]:
    return {
        "site": decoded(row.name) or None,
        "servers": row.servers,
        "live": row.live,
        **_figures(row.figures),
    }


def _figures(figures: Figures) -> dict[str, Any]:
    """Return figures; what is not known is null, and never zero."""
    return {
        "hits": figures.hits,
        "rate": _rounded(figures.rate, 3),
        "error_share": _rounded(figures.errors, 6),
        "p95": _rounded(figures.p95, 6),
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)

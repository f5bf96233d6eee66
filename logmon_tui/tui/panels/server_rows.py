"""The rows of the panel of hosts: servers in an order, under headings of their sites. Pure."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from logmon_tui.snapshot import Fleet, ServerRow, ServerState, SiteRow
from logmon_tui.tui.paint.server_text import is_troubled, known_by_site

TROUBLED = 10
"""Maximum servers in trouble that stand above all sites; others are the first of their sites."""


class Heading(NamedTuple):
    """The row above the servers of a site, none of which shows while it is `folded`."""

    site: SiteRow
    known: int  # servers of the site, without those that ended
    folded: bool


Row: TypeAlias = ServerRow | Heading


class SiteKey(NamedTuple):
    """The key of a heading; that of a server is its name."""

    site: bytes


def key_of(row: Row) -> Hashable:
    """Return what identifies a row from one Snapshot to the next."""
    return SiteKey(row.site.name) if isinstance(row, Heading) else row.name


def site_of(row: Row) -> bytes:
    """Return the name of a row's site."""
    return row.site.name if isinstance(row, Heading) else row.site


def has_sites(fleet: Fleet) -> bool:
    """Tell whether any server belongs to a site."""
    return any(server.site for server in fleet.servers)


def troubled(servers: Iterable[ServerRow]) -> list[ServerRow]:
    """Return the first of the servers that are in trouble."""
    return list(islice(filter(is_troubled, servers), TROUBLED))


def grouped(
    servers: Iterable[ServerRow],
    above: Sequence[ServerRow],
    fleet: Fleet,
    is_folded: Callable[[bytes], bool],
) -> list[Row]:
    """Return the servers `above`, then the others under headings of their sites.

    Each keeps its place within its site; sites stand in the order of their first servers.
    """
    sites, known = {site.name: site for site in fleet.sites}, known_by_site(fleet)
    groups: dict[bytes, list[ServerRow]] = {}
    for server in servers:
        groups.setdefault(server.site, []).append(server)
    shown = {server.name for server in above}
    rows: list[Row] = list(above)
    for name, members in groups.items():
        folded = is_folded(name)
        rows.append(Heading(sites.get(name) or _counted(name, members), known[name], folded))
        if not folded:
            rows += (server for server in members if server.name not in shown)
    return rows


def _counted(name: bytes, members: Sequence[ServerRow]) -> SiteRow:
    """Return a site that is known by its servers only, such as those without one."""
    live = sum(server.state is ServerState.LIVE for server in members)
    return SiteRow(name, len(members), live)

"""Shared by the text, JSON and CSV reports: rankings by name, status classes, what is chosen."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import msgspec

from logmon_tui.alerts.rules.messages import iso_time
from logmon_tui.snapshot import (
    ByClass,
    Chosen,
    CountRow,
    NotFoundRow,
    Ranking,
    Report,
    Window,
)

if TYPE_CHECKING:  # most reports know no servers
    from logmon_tui.snapshot import ServerRow

_RowT = TypeVar("_RowT", CountRow, NotFoundRow, "ServerRow")


KEYS = {
    "sections": "section",
    "paths": "path",
    "routes": "route",
    "hosts": "host",
    "networks": "network",
    "countries": "country",
    "asns": "asn",
    "users": "user",
    "user_agents": "user_agent",
    "referrers": "referrer",
    "methods": "method",
    "virtual_hosts": "virtual_host",
    "tls": "tls",
    "browsers": "browser",
    "systems": "system",
    "bots": "bot",
    "agent_kinds": "agent_kind",
    "sources": "source",
    "servers": "server",
    "sites": "site",
}
"""The names of the built-in rankings, and what their keys are called, in the order of reports."""

_ALWAYS = frozenset(
    {
        "sections",
        "paths",
        "routes",
        "hosts",
        "networks",
        "users",
        "user_agents",
        "referrers",
        "methods",
    }
)
"""Rankings that reports have even without rows."""


class Table(msgspec.Struct, frozen=True):
    """A ranking with its names in reports: the table's `name` (`paths`) and its `key` (`path`)."""

    name: str
    key: str
    ranking: Ranking


def tables(window: Window, *, routes: bool = False) -> tuple[Table, ...]:
    """Return the rankings of `window`, sections first; optional ones only if they have rows.

    Routes are optional unless `routes` asks for them: they may be the paths over again.
    """
    left_out = {
        *({"routes"} if not routes and window.routes.distinct >= window.paths.distinct else ()),
        *({"networks"} if window.networks.distinct >= window.hosts.distinct else ()),
    }
    return tuple(
        table
        for table in all_tables(window)
        if table.name not in left_out and (table.name in _ALWAYS or table.ranking.rows)
    )


def all_tables(window: Window) -> tuple[Table, ...]:
    """Return every ranking of `window`, in the order in which reports have them."""
    named = (Table(name, key, getattr(window, name)) for name, key in KEYS.items())
    return (*named, *(Table(name, name, ranking) for name, ranking in window.own.items()))


def report_tables(report: Report, *, routes: bool = False) -> tuple[Table, ...]:
    """Return the rankings of a report; static files follow paths, if there are any.

    With `routes` they are there even if each path is its own route, as for programs.
    """
    found = tables(report.hits, routes=routes)
    files = Table("static_files", "path", report.static.files)
    if not files.ranking.rows:
        return found
    after = next(place for place, table in enumerate(found, 1) if table.name == "paths")
    return (*found[:after], files, *found[after:])


def is_useful(table: Table) -> bool:
    """Tell whether a table has several keys, or one that is a real value.

    That all agents are of one kind is plain from the agents.
    """
    keys = [row.key for row in table.ranking.rows]
    if table.name == "agent_kinds":
        return len(keys) > 1
    return len(keys) > 1 or any(not key.startswith((b"-", b"(")) for key in keys)


def is_timed(table: Table) -> bool:
    """Tell whether any row of the table has response times."""
    return any(row.times is not None for row in table.ranking.rows)


def has_errors(table: Table) -> bool:
    """Tell whether the errors of any row of the table are known."""
    return any(row.errors is not None for row in table.ranking.rows)


def classes(counts: ByClass) -> dict[str, int]:
    """Return hits by status class, without empty classes: `{"2xx": 94, "5xx": 6}`."""
    return {f"{digit}xx": count for digit, count in enumerate(counts) if count}


def chosen(rows: Sequence[_RowT], top: int) -> Iterator[_RowT]:
    """Return the first `top` rows; 0 means all."""
    return iter(rows[:top] if top else rows)


def chosen_by(hits: Chosen) -> list[str]:
    """Return what the hits of a report are chosen by: filter and times, if not all are chosen."""
    where = [f"where {hits.where}"] if hits.where else []
    since = [] if hits.since is None else [f"since {iso_time(hits.since)}"]
    until = [] if hits.until is None else [f"until {iso_time(hits.until)}"]
    return [*where, *since, *until]

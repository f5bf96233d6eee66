"""The tables of the document for a browser: rankings and status codes, with their filter terms."""

from collections.abc import Callable, Iterator
from typing import Any

from logmon_tui.errors import FilterError
from logmon_tui.escape import printable, readable
from logmon_tui.filters.language import term_of
from logmon_tui.formats.agent_text import product_first
from logmon_tui.formats.user_agents import BOT, NO_BOT
from logmon_tui.reports.rows import Table, is_useful, tables
from logmon_tui.reports.text_tables import DECODED, title_of
from logmon_tui.snapshot import CountRow, Ranking, Snapshot, Window

ROWS = 25
"""Maximum rows with the most hits."""

EXTRA_ROWS = 5
"""Maximum further rows with the most 5xx, as many with the most 4xx and the longest times, so that
a table that is sorted by these begins with the right ones."""

_FIELDS = {
    "sections": "section",
    "paths": "path",
    "routes": "route",
    "hosts": "client",
    "networks": "client",
    "users": "user",
    "user_agents": "agent",
    "referrers": "referrer",
    "methods": "method",
    "virtual_hosts": "host",
    "tls": "tls",
    "browsers": "browser",
    "systems": "system",
    "bots": "bot",
    "agent_kinds": "is",
    "sources": "log",
    "servers": "server",
    "sites": "site",
}
"""The filter's field that has the keys of a table as its values; own panels are their own."""

_FIELDLESS = frozenset({"countries", "asns"})

_FAMILIES = frozenset({"browsers", "systems", "bots"})
_NAMED = {BOT: "is:bot", NO_BOT: "is:human"}
"""Terms of the keys that stand for several families."""

_KINDS = {b"bot": "(is:bot !is:ai)"}  # a crawler for AI is a bot for filters

_TITLES = {"hosts": "Clients"}
"""Titles that differ from those of reports, as the screen names them."""

_KEYS = {"hosts": "client"}


def table_parts(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Yield the rankings that say something, each with its first rows."""
    window = snapshot.now
    for table in tables(window):
        if is_useful(table):
            yield _part(table, window)


def status_part(snapshot: Snapshot) -> dict[str, Any]:
    """Return the table of status codes; without rows if they are not known of a past moment."""
    window, moment = snapshot.now, snapshot.moment
    known = moment is None or moment.answered is None or "status" in moment.answered
    return {
        "name": "status",
        "title": "Status codes",
        "key": "status",
        "hits": window.hits,
        "distinct": len(window.status),
        "rows": [
            {"key": f"{code:03}", "term": f"status:{code:03}", "hits": hits}
            for code, hits in (window.status if known else ())
        ],
    }


def _part(table: Table, window: Window) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": printable(_TITLES.get(table.name) or title_of(table.name)),
        "key": printable(_KEYS.get(table.name) or table.key.replace("_", " ")),
        "hits": window.hits,
        "distinct": table.ranking.distinct,
        "rows": [_row(table.name, row) for row in _chosen(table.ranking)],
    }


def _chosen(ranking: Ranking) -> list[CountRow]:
    """Return the rows with the most hits, then those that lead in something else."""
    first, others = ranking.rows[:ROWS], ranking.rows[ROWS:]
    measures: tuple[Callable[[CountRow], float], ...] = (
        lambda row: row.errors.server if row.errors else 0,
        lambda row: row.errors.client if row.errors else 0,
        lambda row: row.times.p95 if row.times else 0.0,
    )
    leading = {
        row.key
        for measure in measures
        for row in sorted(others, key=measure, reverse=True)[:EXTRA_ROWS]
        if measure(row)
    }
    return [*first, *(row for row in others if row.key in leading)]


def _row(name: str, row: CountRow) -> dict[str, Any]:
    """Return a row; `4xx`, `5xx` and `p95` are there only if known, `short` if a key has one."""
    key = readable(row.key) if name in DECODED else printable(row.key)
    found: dict[str, Any] = {
        "key": key,
        "term": _term(name, row.key),
        "hits": row.hits,
        "bytes": row.bytes,
    }
    if name == "user_agents" and (short := product_first(key)) != key:
        found["short"] = printable(short)
    if row.errors is not None:
        found |= {"4xx": row.errors.client, "5xx": row.errors.server}
    if row.times is not None:
        found["p95"] = round(row.times.p95, 6)
    return found


def _term(name: str, key: bytes) -> str | None:
    """Return the term that chooses the hits of a key; None if there is none."""
    if name in _FIELDLESS or key == b"(other)":
        return None
    if name in _FAMILIES and key in _NAMED:
        return _NAMED[key]
    if name == "agent_kinds" and key in _KINDS:
        return _KINDS[key]
    try:
        return term_of(_FIELDS.get(name, name), key)
    except FilterError:
        return None

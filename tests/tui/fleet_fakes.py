"""Snapshots of fleets: every state, many hosts, hostile names."""

import random
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from logmon_tui.snapshot import (
    Differs,
    Figures,
    Fleet,
    ServerRow,
    ServerState,
    SiteRow,
    Snapshot,
)
from tests.tui.fakes import HOSTILE, full_snapshot

_UNKNOWN = Figures()


def server(name: str, **others: object) -> ServerRow:
    """Return a live server called `site/host`, or `host`."""
    site = name.rpartition("/")[0]
    usual: dict[str, object] = {
        "figures": Figures(940, 94.0, 0.004, 0.11),
        "lag": 0.2,
        "version": "1.4.0",
    }
    return ServerRow(name.encode(), site.encode(), **(usual | others))


TROUBLED = (
    server(
        "eu/web3",
        state=ServerState.SILENT,
        quiet=187.0,
        figures=_UNKNOWN,
        lag=None,
        lost=1_204,
        message="nothing came for 3 m; is the agent running there?",
    ),
    server("us/web2", state=ServerState.STALE, quiet=18.0, figures=_UNKNOWN, lag=None),
    server(
        "us/web4",
        state=ServerState.FAILED,
        figures=_UNKNOWN,
        lag=None,
        version="",
        message="ssh: Permission denied (publickey); add your key there, or name another user",
    ),
    server(
        "us/web5",
        figures=Figures(880, 88.0, 0.124, 1.34),
        differs=frozenset({Differs.ERRORS, Differs.TIME}),
        typical=Figures(errors=0.004, p95=0.11),
    ),
    server(
        "eu/web4",
        state=ServerState.CATCHING_UP,
        figures=_UNKNOWN,
        lag=312.0,
        backlog=48_000_000,
    ),
    server("eu/web6", state=ServerState.GONE, figures=_UNKNOWN, lag=None, left_out=30_200),
)


def live(site: str, number: int, seed: int = 1) -> list[ServerRow]:
    """Return servers that are all well, and nearly equal."""
    chance = random.Random(f"{site}{seed}")
    return [
        server(
            f"{site}/web{place}" if site else f"web{place}",
            figures=Figures(
                900, chance.uniform(80, 110), chance.choice((0.0, 0.002, 0.006)), 0.09 + place / 1e3
            ),
        )
        for place in range(10, 10 + number)
    ]


def fleet_of(servers: Iterable[ServerRow]) -> Fleet:
    """Return the fleet of `servers`, with its sums."""
    rows = tuple(sorted(servers, key=lambda each: each.name))
    sites = sorted({each.site for each in rows if each.site})
    return Fleet(rows, tuple(site_of(name, rows) for name in sites), sums_of(rows))


def site_of(name: bytes, rows: Sequence[ServerRow]) -> SiteRow:
    """Return a site's row."""
    mine = [each for each in rows if each.site == name]
    alive = sum(each.state is ServerState.LIVE for each in mine)
    return SiteRow(name, len(mine), alive, sums_of(mine))


def sums_of(rows: Sequence[ServerRow]) -> Figures:
    """Return the figures of those that are known."""
    known = [each.figures for each in rows if each.figures.rate is not None]
    if not known:
        return _UNKNOWN
    hits = sum(each.hits for each in known)
    errors = sum(each.hits * (each.errors or 0) for each in known) / hits
    return Figures(hits, sum(each.rate or 0 for each in known), errors, 0.12)


FEW = fleet_of([*TROUBLED, *live("eu", 6), *live("us", 5)])
"""Seventeen hosts of two sites, in every state."""


def many(number: int = 1_000, sites: int = 4) -> Fleet:
    """Return a large fleet of several sites."""
    each = number // sites
    rows = [row for place in range(sites) for row in live(f"site{place}", each, place)]
    return fleet_of(rows)


def hostile_fleet() -> Fleet:
    """Return a fleet whose names and messages command a terminal."""
    text = HOSTILE[3] + HOSTILE[0] + HOSTILE[5]
    words = text.decode("utf-8", "surrogateescape")
    rows = [
        ServerRow(
            bad + b"/" + each,
            bad,
            figures=Figures(10, 1.0, 0.5, 0.1),
            version=words,
            message=words,
        )
        for bad in HOSTILE
        for each in HOSTILE
    ]
    return fleet_of(rows)


def fleet_snapshot(fleet: Fleet = FEW) -> Snapshot:
    """Return a Snapshot of `fleet`."""
    picture = full_snapshot()
    log = replace(picture.sources[0], name="nats://broker:4222")
    return replace(picture, fleet=fleet, sources=(log,))

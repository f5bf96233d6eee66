"""How the servers of a fleet show: their signs, words and order. Pure."""

from collections import Counter
from collections.abc import Iterator
from math import log2

from logmon_tui import units
from logmon_tui.snapshot import Differs, Figures, Fleet, ServerRow, ServerState
from logmon_tui.tui.paint.cells import shown

UNKNOWN = "—"
"""Stands for a figure that is not known, which is not zero."""
NOTHING = "·"
"""Stands for zero."""
DIFFERS_SIGN = "≠"

_SIGNS = {
    ServerState.LIVE: ("●", "alert--recovered"),
    ServerState.CATCHING_UP: ("⟳", "panel--header"),
    ServerState.STALE: ("◌", "panel--warning"),
    ServerState.SILENT: ("✗", "alert--firing"),
    ServerState.GONE: ("■", "panel--dim"),
    ServerState.FAILED: ("✗", "alert--firing"),
}
_DIFFERS = (DIFFERS_SIGN, "panel--warning")
_TROUBLE = {
    ServerState.FAILED: 0,
    ServerState.SILENT: 1,
    ServerState.STALE: 3,
    ServerState.CATCHING_UP: 4,
    ServerState.LIVE: 5,
    ServerState.GONE: 6,
}
_DIFFERENT = 2
"""The place of a live server that differs from its peers, between silent and stale ones."""
_WRONG = frozenset({ServerState.FAILED, ServerState.SILENT, ServerState.STALE})


def trouble(server: ServerRow) -> int:
    """Return the server's place among states in the order of trouble, the worst first."""
    return _DIFFERENT if differs(server) else _TROUBLE[server.state]


def is_troubled(server: ServerRow) -> bool:
    """Tell whether somebody should look at the server."""
    return trouble(server) <= _TROUBLE[ServerState.STALE]


def by_trouble(server: ServerRow) -> tuple[int, int, bytes]:
    """Return the sort key of those in trouble first, then of the busiest.

    Rates count in powers of two: servers behind one balancer have nearly the same, and would change
    places all the time.
    """
    rate = server.figures.rate
    return trouble(server), -int(log2(rate * 100 + 1)) if rate else 1, server.name


def differs(server: ServerRow) -> bool:
    """Tell whether the server is live, but beyond its peers."""
    return server.state is ServerState.LIVE and bool(server.differs)


def sign_of(server: ServerRow) -> tuple[str, str]:
    """Return the sign of a server's state, and the component class of its ink."""
    return _DIFFERS if differs(server) else _SIGNS[server.state]


def state_text(server: ServerRow) -> str:
    """Return the state in words, with how long the server has been quiet: `stale 12 s`."""
    if differs(server):
        return "differs"
    if server.quiet is None or server.state not in {ServerState.STALE, ServerState.SILENT}:
        return server.state.value
    return f"{server.state.value} {units.rough(server.quiet)}"


def host_of(server: ServerRow) -> str:
    """Return a server's name without its site, safe to paint."""
    return shown(server.name.removeprefix(server.site + b"/") if server.site else server.name)


def counted(fleet: Fleet) -> str:
    """Return how many hosts there are, and how many of these are live: `40 hosts, 37 live`.

    Those that said that they end are no longer there.
    """
    return live_of(sum(known_by_site(fleet).values()), fleet.live)


def known_by_site(fleet: Fleet) -> Counter[bytes]:
    """Return how many servers each site has that did not end."""
    return Counter(each.site for each in fleet.servers if each.state is not ServerState.GONE)


def live_of(servers: int, live: int) -> str:
    """Return `12 hosts, 11 live`."""
    return f"{servers:,} host{'' if servers == 1 else 's'}, {live:,} live"


def is_incomplete(fleet: Fleet) -> bool:
    """Tell whether servers that should be heard say nothing, so that figures are not of all."""
    return any(server.state in _WRONG for server in fleet.servers)


def troubles(fleet: Fleet) -> Iterator[str]:
    """Yield how many servers are in each state but live, the worst first: `✗ 2 silent`."""
    states = Counter(server.state for server in fleet.servers)
    unlike = sum(map(differs, fleet.servers))
    words = {_TROUBLE[state]: (_SIGNS[state][0], states[state], state.value) for state in _TROUBLE}
    words[_DIFFERENT] = (DIFFERS_SIGN, unlike, "differs" if unlike == 1 else "differ")
    del words[_TROUBLE[ServerState.LIVE]]
    for _, (sign, number, word) in sorted(words.items()):
        if number:
            yield f"{sign} {number:,} {word}"


# Figures


def rate_text(figures: Figures) -> str:
    """Return the hits a second."""
    return UNKNOWN if figures.rate is None else units.rate(figures.rate)


def errors_text(figures: Figures) -> str:
    """Return the share of 5xx in percent."""
    if figures.errors is None:
        return UNKNOWN
    return units.percent(figures.errors) if figures.errors else NOTHING


def p95_text(figures: Figures, resolution: float) -> str:
    """Return the response time; `resolution` is the precision of the log, 0 if not known."""
    return UNKNOWN if figures.p95 is None else units.seconds(figures.p95, resolution)


def lag_text(lag: float | None) -> str:
    """Return how old a server's newest lines were when they came."""
    if lag is None:
        return UNKNOWN
    return f"{lag:.1f} s" if lag < 10 else units.rough(lag)


def told_of(server: ServerRow, resolution: float) -> str:
    """Return what else there is to say of a server: what is wrong, what was lost, how it differs.

    The text is safe to paint; it is empty if all is well.
    """
    mine, theirs = server.figures, server.typical
    parts = [shown(server.message)] if server.message else []
    if Differs.ERRORS in server.differs:
        parts.append(f"5xx {_share(mine)}, its peers {_share(theirs)}")
    if Differs.TIME in server.differs:
        p95, their_p95 = p95_text(mine, resolution), p95_text(theirs, resolution)
        parts.append(f"p95 {p95}, its peers {their_p95}")
    if server.backlog:
        parts.append(f"{units.spoken_size(server.backlog)} still to come")
    if server.lost:
        parts.append(f"{_lines(server.lost)} lost: deleted before they were sent")
    if server.left_out:
        parts.append(f"{_lines(server.left_out)} left out on purpose")
    return " · ".join(parts)


def _share(figures: Figures) -> str:
    """Return the share of 5xx as in a sentence, where zero is a number."""
    return f"{units.percent(figures.errors or 0.0)} %"


def _lines(number: int) -> str:
    return f"{units.count(number)} line{'' if number == 1 else 's'}"

"""Which servers differ from their peers: those that are far beyond the median of them. Pure.

A server's peers are the live servers of its site with enough hits, itself among them; if these are
fewer than `GROUP`, those of the whole fleet. With fewer than `GROUP` of them none is judged.

Its share of 5xx differs if it is above the median m of its peers by more than the largest of

- `CUTOFF` × 1.4826 × MAD, where MAD is the median of the distances from m. So the modified z-score
  is above 3.5, which is the limit of Iglewicz and Hoaglin, "How to Detect and Handle Outliers"
  (ASQC, 1993). 1.4826 makes of the MAD of normal values their standard deviation.
- 3 √(p (1 - p) / n), where p is the share of all peers' hits and n are the server's own hits: what
  chance alone does to n hits. These are the limits of a funnel plot (Spiegelhalter, "Funnel plots
  for comparing institutional performance", Statistics in Medicine 24, 2005).
- `SHARE`, 2 points: most servers may have no error at all, and then the MAD is 0.

Its p95 differs if it is above the median by more than the largest of `CUTOFF` × 1.4826 × MAD, half
the median, and `SECONDS`. A figure that is better than the median never differs. Where half of the
servers are bad, the MAD is large and none differs: nobody could say which half is right.

A mark stays until the figure is within `RELEASE` of that limit, and while there are half the hits,
so that a figure near its limit does not flicker.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from logmon_tui.snapshot.fleet import Differs

GROUP = 5
"""Minimum servers of a group: one, and four peers."""

MINIMUM_HITS = {Differs.ERRORS: 50, Differs.TIME: 100}
"""Minimum hits in the window: with fewer, a handful of hits would decide."""

CUTOFF = 3.5
SIGMA = 1.4826
FUNNEL = 3.0
SHARE = 0.02
SECONDS = 0.05
RELEASE = 0.7

_NONE: frozenset[Differs] = frozenset()


class Peer(NamedTuple):
    """A live server: its hits and 5xx in the window, and its p95 in seconds if it has times."""

    name: bytes
    site: bytes
    hits: int
    errors: int
    p95: float | None


def differing(
    peers: Sequence[Peer], marked: Mapping[bytes, frozenset[Differs]]
) -> dict[bytes, frozenset[Differs]]:
    """Return the servers that differ, with the figures in which they do.

    `marked` are those that differed until now.
    """
    found: dict[bytes, frozenset[Differs]] = {}
    for figure in Differs:
        for name in _beyond(figure, peers, marked):
            found[name] = found.get(name, _NONE) | {figure}
    return found


def _beyond(
    figure: Differs, peers: Sequence[Peer], marked: Mapping[bytes, frozenset[Differs]]
) -> Iterator[bytes]:
    """Yield the servers that differ in one figure."""
    minimum = MINIMUM_HITS[figure]
    known = [peer for peer in peers if figure is Differs.ERRORS or peer.p95 is not None]
    enough = [peer for peer in known if peer.hits >= minimum]
    by_site: dict[bytes, list[Peer]] = {}
    for peer in enough:
        by_site.setdefault(peer.site, []).append(peer)
    groups = {
        site: _Group(figure, members)
        for site, members in by_site.items()
        if site and len(members) >= GROUP
    }
    whole = _Group(figure, enough) if len(enough) >= GROUP else None
    for peer in known:
        was = figure in marked.get(peer.name, _NONE)
        group = groups.get(peer.site, whole)
        if group is None or peer.hits < (minimum / 2 if was else minimum):
            continue
        if _value(figure, peer) - group.median > group.limit(peer) * (RELEASE if was else 1):
            yield peer.name


def _value(figure: Differs, peer: Peer) -> float:
    if figure is Differs.ERRORS:
        return peer.errors / peer.hits
    return peer.p95 or 0.0


class _Group:
    """The median of some peers, and how far beyond it a server differs."""

    def __init__(self, figure: Differs, peers: Sequence[Peer]) -> None:
        values = np.array([_value(figure, peer) for peer in peers])
        self.median = float(np.median(values))
        spread = float(np.median(np.abs(values - self.median)))
        least = SHARE if figure is Differs.ERRORS else max(SECONDS, self.median / 2)
        self._limit = max(CUTOFF * SIGMA * spread, least)
        self._share = 0.0
        if figure is Differs.ERRORS:
            self._share = sum(peer.errors for peer in peers) / sum(peer.hits for peer in peers)

    def limit(self, peer: Peer) -> float:
        """Return by how much a server must be above the median to differ."""
        chance = FUNNEL * sqrt(self._share * (1 - self._share) / peer.hits)
        return max(self._limit, chance)

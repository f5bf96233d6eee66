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

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

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

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_NONE: frozenset[Differs] = frozenset()


class Peers(msgspec.Struct, frozen=True):
    """The live servers: their names and sites, and as columns of the shape (servers,) the rest.

    `errors` are the 5xx among the `hits` in the window. `p95` are in seconds, nan without times.
    """

    names: Sequence[bytes]
    sites: Sequence[bytes]
    hits: Ints
    errors: Ints
    p95: Floats


def differing(
    peers: Peers, marked: Mapping[bytes, frozenset[Differs]]
) -> dict[bytes, frozenset[Differs]]:
    """Return the servers that differ, with the figures in which they do.

    `marked` are those that differed until now.
    """
    found: dict[bytes, frozenset[Differs]] = {}
    groups = _groups(peers.sites)
    for figure in Differs:
        was = np.array([figure in marked.get(name, _NONE) for name in peers.names], dtype=np.bool_)
        for place in np.flatnonzero(_beyond(figure, peers, groups, was)).tolist():
            name = peers.names[place]
            found[name] = found.get(name, _NONE) | {figure}
    return found


def typical(figure: Differs, peers: Peers) -> Floats:
    """Return of each server the median of its peers, nan where these are too few to judge it."""
    values, enough = _values(figure, peers)
    found = np.full(len(values), np.nan)
    for group in reversed(_groups(peers.sites)):
        members = group[enough[group]]
        if len(members) >= GROUP:
            found[group] = np.median(values[members])
    return found


def _values(figure: Differs, peers: Peers) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a figure of all servers, and which of them have hits enough to be judged by."""
    values = peers.p95
    if figure is Differs.ERRORS:
        values = peers.errors / np.maximum(peers.hits, 1)
    return values, (peers.hits >= MINIMUM_HITS[figure]) & ~np.isnan(values)


def _groups(sites: Sequence[bytes]) -> list[Ints]:
    """Return the places of the servers of each site; those of the whole fleet come last."""
    by_site: dict[bytes, list[int]] = {}
    for place, site in enumerate(sites):
        by_site.setdefault(site, []).append(place)
    named = (np.array(places) for site, places in by_site.items() if site)
    return [*named, np.arange(len(sites))]


def _beyond(
    figure: Differs, peers: Peers, groups: Sequence[Ints], was: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which servers differ in a figure, in which some differed until now."""
    minimum = MINIMUM_HITS[figure]
    values, enough = _values(figure, peers)
    judged = (peers.hits >= np.where(was, minimum / 2, minimum)) & ~np.isnan(values)
    limits = np.full(len(values), np.inf)  # beyond which each differs
    for group in reversed(groups):
        members = group[enough[group]]
        if len(members) >= GROUP:
            median, distances = _limits(figure, peers, values, members, group)
            limits[group] = median + distances * np.where(was[group], RELEASE, 1.0)
    return judged & (np.where(judged, values, 0.0) > limits)


def _limits(
    figure: Differs, peers: Peers, values: Floats, members: Ints, group: Ints
) -> tuple[float, Floats]:
    """Return the median of the `members`, and by how much each of `group` may be above it."""
    median = float(np.median(values[members]))
    spread = CUTOFF * SIGMA * float(np.median(np.abs(values[members] - median)))
    if figure is Differs.TIME:
        return median, np.full(len(group), max(spread, SECONDS, median / 2))
    share = peers.errors[members].sum() / peers.hits[members].sum()
    chance = FUNNEL * np.sqrt(share * (1 - share) / np.maximum(peers.hits[group], 1))
    return median, np.maximum(max(spread, SHARE), chance)

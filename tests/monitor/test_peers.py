"""Which servers differ from their peers, held to the formula written out with `statistics`."""

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.monitor import peers as judged
from logmon_tui.snapshot.fleet import Differs
from tests.effort import examples

ERRORS, TIME = Differs.ERRORS, Differs.TIME
Marks = Mapping[bytes, frozenset[Differs]]


class Peer(NamedTuple):
    """A live server; `p95` is in seconds, None without times."""

    name: bytes
    site: bytes
    hits: int
    errors: int
    p95: float | None


def columns_of(peers: Sequence[Peer]) -> judged.Peers:
    return judged.Peers(
        [peer.name for peer in peers],
        [peer.site for peer in peers],
        np.array([peer.hits for peer in peers], dtype=np.int64),
        np.array([peer.errors for peer in peers], dtype=np.int64),
        np.array([math.nan if peer.p95 is None else peer.p95 for peer in peers], dtype=float),
    )


def differing(peers: Sequence[Peer], marked: Marks) -> Marks:
    return judged.differing(columns_of(peers), marked)


def group_of(peers: Sequence[Peer], peer: Peer, figure: Differs) -> list[Peer]:
    """Return those by which a server is judged."""
    minimum = 50 if figure is ERRORS else 100
    known = [each for each in peers if figure is ERRORS or each.p95 is not None]
    enough = [each for each in known if each.hits >= minimum]
    mine = [each for each in enough if peer.site and each.site == peer.site]
    return mine if len(mine) >= 5 else enough


def expected(peers: Sequence[Peer], peer: Peer, figure: Differs, *, marked: bool) -> float:
    """Return by how much a server is beyond its limit, relative to it; negative if it is within."""
    minimum = 50 if figure is ERRORS else 100

    def value(each: Peer) -> float | None:
        return each.errors / each.hits if figure is ERRORS and each.hits else each.p95

    group = group_of(peers, peer, figure)
    found = value(peer)
    if len(group) < 5 or found is None or (figure is TIME and peer.p95 is None):
        return -1.0
    if peer.hits < (minimum / 2 if marked else minimum):
        return -1.0
    values = [value(each) or 0.0 for each in group]
    median = statistics.median(values)
    limit = 3.5 * 1.4826 * statistics.median(abs(each - median) for each in values)
    if figure is ERRORS:
        share = sum(each.errors for each in group) / sum(each.hits for each in group)
        limit = max(limit, 0.02, 3 * math.sqrt(share * (1 - share) / peer.hits))
    else:
        limit = max(limit, 0.05, median / 2)
    return (found - median) / (limit * (0.7 if marked else 1)) - 1


@st.composite
def fleets(draw: st.DrawFn) -> list[Peer]:
    peers = []
    for number in range(draw(st.integers(0, 16))):
        hits = draw(st.sampled_from((0, 20, 30, 49, 50, 60, 99, 100, 500, 10_000)))
        share = draw(st.sampled_from((0.0, 0.0, 0.01, 0.03, 0.3, 1.0)))
        p95 = draw(st.sampled_from((None, 0.0, 0.01, 0.04, 0.1, 0.149, 0.3, 5.0)))
        site = draw(st.sampled_from((b"", b"eu", b"us")))
        peers.append(Peer(b"%s/%d" % (site, number), site, hits, round(hits * share), p95))
    return peers


@settings(max_examples=examples(500), deadline=None)
@given(peers=fleets(), data=st.data())
def test_those_beyond_the_limit_differ(peers: list[Peer], data: st.DataObject) -> None:
    marks = st.frozensets(st.sampled_from(list(Differs)))
    marked = {peer.name: data.draw(marks) for peer in peers}
    found = differing(peers, marked)
    for peer in peers:
        for figure in Differs:
            beyond = expected(peers, peer, figure, marked=figure in marked[peer.name])
            if abs(beyond) > 1e-9:  # at the limit itself rounding decides
                assert (figure in found.get(peer.name, frozenset())) == (beyond > 0)


@settings(max_examples=examples(500), deadline=None)
@given(peers=fleets())
def test_the_typical_figure_is_the_median_of_those_it_is_judged_by(peers: list[Peer]) -> None:
    found = {figure: judged.typical(figure, columns_of(peers)).tolist() for figure in Differs}
    for place, peer in enumerate(peers):
        shares = [each.errors / each.hits for each in group_of(peers, peer, ERRORS)]
        times = [each.p95 or 0.0 for each in group_of(peers, peer, TIME)]
        for figure, values in ((ERRORS, shares), (TIME, times)):
            if len(values) < 5:
                assert math.isnan(found[figure][place])
            else:
                assert found[figure][place] == pytest.approx(statistics.median(values))


def fleet(*shares: float, hits: int = 1_000) -> list[Peer]:
    return [
        Peer(b"web%d" % number, b"", hits, round(hits * share), 0.1)
        for number, share in enumerate(shares)
    ]


def test_one_bad_server_of_five_differs_though_the_others_have_no_errors() -> None:
    """The MAD is zero then."""
    assert differing(fleet(0, 0, 0, 0, 0.1), {}) == {b"web4": {ERRORS}}
    assert differing(fleet(0, 0, 0, 0.1), {}) == {}  # too few to say


def test_where_half_are_bad_none_differs() -> None:
    assert differing(fleet(0, 0, 0, 0, 0.5, 0.5, 0.5, 0.5), {}) == {}


def test_a_server_that_is_better_does_not_differ() -> None:
    assert differing(fleet(0.3, 0.3, 0.3, 0.3, 0.0), {}) == {}


def test_a_slow_server_differs_by_half_and_by_fifty_milliseconds() -> None:
    peers = [Peer(b"web%d" % number, b"", 200, 0, 0.2) for number in range(5)]
    assert differing([*peers, Peer(b"slow", b"", 200, 0, 0.31)], {}) == {b"slow": {TIME}}
    assert differing([*peers, Peer(b"slow", b"", 200, 0, 0.29)], {}) == {}
    quick = [peer._replace(p95=0.001) for peer in peers]
    assert differing([*quick, Peer(b"slow", b"", 200, 0, 0.04)], {}) == {}


def test_a_mark_does_not_flicker_near_the_limit() -> None:
    """The share of one server goes about its limit by what chance does to its hits."""
    chance = random.Random(7)
    marked: Marks = {}
    without, changes = [], []
    for _ in range(300):
        peers = fleet(0, 0, 0, 0, 0, 0, 0.02 + chance.uniform(-0.004, 0.004), hits=10_000)
        without.append(bool(differing(peers, {})))
        before, marked = marked, differing(peers, marked)
        changes.append(before != marked)
    flips = sum(one != other for one, other in pairwise(without))
    assert flips > 50
    assert sum(changes) == 1


def test_chance_marks_hardly_any_of_a_thousand_servers_alike() -> None:
    chance = random.Random(11)
    marks = 0
    for _ in range(20):
        peers = [
            Peer(b"%d" % number, b"", 200, sum(chance.random() < 0.01 for _ in range(200)), None)
            for number in range(200)
        ]
        marks += len(differing(peers, {}))
    assert marks <= 12  # of 4,000: three in a thousand


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_server_is_compared_with_those_of_its_site(share: float) -> None:
    far = [Peer(b"far/%d" % n, b"far", 1_000, round(1_000 * share), 0.9) for n in range(6)]
    near = [Peer(b"near/%d" % n, b"near", 1_000, 0, 0.1) for n in range(12)]
    assert differing([*far, *near], {}) == {}
    few = [peer._replace(site=b"") for peer in far[:2]]  # too few of a kind: the fleet counts
    assert differing([*few, *near], {}) == {peer.name: {ERRORS, TIME} for peer in few}

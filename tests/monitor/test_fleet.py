"""The picture of the servers: their figures, states, sites, and those that differ."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.monitor import hearing
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Differs, Figures, Fleet, ServerState
from logmon_tui.sources.base import ServerStatus, SourceState
from tests.effort import examples
from tests.monitor.fleets import World, of_server
from tests.traffic import START, batch_of, hit, settings_of

A, B, C = b"eu/web1", b"eu/web2", b"us/web1"


def test_without_servers_there_is_no_fleet() -> None:
    world = World()
    world.feed(batch_of([hit(START)] * 20))
    world.tick()
    assert world.fleet == Fleet()


def test_a_live_server_has_the_figures_of_the_stats_window() -> None:
    world = World()
    world.beat(A, B, lag=0.4, version="1.2", lost=3, left_out=5)
    world.feed(of_server(A, [hit(START)] * 6 + [hit(START, status=503)] * 4, time=20_000))
    world.feed(of_server(B, [hit(START)] * 30))
    world.tick()
    row = world.row(A)
    assert (row.state, row.site, row.version) == (ServerState.LIVE, b"eu", "1.2")
    assert (row.lag, row.lost, row.left_out, row.quiet) == (0.4, 3, 5, 0.0)
    assert row.figures == Figures(10, 1.0, 0.4, pytest.approx(0.02, rel=0.01))
    assert world.row(B).figures == Figures(30, 3.0, 0.0, None)
    assert world.fleet.figures == Figures(40, 4.0, 0.1, pytest.approx(0.02, rel=0.01))
    world.pass_time(11, A, B)
    assert world.row(A).figures == Figures(0, 0.0, None, None)


def test_a_stale_server_has_no_rate_and_counts_in_no_sum() -> None:
    """What is not known is not zero."""
    world = World()
    world.beat(A, B)
    world.feed(of_server(A, [hit(START)] * 20))
    world.feed(of_server(B, [hit(START)] * 20))
    world.pass_time(14, A)
    assert world.row(B).state is ServerState.LIVE
    assert world.row(B).figures.rate == 0.0
    world.pass_time(1, A)
    row = world.row(B)
    assert (row.state, row.quiet, row.figures.rate) == (ServerState.STALE, 15.0, None)
    (site,) = world.fleet.sites
    assert (site.name, site.servers, site.live, site.figures.rate) == (b"eu", 2, 1, 0.0)
    world.pass_time(15)
    (site,) = world.fleet.sites
    assert (site.live, site.figures) == (0, Figures())
    assert world.fleet.live == 0


def test_states() -> None:
    world = World()
    world.beat(A, backlog=10_000, lag=120.0)
    world.beat(B, backlog=10_000, lag=2.0)  # an agent that keeps up has some bytes on the way
    world.servers[C] = ServerStatus(C, b"us", message="host key verification failed; run ssh us")
    world.servers[b"new"] = ServerStatus(b"new")
    world.tick()
    assert world.row(A).state is ServerState.CATCHING_UP
    assert world.row(A).figures.rate is None
    assert world.row(B).state is ServerState.LIVE
    assert world.row(C).state is ServerState.FAILED
    assert world.row(C).message.endswith("run ssh us")
    assert (world.row(b"new").state, world.row(b"new").quiet) == (ServerState.STALE, None)
    world.beat(A, backlog=0, lag=120.0)  # nothing has come since
    world.pass_time(2)
    assert world.row(A).state is ServerState.LIVE


def test_hits_of_servers_that_no_source_lists_make_them_known() -> None:
    world = World()
    world.feed(of_server(A, [hit(START)] * 20))
    world.tick()
    assert world.row(A).state is ServerState.LIVE
    world.pass_time(30, B)
    assert world.row(A).state is ServerState.STALE
    world.feed(of_server(A, [hit(START + 30)]))
    world.pass_time(1)
    assert world.row(A).state is ServerState.LIVE


def test_old_lines_of_a_server_that_a_source_lists_do_not_make_it_live() -> None:
    world = World()
    world.beat(A)
    world.pass_time(40, B)
    world.feed(of_server(A, [hit(START + 39)] * 20))  # a broker had kept them
    world.pass_time(1, B)
    assert world.row(A).state is ServerState.STALE


def test_servers_and_sites_are_in_order() -> None:
    world = World()
    world.beat(b"us/b", b"eu/z", b"us/a", b"plain")
    world.tick()
    assert [row.name for row in world.fleet.servers] == [b"eu/z", b"plain", b"us/a", b"us/b"]
    assert [(row.name, row.servers) for row in world.fleet.sites] == [
        (b"", 1),
        (b"eu", 1),
        (b"us", 2),
    ]


def test_without_sites_there_are_no_groups() -> None:
    world = World()
    world.beat(b"web1", b"web2")
    world.tick()
    assert world.fleet.sites == ()


def test_servers_beyond_the_limit_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "MAX_KNOWN", 3)
    monkeypatch.setattr("logmon_tui.metrics.server_counts.MAX_SERVERS", 3)
    world = World()
    names = [b"web%d" % number for number in range(6)]
    world.beat(*names)
    for name in names:
        world.feed(of_server(name, [hit(START)] * 10))
    world.tick()
    found = {row.name: row.figures.hits for row in world.fleet.servers}
    assert found == {b"(other)": 30, **dict.fromkeys(names[:3], 10)}
    assert world.fleet.figures.hits == 60


def test_a_server_that_differs_from_its_peers_is_marked() -> None:
    world = World()
    names = [b"eu/web%d" % number for number in range(6)]
    world.beat(*names)
    for name in names[:5]:
        world.feed(of_server(name, [hit(START)] * 200, time=20_000))
    bad = [hit(START, status=500)] * 40 + [hit(START)] * 160
    world.feed(of_server(names[5], bad, time=900_000))
    world.tick()
    assert world.row(names[5]).differs == {Differs.ERRORS, Differs.TIME}
    assert not any(world.row(name).differs for name in names[:5])
    # Of the peers, not of all: the server itself would be most of a sum.
    assert world.row(names[5]).typical == Figures(errors=0.0, p95=pytest.approx(0.02, rel=0.01))
    assert {world.row(name).typical for name in names[:5]} == {Figures()}
    world.pass_time(16, *names[:5])  # nobody knows how it is now
    assert not world.row(names[5]).differs


def test_the_panel_follows_the_filter_and_the_window() -> None:
    world = World()
    world.beat(A, B)
    world.feed(of_server(A, [hit(START)] * 20 + [hit(START, status=500)] * 5))
    world.feed(of_server(B, [hit(START)] * 20))
    world.pass_time(5, A, B)
    world.monitor.shown.set_filter(parsed("status:500"))
    assert [row.figures.hits for row in world.fleet.servers] == [5, 0]
    world.feed(of_server(A, [hit(START + 5), hit(START + 5, status=500)]))
    world.pass_time(1, A, B)
    assert [row.figures.hits for row in world.fleet.servers] == [6, 0]
    world.pass_time(20, A, B)
    assert [row.figures.hits for row in world.fleet.servers] == [0, 0]
    world.monitor.shown.set_window(60)
    assert [row.figures.hits for row in world.fleet.servers] == [6, 0]
    world.monitor.shown.set_window(None)
    world.monitor.shown.set_filter(parsed(""))
    assert [row.figures.hits for row in world.fleet.servers] == [27, 20]


@settings(max_examples=examples(30), deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 60), st.sampled_from((A, B, C, b"x")), st.sampled_from((200, 500))
        ),
        min_size=30,
        max_size=80,
    )
)
def test_whole_intervals_have_every_hit_of_each_server_once(
    rows: list[tuple[int, bytes, int]],
) -> None:
    monitor = HTTPMonitor(settings_of(), whole_intervals=True)
    world = World(monitor)
    world.beat(A, B, C)
    found: Counter[bytes] = Counter()
    ends: set[int] = set()

    def look() -> None:
        picture = monitor.snapshot(world.now, world.wall)
        if picture.now.end not in ends and picture.now.seconds:
            ends.add(picture.now.end)
            found.update({row.name: row.figures.hits for row in picture.fleet.servers})
            assert picture.fleet.figures.hits == picture.now.hits

    rows.sort()
    for second in range(75):
        for offset, server, status in rows:
            if offset == second:
                world.feed(of_server(server, [hit(START + offset, status=status)]))
        world.pass_time(1, A, B, C, b"x")
        look()
    assert +found == Counter(server for _, server, _ in rows)


def test_ignored_hits_are_left_out() -> None:
    world = World(ignore={"where": "path:/health"})
    world.beat(A)
    world.feed(of_server(A, [hit(START)] * 20 + [hit(START, path=b"/health")] * 9))
    world.tick()
    assert world.row(A).figures.hits == 20


def test_hits_of_this_machines_files_belong_to_no_server() -> None:
    world = World()
    world.beat(A)
    mixed = HitBatch.concat(
        [of_server(A, [hit(START)] * 12), batch_of([hit(START)] * 20)], [12, 20]
    )
    world.feed(mixed)
    world.tick()
    assert [(row.name, row.figures.hits) for row in world.fleet.servers] == [(A, 12)]


def test_a_source_that_is_down_makes_its_servers_stale_in_time() -> None:
    world = World()
    world.beat(A)
    world.beat(B)
    world.source = SourceState.FAILED
    world.pass_time(14)
    assert world.fleet.live == 2
    world.pass_time(2)
    assert {row.state for row in world.fleet.servers} == {ServerState.STALE}


def test_a_state_of_a_run_with_more_servers_than_are_known_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    world.beat(*(b"web%d" % number for number in range(9)))
    world.feed(of_server(b"web1", [hit(START)] * 20))
    world.tick()
    kept = world.monitor.state(world.now, world.wall)
    assert len(kept.servers) == 9
    monkeypatch.setattr(hearing, "MAX_KNOWN", 4)
    after = World()
    after.monitor._fleet.hearing.restore(kept.servers)
    after.tick()
    assert len(after.fleet.servers) == 4


def test_of_two_sources_that_list_one_server_the_later_word_counts() -> None:
    world = World()
    world.beat(A, B)
    world.pass_time(20, B)
    old = replace(world.servers[A])
    world.beat(A)
    world.servers[b"same"] = old
    world.pass_time(1)
    assert world.row(A).state is ServerState.LIVE

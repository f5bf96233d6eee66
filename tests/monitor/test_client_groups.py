"""Clients counted by network, country and ASN: each ranking holds all hits."""

from collections import Counter
from ipaddress import ip_address

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.formats.clients import Locate, Place, network_of
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.key_sums import KeySums
from logmon_tui.metrics.tally import Tally
from logmon_tui.monitor import client_groups
from logmon_tui.monitor.client_groups import ClientGroups, client_rankings
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.report_builder import ReportBuilder
from logmon_tui.native.texts import Texts
from logmon_tui.snapshot import CountRow, Ranking, Window
from tests.traffic import START, batch_of, hit, settings_of

CLIENTS = {
    b"192.0.2.1": 50,
    b"192.0.2.9:4711": 5,
    b"::ffff:192.0.2.3": 1,
    b"198.51.100.7": 30,
    b"2001:db8::1": 8,
    b"2001:db8::2": 2,
    b"host.example": 4,
}
HOSTS = st.one_of(
    st.ip_addresses().map(lambda each: str(each).encode()),
    st.binary(max_size=20),
    st.sampled_from(tuple(CLIENTS)),
)


def locate(address: str) -> Place:
    """Tell places as a database would: half of the addresses are in Germany."""
    if ip_address(address).version == 6:
        return Place()
    last = int(address.rpartition(".")[2])
    return Place(b"DE" if last % 2 else b"US", b"AS1 One" if last < 128 else b"")


def bucket_of(hits: dict[bytes, int]) -> MetricsBucket:
    bucket = MetricsBucket()
    bucket.tallies[Dimension.HOST] = Tally(dict(hits), {key: 10 * n for key, n in hits.items()})
    return bucket


def sums_of(hits: dict[bytes, int], others: int) -> KeySums:
    """Return the sums of a report over hosts of so many hits, and of `others` without a name."""
    counts = np.array(list(hits.values()), dtype=np.int64)
    other = {"hits": others, "bytes": 10 * others}
    return KeySums(Texts.of(hits), {"hits": counts, "bytes": 10 * counts}, other)


def hits_of(ranking: Ranking) -> dict[bytes, int]:
    return {row.key: row.hits for row in ranking.rows}


def test_clients_are_added_up_by_network() -> None:
    window = ClientGroups().with_rankings(Window(), bucket_of(CLIENTS), None)
    assert window.networks.rows == (
        CountRow(b"192.0.2.0/24", 56, 560),
        CountRow(b"198.51.100.0/24", 30, 300),
        CountRow(b"2001:db8::/64", 10, 100),
        CountRow(b"host.example", 4, 40),
    )
    assert window.networks.distinct == 4
    assert window.networks.other_hits == 0
    assert window.countries == window.asns == Ranking()


def test_where_a_database_tells_they_are_added_up_by_country_and_asn() -> None:
    groups = ClientGroups(locate)
    window = groups.with_rankings(Window(), bucket_of(CLIENTS), None)
    assert hits_of(window.countries) == {b"DE": 86, b"(unknown)": 14}
    assert hits_of(window.asns) == {b"AS1 One": 86, b"(unknown)": 14}
    places = groups.places_of(Ranking(tuple(CountRow(key, 1, 1) for key in CLIENTS)))
    assert places[b"192.0.2.9:4711"] == Place(b"DE", b"AS1 One")
    assert b"host.example" not in places
    assert b"2001:db8::1" not in places


def test_a_database_that_knows_nothing_brings_no_rankings() -> None:
    window = ClientGroups(lambda _: Place()).with_rankings(Window(), bucket_of(CLIENTS), None)
    assert window.countries == window.asns == Ranking()
    only_countries = ClientGroups(lambda _: Place(b"DE"))
    window = only_countries.with_rankings(Window(), bucket_of(CLIENTS), None)
    assert hits_of(window.countries) == {b"DE": 96, b"(unknown)": 4}
    assert window.asns == Ranking()


@given(st.dictionaries(HOSTS, st.integers(1, 10**6)), st.integers(0, 10**6), st.integers(1, 9))
def test_each_ranking_is_what_the_hits_one_by_one_add_up_to(
    hits: dict[bytes, int], others: int, top: int
) -> None:
    bucket = bucket_of(hits)
    bucket.tallies[Dimension.HOST].other_hits = others
    bucket.tallies[Dimension.HOST].other_bytes = 10 * others
    expected: Counter[bytes] = Counter()
    for host, count in hits.items():
        expected[network_of(host)] += count
    for window in (
        ClientGroups(locate).with_rankings(Window(), bucket, None),
        client_rankings(Window(), sums_of(hits, others), None, locate),
    ):
        assert hits_of(window.networks) == expected
        for ranking in (window.networks, window.countries, window.asns):
            if ranking != Ranking():
                rows = ranking.rows
                assert sum(row.hits for row in rows) + ranking.other_hits == (
                    sum(hits.values()) + others
                )
                assert all(row.bytes == 10 * row.hits for row in rows)
                assert (ranking.other_hits, ranking.other_bytes) == (others, 10 * others)
                assert list(rows) == sorted(rows, key=lambda row: (-row.hits, row.key))
    few = ClientGroups(locate).with_rankings(Window(), bucket, top)
    assert few.networks.rows == window.networks.rows[:top]
    assert few.networks.distinct == len(expected)


@given(
    st.dictionaries(HOSTS, st.integers(1, 10**6)), st.integers(0, 9), st.sampled_from((None, 1, 3))
)
def test_a_report_counts_networks_as_a_watch_does(
    hits: dict[bytes, int], others: int, rows: int | None
) -> None:
    bucket = bucket_of(hits)
    bucket.tallies[Dimension.HOST].other_hits = others
    bucket.tallies[Dimension.HOST].other_bytes = 10 * others
    window = ClientGroups().with_rankings(Window(), bucket, rows)
    found = client_rankings(Window(), sums_of(hits, others), rows, None)
    assert found.networks == window.networks
    assert found.networks.other_most == window.networks.other_most
    assert found.countries == found.asns == Ranking()


def test_what_is_beyond_the_first_new_clients_counts_as_other_until_later() -> None:
    groups, bucket = ClientGroups(), bucket_of(CLIENTS)
    first = groups.with_rankings(Window(), bucket, None, new=2)
    assert hits_of(first.networks) == {b"192.0.2.0/24": 50, b"198.51.100.0/24": 30}
    assert (first.networks.other_hits, first.networks.other_bytes) == (20, 200)
    groups.with_rankings(Window(), bucket, None, new=2)
    later = groups.with_rankings(Window(), bucket, None, new=3)
    assert later.networks.other_hits == 0


def test_clients_that_have_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_groups, "SLACK", 10)
    asked: list[str] = []

    def noting(address: str) -> Place:
        asked.append(address)
        return locate(address)

    groups = ClientGroups(noting)
    kept = {b"10.0.0.1": 3, b"2001:db8::5": 2}
    for number in range(50):
        hits = kept | {b"10.%d.0.%d" % (number, last): 1 for last in range(9)}
        window = groups.with_rankings(Window(), bucket_of(hits), None)
        assert sum(hits_of(window.networks).values()) == sum(hits.values())
        assert hits_of(window.countries)[b"(unknown)"] == 2
    assert len(groups._numbers) <= 2 * 11 + 10 + 9
    assert asked.count("10.0.0.1") == 1


def test_a_watch_and_a_report_tell_networks_and_places() -> None:
    hits = [hit(START + n, host=host) for n, host in enumerate(CLIENTS)]
    monitor = HTTPMonitor(settings_of(stats_interval=60), locate=locate)
    monitor.feed(batch_of(hits), now=0.0)
    monitor.tick(now=5.0, wall=START + 5)
    picture = monitor.snapshot(now=5.0, wall=START + 5)
    builder = ReportBuilder(settings_of(), locate=locate)
    builder.feed(batch_of(hits))
    for window in (picture.now, builder.finish().hits):
        assert hits_of(window.networks)[b"192.0.2.0/24"] == 3
        assert hits_of(window.countries) == {b"DE": 4, b"(unknown)": 3}
    assert picture.places[b"192.0.2.1"] == Place(b"DE", b"AS1 One")


@pytest.mark.parametrize("place", [None, locate])
def test_large_sums_of_a_network_are_exact_in_any_order(place: Locate | None) -> None:
    sizes = {b"10.0.0.%d" % n: 10**15 - n for n in range(1, 200)}
    total = sum(sizes.values())
    for hosts in (list(sizes), list(sizes)[::-1]):
        bytes_ = np.array([sizes[each] for each in hosts], dtype=np.int64)
        sums = {"hits": np.ones(len(hosts), dtype=np.int64), "bytes": bytes_}
        keys = KeySums(Texts.of(hosts), sums, {"hits": 0, "bytes": 0})
        window = client_rankings(Window(), keys, 5, place)
        assert window.networks.rows == (CountRow(b"10.0.0.0/24", len(hosts), total),)

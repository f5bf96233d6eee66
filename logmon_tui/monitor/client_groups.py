"""Count clients by network, and by country and ASN where a database tells them."""

from collections.abc import Callable, Mapping
from heapq import nlargest
from itertools import repeat

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.clients import NOWHERE, Locate, Place, address_of, network_of
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.formats.networks import Networks
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import MAX_SUM
from logmon_tui.metrics.key_sums import BYTES, HITS, KeySums, summed_by
from logmon_tui.metrics.tally import Tally
from logmon_tui.snapshot import CountRow, Ranking, Window

UNKNOWN_PLACE = b"(unknown)"
MAX_NEW_CLIENTS = 2_000
"""Maximum new clients worked out per snapshot. One takes 2 µs, with two databases some 20 µs."""

SLACK = 10_000
"""Clients remembered beyond twice those of the window."""

_NOT_YET = -1


class ClientGroups:
    """Caches from snapshot to snapshot which groups a client is in.

    `locate` tells the place of an address; without it there are networks only.
    """

    def __init__(self, locate: Locate | None = None) -> None:
        self._locate = locate
        self._groups = _Groups(locate)
        self._numbers: dict[bytes, int] = {}

    def with_rankings(
        self, window: Window, bucket: MetricsBucket, rows: int | None, *, new: int = MAX_NEW_CLIENTS
    ) -> Window:
        """Return `window`, made of `bucket`, with rankings of networks, countries and ASNs added.

        Each ranking adds up to all hits. At most `new` clients are worked out in one call, those
        with the most hits; the rest counts as other, until a later call. `rows` bounds each
        ranking; None keeps all rows.
        """
        hosts = bucket.tallies[Dimension.HOST]
        if len(self._numbers) > 2 * len(hosts.hits) + SLACK:
            self._forget_others(hosts.hits)
        numbers = self._numbers_of(hosts.hits, new)
        known = numbers != _NOT_YET
        clients = _Clients.of_tally(hosts, known)
        return self._groups.with_rankings(window, clients, numbers[known], rows)

    @property
    def has_places(self) -> bool:
        """Whether something tells the places of addresses."""
        return self._locate is not None

    def places_of(self, hosts: Ranking) -> dict[bytes, Place]:
        """Return the places of those clients in `hosts` whose place is known."""
        if self._locate is None:
            return {}
        numbers = ((row.key, self._numbers.get(row.key)) for row in hosts.rows)
        places = {key: self._groups.place(each) for key, each in numbers if each is not None}
        return {key: place for key, place in places.items() if place != NOWHERE}

    def _numbers_of(self, hosts: Mapping[bytes, int], new: int) -> NDArray[np.intp]:
        """Return the number of each client, `_NOT_YET` for those that are to be worked out later.

        `hosts` has their hits. At most `new` clients, those with the most hits, are worked out.
        """
        found = map(self._numbers.get, hosts, repeat(_NOT_YET))
        numbers = np.fromiter(found, np.intp, len(hosts))
        unknown = np.flatnonzero(numbers == _NOT_YET).tolist()
        if unknown:
            clients = list(hosts)
            if len(unknown) > new:
                unknown = nlargest(new, unknown, key=lambda place: hosts[clients[place]])
            for place in unknown:
                client = clients[place]
                numbers[place] = self._numbers[client] = self._groups.add(client)
        return numbers

    def _forget_others(self, hosts: Mapping[bytes, int]) -> None:
        """Forget all clients but `hosts`."""
        kept = _Groups(self._locate)
        self._numbers = {
            host: kept.append(*self._groups.names(number))
            for host, number in self._numbers.items()
            if host in hosts
        }
        self._groups = kept


def client_rankings(
    window: Window, hosts: KeySums, rows: int | None, locate: Locate | None
) -> Window:
    """Return `window` with the rankings of all clients, `hosts`. Nothing is remembered."""
    clients = _Clients.of_sums(hosts)
    if locate is None:
        networks = Networks(hosts.keys)
        found, codes = np.unique(networks.of_client, return_inverse=True)
        return replace(
            window, networks=clients.ranking(codes, lambda code: networks.name(found[code]), rows)
        )
    groups = _Groups(locate)
    for host in hosts.keys.tolist():
        groups.add(host)
    return groups.with_rankings(window, clients, np.arange(len(hosts.keys)), rows)


class _Clients(msgspec.Struct, frozen=True):
    """Hits and bytes (`sizes`) of n clients, int64 of shape (n,); others are in no known group.

    Sums of floats would depend on the order in which threads found the clients.
    """

    hits: NDArray[np.int64]
    sizes: NDArray[np.int64]
    other_hits: int
    other_bytes: int

    @classmethod
    def of_sums(cls, hosts: KeySums) -> "_Clients":
        """Return all clients of a report."""
        return cls(hosts.sums[HITS], hosts.sums[BYTES], hosts.other[HITS], hosts.other[BYTES])

    @classmethod
    def of_tally(cls, hosts: Tally, known: NDArray[np.bool_]) -> "_Clients":
        """Return the `known` clients of `hosts`, shape (hosts,)."""
        keys = len(hosts.hits)
        sizes = map(hosts.bytes.get, hosts.hits, repeat(0))
        if max(hosts.bytes.values(), default=0) > MAX_SUM:
            sizes = map(min, sizes, repeat(MAX_SUM))
        hits = np.fromiter(hosts.hits.values(), np.int64, keys)[known]
        summed = np.fromiter(sizes, np.int64, keys)[known]
        return cls(
            hits,
            summed,
            sum(hosts.hits.values()) + hosts.other_hits - int(hits.sum()),
            sum(hosts.bytes.values()) + hosts.other_bytes - sum(summed.tolist()),
        )

    def ranking(
        self, codes: NDArray[np.intp], name_of: Callable[[int], bytes], rows: int | None
    ) -> Ranking:
        """Rank the groups of the clients, which have the numbers `codes`, shape (n,)."""
        groups = int(codes.max(initial=-1)) + 1
        by_hits, by_bytes = (summed_by(codes, each, groups) for each in (self.hits, self.sizes))
        used = np.flatnonzero(by_hits)
        distinct = len(used)
        if rows is not None and rows < distinct:
            least = np.partition(by_hits[used], -rows)[-rows]
            used = used[by_hits[used] >= least]
        found = [
            CountRow(name_of(code), int(by_hits[code]), int(by_bytes[code]))
            for code in used.tolist()
        ]
        found.sort(key=lambda row: (-row.hits, row.key))
        shown = tuple(found[:rows])
        hidden = self.other_hits + (shown[-1].hits if len(shown) < distinct else 0)
        return Ranking(shown, distinct, self.other_hits, self.other_bytes, other_most=hidden)


class _Groups:
    """The groups of clients, which are numbered as they are added."""

    def __init__(self, locate: Locate | None) -> None:
        self._locate = locate
        self._networks = _Grouping(unnamed=b"")
        self._countries, self._asns = _Grouping(UNKNOWN_PLACE), _Grouping(UNKNOWN_PLACE)

    def add(self, host: bytes) -> int:
        """Work out the groups of a client; return its number."""
        place = NOWHERE
        if self._locate is not None and (address := address_of(host)) is not None:
            place = self._locate(address)
        return self.append(network_of(host), *place)

    def append(self, network: bytes, country: bytes, asn: bytes) -> int:
        """Add a client of these groups; return its number."""
        if self._locate is not None:
            self._countries.append(country)
            self._asns.append(asn)
        return self._networks.append(network)

    def names(self, number: int) -> tuple[bytes, bytes, bytes]:
        """Return the groups of a client, as `append` takes them."""
        place = NOWHERE if self._locate is None else self.place(number)
        return self._networks.name(number), *place

    def place(self, number: int) -> Place:
        """Return the place of a client; only with `locate`."""
        return Place(self._countries.name(number), self._asns.name(number))

    def with_rankings(
        self, window: Window, clients: _Clients, numbers: NDArray[np.intp], rows: int | None
    ) -> Window:
        """Return `window` with rankings of `clients`; `numbers` are theirs, in their order."""

        def ranking(grouping: _Grouping) -> Ranking:
            return clients.ranking(grouping.of_clients(numbers), grouping.shown_name, rows)

        return replace(
            window,
            networks=ranking(self._networks),
            countries=ranking(self._countries) if self._countries.named else Ranking(),
            asns=ranking(self._asns) if self._asns.named else Ranking(),
        )


class _Grouping:
    """The group of each client by one criterion. Clients are numbered from 0.

    In rankings, a group without a name is called `unnamed`.
    """

    def __init__(self, unnamed: bytes) -> None:
        from array import array  # a report without databases of places needs none

        self._unnamed = unnamed
        self._names: list[bytes] = []
        self._codes: dict[bytes, int] = {}
        self._of_client = array("i")

    @property
    def named(self) -> bool:
        """Whether any client is in a group that is known."""
        return any(self._names)

    def append(self, name: bytes) -> int:
        """Add a client that is in the group `name`; return its number."""
        code = self._codes.setdefault(name, len(self._names))
        if code == len(self._names):
            self._names.append(name)
        self._of_client.append(code)
        return len(self._of_client) - 1

    def name(self, client: int) -> bytes:
        """Return the group of a client; empty if it is not known."""
        return self._names[self._of_client[client]]

    def shown_name(self, group: int) -> bytes:
        """Return the name of a group in rankings."""
        return self._names[group] or self._unnamed

    def of_clients(self, clients: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the group of each of `clients`, as numbers from 0."""
        return np.array(self._of_client, dtype=np.intp)[clients]

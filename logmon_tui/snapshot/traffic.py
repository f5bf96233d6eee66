"""The figures of a window of traffic: sums, rankings, quantiles. Frozen values."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import msgspec

CLASSES = 10
"""Number of status classes, one for each first digit of a code; real servers use 1 to 5."""

ByClass: TypeAlias = tuple[int, ...]
"""Ten counts, one for each status class."""

NO_CLASSES: ByClass = (0,) * CLASSES


QUANTILES = ("p50", "p95", "p99", "max")
"""The names of the quantiles in `Times`."""


class Times(NamedTuple):
    """Response times in seconds; quantiles are accurate to 1 %.

    `resolution` is the precision of the times in the log, in seconds; 0 if not known.
    """

    p50: float
    p95: float
    p99: float
    max: float
    resolution: float = 0.0

    @property
    def quantiles(self) -> dict[str, float]:
        """The quantiles by name."""
        return {name: getattr(self, name) for name in QUANTILES}


class Errors(NamedTuple):
    """Hits answered with an error: of the client (4xx), and of the server (5xx)."""

    client: int = 0
    server: int = 0


class CountRow(NamedTuple):
    """One key of a ranking: a section, path, client host … with its hits and bytes.

    Only sections, paths, routes and client hosts have `errors`, and if the log has response times
    a `total_time`, their sum in seconds. Both are None for hits saved by a version that did not
    keep them by key.
    """

    key: bytes
    hits: int
    bytes: int
    status: ByClass = NO_CLASSES  # sections only
    trend: tuple[int, ...] = ()  # sections only: hits in each of the last intervals, oldest first
    times: Times | None = None  # sections, paths and routes, if the log has response times
    errors: Errors | None = None
    total_time: float | None = None


class Ranking(msgspec.Struct, frozen=True, eq=False):
    """The keys of one dimension, most hits first, ties by key.

    What begins with `other_` belongs to keys that were not kept, because there were too many.
    `distinct` is the number of keys seen (an estimate if keys were not kept). No key without a row
    has more hits than `other_most`; None if that is not known. `absent` are keys without a row that
    were looked up: none of them has more hits than `absent_most`.
    """

    rows: tuple[CountRow, ...] = ()
    distinct: int = 0
    other_hits: int = 0
    other_bytes: int = 0
    other_errors: Errors | None = None
    other_time: float | None = None
    other_most: int | None = None
    absent: frozenset[bytes] = frozenset()
    absent_most: int | None = None

    def __eq__(self, other: object) -> bool:
        """Tell whether both show the same, whatever is known of keys without a row."""
        return isinstance(other, Ranking) and self._shown == other._shown

    def __ne__(self, other: object) -> bool:
        return not self == other  # a Struct does not derive it from __eq__

    def __hash__(self) -> int:
        return hash(self._shown)

    @property
    def _shown(self) -> tuple[object, ...]:
        sums = self.other_hits, self.other_bytes, self.other_errors, self.other_time
        return self.rows, self.distinct, sums


class Sizes(msgspec.Struct, frozen=True):
    """Response sizes in bytes; quantiles are accurate to 1 %."""

    mean: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    max: int = 0


class Window(msgspec.Struct, frozen=True, eq=False):
    """The traffic of one window of log time, (end - seconds, end]."""

    end: int = 0
    seconds: int = 0
    hits: int = 0
    bytes: int = 0
    by_class: ByClass = NO_CLASSES
    status: tuple[tuple[int, int], ...] = ()  # (code, hits), by code
    sections: Ranking = Ranking()
    paths: Ranking = Ranking()
    hosts: Ranking = Ranking()
    users: Ranking = Ranking()
    methods: Ranking = Ranking()
    user_agents: Ranking = Ranking()
    referrers: Ranking = Ranking()
    virtual_hosts: Ranking = Ranking()
    tls: Ranking = Ranking()
    routes: Ranking = Ranking()
    sources: Ranking = Ranking()
    servers: Ranking = Ranking()
    sites: Ranking = Ranking()
    browsers: Ranking = Ranking()  # derived from user agents, as are the next three
    systems: Ranking = Ranking()
    bots: Ranking = Ranking()
    agent_kinds: Ranking = Ranking()
    networks: Ranking = Ranking()  # derived from hosts, as are the next two
    countries: Ranking = Ranking()
    asns: Ranking = Ranking()
    own: Mapping[str, Ranking] = {}  # of own panels, by their names
    sizes: Sizes = Sizes()
    response_times: Times | None = None  # None if no hit has one; the same for the next three
    total_time: float | None = None  # sum of the response times in seconds
    upstream_times: Times | None = None
    bytes_in: int | None = None

    @property
    def rate(self) -> float:
        """Hits per second over the whole window."""
        return self.hits / self.seconds if self.seconds else 0.0

    def class_share(self, status_class: int) -> float:
        """Return the share of hits whose status code begins with the digit `status_class`."""
        return self.by_class[status_class] / self.hits if self.hits else 0.0


class TrafficHistory(msgspec.Struct, frozen=True):
    """The hits of each second by status class, oldest first; `start` is the first second."""

    start: int = 0
    seconds: tuple[ByClass, ...] = ()

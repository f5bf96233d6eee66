"""Lines for the tests of rules: hits with every dimension and measure, and unparsed lines."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.hit import UNKNOWN, Hit, Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.presets.clf import COMBINED
from tests.traffic import HOSTS


class Lines(NamedTuple):
    """Hits in the order of their seconds, and the seconds of unparsed lines, in order."""

    hits: Sequence[Hit]
    unparsed: Sequence[int] = ()
    written: Mapping[Hit, int] = MappingProxyType({})
    """The seconds in which late hits were written. Late hits must all differ; none comes first."""

    def written_at(self, hit: Hit) -> int:
        """Return the second in which a hit was written."""
        return self.written.get(hit, hit.second)

    def between(self, first: int, last: int) -> Sequence[Hit]:
        """Return the hits of the seconds from `first` to `last`."""
        begin = bisect_left(self.hits, first, key=lambda each: each.second)
        return self.hits[begin : bisect_right(self.hits, last, key=lambda each: each.second)]

    def unparsed_between(self, first: int, last: int) -> int:
        """Return the number of unparsed lines in the seconds from `first` to `last`."""
        return bisect_right(self.unparsed, last) - bisect_left(self.unparsed, first)


def raw_hit(
    second: int,
    *,
    status: int = 200,
    size: int = 100,
    host: bytes = HOSTS[0],
    path: bytes = b"/",
    agent: bytes = b"curl/8.5",
    virtual_host: bytes = b"a.example",
    response_time: int = UNKNOWN,
) -> Hit:
    return Hit(
        second,
        status,
        size,
        host,
        request=b"GET %s HTTP/1.1" % path,
        user_agent=agent,
        virtual_host=virtual_host,
        response_time=response_time,
    )


def path_of(hit: Hit) -> bytes:
    return hit.request.split(b" ")[1]


def route_of(hit: Hit) -> bytes:
    """Return the path with `:n` in place of each number, which the tests use as its route."""
    return re.sub(rb"\d+", b":n", path_of(hit))


def server_of(hit: Hit) -> bytes:
    """Return the machine that wrote a hit, which in the tests goes by its size."""
    return (b"eu/web1", b"eu/web2", b"us/web1")[hit.size % 3]


def site_of(hit: Hit) -> bytes:
    return server_of(hit).split(b"/")[0]


def raw_batch(hits: Sequence[Hit], unparsed_after: Sequence[int] = ()) -> HitBatch:
    """Return a batch that has virtual hosts, routes, servers and response times too.

    `unparsed_after` has an entry for each unparsed line: the number of hits before it.
    """
    batch = batch_of_hits(hits, COMBINED)
    more = {
        Dimension.VIRTUAL_HOST: _column(each.virtual_host for each in hits),
        Dimension.ROUTE: _column(map(route_of, hits)),
        Dimension.SERVER: _column(map(server_of, hits)),
        Dimension.SITE: _column(map(site_of, hits)),
    }
    times = np.array([each.response_time for each in hits], dtype=np.int64)
    return replace(
        batch,
        columns={**batch.columns, **more},
        measures={Measure.RESPONSE_TIME: times},
        unparsed_after=np.array(unparsed_after, dtype=np.int64),
    )


def _column(values: Iterable[bytes]) -> Column:
    numbers: dict[bytes, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return Column(list(numbers), np.array(codes, dtype=np.int32))

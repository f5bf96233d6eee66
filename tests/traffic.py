"""Traffic for the tests: hits, batches of them, random cuttings, and settings with few words."""

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.batching import batch_of_hits
from logmon_tui.formats.model.hit import UNKNOWN, Hit, Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.formats.presets.clf import COMBINED

T = TypeVar("T")

START = 1_795_262_400  # 2026-11-21 12:00:00 UTC
HOSTS = (b"10.0.0.1", b"10.0.0.2", b"10.0.0.3", b"2001:db8::7")
GAPS = (0, 0, 0, 1, 2, 7, 30, 59, 60, 61, 62, 90, 150, 600, 3_600, 9_000)


def hit(
    second: int,
    *,
    host: bytes = HOSTS[0],
    status: int = 200,
    size: int = 100,
    path: bytes = b"/",
    user: bytes = b"-",
) -> Hit:
    return Hit(second, status, size, host, user, b"GET %s HTTP/1.1" % path, b"-", b"curl/8.5")


def batch_of(hits: Sequence[Hit]) -> HitBatch:
    return batch_of_hits(hits, COMBINED)


_OWN = re.compile(r", own_\d=b'-'")
"""Own fields that a hit lacks: they have no say in what it tells."""


def told_of(each: Hit) -> tuple[int, int, int]:
    """Return what a hit tells in the tests: response time, upstream time (µs) and bytes in.

    Any hit tells the same each time; some tell nothing, and some no more than 0.
    """
    chance = random.Random(_OWN.sub("", repr(each)))
    response, upstream, received = (
        chance.choice((UNKNOWN, 0, 1, 999, chance.randrange(10**7))) for _ in Measure
    )
    return response, upstream, received


def measured_batch_of(hits: Sequence[Hit]) -> HitBatch:
    """Return a batch that has every measure, as `told_of` tells it, and routes."""
    batch = batch_of(hits)
    told = np.array([told_of(each) for each in hits], dtype=np.int64).reshape(-1, len(Measure))
    routes = {Dimension.ROUTE: batch.columns[Dimension.PATH]}
    measures = dict(zip(Measure, told.T, strict=True))
    return replace(batch, columns={**batch.columns, **routes}, measures=measures)


def batch_at(*seconds: int) -> HitBatch:
    return batch_of([hit(second) for second in seconds])


def settings_of(**given: Any) -> Settings:
    """Return settings with `given` over the defaults, checked as a settings file's are."""
    return msgspec.convert(given, Settings)


def pieces(lines: Sequence[T], chance: random.Random, largest: int = 40) -> Iterator[list[T]]:
    """Cut `lines` into pieces of random length, in order."""
    start = 0
    while start < len(lines):
        end = start + chance.choice((1, 1, 2, 5, chance.randint(1, largest)))
        yield list(lines[start:end])
        start = end


def shuffled(hits: Sequence[Hit], chance: random.Random, late: int = 60) -> list[Hit]:
    """Return `hits` in another order, in which none comes more than `late` seconds late."""
    return sorted(hits, key=lambda each: each.second + chance.randint(0, late))


Segment = tuple[int, int, int, float, float]
"""A gap and a length in seconds, hits a second, the share of 5xx, the share of one host."""


def traffic_of(segments: Sequence[Segment], seed: int) -> list[Hit]:
    """Return hits in order; they end with a second that has a dozen of them."""
    chance = random.Random(seed)
    found: list[Hit] = []
    second = START + chance.randrange(10)
    for gap, length, rate, errors, loud in segments:
        second += gap
        for _ in range(length):
            found += [
                _random_hit(second, chance, errors, loud) for _ in range(_count(rate, chance))
            ]
            second += 1
    return found + [_random_hit(second, chance, 0, 0) for _ in range(12)]


def _count(rate: int, chance: random.Random) -> int:
    return chance.choice((0, rate, rate, chance.randint(0, 2 * rate)))


def _random_hit(second: int, chance: random.Random, errors: float, loud: float) -> Hit:
    return hit(
        second,
        host=HOSTS[0] if chance.random() < loud else chance.choice(HOSTS),
        status=chance.choice((500, 503, 599)) if chance.random() < errors else 200,
        size=chance.randrange(5_000),
        path=chance.choice((b"/", b"/api/a", b"/api/b", b"/pages")),
    )


def segments(gaps: Sequence[int] = GAPS) -> st.SearchStrategy[list[Segment]]:
    """Bursts, trickles, error storms, a loud client, and silence between them."""
    segment = st.tuples(
        st.sampled_from(gaps),
        st.integers(0, 25),
        st.sampled_from((0, 1, 2, 5, 12)),
        st.sampled_from((0.0, 0.04, 0.3, 1.0)),
        st.sampled_from((0.0, 0.6, 1.0)),
    )
    return st.lists(segment, min_size=1, max_size=8)


def traffic(gaps: Sequence[int] = GAPS) -> st.SearchStrategy[list[Hit]]:
    return st.builds(traffic_of, segments(gaps), st.integers(0, 2**32))


@st.composite
def alert_settings(draw: st.DrawFn) -> Settings:
    """Draw thresholds that such traffic crosses, at times exactly, and windows of whole buckets."""
    bucket = draw(st.sampled_from((1, 1, 2, 5, 10)))
    window = bucket * draw(st.integers(1, max(1, 60 // bucket)))
    edge = draw(st.integers(1, 5 * window)) / window
    return settings_of(
        bucket_size=bucket,
        alert_window=window,
        threshold=draw(st.sampled_from((0.05, 0.5, 2.0, 5.0, edge))),
        error_rate=draw(st.sampled_from((0.01, 0.05, 0.25, 0.5))),
        ddos_threshold=draw(st.sampled_from((0.05, 0.5, 2.5, edge))),
    )

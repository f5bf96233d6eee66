"""ServerCounts: its sums equal counting the hits of each server one by one."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.formats.model.hit import Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics import server_counts
from logmon_tui.metrics.histogram import Histogram, bins_of
from logmon_tui.metrics.server_counts import LONGEST, OTHER, ServerCounts, ServerSums, p95_of
from tests.effort import examples
from tests.traffic import START, batch_of, hit

SERVERS = (b"eu/web1", b"eu/web2", b"us/web1", b"plain", b"-")
TIMES = (-1, 0, 1, 999, 50_000, 2_000_000, 10 * LONGEST)


class Line(NamedTuple):
    """A hit of a server; `time` is in microseconds, -1 for none."""

    second: int
    server: bytes
    status: int = 200
    time: int = -1


def batch(lines: Sequence[Line]) -> HitBatch:
    made = batch_of([hit(line.second, status=line.status) for line in lines])
    names = list(dict.fromkeys(line.server for line in lines))
    codes = np.array([names.index(line.server) for line in lines], dtype=np.int32)
    return replace(
        made,
        columns={**made.columns, Dimension.SERVER: Column(names, codes)},
        measures={Measure.RESPONSE_TIME: np.array([line.time for line in lines])},
    )


def assert_sums(sums: ServerSums, lines: Sequence[Line]) -> None:
    """Check that the sums are those of exactly these lines."""
    hits = Counter(line.server for line in lines if line.server != b"-")
    errors = Counter(line.server for line in lines if line.status // 100 == 5)
    p95 = dict(zip(sums.names, p95_of(sums.times, len(sums.names)), strict=True))
    for row, name in enumerate(sums.names):
        assert (sums.hits[row], sums.errors[row]) == (hits.pop(name, 0), errors[name])
        times = sorted(
            min(line.time, LONGEST) for line in lines if line.server == name and line.time >= 0
        )
        if not times:
            assert p95[name] is None
            continue
        bins = Counter(bins_of(np.array(times)).tolist())
        assert p95[name] == pytest.approx(Histogram(dict(bins)).quantiles(0.95)[0])
        exact = times[math.ceil(0.95 * len(times)) - 1]
        assert p95[name] == pytest.approx(exact, rel=0.011)
    assert not hits


lines_strategy = st.lists(
    st.builds(
        Line,
        second=st.integers(0, 90).map(lambda offset: START + offset),
        server=st.sampled_from(SERVERS),
        status=st.sampled_from((200, 404, 500, 503)),
        time=st.sampled_from(TIMES),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=examples(200), deadline=None)
@given(
    parts=st.lists(lines_strategy, min_size=1, max_size=5),
    seconds=st.sampled_from((1, 7, 10, 30, 31, 75)),
    raw=st.sampled_from((1, 5, 1 << 18)),
    steps=st.integers(0, 20),
)
def test_a_sliding_window_has_the_hits_of_its_seconds(
    parts: list[list[Line]], seconds: int, raw: int, steps: int
) -> None:
    """Lines come in order of their seconds, but for less than a minute."""
    lines: list[Line] = []
    counts = ServerCounts(seconds)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server_counts, "_RAW_CELLS", raw)
        for part in parts:
            newest = max(line.second for line in (*lines, *part))
            kept = [line for line in part if line.second > newest - 50]
            counts.take(batch(kept)) if kept else None
            lines += kept
            end = newest + steps
            sums = counts.up_to(end)
            assert seconds - counts.step < end - sums.begin + 1 <= seconds + counts.step - 1
            assert_sums(sums, [line for line in lines if sums.begin <= line.second <= end])


@settings(max_examples=examples(200), deadline=None)
@given(parts=st.lists(lines_strategy, min_size=1, max_size=6), interval=st.sampled_from((5, 10)))
def test_whole_intervals_have_every_hit_once(parts: list[list[Line]], interval: int) -> None:
    counts = ServerCounts(interval, whole=True)
    found: Counter[bytes] = Counter()
    printed, newest = START - 1, START
    for part in sorted(parts, key=lambda part: max(line.second for line in part)):
        counts.take(batch(part), printed)
        newest = max(newest, *(line.second for line in part))
        end = newest // interval * interval - 1
        if end > printed:
            sums = counts.between(printed + 1, end)
            found.update(dict(zip(sums.names, sums.hits.tolist(), strict=True)))
            printed = end
    sums = counts.between(printed + 1, newest)
    found.update(dict(zip(sums.names, sums.hits.tolist(), strict=True)))
    lines = Counter(line.server for part in parts for line in part if line.server != b"-")
    assert +found == lines


def test_a_hit_may_stand_for_several() -> None:
    counts = ServerCounts(10)
    counts.take(batch([Line(START, b"a", 500, 1_000), Line(START, b"b", 200, 1_000)]), weight=4)
    sums = counts.up_to(START)
    assert (sums.hits.tolist(), sums.errors.tolist()) == ([0, 4, 4], [0, 4, 0])
    assert sums.times is not None
    assert sums.times.sum(axis=1).tolist() == [0, 4, 4]


def test_servers_beyond_the_limit_are_one_and_those_that_are_dropped_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_counts, "MAX_SERVERS", 3)
    counts = ServerCounts(10)
    names = [b"server%d" % number for number in range(6)]
    counts.take(batch([Line(START, name) for name in names]))
    sums = counts.up_to(START)
    assert dict(zip(sums.names, sums.hits.tolist(), strict=True)) == {
        OTHER: 3,
        **dict.fromkeys(names[:3], 1),
    }
    counts.up_to(START + 1_000)
    counts.drop([names[0], OTHER, b"unknown"])
    counts.take(batch([Line(START + 1_000, name, 500) for name in (names[5], names[1], names[4])]))
    sums = counts.up_to(START + 1_000)
    found = dict(zip(sums.names, sums.hits.tolist(), strict=True))
    assert found == {OTHER: 1, names[5]: 1, names[1]: 1, names[2]: 0}


def test_memory_does_not_grow_with_time() -> None:
    counts = ServerCounts(10)
    for second in range(0, 1_000, 3):
        counts.take(batch([Line(START + second, b"a", time=5)]))
        counts.up_to(START + second)
    assert len(counts._slots) < 100

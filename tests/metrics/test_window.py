"""A sliding window is the merge of the buckets it covers, whatever happened before."""

from collections.abc import Sequence
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.aggregator import SLACK, MetricsAggregator
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.measured import Largest
from logmon_tui.metrics.window import SlidingWindow, filled
from tests.effort import examples
from tests.metrics.test_bucket import content
from tests.traffic import batch_of, hit, measured_batch_of

BASE = 1_000_000
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(-SLACK - 5, 0), st.integers(1, 6)),
        st.tuples(st.just("on"), st.sampled_from((1, 1, 2, 3, 7, 20, 100, 2_000)), st.just(0)),
        st.tuples(st.just("settle"), st.just(0), st.just(0)),
    ),
    min_size=1,
    max_size=40,
)


def merged(window: SlidingWindow, dimensions: Sequence[Dimension]) -> MetricsBucket:
    total = MetricsBucket(dimensions, detail=window.detail)
    for bucket in window.buckets():
        total.add(bucket)
    return total


def expected_hosts(parts: Sequence[MetricsBucket]) -> set[bytes]:
    return {host for part in parts for host in part.tallies[Dimension.HOST].hits}


@settings(max_examples=examples(150), deadline=None)
@given(
    steps=STEPS,
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=3),
    size=st.sampled_from((1, 1, 5)),
)
def test_it_is_the_merge_of_its_buckets(
    steps: list[tuple[str, int, int]], lengths: list[int], size: int
) -> None:
    aggregator = MetricsAggregator(size)
    windows = [aggregator.window(length * size) for length in lengths]
    hosts = aggregator.window(7 * size, (Dimension.HOST,), detail=False)
    slot, number = BASE, 0
    raw: list[int] = []
    for step, amount, count in steps:
        if step == "add":
            number += 1
            second = (slot + amount) * size
            raw += [slot + amount] * count
            host, path = b"%d" % (number % 5), b"/%d/x" % (number % 3)
            make = measured_batch_of if number % 4 else batch_of
            aggregator.add(make([hit(second, host=host, path=path, size=number)] * count))
        elif step == "on":
            slot += amount
            for window in (*windows, hosts):
                window.advance(slot)
        else:
            aggregator.settle(slot)
        for window in (*windows, hosts):
            expected = content(merged(window, window.dimensions), largest=False)
            assert content(window.total, largest=False) == expected
            parts = window.buckets()
            assert window.distinct(Dimension.HOST) == len(expected_hosts(parts))
            if window.detail:
                largest = reduce(Largest.merged, (part.largest for part in parts), Largest())
                assert window.largest == largest
            if window.end is not None:
                covered = range(window.end - window.slots + 1, window.end + 1)
                assert window.total.hits == sum(each in covered for each in raw)


def test_a_gap_of_ages_is_not_walked_through() -> None:
    bucket = MetricsBucket()
    assert filled({7: bucket, 3: bucket, 10**15: bucket}, 2, 10**14) == [3, 7]
    assert filled({7: bucket, 3: bucket, 4: bucket}, 3, 5) == [3, 4]

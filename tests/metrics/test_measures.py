"""Response times, upstream times and bytes in: sums and quantiles are those of the hits."""

import math
from collections import Counter
from collections.abc import Sequence
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import UNKNOWN, Hit, Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics import aggregator as module
from logmon_tui.metrics.aggregator import KEYS_SLACK, MetricsAggregator
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.grouping import BatchCounter, summary_of
from logmon_tui.metrics.histogram import BINS, Bins, bins_of
from logmon_tui.metrics.measured import TIMED, Largest
from logmon_tui.metrics.measuring import MAX_MEASURE, measured_by_slot
from logmon_tui.metrics.wide_buckets import HOUR
from logmon_tui.metrics.window import SlidingWindow
from logmon_tui.monitor.window_view import window_view
from logmon_tui.snapshot import Times, Window
from tests.effort import examples
from tests.metrics.test_bucket import HITS, content
from tests.traffic import START, batch_of, hit, measured_batch_of, told_of

CALM = settings(max_examples=examples(60), deadline=None)


def bins(values: Sequence[int]) -> Bins:
    """Return the hits by bin of the known values."""
    return dict(Counter(bins_of(np.array([each for each in values if each >= 0])).tolist()))


def told(hits: Sequence[Hit], measure: Measure) -> list[int]:
    place = list(Measure).index(measure)
    values = [told_of(each)[place] for each in hits]
    return [each for each in values if each != UNKNOWN]


def path_of(each: Hit) -> bytes:
    return each.request.split()[1].partition(b"?")[0]


def timed(second: int, *times: int, path: bytes = b"/a/x") -> HitBatch:
    """Return a batch of hits with these response times (µs)."""
    batch = batch_of([hit(second, path=path)] * len(times))
    measures = {Measure.RESPONSE_TIME: np.array(times, dtype=np.int64)}
    return HitBatch(batch.seconds, batch.status, batch.sizes, batch.columns, measures=measures)


def view_of(bucket: MetricsBucket) -> Window:
    return window_view(bucket, bucket.largest, lambda _: 0, end=0, seconds=1, rows=None)


@CALM
@given(HITS.filter(bool), st.sampled_from((1, 5, 60)))
def test_sums_of_each_slot_are_those_of_its_hits(hits: list[Hit], size: int) -> None:
    found = BatchCounter(measured_batch_of(hits), size).buckets(ALL_DIMENSIONS, detail=True)
    for slot, bucket in found.items():
        mine = [each for each in hits if each.second // size == slot]
        response, upstream, received = (told(mine, measure) for measure in Measure)
        longest = max(response, default=0), max(upstream, default=0)
        assert bucket.largest == (max(each.size for each in mine), *longest)
        assert (bucket.measured is None) == (not response + upstream + received)
        if bucket.measured is None:
            continue
        assert bucket.measured.response_times.counts == bins(response)
        assert bucket.measured.upstream_times.counts == bins(upstream)
        assert (bucket.measured.bytes_in, bucket.measured.receiving) == (
            sum(received),
            len(received),
        )
        by_path = {path_of(each): [e for e in mine if path_of(e) == path_of(each)] for each in mine}
        times = {key: bins(told(each, Measure.RESPONSE_TIME)) for key, each in by_path.items()}
        expected = {key: each for key, each in times.items() if each}
        for dimension in (Dimension.PATH, Dimension.ROUTE):
            assert bucket.measured.by_key.get(dimension, {}) == expected


@CALM
@given(st.lists(st.integers(0, 10**8), min_size=1, max_size=60))
def test_quantiles_are_those_of_the_hits_within_a_percent(times: list[int]) -> None:
    view = view_of(summary_of(timed(START, *times, UNKNOWN), ALL_DIMENSIONS))
    ranked = sorted(times)
    expected = [ranked[math.ceil(share * len(times)) - 1] for share in (0.5, 0.95, 0.99)]
    for found in (view.response_times, view.sections.rows[0].times, view.paths.rows[0].times):
        assert found is not None
        assert list(found[:3]) == pytest.approx([each / 1e6 for each in expected], rel=0.0101)
        assert found.p50 <= found.p95 <= found.p99 <= found.max
        assert found.max <= max(times) / 1e6
        assert found.max == pytest.approx(max(times) / 1e6, rel=0.0101)
    assert view.response_times is not None
    assert view.response_times.max == max(times) / 1e6, "of all hits it is known exactly"
    assert (view.upstream_times, view.bytes_in) == (None, None)


@CALM
@given(
    st.lists(st.integers(0, 3_000), min_size=1, max_size=60),
    st.sampled_from((1, 1_000, 1_000_000)),
)
def test_quantiles_are_times_that_the_log_can_have_written(
    multiples: list[int], resolution: int
) -> None:
    bucket = summary_of(timed(START, *(each * resolution for each in multiples)), ALL_DIMENSIONS)
    view = window_view(
        bucket, bucket.largest, lambda _: 0, end=0, seconds=1, rows=None, resolution=resolution
    )
    ranked = sorted(multiples)
    expected = [ranked[math.ceil(share * len(ranked)) - 1] for share in (0.5, 0.95, 0.99)]
    for times in (view.response_times, view.sections.rows[0].times):
        assert times is not None
        assert times.resolution == resolution / 1e6
        found = [each / times.resolution for each in times.quantiles.values()]
        assert found == pytest.approx(list(map(round, found)))
        for value, right in zip(found, [*expected, ranked[-1]], strict=True):
            assert abs(value - right) <= 0.0101 * right + 0.5  # rounded, so half of one more
            assert right >= 50 or round(value) == right  # a bin holds but one such multiple


def test_what_no_hit_tells_is_none_and_what_one_tells_as_zero_is_zero() -> None:
    silent = view_of(summary_of(timed(START, UNKNOWN, UNKNOWN), ALL_DIMENSIONS))
    assert (silent.response_times, silent.sections.rows[0].times) == (None, None)
    instant = view_of(summary_of(timed(START, 0, UNKNOWN), ALL_DIMENSIONS))
    assert instant.response_times == instant.paths.rows[0].times == Times(0, 0, 0, 0)


def test_a_time_beyond_all_sense_counts_as_thirty_years() -> None:
    bucket = summary_of(timed(START, 2**63 - 1, 5), ALL_DIMENSIONS)
    assert bucket.largest == Largest(100, 10**15 - 1)
    assert bucket.measured is not None
    assert max(bucket.measured.response_times.counts) < BINS


def test_a_sum_of_large_times_is_exact() -> None:
    times = [MAX_MEASURE - n for n in range(999)]
    batch = timed(START, *times)
    measured = measured_by_slot(batch, np.zeros(len(batch), dtype=np.intp), 1)[0]
    assert measured.total_time == sum(times)


def test_a_log_without_measures_keeps_nothing_for_them() -> None:
    aggregator = MetricsAggregator()
    window = aggregator.window(10)
    aggregator.add(batch_of([hit(START)]))
    window.advance(START)
    assert aggregator.ring[START].measured is window.total.measured is None


def test_a_window_that_measures_have_left_is_as_if_there_had_been_none() -> None:
    aggregator = MetricsAggregator()
    window = aggregator.window(10)
    aggregator.add(timed(START, 5, 7))
    window.advance(START)
    assert window.total.measured is not None
    window.advance(START + 9)
    assert window.total.measured is not None
    window.advance(START + 10)
    assert window.total.measured is None
    assert window.largest == Largest()


def test_wide_buckets_and_windows_without_details_keep_none() -> None:
    aggregator = MetricsAggregator()
    hosts = aggregator.window(120, (Dimension.HOST,), detail=False)
    aggregator.add(timed(START, 5, 7))
    hosts.advance(START)
    aggregator.settle(START + HOUR)
    aggregator.add(timed(START, 9))
    (wide,) = aggregator.wide.tiers[0].values()
    assert wide.hits == 3
    assert hosts.total.measured is wide.measured is None


def test_slots_that_no_window_needs_keep_the_times_of_all_hits_but_none_by_key() -> None:
    aggregator = MetricsAggregator()
    aggregator.window(10)
    aggregator.add(timed(START, 5, 7))
    aggregator.settle(START + 10 + KEYS_SLACK - 1)
    kept = aggregator.ring[START].measured
    assert kept is not None
    assert kept.by_key.keys() == {Dimension.SECTION, Dimension.PATH}
    aggregator.settle(START + 10 + KEYS_SLACK)
    assert (kept.by_key, kept.response_times.counts) == ({}, bins([5, 7]))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(("add", "add", "add", "on")),
        st.integers(1, 12),
        st.sampled_from((1, 1, 2, 5, 30)),
    ),
    min_size=1,
    max_size=40,
)


def assert_whole(aggregator: MetricsAggregator, window: SlidingWindow) -> None:
    """Check that the window is the merge of its buckets, and keeps times for no other keys."""
    merged = MetricsBucket()
    for bucket in window.buckets():
        merged.add(bucket)
    assert content(window.total, largest=False) == content(merged, largest=False)
    for bucket in (*aggregator.ring.values(), window.total):
        for dimension in TIMED:
            times = bucket.measured.by_key.get(dimension, {}) if bucket.measured else {}
            tally = bucket.tallies[dimension].hits
            assert times.keys() <= tally.keys()
            assert all(0 < sum(counts.values()) <= tally[key] for key, counts in times.items())


@CALM
@given(steps=STEPS, slots=st.sampled_from((3, 8, 20)))
def test_a_window_stays_exact_when_keys_are_not_admitted_thinned_and_trimmed(
    steps: list[tuple[str, int, int]], slots: int
) -> None:
    few = {"BUCKET_KEYS": 4, "KEPT_KEYS": 2, "WHOLE_SLOTS": 4, "LONG_KEYS": 6, "KEYS_SLACK": 1}
    with mock.patch.multiple(module, **few):
        aggregator = MetricsAggregator()
        window = aggregator.window(slots)
        raw: list[Hit] = []
        slot = START
        for number, (step, amount, many) in enumerate(steps):
            if step == "add":
                paths = [b"/%d/x" % (number * place % 11) for place in range(amount)]
                second = slot - number % 3
                hits = [hit(second, path=path, size=number) for path in paths]
                aggregator.add(measured_batch_of(hits))
                raw += hits
            else:
                slot += many
                window.advance(slot)
                aggregator.settle(slot)
            assert_whole(aggregator, window)
        window.advance(slot)
        covered = [each for each in raw if slot - slots < each.second <= slot]
        response, upstream, received = (told(covered, measure) for measure in Measure)
        view = window_view(
            window.total, window.largest, window.distinct, end=slot, seconds=slots, rows=None
        )
        assert view.bytes_in == (sum(received) if received else None)
        for times, expected in ((view.response_times, response), (view.upstream_times, upstream)):
            assert (times is None) == (not expected)
            assert times is None or times.max == max(expected) / 1e6
        window.advance(slot + slots)
        assert window.total.measured is None

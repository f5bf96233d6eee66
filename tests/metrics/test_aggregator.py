"""The aggregator: hits fold into wider buckets without loss, and memory stays bounded."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.metrics.aggregator import (
    BUCKET_KEYS,
    KEPT_KEYS,
    KEYS_SLACK,
    LONG_KEYS,
    SLACK,
    MetricsAggregator,
)
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.wide_buckets import DAY, HORIZON, HOUR, MINUTE, TIERS
from tests.effort import examples
from tests.metrics.test_bucket import content
from tests.traffic import START, batch_of, hit

EVERY = 20


def everything(aggregator: MetricsAggregator) -> list[MetricsBucket]:
    parts = aggregator.ring, *aggregator.wide.tiers
    return [bucket for part in parts for bucket in part.values()]


def flood(second: int, keys: range, sizes: int = 10) -> HitBatch:
    """One hit for each of `keys`, which are paths, sections, hosts, users … of their own."""
    return hits_by_key(second, [b"/k%d/x" % key for key in keys], [1] * len(keys), sizes)


def hits_by_key(second: int, keys: list[bytes], hits: list[int], sizes: int = 10) -> HitBatch:
    """Return the given number of hits for each key, in every dimension."""
    count = sum(hits)
    column = Column(keys, np.repeat(np.arange(len(keys), dtype=np.int32), hits))
    return HitBatch(
        np.full(count, second, dtype=np.int64),
        np.full(count, 200, dtype=np.int64),
        np.full(count, sizes, dtype=np.int64),
        dict.fromkeys(ALL_DIMENSIONS, column),
    )


@settings(max_examples=examples(30), deadline=None)
@given(
    jumps=st.lists(
        st.sampled_from((1, 5, 30, 300, 15 * MINUTE, HOUR, 6 * HOUR, DAY)), min_size=1, max_size=25
    ),
    size=st.sampled_from((1, 5, 60)),
    seed=st.integers(0, 2**32),
)
def test_folding_loses_no_hit_within_the_horizon(jumps: list[int], size: int, seed: int) -> None:
    chance = random.Random(seed)
    aggregator = MetricsAggregator(size)
    aggregator.window(10 * size)
    now, seconds = START, list[int]()
    for jump in jumps:
        now += jump
        late = chance.choice((0, 0, 30, 1_000, HOUR, DAY))
        fresh = [now - chance.randint(0, late) for _ in range(chance.randint(1, 5))]
        seconds += fresh
        aggregator.add(batch_of([hit(second, size=second % 97) for second in fresh]))
        aggregator.settle(now // size)
    kept = [second for second in seconds if second > now - HORIZON]
    held = sum(bucket.hits for bucket in everything(aggregator))
    assert len(kept) <= held <= len(seconds)
    if kept == seconds:
        assert sum(bucket.bytes for bucket in everything(aggregator)) == sum(
            second % 97 for second in seconds
        )
    for (_, width), wide in zip(TIERS, aggregator.wide.tiers, strict=True):
        assert all(start % width == 0 for start in wide)


def test_a_folded_bucket_holds_the_hits_of_its_own_seconds() -> None:
    aggregator = MetricsAggregator()
    seconds = [START + offset for offset in (0, 3, 9, 10, 11, 25, 59, 60)]
    aggregator.add(batch_of([hit(second) for second in seconds]))
    aggregator.settle(START + HOUR)
    assert not aggregator.ring
    assert {start: bucket.hits for start, bucket in aggregator.wide.tiers[0].items()} == Counter(
        second // 10 * 10 for second in seconds
    )
    aggregator.settle(START + 7 * HOUR + 30 * MINUTE)
    assert not aggregator.wide.tiers[0]
    assert {start: bucket.hits for start, bucket in aggregator.wide.tiers[1].items()} == Counter(
        second // 60 * 60 for second in seconds
    )
    aggregator.settle(START + 8 * DAY)
    assert everything(aggregator) == []


@pytest.mark.slow
def test_eight_days_of_hits_are_held_in_a_bounded_number_of_buckets() -> None:
    aggregator = MetricsAggregator()
    aggregator.window(120, (Dimension.HOST,), detail=False)
    host = Column([b"10.0.0.1"], np.zeros(HOUR // EVERY, dtype=np.int32))
    nothing = np.zeros(HOUR // EVERY, dtype=np.int64)
    for hour in range(8 * 24):
        seconds = START + hour * HOUR + np.arange(0, HOUR, EVERY)
        aggregator.add(HitBatch(seconds, nothing + 200, nothing, {Dimension.HOST: host}))
        aggregator.settle(int(seconds[-1]))
        # Hits come an hour at a time, so the ring may hold up to an hour more than the tier's age.
        assert len(aggregator.ring) <= (15 * MINUTE + SLACK + HOUR) // EVERY
    ages = (6 * HOUR, HORIZON)
    for (_, width), wide, age in zip(TIERS, aggregator.wide.tiers, ages, strict=True):
        assert 0 < len(wide) <= age // width + 1
    held = sum(bucket.hits for bucket in everything(aggregator))
    assert 7 * DAY // EVERY <= held < 8 * DAY // EVERY


def classes_of_sections(bucket: MetricsBucket) -> list[tuple[bytes, str]]:
    """Return the sections of a bucket with each status class that is counted for them."""
    figures = bucket.tallies[Dimension.SECTION].figures
    return [(section, name) for name, figure in figures.items() for section in figure.by_key]


def test_a_flood_of_keys_is_bounded_in_every_bucket_and_loses_no_hit() -> None:
    aggregator = MetricsAggregator()
    window = aggregator.window(10)
    seconds = 20
    for second in range(seconds):
        for part in range(2):
            first = (2 * second + part) * 2_500
            aggregator.add(flood(START + second, range(first, first + 2_500)))
        aggregator.add(hits_by_key(START + second, [b"/heavy/x"], [40]))
        window.advance(START + second)
        aggregator.settle(START + second)
    bucket = aggregator.ring[START + seconds - 1]
    brought = [tally for tally in bucket.tallies.values() if tally.hits]
    assert len(brought) >= 7
    for tally in brought:
        assert len(tally.hits) <= BUCKET_KEYS + 1  # the loud one came when it was full
        assert sum(tally.hits.values()) + tally.other_hits == bucket.hits
        assert sum(tally.bytes.values()) + tally.other_bytes == bucket.bytes
    assert len(classes_of_sections(bucket)) <= BUCKET_KEYS + 1
    assert window.total.hits == 10 * 5_040
    assert len(classes_of_sections(window.total)) <= 10 * (BUCKET_KEYS + 1)
    aggregator.settle(START + seconds + 10 + SLACK)
    for settled in aggregator.ring.values():
        assert len(classes_of_sections(settled)) <= KEPT_KEYS
        for tally in settled.tallies.values():
            assert len(tally.hits) <= KEPT_KEYS
            assert sum(tally.hits.values()) + tally.other_hits in {0, settled.hits}
    window.advance(START + seconds + 9)
    assert window.total.hits == 0
    assert not window.total.tallies[Dimension.SECTION].figures


@pytest.mark.slow
def test_a_long_window_keeps_few_keys_of_old_slots_but_every_hit_and_the_top_ten() -> None:
    aggregator = MetricsAggregator()
    aggregator.window(150, (Dimension.HOST,), detail=False)
    window, slots = aggregator.window(600), 600
    heavy = [b"/top%d/x" % rank for rank in range(10)]
    last = START + slots - 1
    for second in range(START, last + 1):
        first = (second - START) * 400
        aggregator.add(flood(second, range(first, first + 400)))
        aggregator.add(hits_by_key(second, heavy, list(range(1, 11))))
        window.advance(second)
        aggregator.settle(second)
    for dimension in (Dimension.PATH, Dimension.HOST, Dimension.SECTION):
        total, whole = window.total.tallies[dimension], 150 if dimension is Dimension.HOST else 120
        loudest = [count for _, count, _ in total.top(10)]
        assert loudest == [slots * (10 - rank) for rank in range(10)]
        assert sum(total.hits.values()) + total.other_hits == window.total.hits == slots * 455
        old, new = last - whole - KEYS_SLACK, last - whole - KEYS_SLACK + 1
        assert len(aggregator.ring[old].tallies[dimension].hits) == LONG_KEYS // slots
        assert len(aggregator.ring[new].tallies[dimension].hits) == 410
        assert abs(window.distinct(dimension) / (400 * slots + 10) - 1) < 0.02
    kept = {section for section, _ in classes_of_sections(window.total)}
    assert kept == window.total.tallies[Dimension.SECTION].hits.keys()
    window.advance(last + slots)
    assert (window.total.hits, window.total.tallies[Dimension.SECTION].figures) == (0, {})
    assert not window.total.tallies[Dimension.PATH].other_hits


def test_a_heavy_key_stays_first_in_a_flood() -> None:
    aggregator = MetricsAggregator()
    window = aggregator.window(10)
    for second in range(10):
        heavy = [
            hit(START + second, path=b"/heavy/%d" % rank)
            for rank in range(10)
            for _ in range(5 + rank)
        ]
        aggregator.add(batch_of(heavy))
        aggregator.add(flood(START + second, range(second * 10_000, (second + 1) * 10_000)))
        window.advance(START + second)
        aggregator.settle(START + second)
    top = [(key, hits) for key, hits, _ in window.total.tallies[Dimension.PATH].top(10)]
    assert top == [(b"/heavy/%d" % rank, 10 * (5 + rank)) for rank in reversed(range(10))]


def test_hits_later_than_the_fold_go_to_the_wide_buckets() -> None:
    aggregator = MetricsAggregator()
    aggregator.add(batch_of([hit(START)]))
    aggregator.settle(START + HOUR)
    aggregator.add(batch_of([hit(START + 1), hit(START + HOUR)]))
    assert list(aggregator.ring) == [START + HOUR]
    assert [bucket.hits for bucket in aggregator.wide.tiers[0].values()] == [2]


@settings(max_examples=examples(60), deadline=None)
@given(
    seconds=st.lists(st.integers(0, 9 * DAY), min_size=1, max_size=60),
    size=st.sampled_from((1, 5, 60)),
)
def test_a_backlog_is_counted_at_once_as_it_is_in_the_end(seconds: list[int], size: int) -> None:
    hits = [hit(START + second, size=second) for second in sorted(seconds)]
    newest = hits[-1].second
    step_by_step, at_once = (MetricsAggregator(size) for _ in range(2))
    at_once.begin_at(newest)
    for aggregator in (step_by_step, at_once):
        aggregator.window(300)
        for each in hits:
            aggregator.add(batch_of([each]))
            aggregator.settle(each.second // size)
        # Folding waits for a whole wide bucket, and may be behind by one.
        aggregator.settle((newest + HOUR) // size)
    pairs = zip(step_by_step.wide.tiers, at_once.wide.tiers, strict=True)
    for before, after in ((step_by_step.ring, at_once.ring), *pairs):
        assert {place: content(bucket) for place, bucket in after.items()} == {
            place: content(bucket) for place, bucket in before.items()
        }

"""DirtyBuckets names every changed bucket: a copy updated by it alone stays equal."""

import random
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.metrics import aggregator as module
from logmon_tui.metrics import dirty_buckets as journal_module
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.metrics.dirty_buckets import BucketKey, DirtyBuckets
from logmon_tui.metrics.wide_buckets import DAY, HOUR, MINUTE
from logmon_tui.state.records import packed_bucket
from tests.effort import examples
from tests.traffic import START, batch_of, hit


def kept(aggregator: MetricsAggregator) -> dict[BucketKey, bytes]:
    found = {key: aggregator.bucket(*key) for key in aggregator.bucket_keys()}
    return {key: packed_bucket(bucket) for key, bucket in found.items() if bucket is not None}


@settings(max_examples=examples(40), deadline=None)
@given(
    jumps=st.lists(
        st.sampled_from((0, 1, 5, 30, 300, 15 * MINUTE, HOUR, 6 * HOUR, DAY, 4 * DAY)),
        min_size=1,
        max_size=40,
    ),
    size=st.sampled_from((1, 5, 60)),
    seed=st.integers(0, 2**32),
)
def test_a_copy_kept_up_by_the_journal_is_the_same(jumps: list[int], size: int, seed: int) -> None:
    chance = random.Random(seed)
    journal = DirtyBuckets()
    with mock.patch.multiple(module, BUCKET_KEYS=3, KEPT_KEYS=1, SLACK=5, KEYS_SLACK=5):
        aggregator = MetricsAggregator(size, journal=journal)
        aggregator.window(10 * size)
        copy: dict[BucketKey, bytes] = {}
        journal.clear()
        now = START
        for jump in jumps:
            now += jump
            late = chance.choice((0, 0, 30, 1_000, HOUR, 2 * DAY))
            hits = [
                hit(now - chance.randint(0, late), path=b"/%d" % chance.randrange(9))
                for _ in range(chance.randint(1, 9))
            ]
            aggregator.add(batch_of(hits))
            aggregator.settle(now // size)
            if chance.random() < 0.5:
                for key in journal.touched:
                    bucket = aggregator.bucket(*key)
                    if bucket is None:
                        copy.pop(key, None)
                    else:
                        copy[key] = packed_bucket(bucket)
                journal.clear()
                assert not journal.everything
                assert copy == kept(aggregator)


def test_a_journal_that_nobody_clears_does_not_grow_for_ever() -> None:
    with mock.patch.object(journal_module, "MAX_KEYS", 100):
        journal = DirtyBuckets()
        journal.note(0, 1)
        assert (journal.everything, len(journal.touched)) == (True, 0)
        journal.clear()
        for start in range(100):
            journal.note(0, start)
        assert (journal.everything, len(journal.touched)) == (False, 100)
        journal.note(0, 100)
        assert (journal.everything, len(journal.touched)) == (True, 0)

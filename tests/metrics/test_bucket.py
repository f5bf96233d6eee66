"""MetricsBuckets merge in any order and grouping, and subtract what was added."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.grouping import BatchCounter, summary_of
from logmon_tui.metrics.measured import Measured
from logmon_tui.metrics.tally import Tally
from tests.traffic import START, batch_of, hit, measured_batch_of

HITS = st.lists(
    st.builds(
        hit,
        st.integers(START, START + 20),
        host=st.sampled_from((b"a", b"b", b"c")),
        status=st.sampled_from((0, 100, 200, 204, 301, 404, 499, 500, 503, 999)),
        size=st.integers(0, 10**6),
        path=st.sampled_from((b"/", b"/api/x", b"/api/y", b"/pages?q=1", b"*")),
        user=st.sampled_from((b"-", b"", b"james", b"\xff")),
    ),
    max_size=30,
)


def content(bucket: MetricsBucket, *, largest: bool = True) -> dict[str, Any]:
    """All that a bucket holds, to compare; `largest` cannot be subtracted."""
    return {
        "hits": bucket.hits,
        "bytes": bucket.bytes,
        "largest": bucket.largest if largest else None,
        "status": bucket.status,
        "keys": {
            dimension: (tally.hits, tally.bytes, tally.other_hits, tally.other_bytes)
            for dimension, tally in bucket.tallies.items()
        },
        "figures": {
            dimension: figures_content(tally) for dimension, tally in bucket.tallies.items()
        },
        "sizes": bucket.sizes.counts,
        "measured": bucket.measured and measured_content(bucket.measured),
    }


def measured_content(measured: Measured) -> dict[str, Any]:
    return {
        "response_times": measured.response_times.counts,
        "upstream_times": measured.upstream_times.counts,
        "bytes_in": (measured.receiving, measured.bytes_in),
        "by_key": measured.by_key,
        "total_time": measured.total_time,
    }


def figures_content(tally: Tally) -> dict[str, tuple[dict[bytes, int], int]]:
    return {name: (figure.by_key, figure.other) for name, figure in tally.figures.items()}


def bucket_of(hits: list[Hit]) -> MetricsBucket:
    return summary_of(measured_batch_of(hits), ALL_DIMENSIONS) if hits else MetricsBucket()


@settings(deadline=None)
@given(HITS, HITS, HITS)
def test_merging_is_associative_and_commutative(
    first: list[Hit], second: list[Hit], third: list[Hit]
) -> None:
    a, b, c = map(bucket_of, (first, second, third))
    whole = content(bucket_of(first + second + third))
    assert content((a + b) + c) == whole
    assert content(a + (b + c)) == whole
    assert content(c + b + a) == whole
    assert content(a) == content(bucket_of(first)), "merging leaves its parts alone"


@settings(deadline=None)
@given(HITS, HITS)
def test_subtracting_what_was_added_changes_nothing(first: list[Hit], second: list[Hit]) -> None:
    bucket, before = bucket_of(first), content(bucket_of(first), largest=False)
    bucket.add(bucket_of(second))
    bucket.subtract(bucket_of(second))
    assert content(bucket, largest=False) == before


@settings(deadline=None)
@given(HITS.filter(bool), st.sampled_from((1, 2, 5, 60)))
def test_counts_are_those_of_the_hits_one_by_one(hits: list[Hit], size: int) -> None:
    found = BatchCounter(batch_of(hits), size).buckets(ALL_DIMENSIONS, detail=True)
    assert set(found) == {each.second // size for each in hits}
    for slot, bucket in found.items():
        mine = [each for each in hits if each.second // size == slot]
        assert bucket.hits == len(mine)
        assert bucket.bytes == sum(each.size for each in mine)
        assert bucket.largest.size == max(each.size for each in mine)
        assert bucket.status == Counter(each.status for each in mine)
        hosts = bucket.tallies[Dimension.HOST]
        assert hosts.hits == Counter(each.host for each in mine)
        for host, size_sent in hosts.bytes.items():
            assert size_sent == sum(each.size for each in mine if each.host == host)
        assert bucket.tallies[Dimension.USER].hits == Counter(each.user for each in mine)
        assert bucket.by_class()[5] == sum(each.status // 100 == 5 for each in mine)
        assert sum(bucket.by_class()) == len(mine)
        for section, count in bucket.tallies[Dimension.SECTION].hits.items():
            assert sum(bucket.tallies[Dimension.SECTION].classes(section)) == count
        assert sum(bucket.sizes.counts.values()) == len(mine)


def test_a_batch_of_many_seconds_and_keys_is_counted_without_a_dense_table() -> None:
    hits = [hit(START + number * 997, host=b"h%d" % number) for number in range(1_500)]
    found = BatchCounter(batch_of(hits), 1).buckets((Dimension.HOST,), detail=False)
    assert len(found) == 1_500
    for number in (0, 700, 1_499):
        slot = found[START + number * 997]
        assert slot.tallies[Dimension.HOST].hits == {b"h%d" % number: 1}
        assert slot.tallies[Dimension.HOST].bytes == {b"h%d" % number: 100}

"""Tallies: totals never change, the heavy keys stay, distinct keys are counted well enough."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.metrics.tally import Tally, distinct_keys
from tests.effort import examples

KEYS = st.sampled_from([b"/%d" % number for number in range(12)])
COUNTS = st.dictionaries(KEYS, st.tuples(st.integers(1, 50), st.integers(0, 10_000)), max_size=12)


def tally_of(counts: dict[bytes, tuple[int, int]]) -> Tally:
    hits = {key: count for key, (count, _) in counts.items()}
    return Tally(hits, {key: size for key, (_, size) in counts.items()})


def sums(tally: Tally) -> tuple[int, int]:
    """All hits and all bytes, kept by key or not."""
    assert tally.hits.keys() == tally.bytes.keys()
    hits = sum(tally.hits.values()) + tally.other_hits
    return hits, sum(tally.bytes.values()) + tally.other_bytes


@settings(deadline=None)
@given(parts=st.lists(COUNTS, max_size=8), limit=st.integers(0, 8), trimmed=st.integers(0, 8))
def test_limits_move_hits_to_other_and_lose_none(
    parts: list[dict[bytes, tuple[int, int]]], limit: int, trimmed: int
) -> None:
    total = Tally()
    hits = size = 0
    for part in parts:
        newcomers = total.admitted(tally_of(part), limit, {})
        hits, size = hits + sums(newcomers)[0], size + sums(newcomers)[1]
        total.add(newcomers)
        assert len(total.hits) <= 2 * limit
        assert sums(total) == (hits, size)
    assert hits == sum(count for part in parts for count, _ in part.values())
    assert size == sum(each for part in parts for _, each in part.values())
    total.trim(trimmed)
    assert len(total.hits) <= trimmed
    assert sums(total) == (hits, size)


@settings(deadline=None)
@given(parts=st.lists(COUNTS, min_size=1, max_size=5), limit=st.integers(0, 8))
def test_a_thinned_part_keeps_the_top_keys_of_the_whole_and_both_keep_their_sums(
    parts: list[dict[bytes, tuple[int, int]]], limit: int
) -> None:
    tallies = [tally_of(part) for part in parts]
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    part, before, all_before = tallies[0], sums(tallies[0]), sums(whole)
    hits = dict(whole.hits)
    keys = sorted((hits[key] for key in part.hits), reverse=True)
    assert part.thin(limit, whole) == (len(keys) > limit)
    assert sorted((hits[key] for key in part.hits), reverse=True) == keys[:limit]
    assert (sums(part), sums(whole)) == (before, all_before)
    for tally in tallies:
        whole.subtract(tally)
    assert (whole.hits, whole.bytes, sums(whole)) == ({}, {}, (0, 0))


@settings(deadline=None)
@given(first=COUNTS, second=COUNTS, limit=st.integers(0, 8))
def test_keys_that_were_there_first_stay(
    first: dict[bytes, tuple[int, int]], second: dict[bytes, tuple[int, int]], limit: int
) -> None:
    tally = tally_of(first)
    tally.trim(limit)
    kept = set(tally.hits)
    tally.add(tally.admitted(tally_of(second), limit, {}))
    assert kept <= set(tally.hits)


@settings(deadline=None)
@given(first=COUNTS, second=COUNTS)
def test_subtracting_what_was_added_changes_nothing(
    first: dict[bytes, tuple[int, int]], second: dict[bytes, tuple[int, int]]
) -> None:
    tally, added = tally_of(first), tally_of(second)
    added.trim(4)
    tally.add(added)
    tally.subtract(added)
    assert (tally.hits, tally.bytes) == (tally_of(first).hits, tally_of(first).bytes)
    assert (tally.other_hits, tally.other_bytes) == (0, 0)


@settings(deadline=None)
@given(counts=COUNTS, rows=st.one_of(st.none(), st.integers(0, 14)))
def test_top_is_by_hits_then_by_key(counts: dict[bytes, tuple[int, int]], rows: int | None) -> None:
    expected = sorted(((-hits, key, size) for key, (hits, size) in counts.items()))[:rows]
    assert tally_of(counts).top(rows) == [(key, -hits, size) for hits, key, size in expected]


def test_heavy_keys_survive_a_flood_of_others() -> None:
    chance = random.Random(3)
    heavy = {b"/heavy/%02d" % rank: 30 + rank for rank in range(10)}
    tally, seen = Tally(), Counter[bytes]()
    for round_ in range(40):
        part = {b"/flood/%d/%d" % (round_, number): chance.randint(1, 3) for number in range(3_000)}
        part |= heavy
        seen.update(part)
        tally.add(tally.admitted(Tally(dict(part), dict.fromkeys(part, 1)), 2_000, {}))
    assert 2_000 <= len(tally.hits) <= 4_000
    expected = sorted(seen.items(), key=lambda row: (-row[1], row[0]))[:10]
    assert [(key, hits) for key, hits, _ in tally.top(10)] == expected


@pytest.mark.parametrize("number", [0, 1, 30, 3_000, 100_000])
@pytest.mark.parametrize("limit", [50, 2_000])
def test_distinct_keys_are_right_within_two_percent(number: int, limit: int) -> None:
    """Estimate distinct keys over tallies that share half of their keys, each cut to `limit`."""
    half = number // 2
    tallies = []
    for keys in (range(number), range(half, number + half)):
        tally = Tally()
        tally.add(
            tally.admitted(
                Tally({b"k%d" % key: 1 for key in keys}, {b"k%d" % key: 0 for key in keys}),
                limit,
                {},
            )
        )
        tally.trim(limit)
        assert len(tally.hits) <= limit
        tallies.append(tally)
    assert distinct_keys(tallies) == pytest.approx(number + half, rel=0.02)


def test_keys_added_after_the_limit_count_as_distinct() -> None:
    tally = Tally()
    for start in range(0, 20_000, 500):
        part = {b"k%d" % key: 1 for key in range(start, start + 1_000)}
        tally.add(tally.admitted(Tally(part, dict.fromkeys(part, 0)), 100, {}))
    assert distinct_keys([tally]) == pytest.approx(20_500, rel=0.02)


def test_a_key_known_from_before_is_admitted_though_it_is_quiet_now() -> None:
    """Otherwise a key that comes once a second would be lost in a crowd."""
    tally = tally_of({b"k%d" % key: (1, 1) for key in range(100)})
    newcomers = tally_of({b"steady": (1, 1)} | {b"new%d" % key: (1, 1) for key in range(50)})
    admitted = tally.admitted(newcomers, 100, {b"steady": 9})
    assert admitted.hits == {b"steady": 1}
    assert admitted.other_hits == 50


def test_as_long_as_all_keys_have_room_they_are_counted_exactly() -> None:
    """Frequent keys fit beyond the limit too. None is dropped, so nothing is estimated."""
    tally = Tally(dict.fromkeys((b"%d" % number for number in range(100)), 1))
    loud = Tally(dict.fromkeys((b"loud%d" % number for number in range(50)), 5))
    admitted = tally.admitted(loud, 100, {})
    assert admitted is loud
    tally.add(admitted)
    assert tally.sketch is None
    assert tally.distinct == 150


_few_hits = st.dictionaries(st.integers(0, 9).map(b"%d".__mod__), st.integers(1, 9), max_size=10)


@settings(max_examples=examples(200))
@given(
    st.lists(st.tuples(st.sampled_from(("add", "add", "thin", "expire")), _few_hits), max_size=12),
    st.integers(1, 5),
)
def test_no_key_has_lost_more_hits_than_is_told(
    steps: list[tuple[str, dict[bytes, int]]], limit: int
) -> None:
    """A sum of parts that come and go, in each of which keys are dropped, by a brute force."""
    whole, parts, truths = Tally(), [Tally()], [dict[bytes, int]()]
    for step, hits in [*steps, ("trim whole", {})]:
        if step == "add":
            admitted = whole.admitted(Tally(dict(hits), dict.fromkeys(hits, 1)), limit, {})
            whole.add(admitted)
            part = Tally()
            part.add(admitted)
            parts.append(part)
            truths.append(hits)
        elif step == "trim whole":
            whole.trim(1)
        elif step == "thin":
            parts[len(hits) % len(parts)].thin(limit, whole)
        elif len(parts) > 1:
            whole.subtract(parts.pop(0))
            truths.pop(0)
        assert whole.most_dropped is not None
        for number in range(10):
            truth = sum(each.get(b"%d" % number, 0) for each in truths)
            assert truth <= whole.hits.get(b"%d" % number, 0) + whole.most_dropped

"""HitStore: what is kept is what came; a full memory drops and thins, and tells so."""

import random
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import Hit
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.recent.block import EVERY
from logmon_tui.recent.hit_store import BLOCK_HITS, SPAN, HitStore
from tests.effort import examples
from tests.traffic import START, batch_of, hit, measured_batch_of, pieces


def some_hits(chance: random.Random, count: int, spread: int) -> list[Hit]:
    """Return hits of `spread` seconds, some late, with a few texts of every dimension."""
    return [
        hit(
            START + number * spread // count - chance.choice((0, 0, 0, 1, 5)),
            host=b"10.0.0.%d" % chance.randrange(9),
            path=b"/%d/%d" % (chance.randrange(3), chance.randrange(200)),
            status=chance.choice((200, 204, 301, 404, 500, 0)),
            size=chance.choice((0, 7, 300, 70_000, 5_000_000_000)),
        )
        for number in range(count)
    ]


def rows_of(batch: HitBatch) -> list[object]:
    measures = {measure: values.tolist() for measure, values in batch.measures.items()}
    return [
        (*each, {measure: values[row] for measure, values in measures.items()})
        for row, each in enumerate(batch.hits())
    ]


def kept(store: HitStore) -> list[object]:
    return [row for block in store.blocks for row in rows_of(block.hits(store.vocabularies, EVERY))]


@settings(max_examples=examples(100), deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 400))
def test_hits_are_given_back_as_they_came(seed: int, count: int) -> None:
    chance = random.Random(seed)
    store, came = HitStore(), list[object]()
    for part in pieces(some_hits(chance, count, 300), chance):
        make = chance.choice((batch_of, measured_batch_of))
        batch = make(part)
        came += rows_of(batch)
        store.take(batch)
    found = kept(store)
    # A batch that is merged with others has what they have, as unknown.
    assert [each[:3] for each in found] == [each[:3] for each in came]
    for mine, others in zip(found, came, strict=True):
        for at in (3, 4):
            assert others[at].items() <= mine[at].items()
            assert set(mine[at].values()) - set(others[at].values()) <= {b"-", -1}
    numbers = [number for block in store.blocks for number in block.arrivals.at(EVERY).tolist()]
    assert numbers == list(range(count))
    assert store.since == came[0][0]


def test_blocks_are_few_however_small_the_batches() -> None:
    store = HitStore()
    batch = batch_of([hit(START)])
    for _ in range(1_000):
        store.take(batch)
    assert sum(map(len, store.blocks)) == 1_000
    assert len(store.blocks) <= 12


def test_large_batches_are_merged_as_far_as_they_fit_into_a_block() -> None:
    store, a_third = HitStore(), BLOCK_HITS // 3
    batch = batch_of([hit(START)] * a_third)
    for _ in range(12):
        store.take(batch)
    assert [len(block) for block in store.blocks] == [3 * a_third] * 4


def flood(second: int, count: int, unique: int) -> HitBatch:
    """Return hits of one second, each with a path of its own from number `unique` on."""
    return batch_of([hit(second, path=b"/p/%d" % (unique + number)) for number in range(count)])


def test_memory_is_bounded_and_what_is_left_stands_for_all() -> None:
    store = HitStore(max_bytes=1_000_000)
    for second in range(80):
        store.take(flood(START + second, 300, 300 * second))
        assert store.nbytes <= 1_000_000
    stands_for = sum(block.weight * len(block) for block in store.blocks)
    assert abs(stands_for / 24_000 - 1) < 0.05
    assert store.since == START  # all within the span: thinned, not dropped
    weights = [block.weight for block in store.blocks]
    assert weights[0] == max(weights) > 1
    assert weights[-1] == 1
    texts = sum(len(store.vocabularies.of(each).interner) for each in store.blocks[0].columns)
    assert texts < 12_000  # those that no kept hit has are forgotten


def test_old_hits_go_first_and_the_store_tells_since_when_all_are_known() -> None:
    store = HitStore(max_bytes=1_000_000)
    for second in range(0, 4 * SPAN, 20):
        store.take(flood(START + second, 100, 100 * second))
    end = START + 4 * SPAN
    assert store.since is not None
    assert START < store.since <= end - SPAN
    assert all(block.high >= store.since for block in store.blocks)


def test_hits_older_than_the_span_are_not_kept() -> None:
    store = HitStore()
    store.begin_at(START)
    store.take(batch_of([hit(START - SPAN), hit(START - SPAN + 1), hit(START)]))
    assert [each[0] for each in kept(store)] == [START - SPAN + 1, START]
    store.take(batch_of([hit(START - 2 * SPAN)]))
    assert sum(map(len, store.blocks)) == 2


def test_an_empty_batch_changes_nothing() -> None:
    store = HitStore()
    batch = batch_of([hit(START)])
    store.take(batch.select(np.zeros(1, dtype=np.bool_)))
    assert (store.blocks, store.since) == ([], None)


def test_what_came_late_or_too_late_does_not_make_older_seconds_known() -> None:
    store = HitStore()
    store.take(batch_of([hit(START), hit(START - 600)]))
    assert store.since == START
    store.take(batch_of([hit(START + 2 * SPAN)]))
    assert store.since == START  # there is room for both
    store.take(batch_of([hit(START + SPAN), hit(START + 2 * SPAN)]))
    assert store.since == START + SPAN + 1  # a hit of that second is not there
    assert sum(map(len, store.blocks)) == 4


def test_a_log_that_alternates_is_thinned_to_both_kinds() -> None:
    store = HitStore(max_bytes=1_000_000)
    for second in range(100):
        statuses = [301, 200] * 150
        paths = range(300 * second, 300 * second + 300)
        store.take(
            batch_of(
                [
                    hit(START + second, path=b"/p/%d" % path, status=status)
                    for path, status in zip(paths, statuses, strict=True)
                ]
            )
        )
    found = Counter[int]()
    for block in store.blocks:
        for status in block.status.at(EVERY).tolist():
            found[status] += block.weight
    assert abs(found[301] / 15_000 - 1) < 0.1
    assert abs(found[200] / 15_000 - 1) < 0.1


def test_a_block_lacks_no_column_after_it_was_merged_with_one_that_has_it() -> None:
    store = HitStore()
    one, other = batch_of([hit(START)]), measured_batch_of([hit(START, path=b"/x")])
    for batch in (one, other, one, one):
        store.take(batch)
    (block,) = store.blocks
    routes = block.hits(store.vocabularies).columns[Dimension.ROUTE]
    assert [routes.at(row) for row in range(4)] == [b"-", b"/x", b"-", b"-"]
    assert len(store.vocabularies.of(Dimension.ROUTE).interner) == 2

"""View: any filter and window over kept hits gives the sums over the same hits, found singly."""

import random
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.filters.language import parsed
from logmon_tui.formats.model.hit import UNKNOWN, Hit, Measure
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.figures import CLASSES
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.recent import hit_store
from logmon_tui.recent.block import Block
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.recent.requests import requests_of
from logmon_tui.recent.view import View
from logmon_tui.snapshot import Order
from tests.effort import examples
from tests.metrics.test_bucket import content
from tests.recent.test_hit_store import flood, some_hits
from tests.traffic import START, hit, measured_batch_of, pieces, told_of

FILTERS: tuple[tuple[str, Callable[[Hit], bool]], ...] = (
    ("", lambda _: True),
    ("status:5xx", lambda each: each.status // 100 == 5),
    ("client:10.0.0.3 size>1kB", lambda each: each.host == b"10.0.0.3" and each.size > 1000),
    ("!path:/1/*", lambda each: b" /1/" not in each.request),
    ("status:999", lambda _: False),
)


def sums(bucket: MetricsBucket) -> dict[str, Any]:
    """Return what a bucket holds, where keys without times may be there or not."""
    found = content(bucket)
    if found["measured"]:
        times = found["measured"]["by_key"].items()
        found["measured"]["by_key"] = {dimension: keys for dimension, keys in times if keys}
    return found


def section(each: Hit) -> bytes:
    return b"/" + each.request.split(b"/")[1]


@settings(max_examples=examples(150), deadline=None)
@given(
    seed=st.integers(0, 2**32),
    which=st.sampled_from(FILTERS),
    seconds=st.sampled_from((1, 10, 60, 900, None)),
    back=st.integers(0, 320),
)
def test_a_window_holds_what_a_plain_predicate_finds(
    seed: int, which: tuple[str, Callable[[Hit], bool]], seconds: int | None, back: int
) -> None:
    chance = random.Random(seed)
    hits = some_hits(chance, chance.randint(1, 300), 300)
    store = HitStore()
    text, fits = which
    view, end = View(store, parsed(text), seconds), START + 300 - back
    for part in pieces(hits, chance):
        store.take(measured_batch_of(part))
        if chance.random() < 0.2:
            view.bucket(end, None)  # what was found out before must not be used for later hits
    first = hits[0].second
    after = end - (seconds or max(1, end - first + 1))
    mine = [each for each in hits if fits(each)]
    inside = [each for each in mine if after < each.second <= end]
    whole = summary_of(measured_batch_of(inside), ALL_DIMENSIONS) if inside else MetricsBucket()
    assert sums(view.bucket(end, None)) == sums(whole)
    assert not view.sampled(end)
    by_second = Counter((each.second, each.status // 100) for each in mine)
    found = view.by_second(START, 300)
    assert {
        (START + second, number): hits for (second, number), hits in np.ndenumerate(found) if hits
    } == {key: n for key, n in by_second.items() if START <= key[0] < START + 300}
    for step, sections in enumerate(reversed(view.former_sections(end)), start=1):
        last = end - step * (seconds or 0)
        former = [each for each in mine if last - (seconds or 0) < each.second <= last]
        assert sections == Counter(map(section, former))
    for order in Order:
        check_requests(view, end, order, inside)
        known = requests_of(view, end, chance.choice(list(Order)), chance.randint(1, 7))
        assert requests_of(view, end, order, 7, known) == requests_of(view, end, order, 7)


def check_requests(view: View, end: int, order: Order, inside: list[Hit]) -> None:
    """Check that the first requests are those of the hits in the window, in their order."""
    rows = requests_of(view, end, order, 7)
    told = {
        Order.NEWEST: lambda _: 0,
        Order.SLOWEST: lambda each: told_of(each)[0],
        Order.LARGEST: lambda each: each.size,
    }[order]
    expected = [each for each in reversed(inside) if told(each) >= 0]
    expected.sort(key=told, reverse=True)
    assert [(each.second, each.status, each.size, each.texts[Dimension.HOST]) for each in rows] == [
        (each.second, each.status, each.size, each.host) for each in expected[:7]
    ]


def test_requests_that_are_known_are_not_unpacked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    chance, store = random.Random(8), HitStore()
    hits = some_hits(chance, 100, 60)
    store.take(measured_batch_of(hits[:90]))
    view = View(store, parsed(""), None)
    known = requests_of(view, START + 60, Order.NEWEST, 50)
    store.take(measured_batch_of(hits[90:]))
    unpacked = []
    hits_of = View.hits_of

    def noted(view: View, block: Block, rows: NDArray[np.intp]) -> HitBatch:
        unpacked.append(len(rows))
        return hits_of(view, block, rows)

    monkeypatch.setattr(View, "hits_of", noted)
    rows = requests_of(view, START + 60, Order.NEWEST, 50, known)
    assert sum(unpacked) == 10
    assert rows[10:] == known[:40]
    assert rows == requests_of(view, START + 60, Order.NEWEST, 50)


def test_the_first_of_many_blocks_are_found_without_unpacking_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hit_store, "BLOCK_HITS", 40)
    chance, store = random.Random(7), HitStore()
    hits = [
        each._replace(size=chance.choice((UNKNOWN, 0, 5, 7, 1_000)))
        for each in some_hits(chance, 1_000, 60)
    ]
    for start in range(0, len(hits), 25):
        store.take(measured_batch_of(hits[start : start + 25]))
    assert len(store.blocks) > 20
    unpacked = []

    class Counted(View):
        def hits_of(self, block: Block, rows: NDArray[np.intp]) -> HitBatch:
            unpacked.append(len(rows))
            return super().hits_of(block, rows)

    for text, fits in FILTERS[:2]:
        mine = [each for each in hits if fits(each)]
        for order in Order:
            unpacked.clear()
            check_requests(Counted(store, parsed(text), 900), START + 300, order, mine)
            assert sum(unpacked) == 7


def test_of_a_thinned_store_a_window_is_estimated_and_says_so() -> None:
    store = HitStore(max_bytes=1_000_000)
    for second in range(100):
        store.take(flood(START + second, 200, 200 * second))
    end = START + 99
    whole = View(store, parsed(""), None)
    assert whole.sampled(end)
    assert whole.bucket(end, None).hits == pytest.approx(20_000, rel=0.05)
    assert whole.by_second(START, 100).sum() == whole.bucket(end, None).hits
    newest = View(store, parsed(""), 1)
    assert not newest.sampled(end)
    assert newest.bucket(end, None).hits == 200
    assert whole.by_second(START, 100).shape == (100, CLASSES)


def test_an_empty_store_has_no_hits_and_no_former_windows() -> None:
    view = View(HitStore(), parsed("status:5xx"), 60)
    assert view.bucket(START, 10).hits == 0
    assert not view.by_second(START, 10).any()
    assert not any(view.former_sections(START))
    assert requests_of(view, START, Order.NEWEST, 5) == ()


def test_a_block_that_covers_months_takes_little_memory() -> None:
    store = HitStore()
    for day in range(140):
        store.take(measured_batch_of([hit(START + 86_400 * day)]))
    view = View(store, parsed("status:200"), None)
    end = START + 86_400 * 139
    tracemalloc.start()
    assert view.bucket(end, None).hits >= 1
    assert view.by_second(end - 600, 601).sum() == 1
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_keys_with_the_most_time_have_their_times_though_others_have_more_hits() -> None:
    store = HitStore()
    hits = [hit(START, path=b"/%d" % number) for number in range(20) for _ in range(3)]
    batch = measured_batch_of([*hits, hit(START, path=b"/slow")])
    times = np.full(len(batch), 10, dtype=np.int64)
    times[-1] = 9_000_000
    store.take(replace(batch, measures={**batch.measures, Measure.RESPONSE_TIME: times}))
    bucket = View(store, parsed("status:200"), 10).bucket(START, 5, 3)
    assert bucket.measured is not None
    assert b"/slow" in bucket.measured.by_key[Dimension.PATH]

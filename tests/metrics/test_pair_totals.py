"""Hits by pairs of texts, against a plain count."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.metrics import pair_totals
from logmon_tui.metrics.pair_totals import Pair, PairRows, PairTotals
from tests.effort import examples

RawHit = tuple[bytes, bytes, bool]
Words = tuple[Vocabulary, Vocabulary]
TEXTS = st.sampled_from([b"", b"-", b"/a", b"/b", b"/c"])
HITS = st.lists(st.tuples(TEXTS, TEXTS, st.booleans()), max_size=40)


def column(values: list[bytes]) -> Column:
    numbers: dict[bytes, int] = {}
    codes = [numbers.setdefault(each, len(numbers)) for each in values]
    return Column(list(numbers), np.array(codes, dtype=np.int32))


def columns_of(hits: list[RawHit], words: Words | None = None) -> list[Column]:
    columns = [column([hit[place] for hit in hits]) for place in (0, 1)]
    if words is None:
        return columns
    return [
        each.column(each.interner.numbers(one.texts)[one.codes])
        for each, one in zip(words, columns, strict=True)
    ]


def totals_of(hits: list[RawHit], cuts: list[int], words: Words | None) -> PairTotals:
    totals = PairTotals()
    for start, stop in pairwise([0, *sorted(min(cut, len(hits)) for cut in cuts), len(hits)]):
        part = hits[start:stop]
        rows = np.flatnonzero(np.array([counted for _, _, counted in part], dtype=np.bool_))
        totals.add(PairRows.of(*columns_of(part, words), rows))
    return totals


def expected(hits: list[RawHit]) -> list[Pair]:
    found = []
    for text in {first for first, _, counted in hits if counted}:
        mine = [second for first, second, counted in hits if counted and first == text]
        others = Counter(each for each in mine if each != b"-")
        best = min(others.items(), key=lambda each: (-each[1], each[0]), default=(None, 0))
        found.append(Pair(text, len(mine), *best))
    return sorted(found, key=lambda pair: (-pair.hits, pair.first))


@settings(max_examples=examples(300))
@given(
    hits=HITS,
    cuts=st.lists(st.integers(0, 40), max_size=3),
    count=st.none() | st.integers(0, 3),
    merged=st.sampled_from([1, 3, 50_000]),
    words=st.booleans(),
)
def test_the_most_frequent_pairs_are_told(
    hits: list[RawHit], cuts: list[int], count: int | None, merged: int, *, words: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_totals, "_MERGED_ROWS", merged)
        totals = totals_of(hits, cuts, (Vocabulary(), Vocabulary()) if words else None)
    every = expected(hits)
    assert totals.top(count, without=b"-") == (every[:count], len(every))


def test_frequent_pairs_are_kept_of_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_totals, "KEPT_PAIRS", 100)
    monkeypatch.setattr(pair_totals, "_MERGED_ROWS", 150)
    totals = PairTotals()
    for batch in range(50):
        rare = [(b"/%d" % (batch * 100 + number), b"r", True) for number in range(100)]
        frequent = [(b"/f", b"-", True), (b"/f", b"r", True), (b"/g", b"-", True)] * 3
        counts = rare + frequent
        totals.add(PairRows(*columns_of(counts)))
    top, distinct = totals.top(2, without=b"-")
    assert top == [Pair(b"/f", 300, b"r", 150), Pair(b"/g", 150, None, 0)]
    assert distinct <= 450

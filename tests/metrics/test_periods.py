"""Sums by hour and by day, against a plain count of the same hits."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit import UNKNOWN, Measure
from logmon_tui.formats.model.hit_batch import Column, Dimension, HitBatch
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.metrics import periods
from logmon_tui.metrics.histogram import Histogram, bins_of
from logmon_tui.metrics.periods import DAY, HOUR, Period, PeriodCounts, PeriodTotals
from logmon_tui.metrics.totals import counts_of
from logmon_tui.native.texts import Texts
from tests.effort import examples

HOURS, DAYS = 3, 2


class RawHit(NamedTuple):
    second: int
    host: int
    agent: int
    status: int
    size: int
    time: int


HITS = st.lists(
    st.builds(
        RawHit,
        st.one_of(st.integers(0, 9 * DAY), st.integers(10**9, 10**9 + DAY), st.integers(0, 10**10)),
        st.integers(0, 5),
        st.integers(0, 3),
        st.sampled_from([0, 200, 304, 404, 499, 500, 599, 999]),
        st.integers(0, 10**6),
        st.one_of(st.just(UNKNOWN), st.integers(0, 10**7)),
    ),
    max_size=40,
)


def column(values: Sequence[bytes], vocabulary: Vocabulary | None) -> Column:
    texts = Texts.of(values)
    if vocabulary is not None:
        return vocabulary.column(vocabulary.interner.numbers(texts))
    return Column(texts, np.arange(len(values), dtype=np.int32))


def periods_of(batch: HitBatch) -> PeriodCounts:
    found = counts_of(batch, by_hour=True).by_hour
    assert found is not None
    return found


def totals_of(
    hits: Sequence[RawHit], cuts: Sequence[int], *, agents: bool = True, words: bool = True
) -> PeriodTotals:
    """Count hits, cut into batches, as columns with vocabularies or without."""
    totals, hosts, names = PeriodTotals(), Vocabulary(), Vocabulary()
    bounds = [0, *sorted(min(cut, len(hits)) for cut in cuts), len(hits)]
    for start, stop in pairwise(bounds):
        part = hits[start:stop]
        columns = {
            Dimension.HOST: column(
                [b"10.0.0.%d" % hit.host for hit in part], (words and hosts) or None
            )
        }
        if agents:
            columns[Dimension.USER_AGENT] = column(
                [b"agent/%d" % hit.agent for hit in part], (words and names) or None
            )
        batch = HitBatch(
            np.array([hit.second for hit in part], dtype=np.int64),
            np.array([hit.status for hit in part], dtype=np.int64),
            np.array([hit.size for hit in part], dtype=np.int64),
            columns,
            measures={Measure.RESPONSE_TIME: np.array([hit.time for hit in part], dtype=np.int64)},
        )
        totals.add(periods_of(batch))
    return totals


Figures = tuple[int, int, tuple[int, int], dict[int, int], int]


def figures(period: Period) -> Figures:
    sums = period.hits, period.bytes, period.errors
    return (*sums, period.times.counts, period.visitors.distinct)


def expected(hits: Sequence[RawHit], *, agents: bool = True) -> Figures:
    times = np.array([hit.time for hit in hits if hit.time != UNKNOWN], dtype=np.int64)
    bins: dict[int, int] = {}
    for place in bins_of(times).tolist():
        bins[place] = bins.get(place, 0) + 1
    return (
        len(hits),
        sum(hit.size for hit in hits),
        tuple(sum(hit.status // 100 == digit for hit in hits) for digit in (4, 5)),  # type: ignore[return-value]
        Histogram(bins).counts,
        len({(hit.host, hit.agent if agents else 0) for hit in hits}),
    )


def check(
    hits: Sequence[RawHit],
    found: tuple[list[tuple[int, Period]], Period | None],
    length: int,
    kept: int,
    *,
    agents: bool = True,
) -> None:
    """Hold the newest `kept` periods to the hits in them, and what is earlier to the rest."""
    shown, earlier = found
    starts = sorted({hit.second // length * length for hit in hits})
    assert [start for start, _ in shown] == starts[-kept:]
    for start, period in shown:
        mine = [hit for hit in hits if start <= hit.second < start + length]
        assert figures(period) == expected(mine, agents=agents)
    rest = [hit for hit in hits if hit.second < min((start for start, _ in shown), default=0)]
    assert (None if earlier is None else figures(earlier)) == (
        expected(rest, agents=agents) if rest else None
    )


@settings(max_examples=examples(300))
@given(
    hits=HITS,
    cuts=st.lists(st.integers(0, 40), max_size=4),
    agents=st.booleans(),
    words=st.booleans(),
)
def test_each_hour_has_its_hits(
    hits: list[RawHit], cuts: list[int], *, agents: bool, words: bool
) -> None:
    totals = totals_of(hits, cuts, agents=agents, words=words)
    check(hits, totals.by_hour(), HOUR, periods.KEPT_HOURS, agents=agents)


@settings(max_examples=examples(300))
@given(hits=HITS, cuts=st.lists(st.integers(0, 40), max_size=4))
def test_only_the_newest_periods_are_kept_apart(hits: list[RawHit], cuts: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(periods, "KEPT_HOURS", HOURS)
        patch.setattr(periods, "KEPT_DAYS", DAYS)
        totals = totals_of(hits, cuts)
        hours, days = totals.by_hour(), totals.by_day()
    check(hits, hours, HOUR, HOURS)
    newest = {hour // DAY for hour, _ in hours[0]}
    older = {hit.second // DAY for hit in hits if hit.second < (hours[0] or [(0, 0)])[0][0]}
    check(hits, days, DAY, len(newest | set(sorted(older)[-DAYS:])))


def test_memory_does_not_grow_with_the_length_of_a_log() -> None:
    """A hit a day for a hundred years, in batches of a year."""
    hits = [RawHit(day * DAY, 1, 1, 200, 1, 0) for day in range(36_500)]
    totals = totals_of(hits, range(0, 36_500, 365))
    shown, earlier = totals.by_day()
    assert len(shown) == periods.KEPT_HOURS + periods.KEPT_DAYS
    assert earlier is not None
    assert earlier.hits == 36_500 - len(shown)


def test_many_visitors_are_counted_within_the_stated_error() -> None:
    hits = [RawHit(100 + number // 50, number, number % 7, 200, 1, 0) for number in range(60_000)]
    (_, period), *_ = totals_of(hits * 2, range(0, 120_000, 5_000)).by_hour()[0]
    assert period.visitors.distinct == pytest.approx(60_000, rel=0.04)


def test_a_log_without_clients_has_no_visitors() -> None:
    ones = np.ones(3, dtype=np.int64)
    batch = HitBatch(ones, 200 * ones, ones, {})
    totals = PeriodTotals()
    totals.add(periods_of(batch))
    ((start, period),), earlier = totals.by_day()
    assert (start, period.hits, period.visitors.distinct, earlier) == (0, 3, 0, None)

"""Histograms: every quantile within 1 % of the nearest rank; they add and subtract."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.metrics.histogram import _MANY, BINS, Histogram, bins_of, short_bins
from tests.effort import examples

SIZES = st.one_of(st.integers(0, 3), st.integers(0, 100_000), st.integers(0, 10**18 - 1))
LARGEST = 10**18 - 1


def histogram_of(values: list[int]) -> Histogram:
    places, counts = np.unique(bins_of(np.array(values, dtype=np.int64)), return_counts=True)
    return Histogram(dict(zip(places.tolist(), counts.tolist(), strict=True)))


@settings(max_examples=examples(200), deadline=None)
@given(
    values=st.lists(SIZES, min_size=1, max_size=200),
    shares=st.lists(st.floats(0.001, 1), min_size=1, max_size=4),
)
@example(values=[0, 1, 2, LARGEST], shares=[0.25, 0.5, 0.75, 1.0])
@example(values=list(range(1, 101)), shares=[0.5, 0.95, 0.99, 1.0])
def test_quantiles_are_within_one_percent(values: list[int], shares: list[float]) -> None:
    expected = np.quantile(np.array(values), shares, method="inverted_cdf")
    assert histogram_of(values).quantiles(*shares) == pytest.approx(expected.tolist(), rel=0.01)


def test_quantiles_of_many_sizes_as_servers_send_them() -> None:
    values = np.random.default_rng(5).lognormal(8, 2.5, 50_000).astype(np.int64)
    shares = (0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)
    expected = np.quantile(values, shares, method="inverted_cdf")
    assert histogram_of(values.tolist()).quantiles(*shares) == pytest.approx(expected, rel=0.01)


@settings(deadline=None)
@given(first=st.lists(SIZES, max_size=50), second=st.lists(SIZES, max_size=50))
def test_histograms_merge_and_subtract(first: list[int], second: list[int]) -> None:
    merged = histogram_of(first)
    merged.add(histogram_of(second))
    assert merged.counts == histogram_of(first + second).counts
    merged.subtract(histogram_of(second))
    assert merged.counts == histogram_of(first).counts


def test_nothing_has_no_quantiles() -> None:
    assert Histogram().quantiles(0.5, 1.0) == [0.0, 0.0]


def test_every_size_that_parses_has_a_bin() -> None:
    assert bins_of(np.array([0, 1, LARGEST])).tolist()[:2] == [0, 1]
    assert 0 < bins_of(np.array([LARGEST]))[0] < BINS


def test_bins_that_are_looked_up_are_those_of_the_values() -> None:
    known = short_bins(_MANY)
    assert known.tolist() == bins_of(np.arange(len(known))).tolist()
    assert not len(short_bins(_MANY - 1))  # few values are computed in less time

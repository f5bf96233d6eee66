"""Histogram: a distribution in log-spaced bins, right within 1 % at every quantile."""

import math
from bisect import bisect_left
from collections.abc import Hashable, Mapping
from itertools import accumulate
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)

Bins: TypeAlias = dict[int, int]
"""Counts by bin."""

GROWTH = 1.02
_LOG_GROWTH = math.log(GROWTH)
BINS = 1 + int(math.log(1e18) / _LOG_GROWTH) + 1
"""Bin 0 is zero; bin i holds [1.02^(i-1), 1.02^i); sizes and times have 15 digits at most."""


def bins_of(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bin of each value (≥ 0), same shape."""
    logs = np.log(np.maximum(values, 1)) / _LOG_GROWTH
    return np.where(values > 0, np.floor(logs).astype(np.int64) + 1, 0)


class Histogram:
    """Counts by bin; histograms add and subtract, and a quantile is a bin's middle."""

    __slots__ = ("counts",)

    def __init__(self, counts: Bins | None = None) -> None:
        self.counts: Bins = {} if counts is None else counts

    def add(self, other: "Histogram") -> None:
        """Add another histogram's counts."""
        add_counts(self.counts, other.counts)

    def subtract(self, other: "Histogram") -> None:
        """Take away a histogram that was added before."""
        subtract_counts(self.counts, other.counts)

    def quantiles(self, *shares: float) -> list[float]:
        """Return the value below which each share of the counts lies; 0 when there are none.

        The value of rank ⌈share × n⌉ (the nearest-rank definition), within 1 %.
        """
        places = sorted(self.counts)
        if not places:
            return [0.0] * len(shares)
        seen = list(accumulate(map(self.counts.__getitem__, places)))
        ranks = (math.ceil(share * seen[-1]) for share in shares)
        return [_middle(places[bisect_left(seen, rank)]) for rank in ranks]

    def most(self) -> float:
        """Return the middle of the highest bin that has counts; 0 when there are none."""
        return _middle(max(self.counts, default=0))


def to_resolution(value: float, resolution: int) -> float:
    """Return the multiple of `resolution` nearest to `value`, or `value` if that is 0.

    Of what was counted in multiples, a bin narrower than the resolution holds one at most, so a
    bin's middle becomes exact.
    """
    return math.floor(value / resolution + 0.5) * resolution if resolution else value


def _middle(place: int) -> float:
    return float(GROWTH ** (place - 0.5)) if place else 0.0


def add_counts(counts: dict[Key, int], other: Mapping[Key, int]) -> None:
    """Add `other` to `counts`."""
    for key, count in other.items():
        counts[key] = counts.get(key, 0) + count


def subtract_counts(counts: dict[Key, int], other: Mapping[Key, int]) -> None:
    """Take `other` away from `counts`, dropping what is zero."""
    for key, count in other.items():
        left = counts[key] - count
        if left:
            counts[key] = left
        else:
            del counts[key]

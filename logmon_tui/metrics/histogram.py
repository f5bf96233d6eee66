"""Histogram: a distribution in log-spaced bins. Every quantile is right within 1 %."""

import math
from bisect import bisect_left
from collections.abc import Hashable, Mapping
from functools import cache
from itertools import accumulate
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)

Bins: TypeAlias = dict[int, int]
"""Hits by bin number."""

GROWTH = 1.02
_LOG_GROWTH = math.log(GROWTH)
BINS = 1 + int(math.log(1e18) / _LOG_GROWTH) + 1
"""Number of bins, enough for values of 18 digits.

Bin 0 holds zeros, bin i holds [1.02^(i-1), 1.02^i).
"""


_SMALL = 1 << 16
_MANY = 4_096
"""Values below `_SMALL` are looked up where there are `_MANY`: a logarithm takes five times as
long."""

_NO_BINS = np.zeros(0, dtype=np.uint16)


def bins_of(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bin of each value (≥ 0), same shape."""
    if len(values) < _MANY:
        return _computed(values)
    large = np.flatnonzero(values >= _SMALL)
    if len(large) == len(values):
        return _of_positive(values)
    found = _bins_of_small_values()[np.minimum(values, _SMALL)]
    found[large] = _of_positive(values[large])
    return found


def counted_large(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of values in each bin, shape (BINS,), of which few can be looked up."""
    return np.bincount(_computed(values), minlength=BINS)


def short_bins(count: int) -> NDArray[np.uint16]:
    """Return the bins of all values from 0 on that may be looked up for `count` values."""
    return _short_bins_of_small_values() if count >= _MANY else _NO_BINS


@cache
def _bins_of_small_values() -> NDArray[np.int64]:
    return _computed(np.arange(_SMALL + 1))


@cache
def _short_bins_of_small_values() -> NDArray[np.uint16]:
    return _computed(np.arange(_SMALL)).astype(np.uint16)


def _computed(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(values > 0, _of_positive(np.maximum(values, 1)), 0)


def _of_positive(values: NDArray[np.int64]) -> NDArray[np.int64]:
    logs = np.log(values)
    logs /= _LOG_GROWTH
    bins: NDArray[np.int64] = logs.astype(np.int64)
    bins += 1
    return bins


class Histogram:
    """Hits by bin. Histograms add and subtract. A quantile is the middle of a bin."""

    __slots__ = ("counts",)

    def __init__(self, counts: Bins | None = None) -> None:
        self.counts: Bins = {} if counts is None else counts

    def add(self, other: "Histogram") -> None:
        """Add another histogram's counts."""
        add_counts(self.counts, other.counts)

    def subtract(self, other: "Histogram") -> None:
        """Subtract a histogram that was added before."""
        subtract_counts(self.counts, other.counts)

    def quantiles(self, *shares: float) -> list[float]:
        """Return a quantile for each of `shares` (0 to 1), right within 1 %; 0 without hits.

        By the nearest-rank definition it is the value of rank ⌈share × n⌉.
        """
        places = sorted(self.counts)
        if not places:
            return [0.0] * len(shares)
        seen = list(accumulate(map(self.counts.__getitem__, places)))
        ranks = (math.ceil(share * seen[-1]) for share in shares)
        return [_middle(places[bisect_left(seen, rank)]) for rank in ranks]

    def total(self) -> float:
        """Return the sum of the values, right within 1 %."""
        return sum(count * _middle(place) for place, count in self.counts.items())

    def most(self) -> float:
        """Return the middle of the highest bin that has hits; 0 without hits."""
        return _middle(max(self.counts, default=0))


def to_resolution(value: float, resolution: int) -> float:
    """Round `value` to a multiple of `resolution`; a resolution of 0 keeps it as it is.

    A bin narrower than the resolution holds one multiple at most. So if all counted values were
    multiples, rounding the middle of such a bin gives the exact value.
    """
    return math.floor(value / resolution + 0.5) * resolution if resolution else value


def _middle(place: int) -> float:
    return float(GROWTH ** (place - 0.5)) if place else 0.0


def add_counts(counts: dict[Key, int], other: Mapping[Key, int]) -> None:
    """Add `other` to `counts`."""
    for key, count in other.items():
        counts[key] = counts.get(key, 0) + count


def subtract_counts(counts: dict[Key, int], other: Mapping[Key, int]) -> None:
    """Subtract `other` from `counts`, and drop keys that reach zero."""
    for key, count in other.items():
        left = counts[key] - count
        if left:
            counts[key] = left
        else:
            del counts[key]

"""Sums by code, counted by the compiled library, or by numpy where there is none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.texts import address_of

Ints = NDArray[np.int64]


class Sums(NamedTuple):
    """How many rows each code has, and the sum of their values; int64, shape (codes,)."""

    hits: Ints
    values: Ints


def sums_by(codes: NDArray[np.int32], values: Ints, count: int) -> Sums:
    """Sum up int64 `values` by their `codes`, both of the shape (n,); there are `count` codes.

    Raises ValueError where a code is out of bounds.
    """
    if not is_native():
        hits = np.bincount(codes, minlength=count)
        sums = np.zeros(count, dtype=np.int64)
        np.add.at(sums, codes, values)
        return Sums(hits, sums)
    hits, sums = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    codes = np.ascontiguousarray(codes, dtype=np.int32)
    values = np.ascontiguousarray(values, dtype=np.int64)
    data = (address_of(codes), address_of(values), len(codes), count)
    if not library().logmon_sum_by(*data, address_of(hits), address_of(sums)):
        message = f"a code is not below {count}"
        raise ValueError(message)
    return Sums(hits, sums)

"""Sums values by code, in the compiled library, or in numpy where there is none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.texts import address_of

Ints = NDArray[np.int64]


class Sums(NamedTuple):
    """For each code, the number of its rows and the sum of their values; int64, shape (codes,)."""

    hits: Ints
    values: Ints


def sums_by(codes: NDArray[np.int32], values: Ints, count: int) -> Sums:
    """Sum int64 `values` by `codes`, both of shape (n,); codes are below `count`.

    Raises ValueError when a code is out of bounds.
    """
    sums = Sums(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))
    add_by(codes, values, sums)
    return sums


def add_by(codes: NDArray[np.int32], values: Ints, sums: Sums) -> None:
    """Add int64 `values` to `sums` by `codes`, both of shape (n,).

    Raises ValueError when a code is out of bounds.
    """
    if not is_native():
        np.add.at(sums.hits, codes, 1)
        np.add.at(sums.values, codes, values)
        return
    codes = np.ascontiguousarray(codes, dtype=np.int32)
    values = np.ascontiguousarray(values, dtype=np.int64)
    data = (address_of(codes), address_of(values), len(codes), len(sums.hits))
    if not library().logmon_sum_by(*data, address_of(sums.hits), address_of(sums.values)):
        message = f"a code is not below {len(sums.hits)}"
        raise ValueError(message)

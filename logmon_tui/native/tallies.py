"""Counts how often each of many numbers is there, in the compiled library or in numpy."""

import ctypes

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import SEEDS, is_native, library
from logmon_tui.native.structures import TallyStructure
from logmon_tui.native.texts import address_of

Ints = NDArray[np.int64]

_SEEDS = (ctypes.c_uint64 * 2)(*SEEDS[:2])

_MAX_ROWS = 1 << 30
"""Maximum rows of the library's table."""


def tallied(numbers: Ints, weights: Ints | None = None) -> tuple[Ints, Ints]:
    """Return the distinct int64 `numbers`, ascending, and the sum of the `weights` of each.

    Without `weights` each row weighs 1. Only the distinct numbers are sorted, in a fraction of the
    time that `numpy.unique` takes. Raises ValueError when the lengths differ.
    """
    count = len(numbers)
    if not is_native() or count > _MAX_ROWS:
        found, places = np.unique(numbers, return_inverse=True)
        sums = np.zeros(len(found), dtype=np.int64)
        np.add.at(sums, places, 1 if weights is None else weights)
        return found, sums
    if weights is not None and len(weights) != count:
        message = "numbers and weights have different lengths"
        raise ValueError(message)
    numbers = np.ascontiguousarray(numbers, dtype=np.int64)
    weights = None if weights is None else np.ascontiguousarray(weights, dtype=np.int64)
    bits = max(1, (2 * count - 1).bit_length())
    slots = np.zeros(1 << bits, dtype=np.uint32)
    found, sums = np.empty((2, count), dtype=np.int64)
    to = TallyStructure(address_of(slots), address_of(found), address_of(sums), _SEEDS, bits)
    data = address_of(numbers), None if weights is None else address_of(weights), count
    distinct = library().logmon_tally(*data, to)
    order = np.argsort(found[:distinct])
    return found[order], sums[order]

"""The distinct ones of whole numbers, without sorting them."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_Integer = TypeVar("_Integer", bound=np.integer[Any])

_SPARSE = 8
"""Span of the numbers, in multiples of how many they are, from which on sorting takes less time."""


def distinct(numbers: NDArray[_Integer]) -> tuple[NDArray[_Integer], NDArray[np.intp]]:
    """Return the distinct `numbers`, ascending, and of each number its place among them.

    This is what `np.unique` returns with `return_inverse`, but in linear time where the numbers lie
    close together, as seconds and codes do.
    """
    if not len(numbers):
        return numbers, np.zeros(0, dtype=np.intp)
    low, high = int(numbers.min()), int(numbers.max())
    if high - low >= _SPARSE * len(numbers):
        return np.unique(numbers, return_inverse=True)
    offsets = numbers.astype(np.intp) - low
    used = np.zeros(high - low + 1, dtype=np.bool_)
    used[offsets] = True
    places = np.cumsum(used) - 1
    return (np.flatnonzero(used) + low).astype(numbers.dtype), places[offsets]

"""Packed: a column of numbers in the smallest type that holds them."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Rows = NDArray[np.intp] | slice

_TYPES = (np.uint8, np.uint16, np.uint32)


class Packed(msgspec.Struct, frozen=True):
    """n numbers: number i is `base + offsets[i]`, or `base` for every i if `offsets` is None."""

    base: int
    offsets: NDArray[np.integer[Any]] | None
    count: int

    @classmethod
    def of(cls, numbers: NDArray[np.integer[Any]]) -> "Packed":
        """Pack `numbers`, of which there must be one."""
        base, largest = int(numbers.min()), int(numbers.max())
        if base == largest:
            return cls(base, None, len(numbers))
        for each in _TYPES:
            if largest - base <= np.iinfo(each).max:
                return cls(base, (numbers - base).astype(each), len(numbers))
        return cls(0, numbers.astype(np.int64), len(numbers))

    @property
    def nbytes(self) -> int:
        """The bytes of memory that the numbers take."""
        return 0 if self.offsets is None else self.offsets.nbytes

    def at(self, rows: Rows) -> Ints:
        """Return the numbers of `rows` (indices or a slice), int64."""
        if self.offsets is None:
            count = len(range(*rows.indices(self.count))) if isinstance(rows, slice) else len(rows)
            return np.full(count, self.base, dtype=np.int64)
        return self.offsets[rows].astype(np.int64) + self.base

    def of_each(self, numbers: NDArray[np.int32], rows: Rows) -> NDArray[np.int32]:
        """Return `numbers[i]` for each number i of `rows`; the packed numbers begin at 0."""
        if self.offsets is None:
            return np.full(len(self.at(rows)), numbers[self.base], dtype=np.int32)
        chosen: NDArray[np.int32] = numbers[self.offsets[rows]]
        return chosen

"""The memory for the results of a scan, which grows whenever the scan has no room."""

import ctypes
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.interner import Interner
from logmon_tui.native.structures import InternerStructure, MemoryStructure
from logmon_tui.native.texts import address_of

Number = TypeVar("Number", np.int64, np.int32)

_SHORT_OF_ROWS = 16
_UNSOUND = -1
"""`SHORT_OF_ROWS` and `FILE_UNSOUND` of scan.h."""

_FEW_ROWS, _FEW_BYTES = 8_192, 256 * 1024
"""Maximum memory for texts that a scan reserves at its start; it grows on demand."""


class Scanned(msgspec.Struct, frozen=True):
    """The result of a scan: columns of shape (rows,), a row for each line that fits.

    `lines` are the numbers of these lines. `numbers` has an int64 column for each token that is a
    number, `codes` an int32 column for each token that is a text: the numbers that its interner
    gave. Both are in the order of the tokens. `left` are the numbers of the lines that do not fit.
    """

    lines: NDArray[np.int64]
    numbers: list[NDArray[np.int64]]
    codes: list[NDArray[np.int32]]
    left: NDArray[np.int64]


class ScanColumns:
    """Columns with at first `rows` rows, and room for `left` lines that do not fit.

    The lines have `size` bytes in all. `numbers` is the number of columns of numbers; each of
    `interners` belongs to a column of texts.
    """

    def __init__(
        self, rows: int, left: int, size: int, interners: Sequence[Interner], numbers: int
    ) -> None:
        self._interners = interners
        self._lines = np.empty(rows, dtype=np.int64)
        self._numbers = np.empty((numbers, rows), dtype=np.int64)
        self._codes = np.empty((len(interners), rows), dtype=np.int32)
        self._left = np.empty(left, dtype=np.int64)
        for each in interners:
            if not len(each):  # to reserve is faster than to grow
                each.have_room(min(rows, _FEW_ROWS), min(size, _FEW_BYTES))
        pointers = (ctypes.pointer(each.structure) for each in interners)
        listed = (ctypes.POINTER(InternerStructure) * len(interners))(*pointers)
        self._memory = MemoryStructure(interners=listed)
        self._point()

    def _point(self) -> None:
        """Tell the structure where the columns are now."""
        memory = self._memory
        memory.lines, memory.numbers = address_of(self._lines), address_of(self._numbers)
        memory.codes, memory.left = address_of(self._codes), address_of(self._left)
        memory.rows = len(self._lines)

    @property
    def most_left(self) -> int:
        """The number of lines that do not fit for which there is room."""
        return len(self._left)

    def scanned(
        self,
        scan: Callable[[MemoryStructure], int],
        more_left: Callable[[], None] | None = None,
    ) -> tuple[int, Scanned]:
        """Call `scan` until it is not 0; give it more memory whenever it stops for want of some.

        Returns what it returned last, and the columns. Where the number of lines is not known
        before, `more_left` makes room for lines that do not fit, beside the room here. Raises
        ValueError when the scanner refuses the format's description.
        """
        memory = self._memory
        while not (done := scan(memory)):
            if memory.short_column < len(self._interners):
                self._interners[memory.short_column].make_room(memory.short_length)
            elif memory.short_column == _SHORT_OF_ROWS:
                self._have_rows(len(self._lines) * 5 // 4 + 1)
            elif more_left is not None:
                self._left = _longer(self._left, 4 * len(self._left))
                self._point()
                more_left()
        if done == _UNSOUND:
            message = "the scanner refuses the format's description"
            raise ValueError(message)
        found = memory.row_count
        return done, Scanned(
            self._lines[:found],
            [each[:found] for each in self._numbers],
            [each[:found] for each in self._codes],
            self._left[: memory.left_count],
        )

    def _have_rows(self, rows: int) -> None:
        found = self._memory.row_count
        self._lines = _longer(self._lines, rows)
        self._numbers = _wider(self._numbers, rows, found)
        self._codes = _wider(self._codes, rows, found)
        self._point()


def _longer(array: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    longer = np.empty(length, dtype=array.dtype)
    longer[: len(array)] = array
    return longer


def _wider(columns: NDArray[Number], rows: int, used: int) -> NDArray[Number]:
    wider = np.empty((len(columns), rows), dtype=columns.dtype)
    wider[:, :used] = columns[:, :used]
    return wider

"""Sums values by code, in the compiled library, or in numpy where there is none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.structures import GroupsStructure, StretchesStructure, SumsStructure
from logmon_tui.native.texts import address_of

Ints = NDArray[np.int64]
Codes = NDArray[np.integer]
"""Codes from 0 on, shape (rows,). They are int32 where speed matters: others are copied."""

Classes = NDArray[np.uint8]
"""The class of each row's status code, its first digit, shape (rows,)."""

MAX_ROWS = 2**32 - 1
"""Maximum rows that are summed up at once."""

GROUPS = 1 << 15
"""Number of groups that codes may have: so few that their sums stay in a near cache."""


class Sums(NamedTuple):
    """For each code, the number of its rows and the sum of their values; int64, shape (codes,)."""

    hits: Ints
    values: Ints


class CodeSums:
    """Counts the rows of each code, sums up their values, and counts them by class.

    `classed` are the classes that are counted. `rows` are those counted so far, MAX_ROWS at most.
    """

    def __init__(self, classed: range = range(0)) -> None:
        self._classed = classed
        # Of each code its sum, and then a 32-bit count of its rows, and of those of each class.
        width = 1 + (2 + len(classed)) // 2
        self._memory = np.zeros((0, width), dtype=np.int64)
        self.rows = 0

    def add(self, codes: Codes, values: Ints, count: int, classes: Classes | None = None) -> None:
        """Add rows of `codes` below `count`, with int64 `values`, all of the shape (rows,).

        Raises ValueError when a code is out of bounds, or there are too many rows.
        """
        self.rows += len(codes)
        if self.rows > MAX_ROWS:
            message = f"more than {MAX_ROWS} rows cannot be counted"
            raise ValueError(message)
        if classes is None:
            classes = np.zeros(len(codes), dtype=np.uint8)
        self._have_room(count)
        if not is_native():
            self._add(codes, values, classes)
            return
        _check_lengths(codes, values, classes)
        codes = np.ascontiguousarray(codes, dtype=np.int32)
        values = np.ascontiguousarray(values, dtype=np.int64)
        classes = np.ascontiguousarray(classes, dtype=np.uint8)
        data = address_of(codes), address_of(values), address_of(classes), len(codes)
        shape, classed = self._memory.shape, self._classed
        to = SumsStructure(address_of(self._memory), *shape, len(classed), classed.start)
        if not library().logmon_sum_by(*data, to):
            raise _out_of_bounds(shape[0])

    def _add(self, codes: Codes, values: Ints, classes: Classes) -> None:
        counts = self._counts()
        np.add.at(self._memory[:, 0], codes, values)
        np.add.at(counts[:, 0], codes, 1)
        places = classes.astype(np.int64) - self._classed.start
        rows = np.flatnonzero((places >= 0) & (places < len(self._classed)))
        np.add.at(counts, (codes[rows], 1 + places[rows]), 1)

    def _have_room(self, count: int) -> None:
        room = len(self._memory)
        if room < count:
            memory = np.zeros((max(room + room // 2, count), self._memory.shape[1]), dtype=np.int64)
            memory[:room] = self._memory
            self._memory = memory

    def _counts(self) -> NDArray[np.uint32]:
        return self._memory.view(np.uint32)[:, 2 : 3 + len(self._classed)]

    def sums(self) -> tuple[Sums, list[Ints]]:
        """Return the sums of each code, and its rows of each class; there may be more codes."""
        hits, *by_class = self._counts().T.astype(np.int64)
        return Sums(hits, np.ascontiguousarray(self._memory[:, 0])), by_class


def sums_by(codes: Codes, values: Ints, count: int) -> Sums:
    """Sum int64 `values` by `codes`, both of shape (n,); codes are below `count`.

    Raises ValueError when a code is out of bounds.
    """
    sums = CodeSums()
    sums.add(codes, values, count)
    return sums.sums()[0]


def add_by_group(
    codes: Codes,
    hits: NDArray[np.integer],
    groups: NDArray[np.uint16],
    sums: Ints,
    *,
    sign: int = 1,
) -> None:
    """Add the `hits` of rows to the `sums` of their groups; with a `sign` of -1, subtract them.

    `groups` has the group of each code, below GROUPS, and `sums` the shape (GROUPS,). Raises
    ValueError when a code is out of bounds.
    """
    if not is_native():
        np.add.at(sums, groups[codes], sign * hits.astype(np.int64))
        return
    _check_lengths(codes, hits)
    _check_written(sums)
    if len(sums) != GROUPS:
        message = f"the sums are not those of {GROUPS} groups"
        raise ValueError(message)
    codes = np.ascontiguousarray(codes, dtype=np.int32)
    counted = _counted(hits)
    groups = np.ascontiguousarray(groups, dtype=np.uint16)
    to = GroupsStructure(address_of(groups), len(groups))
    data = address_of(codes), None if counted is None else address_of(counted), len(codes)
    if not library().logmon_add_by_group(*data, to, sign, address_of(sums)):
        raise _out_of_bounds(len(groups))


def add_by_stretch(
    codes: Codes, hits: NDArray[np.integer], ends: Ints, numbers: NDArray[np.int32], counts: Ints
) -> None:
    """Add the `hits` of rows to the `counts` of their stretches and numbers.

    `ends` has the row, exclusive, up to which each stretch goes; they ascend, and the first one
    begins with the first row. `numbers` has the number of each code. The counts are int64, of shape
    (stretches, numbers + 1); the last column counts rows with the number -1. Raises ValueError when
    something is out of bounds.
    """
    if not is_native():
        stretches = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
        rows = len(stretches)
        np.add.at(counts, (stretches, numbers[codes[:rows]]), hits[:rows])
        return
    _check_lengths(codes, hits)
    _check_lengths(ends, counts)
    _check_written(counts)
    codes, numbers = (np.ascontiguousarray(each, dtype=np.int32) for each in (codes, numbers))
    counted, ends = _counted(hits), np.ascontiguousarray(ends, dtype=np.int64)
    to = StretchesStructure(address_of(counts), address_of(ends), *counts.shape)
    data = address_of(codes), None if counted is None else address_of(counted), len(codes)
    if not library().logmon_count_stretches(*data, address_of(numbers), len(numbers), to):
        message = "a code, a number or an end is out of bounds"
        raise ValueError(message)


def _counted(hits: NDArray[np.integer]) -> Ints | None:
    """Return the hits as the library reads them: None where each row has one."""
    ones = hits.strides == (0,) and len(hits) > 0 and hits[0] == 1
    return None if ones else np.ascontiguousarray(hits, dtype=np.int64)


def mapped_codes(codes: NDArray[np.int32], numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the number of each code: `numbers[codes]`, in half of the time.

    Raises ValueError when a code is out of bounds.
    """
    if not is_native():
        return numbers[codes]
    codes, numbers = (np.ascontiguousarray(each, dtype=np.int32) for each in (codes, numbers))
    found = np.empty(len(codes), dtype=np.int32)
    data = address_of(codes), len(codes), address_of(numbers), len(numbers)
    if not library().logmon_map_codes(*data, address_of(found)):
        raise _out_of_bounds(len(numbers))
    return found


def numbered_rows(codes: Codes, numbers: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Return the rows whose codes have a number of 0 or more, and these numbers.

    `numbers` has the number of each code. Raises ValueError when a code is out of bounds.
    """
    if not is_native():
        found = numbers[codes]
        rows = np.flatnonzero(found >= 0)
        return rows, found[rows].astype(np.int64)
    codes = np.ascontiguousarray(codes, dtype=np.int32)
    numbers = np.ascontiguousarray(numbers, dtype=np.int32)
    rows, found_numbers = np.empty((2, len(codes)), dtype=np.int64)
    data = address_of(codes), len(codes), address_of(numbers), len(numbers)
    count = library().logmon_find_numbered(*data, address_of(rows), address_of(found_numbers))
    if count < 0:
        raise _out_of_bounds(len(numbers))
    return rows[:count], found_numbers[:count]


def _check_lengths(*columns: NDArray[np.generic]) -> None:
    """Raise ValueError unless all columns have as many rows: the library does not look."""
    if len({len(each) for each in columns}) > 1:
        message = "columns have different lengths"
        raise ValueError(message)


def _check_written(*columns: Ints) -> None:
    """Raise ValueError unless the library can write to these columns."""
    if not all(each.flags.c_contiguous and each.dtype == np.int64 for each in columns):
        message = "sums must be int64, in one piece"
        raise ValueError(message)


def _out_of_bounds(count: int) -> ValueError:
    return ValueError(f"a code is not below {count}")

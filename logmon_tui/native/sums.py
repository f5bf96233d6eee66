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

GROUPS = 1 << 15
"""Number of groups that codes may have: so few that their sums stay in a near cache."""


class Sums(NamedTuple):
    """For each code, the number of its rows and the sum of their values; int64, shape (codes,)."""

    hits: Ints
    values: Ints


def sums_by(codes: Codes, values: Ints, count: int) -> Sums:
    """Sum int64 `values` by `codes`, both of shape (n,); codes are below `count`.

    Raises ValueError when a code is out of bounds.
    """
    sums = np.zeros((count, len(Sums._fields)), dtype=np.int64)
    add_by(codes, values, sums)
    return Sums(*np.ascontiguousarray(sums.T))


def add_by(
    codes: Codes, values: Ints, sums: Ints, classes: Classes | None = None, first_class: int = 0
) -> None:
    """Add rows to the `sums` of their `codes`, int64, shape (codes, 2 + classes).

    The first sum counts rows, and the second one sums up int64 `values`, of shape (n,). The others
    count rows by their `classes`, uint8, from `first_class` on. Raises ValueError when a code is
    out of bounds.
    """
    counted = sums.shape[1] - len(Sums._fields)
    if counted and classes is None:
        message = "the rows have no classes"
        raise ValueError(message)
    if not is_native():
        np.add.at(sums[:, 0], codes, 1)
        np.add.at(sums[:, 1], codes, values)
        if classes is not None:
            places = classes.astype(np.int64) - first_class
            rows = np.flatnonzero((places >= 0) & (places < counted))
            np.add.at(sums, (codes[rows], len(Sums._fields) + places[rows]), 1)
        return
    _check_lengths(codes, values, *([] if classes is None else [classes]))
    _check_written(sums)
    codes = np.ascontiguousarray(codes, dtype=np.int32)
    values = np.ascontiguousarray(values, dtype=np.int64)
    classes = None if classes is None else np.ascontiguousarray(classes, dtype=np.uint8)
    to = SumsStructure(address_of(sums), len(sums), counted, first_class)
    of_rows = None if classes is None else address_of(classes)
    if not library().logmon_sum_by(address_of(codes), address_of(values), of_rows, len(codes), to):
        raise _out_of_bounds(len(sums))


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

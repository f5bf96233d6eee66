"""Sums values by code, in the compiled library, or in numpy where there is none."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.structures import GroupsStructure, SumsStructure
from logmon_tui.native.texts import address_of

Ints = NDArray[np.int64]
Codes = NDArray[np.integer]
"""Codes from 0 on, shape (rows,). They are int32 where speed matters: others are copied."""

GROUPS = 1 << 16
"""Number of groups that codes may have."""

_NOTHING = np.zeros(0, dtype=np.int64)
_NO_CLASSES = range(0)


class Sums(NamedTuple):
    """For each code, the number of its rows and the sum of their values; int64, shape (codes,)."""

    hits: Ints
    values: Ints


class Classes(NamedTuple):
    """The status codes of rows, int64, and the classes of which `sums` are to count the rows.

    `sums` are int64, of the shape (codes, classes).
    """

    status: Ints
    classes: range
    sums: Ints


def sums_by(codes: Codes, values: Ints, count: int) -> Sums:
    """Sum int64 `values` by `codes`, both of shape (n,); codes are below `count`.

    Raises ValueError when a code is out of bounds.
    """
    sums = Sums(np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64))
    add_by(codes, values, sums)
    return sums


def add_by(codes: Codes, values: Ints, sums: Sums, by_class: Classes | None = None) -> None:
    """Add int64 `values` to `sums` by `codes`, both of shape (n,); count rows also `by_class`.

    Raises ValueError when a code is out of bounds.
    """
    classes = Classes(_NOTHING, _NO_CLASSES, _NOTHING) if by_class is None else by_class
    if not is_native():
        np.add.at(sums.hits, codes, 1)
        np.add.at(sums.values, codes, values)
        if by_class is not None:
            _add_classes(codes, by_class)
        return
    _check_lengths(codes, values, *(() if by_class is None else (by_class.status,)))
    _check_lengths(sums.hits, sums.values, *(() if by_class is None else (by_class.sums,)))
    _check_written(*sums, classes.sums)
    if classes.sums.size != len(classes.sums) * len(classes.classes):
        message = "the sums have another number of classes"
        raise ValueError(message)
    codes = np.ascontiguousarray(codes, dtype=np.int32)
    values = np.ascontiguousarray(values, dtype=np.int64)
    status = np.ascontiguousarray(classes.status, dtype=np.int64)
    to = SumsStructure(
        *(address_of(each) for each in (*sums, classes.sums)),
        len(sums.hits),
        len(classes.classes),
        classes.classes.start,
    )
    data = (address_of(codes), address_of(values), address_of(status), len(codes))
    if not library().logmon_sum_by(*data, to):
        raise _out_of_bounds(len(sums.hits))


def _add_classes(codes: Codes, by_class: Classes) -> None:
    places = by_class.status // 100 - by_class.classes.start
    rows = np.flatnonzero((places >= 0) & (places < len(by_class.classes)))
    np.add.at(by_class.sums, (codes[rows], places[rows]), 1)


def add_by_group(
    codes: Codes, hits: Ints, groups: NDArray[np.uint16], sums: Ints, *, sign: int = 1
) -> None:
    """Add the `hits` of rows to the `sums` of their groups; with a `sign` of -1, subtract them.

    `groups` has the group of each code, `sums` the shape (GROUPS,). Raises ValueError when a code
    is out of bounds.
    """
    if not is_native():
        np.add.at(sums, groups[codes], sign * hits)
        return
    _check_lengths(codes, hits)
    _check_written(sums)
    if len(sums) != GROUPS:
        message = f"the sums are not those of {GROUPS} groups"
        raise ValueError(message)
    codes = np.ascontiguousarray(codes, dtype=np.int32)
    ones = hits.strides == (0,) and len(hits) > 0 and hits[0] == 1
    counted = None if ones else np.ascontiguousarray(hits, dtype=np.int64)
    groups = np.ascontiguousarray(groups, dtype=np.uint16)
    to = GroupsStructure(address_of(groups), len(groups))
    data = address_of(codes), None if counted is None else address_of(counted), len(codes)
    if not library().logmon_add_by_group(*data, to, sign, address_of(sums)):
        raise _out_of_bounds(len(groups))


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

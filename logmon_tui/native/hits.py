"""Counts all hits of a batch by status and size at once, in the compiled library or in numpy."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.structures import GroupsStructure, HitCountsStructure
from logmon_tui.native.sums import Classes, Ints
from logmon_tui.native.texts import address_of

STATUS_CODES = 1_000
"""Number of status codes: they have three digits."""


class HitCounts(msgspec.Struct, frozen=True):
    """What is counted of hits.

    `classes` has the class of each one's status code. `by_status` counts hits by status code, shape
    (STATUS_CODES,), and `by_group` by the group of their size. `beyond` are the sizes that have
    none. `bytes` is the sum of all sizes, `largest` the largest one, 0 at least.
    """

    classes: Classes
    by_status: Ints
    by_group: Ints
    beyond: Ints
    bytes: int
    largest: int


def counted_hits(status: Ints, sizes: Ints, groups: NDArray[np.uint16], count: int) -> HitCounts:
    """Count hits, given their `status` codes and `sizes`, both int64, of shape (hits,).

    `groups` has the group of each size from 0 on, below `count`. Raises ValueError when a status
    code has not three digits.
    """
    if len(status) != len(sizes):
        message = "columns have different lengths"
        raise ValueError(message)
    if not is_native():
        return _counted(status, sizes, groups, count)
    status, sizes = (np.ascontiguousarray(each, dtype=np.int64) for each in (status, sizes))
    groups = np.ascontiguousarray(groups, dtype=np.uint16)
    counts = np.zeros(STATUS_CODES + count, dtype=np.int64)
    by_status, by_group = counts[:STATUS_CODES], counts[STATUS_CODES:]
    classes, beyond = np.empty(len(sizes), dtype=np.uint8), np.empty(len(sizes), dtype=np.int64)
    to = HitCountsStructure(
        *(address_of(each) for each in (classes, by_status, by_group, beyond)),
        GroupsStructure(address_of(groups), len(groups)),
        count,
    )
    if not library().logmon_count_hits(address_of(status), address_of(sizes), len(status), to):
        raise _not_a_status()
    rest = beyond[: to.beyond_count].copy()  # so that the memory of all is given back
    return HitCounts(classes, by_status, by_group, rest, to.sum, to.largest)


def _counted(status: Ints, sizes: Ints, groups: NDArray[np.uint16], count: int) -> HitCounts:
    if ((status < 0) | (status >= STATUS_CODES)).any():
        raise _not_a_status()
    known = (sizes >= 0) & (sizes < len(groups))
    return HitCounts(
        (status // 100).astype(np.uint8),
        np.bincount(status, minlength=STATUS_CODES),
        np.bincount(groups[sizes[known]], minlength=count),
        sizes[~known],
        int(sizes.sum()),
        int(sizes.max(initial=0)),
    )


def _not_a_status() -> ValueError:
    return ValueError("a status code has not three digits")

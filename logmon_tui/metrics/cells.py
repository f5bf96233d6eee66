"""Cells: sparse histograms of many owners, as columns. An owner is any number, such as a key's."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.histogram import BINS, Bins
from logmon_tui.native.tallies import tallied

Ints = NDArray[np.int64]

_MERGED_CELLS = 100_000
"""Minimum cells that wait to be merged: merging more at once costs less for each."""


class Cells(NamedTuple):
    """Cell i: the owner `numbers[i] // BINS` has `counts[i]` hits in the bin `numbers[i] % BINS`.

    Both columns have the shape (cells,).
    """

    numbers: Ints
    counts: Ints

    def of(self, owners: NDArray[np.intp]) -> "Cells":
        """Return the cells of `owners`."""
        kept = np.isin(self.numbers // BINS, owners)
        return Cells(self.numbers[kept], self.counts[kept])

    def regrouped(self, groups: NDArray[np.intp]) -> "Cells":
        """Sum the cells of owners by group, `groups[owner]`; the numbers returned ascend."""
        owners, bins = np.divmod(self.numbers, BINS)
        summed = CellTotals()
        summed.add(Cells(groups[owners] * BINS + bins, self.counts))
        return summed.total()

    def histograms(self) -> Iterator[tuple[int, Bins]]:
        """Yield each owner with its counts by bin; `numbers` must ascend."""
        owners, bins = np.divmod(self.numbers, BINS)
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        bounds = [*starts.tolist(), len(owners)]
        places, counts = bins.tolist(), self.counts.tolist()
        for owner, (start, stop) in zip(owners[starts].tolist(), pairwise(bounds), strict=True):
            yield owner, dict(zip(places[start:stop], counts[start:stop], strict=True))


def cells_of(owners: NDArray[np.integer], bins: Ints) -> Cells:
    """Count hits into cells with ascending numbers.

    Hit i belongs to `owners[i]` and lies in `bins[i]`; both of shape (hits,).
    """
    return Cells(*tallied(owners.astype(np.int64) * BINS + bins))


def counted_bins(bins: Ints) -> Cells:
    """Count hits of a single owner, 0, that lie in `bins`, into cells with ascending numbers."""
    counts = np.bincount(bins)
    filled = np.flatnonzero(counts)
    return Cells(filled, counts[filled])


class CellTotals:
    """Sums of cells. Added cells wait until they are as many as the sums, then they are merged."""

    def __init__(self) -> None:
        nothing = np.zeros(0, dtype=np.int64)
        self._total = Cells(nothing, nothing)
        self._waiting: list[Cells] = []
        self._rows = 0

    def add(self, cells: Cells) -> None:
        """Add cells, whose numbers need not ascend."""
        self._waiting.append(cells)
        self._rows += len(cells.numbers)
        if self._rows >= max(_MERGED_CELLS, len(self._total.numbers)):
            self._merge()

    def _merge(self) -> None:
        if not self._waiting:
            return
        parts = [self._total, *self._waiting]
        if not len(self._total.numbers) and len(self._waiting) == 1 and _ascend(parts[1].numbers):
            self._total, self._waiting, self._rows = parts[1], [], 0
            return
        numbers, counts = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        self._total = Cells(*tallied(numbers, counts))
        self._waiting, self._rows = [], 0

    def keep(self, owners: NDArray[np.intp]) -> None:
        """Keep only `owners`, which must ascend, and renumber them from 0."""
        numbers, counts = self.total().of(owners)
        former, bins = np.divmod(numbers, BINS)
        self._total = Cells(np.searchsorted(owners, former) * BINS + bins, counts)

    def total(self) -> Cells:
        """Return the sums as cells with ascending numbers."""
        self._merge()
        return self._total


def _ascend(numbers: Ints) -> bool:
    return bool((numbers[1:] > numbers[:-1]).all())

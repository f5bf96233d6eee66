"""Crowd: the hits of subjects that are too quiet to be counted by name, as rows of hashes.

Most clients and paths of a busy log come once. A rule needs none of their names until one comes
so often that it may fire: then its rows are taken out, and it is counted by name as if it always
had been. A row takes about 20 bytes, and rows are exact.

At most `MAX_ROWS` rows are kept. When there are more, those of the quietest subjects are dropped:
all that have no more than some hits there (lossy counting; Manku and Motwani, 2002). So nothing
is lost of a subject that is louder than the crowd, and what any subject can have lost is known.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.sketches import Hashes
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]

MAX_ROWS = 300_000
"""Maximum rows of a crowd."""

_BLOCK_ROWS = 1 << 15
"""Rows from which on a block is no longer joined with others."""

_MAX_BLOCKS = 16
"""Maximum blocks with fewer rows."""

MAX_SCORE = 1 << 40
"""Values above it count as this one in a score, so that no sum of them overflows."""

_MIN_CELLS, _MAX_CELLS = 1 << 12, 1 << 19
_MARKS = 1 << 16
"""Cells of the tables by hash, powers of two: of the sums, and for finding some subjects."""

_SECRET = np.uint64(int(Texts.of([b"crowd"]).hashes()[0]) << 32 | 0x9E3779B1)
"""An odd factor that differs in every process, so that no log can fill one cell on purpose."""


class CrowdRows(NamedTuple):
    """Counted hits as columns of shape (rows,), ascending by slot.

    Row i counts `hits[i]` hits of the subject with the hash `hashes[i]`. `values[i]` is what its
    rule's kind sums, or the number of the hits' part: a bin, or the hash of a client.
    """

    slots: Ints
    hashes: Hashes
    hits: NDArray[np.int32]
    values: Ints

    def part(self, rows: slice | NDArray[np.intp] | NDArray[np.bool_]) -> "CrowdRows":
        """Return some of the rows."""
        return CrowdRows(self.slots[rows], self.hashes[rows], self.hits[rows], self.values[rows])

    def at(self, slot: int) -> "CrowdRows":
        """Return the rows as those of another slot."""
        return self._replace(slots=np.full(len(self.slots), slot, dtype=np.int64))


NO_ROWS = CrowdRows(
    np.zeros(0, dtype=np.int64),
    np.zeros(0, dtype=np.uint64),
    np.zeros(0, dtype=np.int32),
    np.zeros(0, dtype=np.int64),
)


class Loss(NamedTuple):
    """In the slots from `first` to `last` a subject can have lost up to `most` of its hits.

    Where subjects with the lowest scores are dropped, it is of its score.
    """

    first: int
    last: int
    most: int


class Crowd:
    """Keeps the rows of a rule's quiet subjects, and finds who is quiet no longer.

    A subject's score is the sum of its hits, or of its values if it is `by_value`. Those with the
    lowest scores are dropped first, or those with the fewest hits if the crowd `keeps_hits`. Values
    that are not `valued` are all 0 and take no memory. `losses` are the stretches of which rows
    were dropped, the oldest first.
    """

    def __init__(self, *, valued: bool, by_value: bool, keeps_hits: bool) -> None:
        self._valued = valued
        self._by_value = by_value
        self._keeps_hits = keeps_hits
        self._blocks: list[CrowdRows] = []
        self._sums = self._no_sums(_MIN_CELLS)  # the scores of all rows, by cell
        self.losses: list[Loss] = []

    def __len__(self) -> int:
        """Return how many rows are kept, with those that were taken out lately."""
        return sum(len(block.slots) for block in self._blocks)

    def add(self, rows: CrowdRows) -> None:
        """Add rows, ascending by slot; slots and subjects may be there already."""
        if not len(rows.slots):
            return
        self._blocks.append(self._slim(rows))
        self._sum_up(rows)
        if len(self._blocks) > _MAX_BLOCKS + len(self) // _BLOCK_ROWS:
            self._join()
        self._bound()

    def at_most(self, hashes: Hashes) -> NDArray[np.integer]:
        """Return for each subject a score that it does not exceed. This costs little."""
        found: NDArray[np.integer] = self._sums[_cells(hashes, len(self._sums))]
        return found

    def scores(self, hashes: Hashes) -> Ints:
        """Return the score of each subject, which must differ."""
        found = np.zeros(len(hashes), dtype=np.int64)
        for block, rows, places in self._found(hashes):
            np.add.at(found, places, self._score(block.part(rows)))
        return found

    def take_out(self, hashes: Hashes) -> CrowdRows:
        """Take out the rows of these subjects, and return them, ascending by slot."""
        taken = []
        for block, rows, _ in self._found(hashes):
            taken.append(block.part(rows))
            self._sum_up(taken[-1], sign=-1)
            block.hits[rows] = 0  # until blocks are joined
        return self._joined(taken)

    def forget(self, oldest: int) -> None:
        """Drop the rows of slots before `oldest`."""
        kept = []
        for block in self._blocks:
            start = int(block.slots.searchsorted(oldest))
            if start:
                self._sum_up(block.part(slice(start)), sign=-1)
            if start < len(block.slots):
                kept.append(block.part(slice(start, None)) if start else block)
        self._blocks = kept
        self.losses = [loss for loss in self.losses if loss.last >= oldest]

    def of_slot(self, slot: int) -> CrowdRows:
        """Return the rows of a slot."""
        found = []
        for block in self._blocks:
            if block.slots[0] <= slot <= block.slots[-1]:
                start, stop = block.slots.searchsorted([slot, slot + 1]).tolist()
                found.append(block.part(slice(start, stop)))
        return self._joined(found)

    def lost(self, first: int, last: int) -> int:
        """Return the most that a subject can lack in the slots from `first` to `last`."""
        return sum(loss.most for loss in self.losses if loss.first <= last and first <= loss.last)

    def _score(self, rows: CrowdRows) -> Ints:
        scores = np.minimum(rows.values, MAX_SCORE) if self._by_value else rows.hits
        return np.where(rows.hits > 0, scores, 0)  # rows that were taken out have no hits

    def _sum_up(self, rows: CrowdRows, sign: int = 1) -> None:
        scores = (sign * self._score(rows)).astype(self._sums.dtype)
        np.add.at(self._sums, _cells(rows.hashes, len(self._sums)), scores)

    def _found(
        self, hashes: Hashes
    ) -> Iterator[tuple[CrowdRows, NDArray[np.intp], NDArray[np.intp]]]:
        """Yield for each block its rows of these subjects, and of each row the subject's place."""
        order = np.argsort(hashes)
        ordered = hashes[order]
        marks = np.zeros(_MARKS, dtype=np.bool_)
        marks[_cells(ordered, _MARKS)] = True
        for block in self._blocks if len(hashes) else ():
            near = np.flatnonzero(marks[_cells(block.hashes, _MARKS)] & (block.hits > 0))
            places = np.minimum(ordered.searchsorted(block.hashes[near]), len(ordered) - 1)
            same = ordered[places] == block.hashes[near]
            if same.any():
                yield block, near[same], order[places[same]]

    def _join(self) -> None:
        """Join all small blocks."""
        large = [block for block in self._blocks if len(block.slots) >= _BLOCK_ROWS]
        joined = self._joined([block for block in self._blocks if len(block.slots) < _BLOCK_ROWS])
        self._blocks = [*large, joined] if len(joined.slots) else large

    def _bound(self) -> None:
        """Bound the rows, and fit the sums to their number."""
        rows, cells = len(self), len(self._sums)
        if rows > MAX_ROWS:
            self._keep([block.hits > 0 for block in self._blocks])
            if len(self) > MAX_ROWS:
                self._drop_the_quietest()
            self._sum_up_all(cells)
        elif rows > cells and cells < _MAX_CELLS:
            self._sum_up_all(min(_MAX_CELLS, 1 << rows.bit_length()))

    def _drop_the_quietest(self) -> None:
        """Drop the rows of the quietest subjects, so that at most half of `MAX_ROWS` stay."""
        hashes = np.concatenate([block.hashes for block in self._blocks])
        scores = np.concatenate(
            [block.hits if self._keeps_hits else self._score(block) for block in self._blocks]
        )
        sums = np.zeros(len(hashes), dtype=np.int64)  # of the subject of each row
        for part in range(8):  # one after the other they take less memory
            rows = np.flatnonzero(hashes >> np.uint64(61) == part)
            subjects, owners = np.unique(hashes[rows], return_inverse=True)
            totals = np.zeros(len(subjects), dtype=np.int64)
            np.add.at(totals, owners, scores[rows])
            sums[rows] = totals[owners]
        most = int(np.partition(sums, len(sums) - MAX_ROWS // 2 - 1)[-(MAX_ROWS // 2) - 1])
        ends = np.cumsum([len(block.slots) for block in self._blocks])[:-1]
        kept = np.split(sums > most, ends)
        gone = np.concatenate(
            [block.slots[~mask] for block, mask in zip(self._blocks, kept, strict=True)]
        )
        self.losses.append(Loss(int(gone.min()), int(gone.max()), most))
        self._keep(kept)

    def _keep(self, masks: Sequence[NDArray[np.bool_]]) -> None:
        """Keep the rows of each block that its mask has."""
        kept = (block.part(mask) for block, mask in zip(self._blocks, masks, strict=True))
        self._blocks = [block for block in kept if len(block.slots)]

    def _sum_up_all(self, cells: int) -> None:
        self._sums = self._no_sums(cells)
        for block in self._blocks:
            self._sum_up(block)

    def _no_sums(self, cells: int) -> NDArray[np.integer]:
        return np.zeros(cells, dtype=np.int64 if self._by_value else np.int32)

    def _joined(self, blocks: Sequence[CrowdRows]) -> CrowdRows:
        """Return the rows of blocks, without those that were taken out, ascending by slot."""
        if not blocks:
            return NO_ROWS
        rows = CrowdRows(*map(np.concatenate, zip(*blocks, strict=True)))
        order = np.flatnonzero(rows.hits)
        return self._slim(rows.part(order[np.argsort(rows.slots[order], kind="stable")]))

    def _slim(self, rows: CrowdRows) -> CrowdRows:
        if self._valued:
            return rows
        return rows._replace(values=np.broadcast_to(np.int64(0), rows.slots.shape))


def _cells(hashes: Hashes, cells: int) -> NDArray[np.intp]:
    shift = np.uint64(65 - cells.bit_length())
    return ((hashes * _SECRET) >> shift).astype(np.intp)

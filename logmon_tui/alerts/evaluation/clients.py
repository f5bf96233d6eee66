"""Distinct clients of a subject: in a slot, and in a window that slides over slots.

Here clients stand for whatever a rule counts distinct ones of: for its metric `paths` they are
paths.

Up to `EXACT` clients are counted exactly, by their hashes. More are estimated with a sketch of
4,096 registers (see metrics/sketch.py), with a standard error of 1.6 %. What is told of a window
depends only on the clients in it, not on how they came in or when the window was looked at: so a
report, a watch and a watch that was restarted tell the same.

A slot's registers are kept as cells: a cell is a register and the rank in it. A window counts for
each cell the slots that have it. So slots can leave a window. Of very many slots each keeps fewer
numbers (`Precision`), which bounds the memory and makes the error larger.
"""

from collections.abc import Callable, Iterable
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.sketch import RANKS, estimate
from logmon_tui.native.sketches import REGISTERS, Hashes, places_and_ranks

EXACT = 1_024
"""Maximum clients that are counted exactly."""

_CERTAIN = 6
"""Standard errors by which an estimate is surely not wrong."""

Cells = NDArray[np.uint16]

_RANK_BITS = 4
_MAX_RANK = (1 << _RANK_BITS) - 1
"""Larger ranks count as this one. They do not matter below ten million clients."""

NO_HASHES: Hashes = np.zeros(0, dtype=np.uint64)
_NO_CELLS: Cells = np.zeros(0, dtype=np.uint16)


class Precision(NamedTuple):
    """What a slot keeps: up to `hashes`, or cells of the first `registers`, a power of two.

    The registers that are left out belong to clients that are not looked at: the estimate is that
    of a sample. Its standard error is 1.04 / √registers.
    """

    hashes: int = EXACT
    registers: int = REGISTERS

    @property
    def error(self) -> float:
        """The standard error of estimates."""
        return float(1.04 / sqrt(self.registers))


FULL = Precision()
COARSE = Precision(EXACT // 32, 256)


def precision_of(size: int) -> Precision:
    """Return the precision with which a slot takes about `size` bytes, between two bounds."""
    registers = 1 << (max(1, size // _NO_CELLS.itemsize).bit_length() - 1)
    return Precision(
        min(FULL.hashes, max(COARSE.hashes, size // NO_HASHES.itemsize)),
        min(FULL.registers, max(COARSE.registers, registers)),
    )


class Change(NamedTuple):
    """How a slot's clients change: by new `hashes`, and by cells that come and go.

    `blinds` tells that the slot no longer knows its hashes. Then `hashes` are of no use.
    """

    hashes: Hashes
    come: Cells
    gone: Cells
    blinds: bool


class SlotClients:
    """The distinct clients in a slot: their hashes, ascending, or if these are too many, cells.

    `hashes` is None if they are too many. There is one cell for each register, ascending.
    """

    __slots__ = ("_cells", "_precision", "hashes")

    def __init__(
        self,
        hashes: Hashes | None = NO_HASHES,
        cells: Cells = _NO_CELLS,
        precision: Precision = FULL,
    ) -> None:
        self.hashes = hashes
        self._cells = cells
        self._precision = precision

    @classmethod
    def of(cls, hashes: Hashes) -> "SlotClients":
        """Return the clients with these hashes, of which some may be equal, in full precision."""
        found = np.unique(hashes)
        return cls(found) if len(found) <= EXACT else cls(None, _cells_of(found, REGISTERS))

    def __len__(self) -> int:
        """Return how many numbers are kept."""
        return len(self._cells) if self.hashes is None else len(self.hashes)

    @property
    def cells(self) -> Cells:
        """The cells of all registers that have a client."""
        if self.hashes is None:
            return self._cells
        return _cells_of(self.hashes, self._precision.registers)

    def first(self, count: int) -> "SlotClients":
        """Return at most `count` of the numbers."""
        hashes = None if self.hashes is None else self.hashes[:count]
        return SlotClients(hashes, self._cells[:count], self._precision)

    def add(self, other: "SlotClients") -> Change:
        """Add another slot's clients, and return how these change."""
        before, had = self.cells, self.hashes
        if had is not None and other.hashes is not None:
            new = np.setdiff1d(other.hashes, had, assume_unique=True)
            if len(had) + len(new) <= self._precision.hashes:
                self.hashes = np.sort(np.concatenate([had, new]))
                come, gone = _difference(before, self.cells)
                return Change(new, come, gone, blinds=False)
        limit = self._precision.registers << _RANK_BITS
        self._cells, self.hashes = _merged(before, other.cells[other.cells < limit]), None
        come, gone = _difference(before, self._cells)
        return Change(NO_HASHES, come, gone, blinds=had is not None)

    def whole(self) -> Change:
        """Return the change from no clients to these."""
        if self.hashes is None:
            return Change(NO_HASHES, self._cells, _NO_CELLS, blinds=True)
        return Change(self.hashes, self.cells, _NO_CELLS, blinds=False)


class WindowClients:
    """The distinct clients in a window.

    `slots` returns the clients of each slot in the window. It is called when the way of counting
    has to change: from hashes to cells when there are too many, and back.
    """

    def __init__(
        self, slots: Callable[[], Iterable[SlotClients]], precision: Precision = FULL
    ) -> None:
        self._slots = slots
        self._precision = precision
        self._seen: dict[int, int] | None = {}  # slots by hash; None if there are too many
        self._counts: NDArray[np.int32] | None = None  # slots by cell; None until it is needed
        self._blind = 0  # slots that do not know their hashes

    def enter(self, change: Change) -> None:
        """Count a slot that enters the window, or clients that are new in one of its slots."""
        self._blind += change.blinds
        if self._counts is not None:
            self._counts[change.come] += 1
            self._counts[change.gone] -= 1
        if self._seen is not None:
            seen = self._seen
            for client in change.hashes.tolist():
                seen[client] = seen.get(client, 0) + 1
            if self._blind or len(seen) > EXACT:
                self._seen = None

    def leave(self, clients: SlotClients) -> None:
        """Count off a slot that leaves the window."""
        change = clients.whole()
        self._blind -= change.blinds
        if self._counts is not None:
            self._counts[change.come] -= 1
        if self._seen is not None:
            seen = self._seen
            for client in change.hashes.tolist():
                if seen[client] == 1:
                    del seen[client]
                else:
                    seen[client] -= 1

    @property
    def distinct(self) -> int:
        """How many clients there are; an estimate if they are more than `EXACT`."""
        if self._seen is not None:
            return len(self._seen)
        found = self._estimate()
        if not self._blind and found <= EXACT * (1 + _CERTAIN * self._precision.error):
            seen = self._looked_for()
            if seen is not None:
                self._seen, self._counts = seen, None
                return len(seen)
        return round(found)

    def _estimate(self) -> float:
        registers = self._precision.registers
        if self._counts is None:
            self._counts = np.zeros(registers << _RANK_BITS, dtype=np.int32)
            for clients in self._slots():
                self._counts[clients.cells] += 1
        filled = (self._counts > 0).reshape(registers, -1)[:, ::-1]
        ranks = np.where(filled.any(axis=1), _MAX_RANK - filled.argmax(axis=1), 0)
        sample = estimate(np.bincount(ranks, minlength=RANKS + 1))
        return sample * (REGISTERS // registers)

    def _looked_for(self) -> dict[int, int] | None:
        """Return the slots by hash, if there are few enough."""
        slots = [clients.hashes for clients in self._slots() if clients.hashes is not None]
        hashes, counts = np.unique(np.concatenate([NO_HASHES, *slots]), return_counts=True)
        if len(hashes) > EXACT:
            return None
        return dict(zip(hashes.tolist(), counts.tolist(), strict=True))


def cells_read(cells: Cells) -> Cells:
    """Return cells that were saved, as they must be: one for each register, ascending."""
    return _merged(_NO_CELLS, cells)


def _cells_of(hashes: Hashes, registers: int) -> Cells:
    places, ranks = places_and_ranks(hashes)
    numbers = (places << _RANK_BITS) + np.minimum(ranks, _MAX_RANK)
    return cells_read(numbers[places < registers].astype(np.uint16))


def _merged(one: Cells, other: Cells) -> Cells:
    """Return for each register the cell with the larger rank, ascending."""
    cells = np.sort(np.concatenate([one, other]))
    registers = cells >> _RANK_BITS
    return cells[np.flatnonzero(np.diff(registers, append=registers[-1:] + 1))]


def _difference(before: Cells, after: Cells) -> tuple[Cells, Cells]:
    """Return the cells that come and those that go."""
    return (
        np.setdiff1d(after, before, assume_unique=True),
        np.setdiff1d(before, after, assume_unique=True),
    )

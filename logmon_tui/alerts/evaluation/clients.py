"""Distinct clients of a subject: in a slot, and in a window that slides over slots.

Here clients stand for whatever a rule counts distinct ones of: for its metric `paths` they are
paths.

Up to `EXACT` clients are counted exactly, by their hashes. More are estimated with a sketch of
4,096 registers (see metrics/sketch.py), with a standard error of 1.6 %. What is told of a window
depends only on the clients in it, not on how they came in or when the window was looked at: so a
report, a watch and a watch that was restarted tell the same.

A slot's registers are kept as cells: a cell is a register and the rank in it. A window counts for
each cell, as for each hash, the slots that have it. So slots can leave a window. Of very many
slots each keeps fewer numbers (`Precision`), which bounds the memory and makes the error larger.
"""

from collections.abc import Callable, Iterable
from math import sqrt
from typing import Generic, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.sketch import RANKS, estimate
from logmon_tui.native.sketches import REGISTERS, Hashes, places_and_ranks

EXACT = 1_024
"""Maximum clients that are counted exactly."""

_CERTAIN = 6
"""Standard errors that no estimate is off by."""

Cells = NDArray[np.uint16]
Key = TypeVar("Key", np.uint16, np.uint64)

_RANK_BITS = 4
_MAX_RANK = (1 << _RANK_BITS) - 1
"""Larger ranks count as this one. They do not matter below ten million clients."""

NO_HASHES: Hashes = np.zeros(0, dtype=np.uint64)
_NO_CELLS: Cells = np.zeros(0, dtype=np.uint16)


class Precision(msgspec.Struct, frozen=True):
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


class Change(msgspec.Struct, frozen=True):
    """How a slot's clients change: from `before` to `after`, by new `hashes`.

    `blinds` tells that the slot no longer knows its hashes. Then `hashes` are of no use.
    """

    hashes: Hashes
    before: "SlotClients"
    after: "SlotClients"
    blinds: bool

    def cells(self) -> tuple[Cells, Cells]:
        """Return the cells that come and those that go, both ascending."""
        before, after = self.before.cells, self.after.cells
        if not len(before):
            return after, before
        return (
            np.setdiff1d(after, before, assume_unique=True),
            np.setdiff1d(before, after, assume_unique=True),
        )


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
        return cls.of_sorted(np.unique(hashes))

    @classmethod
    def of_sorted(cls, hashes: Hashes) -> "SlotClients":
        """Return the clients with these hashes, ascending, all different, in full precision."""
        return cls(hashes) if len(hashes) <= EXACT else cls(None, _cells_of(hashes, REGISTERS))

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
        before = self.now()
        had, most = self.hashes, self._precision.hashes
        if had is not None and other.hashes is not None:
            new = other.hashes
            if len(had):
                new = np.setdiff1d(new, had, assume_unique=True)
            if len(had) + len(new) <= most:
                self.hashes = np.sort(np.concatenate([had, new])) if len(had) else new
                return Change(new, before, self.now(), blinds=False)
        limit = self._precision.registers << _RANK_BITS
        self._cells = _merged(self.cells, other.cells[other.cells < limit])
        self.hashes = None
        return Change(NO_HASHES, before, self.now(), blinds=had is not None)

    def now(self) -> "SlotClients":
        """Return the clients as they are now; these may change."""
        return SlotClients(self.hashes, self._cells, self._precision)

    def whole(self) -> Change:
        """Return the change from no clients to these."""
        blinds = self.hashes is None
        hashes = NO_HASHES if self.hashes is None else self.hashes
        return Change(hashes, _NOBODY, self.now(), blinds)


_NOBODY = SlotClients()


class _Tally(Generic[Key]):
    """Counts of distinct numbers: `keys`, ascending, each with its count.

    Many windows hold some hundred numbers each, for which arrays take a fifth of a dict's memory.
    """

    __slots__ = ("_counts", "keys")

    def __init__(self, keys: NDArray[Key], counts: NDArray[np.int32]) -> None:
        self.keys: NDArray[Key] = keys
        self._counts = counts

    def add(self, keys: NDArray[Key]) -> None:
        """Count these once more; they must differ, and ascend."""
        if not len(self.keys):
            self.keys, self._counts = keys, np.ones(len(keys), dtype=np.int32)
            return
        places = np.minimum(self.keys.searchsorted(keys), len(self.keys) - 1)
        known = self.keys[places] == keys
        self._counts[places[known]] += 1
        new = keys[~known]
        if len(new):
            joined = np.concatenate([self.keys, new])
            order = np.argsort(joined, kind="stable")
            self.keys = joined[order]
            ones = np.ones(len(new), dtype=np.int32)
            self._counts = np.concatenate([self._counts, ones])[order]

    def subtract(self, keys: NDArray[Key]) -> None:
        """Count these once less; they must be among the keys, differ, and ascend."""
        places = self.keys.searchsorted(keys)
        self._counts[places] -= 1
        if not self._counts[places].all():
            left = self._counts > 0
            self.keys, self._counts = self.keys[left], self._counts[left]


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
        self._seen: _Tally[np.uint64] | None = _no_hashes()  # None if there are too many
        self._cells: _Tally[np.uint16] | None = None  # None until they are needed
        self._blind = 0  # slots that do not know their hashes

    def enter(self, change: Change) -> None:
        """Count a slot that enters the window, or clients that are new in one of its slots."""
        self._blind += change.blinds
        if self._cells is not None:
            come, gone = change.cells()
            self._cells.add(come)
            self._cells.subtract(gone)
        if self._seen is not None:
            self._seen.add(change.hashes)
            if self._blind or len(self._seen.keys) > EXACT:
                self._seen = None

    def leave(self, clients: SlotClients) -> None:
        """Count off a slot that leaves the window."""
        change = clients.whole()
        self._blind -= change.blinds
        if self._cells is not None:
            self._cells.subtract(clients.cells)
        if self._seen is not None:
            self._seen.subtract(change.hashes)

    @property
    def distinct(self) -> int:
        """How many clients there are; an estimate if they are more than `EXACT`."""
        if self._seen is not None:
            return len(self._seen.keys)
        found = self._estimate()
        if not self._blind and found <= EXACT * (1 + _CERTAIN * self._precision.error):
            seen = self._looked_for()
            if seen is not None:
                self._seen, self._cells = seen, None
                return len(seen.keys)
        return round(found)

    def _estimate(self) -> float:
        registers = self._precision.registers
        if self._cells is None:
            parts = [clients.cells for clients in self._slots()]
            cells, counts = np.unique(np.concatenate([_NO_CELLS, *parts]), return_counts=True)
            self._cells = _Tally(cells, counts.astype(np.int32))
        cells = _largest(self._cells.keys)
        ranked = np.bincount(cells & _MAX_RANK, minlength=RANKS + 1)
        ranked[0] += registers - len(cells)
        return estimate(ranked) * (REGISTERS // registers)

    def _looked_for(self) -> _Tally[np.uint64] | None:
        """Return the hashes with their slots, if there are few enough."""
        slots = [clients.hashes for clients in self._slots() if clients.hashes is not None]
        hashes, counts = np.unique(np.concatenate([NO_HASHES, *slots]), return_counts=True)
        return None if len(hashes) > EXACT else _Tally(hashes, counts.astype(np.int32))


def _no_hashes() -> _Tally[np.uint64]:
    return _Tally(NO_HASHES, np.zeros(0, dtype=np.int32))


def cells_read(cells: Cells) -> Cells:
    """Return cells that were saved, as they must be: one for each register, ascending."""
    return _merged(_NO_CELLS, cells)


def _cells_of(hashes: Hashes, registers: int) -> Cells:
    places, ranks = places_and_ranks(hashes)
    numbers = (places << _RANK_BITS) + np.minimum(ranks, _MAX_RANK)
    return cells_read(numbers[places < registers].astype(np.uint16))


def _merged(one: Cells, other: Cells) -> Cells:
    """Return for each register the cell with the larger rank, ascending."""
    return _largest(np.sort(np.concatenate([one, other])))


def _largest(cells: Cells) -> Cells:
    """Return the last one of each register's cells, which ascend."""
    last = np.ones(len(cells), dtype=np.bool_)
    registers = cells >> _RANK_BITS
    np.not_equal(registers[1:], registers[:-1], out=last[:-1])
    return cells[last]

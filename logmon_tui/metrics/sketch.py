"""Sketch: an estimate of the number of distinct texts or pairs of texts, in 4 kB. Sketches merge.

A HyperLogLog (Flajolet et al., 2007) of 4,096 registers. Each text has a hash: 12 bits of it choose
a register, which keeps the longest run of zeros seen at the start of the other bits. The estimate
is Ertl's (New cardinality estimation algorithms for HyperLogLog sketches, 2017), which needs no
tables and no switch between ranges. Its standard error is 1.04 / √4096 = 1.6 %, and less for a few
thousand.
"""

from math import inf, log

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.sketches import REGISTER_BITS, REGISTERS, Hashes, Registers, enter

ERROR = 0.02
"""The stated standard error; the theory's is 0.016."""

RANKS = 64 - REGISTER_BITS + 1
"""The largest rank: that of a hash whose other bits are all zero."""


class Sketch:
    """Distinct things seen, by their hashes. `registers` are uint8, shape (REGISTERS,)."""

    __slots__ = ("registers",)

    def __init__(self, registers: Registers | None = None) -> None:
        self.registers = np.zeros(REGISTERS, dtype=np.uint8) if registers is None else registers

    def enter(self, hashes: Hashes) -> None:
        """Add things with these hashes; those that were added before change nothing."""
        owners = np.zeros(len(hashes), dtype=np.int32)
        enter(hashes, self.registers.reshape(1, -1), owners)

    def add(self, other: "Sketch") -> None:
        """Merge another sketch into this one."""
        np.maximum(self.registers, other.registers, out=self.registers)

    @property
    def distinct(self) -> int:
        """The estimated number of distinct things; the standard error is 1.6 %."""
        return round(estimate(np.bincount(self.registers, minlength=RANKS + 1)))


def estimate(ranked: NDArray[np.int64]) -> float:
    """Return the estimate from the number of registers that have each rank, shape (54,)."""
    counts: list[int] = ranked.tolist()
    registers = sum(counts)
    if counts[0] == registers:
        return 0.0
    total = 0.0
    for count in reversed(counts[1:]):
        total = (total + count) / 2
    total += registers * _sigma(counts[0] / registers)
    return registers * registers / (2 * log(2) * total)


def _sigma(share: float) -> float:
    """Return x + Σ x^(2^k) 2^(k-1); what registers without a hash add."""
    if share == 1:
        return inf
    factor, total, former = 1.0, share, -1.0
    while total != former:
        share, former = share * share, total
        total, factor = total + share * factor, 2 * factor
    return total

"""Of which seconds lines are that are no hits, and so have no times of their own. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import HitBatch

Ints = NDArray[np.int64]


class UnparsedPlaces(NamedTuple):
    """Lines that are no hits: behind the first `hits[i]` hits of a batch stand `lines[i]`."""

    hits: Ints
    lines: Ints

    @classmethod
    def of(cls, batch: HitBatch) -> "UnparsedPlaces":
        """Return those of a batch."""
        if not batch.unparsed:
            return cls.at({})
        return cls(*np.unique(batch.unparsed_after, return_counts=True))

    @classmethod
    def at(cls, places: Mapping[int, int]) -> "UnparsedPlaces":
        """Return so many lines behind each number of hits."""
        return cls(
            np.array([*places], dtype=np.int64), np.array([*places.values()], dtype=np.int64)
        )

    def items(self) -> Iterator[tuple[int, int]]:
        """Yield each number of hits with how many lines stand behind them."""
        yield from zip(self.hits.tolist(), self.lines.tolist(), strict=True)


class UnparsedTimes:
    """Counts lines that are no hits by second.

    A line is of `log_time`, the second of the newest credible hit up to the one before it; before
    the first hit it is of that one's second.
    """

    def __init__(self) -> None:
        self.log_time = 0
        self._lines: Counter[int] = Counter()

    def observe(self, second: int) -> None:
        """Note that a credible hit of this second came."""
        self.log_time = max(self.log_time, second)

    def add(self, lines: int, clock: int = 0) -> None:
        """Take in lines that came now, which is `clock` where time goes on without hits."""
        if lines:
            self._lines[max(self.log_time, clock)] += lines

    def add_among(self, places: UnparsedPlaces, seconds: Ints, clock: int = 0) -> None:
        """Take in lines among credible hits of these `seconds`, shape (hits,), one at least.

        Lines before the first of them came at the latest with it.
        """
        if not len(places.hits):  # as nearly always
            self.observe(int(seconds.max()))
            return
        times = np.maximum.accumulate(np.concatenate(([self.log_time], seconds)))
        times[0] = max(self.log_time, min(clock, int(seconds[0])))
        self.log_time = int(times[-1])
        found, rows = np.unique(times[places.hits], return_inverse=True)
        sums = np.bincount(rows, weights=places.lines, minlength=len(found)).astype(np.int64)
        self._lines.update(dict(zip(found.tolist(), sums.tolist(), strict=True)))

    def taken(self) -> list[tuple[int, int]]:
        """Return the seconds of the lines, and how many, and forget them."""
        found, self._lines = sorted(self._lines.items()), Counter()
        return found

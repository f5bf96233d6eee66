"""Give unparsed lines a second, as they have no timestamp of their own. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import HitBatch

Ints = NDArray[np.int64]


class UnparsedPlaces(msgspec.Struct, frozen=True):
    """Where unparsed lines stand: `lines[i]` of them follow the first `hits[i]` hits of a batch."""

    hits: Ints
    lines: Ints

    @classmethod
    def of(cls, batch: HitBatch) -> "UnparsedPlaces":
        """Return the places of a batch's unparsed lines."""
        if not batch.unparsed:
            return cls.at({})
        return cls(*np.unique(batch.unparsed_after, return_counts=True))

    @classmethod
    def at(cls, places: Mapping[int, int]) -> "UnparsedPlaces":
        """Return the places that map numbers of hits to lines after so many hits."""
        return cls(
            np.array([*places], dtype=np.int64), np.array([*places.values()], dtype=np.int64)
        )

    def items(self) -> Iterator[tuple[int, int]]:
        """Yield each number of hits with the number of lines that follow them."""
        yield from zip(self.hits.tolist(), self.lines.tolist(), strict=True)


class UnparsedTimes:
    """Counts unparsed lines by second.

    A line counts in `log_time`: the second of the newest credible hit before it. Lines before the
    first hit count in the second of that hit.
    """

    def __init__(self) -> None:
        self.log_time = 0
        self._lines: Counter[int] = Counter()

    def observe(self, second: int) -> None:
        """Note a credible hit of this second."""
        self.log_time = max(self.log_time, second)

    def add(self, lines: int, clock: int = 0) -> None:
        """Count lines that came now; `clock` is the present second if log time runs by itself."""
        if lines:
            self._lines[max(self.log_time, clock)] += lines

    def add_among(self, places: UnparsedPlaces, seconds: Ints, clock: int = 0) -> None:
        """Count lines among credible hits of these `seconds`, shape (hits,); one hit at least.

        Lines before the first hit count in its second at the latest.
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
        """Return (second, lines) of the lines counted, and start counting anew."""
        found, self._lines = sorted(self._lines.items()), Counter()
        return found

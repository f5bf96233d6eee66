"""KeySums: the sums of one dimension over a whole log, as columns.

A log may have a hundred thousand keys, and a ranking shows a few of them: only these get a name.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.figures import MAX_SUM, RANKED, Figure
from logmon_tui.metrics.tally import Tally, distinct_keys
from logmon_tui.native.texts import Texts

if TYPE_CHECKING:
    from datasketches import hll_sketch

Ints = NDArray[np.int64]

HITS, BYTES = "hits", "bytes"
"""The names of the sums that each dimension has. All others are figures."""


class KeySums(msgspec.Struct, frozen=True):
    """The sums of n keys: `sums` maps their names to columns, int64, shape (n,).

    `other` has the sums over the keys that were not kept; `most_dropped` and `sketch` tell more of
    these, as in a Tally.
    """

    keys: Texts
    sums: Mapping[str, Ints]
    other: Mapping[str, int]
    most_dropped: int | None = 0
    sketch: "hll_sketch | None" = None

    @property
    def distinct(self) -> int:
        """How many distinct keys were seen; an estimate once some were dropped."""
        return len(self.keys) if self.sketch is None else distinct_keys([self._others()])

    def tally(self, rows: int | None = None, extra: int = 0) -> Tally:
        """Return the sums of the keys that a ranking of so many `rows` shows, and of some more.

        The `extra` keys with the largest sums of each figure are among them. None keeps all keys.
        """
        chosen = self._shown(rows, extra)
        names = self.keys.take(chosen).tolist()
        tally = self._others()
        tally.hits = dict(zip(names, self.sums[HITS][chosen].tolist(), strict=True))
        tally.bytes = dict(zip(names, self.sums[BYTES][chosen].tolist(), strict=True))
        for name, column in self.sums.items():
            if name not in {HITS, BYTES}:
                values = column[chosen].tolist()
                by_key = {key: each for key, each in zip(names, values, strict=True) if each}
                if figure := Figure(by_key, self.other[name]):
                    tally.figures[name] = figure
        return tally

    def _others(self) -> Tally:
        """Return a tally of the keys that were not kept."""
        tally = Tally()
        tally.other_hits, tally.other_bytes = self.other[HITS], self.other[BYTES]
        tally.most_dropped, tally.sketch = self.most_dropped, self.sketch
        return tally

    def _shown(self, rows: int | None, extra: int) -> NDArray[np.intp]:
        shown = np.zeros(len(self.keys), dtype=np.bool_)
        # One row more than are shown tells that there are more.
        shown[_largest(self.sums[HITS], len(shown) if rows is None else rows + 1)] = True
        for name in RANKED if extra else ():
            if name in self.sums:
                shown[_largest(self.sums[name], extra)] = True
        return np.flatnonzero(shown)

    def part(self, keys: NDArray[np.bool_]) -> "KeySums":
        """Return the sums of some keys, as if there were no others."""
        sums = {name: column[keys] for name, column in self.sums.items()}
        return KeySums(self.keys.take(keys), sums, dict.fromkeys(sums, 0))

    def grouped(self, groups: NDArray[np.intp], names: Sequence[bytes]) -> "KeySums":
        """Return the sums by group: that of each key is in `groups`, and the groups have `names`.

        Any number of the keys that were not kept may be of one group.
        """
        sums = {name: summed_by(groups, each, len(names)) for name, each in self.sums.items()}
        return KeySums(Texts.of(names), sums, self.other, None if self.other[HITS] else 0)


def _largest(values: Ints, count: int) -> NDArray[np.intp]:
    """Return the places of the `count` largest values above zero, and of those equal to them."""
    least = np.partition(values, -count)[-count] if count < len(values) else 0
    return np.flatnonzero(values >= max(1, least))


def summed_by(groups: NDArray[np.intp], values: Ints, count: int) -> Ints:
    """Sum `values` by group, `MAX_SUM` at most."""
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, groups, values)
    sums[np.bincount(groups, values, count) > MAX_SUM] = MAX_SUM  # where an int64 wraps around
    return sums

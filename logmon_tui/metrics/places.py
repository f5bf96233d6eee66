"""Places: keys as numbers, so that what is counted by key can be an array."""

from collections import defaultdict
from itertools import islice

import numpy as np
from numpy.typing import NDArray


class Places:
    """Numbers keys from 0 in the order in which they come."""

    def __init__(self) -> None:
        self.names: list[bytes] = []
        self._last: tuple[list[bytes], NDArray[np.intp]] | None = None
        self._numbers: defaultdict[bytes, int] = defaultdict()
        self._numbers.default_factory = self._numbers.__len__

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self.names)

    def of(self, keys: list[bytes]) -> NDArray[np.intp]:
        """Return the number of each key, new ones included."""
        if self._last is not None and self._last[0] is keys:
            return self._last[1]  # two look for the hosts of each batch
        numbers = self._numbers
        found = np.fromiter(map(numbers.__getitem__, keys), dtype=np.intp, count=len(keys))
        new = list(islice(reversed(numbers), len(numbers) - len(self.names)))
        self.names.extend(reversed(new))
        self._last = keys, found
        return found

    def keep(self, numbers: NDArray[np.intp]) -> None:
        """Forget all keys but those with these `numbers`, ascending, and number them anew."""
        names = self.names
        kept = [names[number] for number in numbers.tolist()]
        self.names, self._last = [], None
        self._numbers.clear()
        self.of(kept)


def with_room(counts: NDArray[np.int64], rows: int) -> NDArray[np.int64]:
    """Return `counts` with zeros behind, if it has fewer than so many `rows`."""
    if len(counts) >= rows:
        return counts
    grown = np.zeros((2 * rows, *counts.shape[1:]), dtype=np.int64)
    grown[: len(counts)] = counts
    return grown

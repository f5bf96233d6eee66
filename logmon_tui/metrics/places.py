"""Places: keys as numbers, so that what is counted by key can be an array."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from logmon_tui.formats.hit_batch import TEXT


class Places:
    """Numbers keys from 0 in the order in which they come."""

    def __init__(self) -> None:
        self._names = pa.array([], TEXT)

    def __len__(self) -> int:
        """Return how many keys there are."""
        return len(self._names)

    def of(self, texts: Sequence[pa.Array]) -> NDArray[np.int32]:
        """Return the number of each text, of one array after the other; new keys are added."""
        known = len(self._names)
        parts = pa.chunked_array([self._names, *texts], TEXT).dictionary_encode().chunks
        if not parts:
            return np.empty(0, dtype=np.int32)
        self._names = parts[-1].dictionary  # what was known keeps its place in front
        return np.concatenate([part.indices.to_numpy() for part in parts])[known:]

    def names(self, numbers: NDArray[np.integer] | slice) -> list[bytes]:
        """Return the keys with these numbers."""
        if isinstance(numbers, slice):
            part = self._names[numbers]
        else:
            part = self._names.take(pa.array(numbers))
        names: list[bytes] = part.to_pylist()
        return names

    def keep(self, numbers: NDArray[np.intp]) -> None:
        """Forget all keys but those with these `numbers`, ascending, and number them anew."""
        self._names = self._names.take(pa.array(numbers))

"""Interner: gives texts numbers, whatever chunks they come from; equal ones get the same."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import SEEDS, InternerStructure, is_native, library
from logmon_tui.native.texts import ENTRY, Texts, address_of

T = TypeVar("T", bound=np.generic)

_FIRST_BITS = 7
_FIRST_BYTES = 4_096


class Interner:
    """Numbers distinct texts from 0 on, in the order in which they come, and keeps them."""

    def __init__(self) -> None:
        self._table: _Library | _Python = _Library() if is_native() else _Python()

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self._table)

    def numbers(self, texts: Texts) -> NDArray[np.int32]:
        """Return the number of each text, int32, shape (texts,); new ones are added."""
        return self._table.numbers(texts)

    def texts(self) -> Texts:
        """Return all texts, in the order of their numbers."""
        return self._table.texts()

    def keep(self, numbers: NDArray[np.integer]) -> None:
        """Forget all texts but those with these `numbers`, ascending, and number them anew."""
        kept = self.texts().take(numbers)
        self._table = type(self._table)()
        self._table.numbers(kept)


class _Python:
    """What counts where no library was compiled."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, texts: Texts) -> NDArray[np.int32]:
        known = self._numbers
        found = [known.setdefault(text, len(known)) for text in texts.tolist()]
        return np.array(found, dtype=np.int32)

    def texts(self) -> Texts:
        return Texts.of(self._numbers)


class _Library:
    """A table of the compiled library. Its memory grows as needed, twofold at least."""

    def __init__(self) -> None:
        self._count = self._used = 0
        self._make_room(0, 0)

    def _make_room(self, count: int, size: int) -> None:
        """Make room, in an empty table, for so many texts of `size` bytes in all."""
        self._bits = max(_FIRST_BITS, count.bit_length() + 1)
        self._entries = np.empty(1 << (self._bits - 1), dtype=ENTRY)
        self._slots = np.zeros(1 << self._bits, dtype=np.uint32)
        self._bytes = np.empty(max(_FIRST_BYTES, size), dtype=np.uint8)

    def __len__(self) -> int:
        return self._count

    def numbers(self, texts: Texts) -> NDArray[np.int32]:
        if not self._count:  # memory that is not written to costs nothing
            self._make_room(len(texts), texts.nbytes)
        found = np.empty(len(texts), dtype=np.int32)
        described, numbers, done = texts.structure(), address_of(found), 0
        while True:
            memory = self._memory()
            done = library().logmon_intern(memory, described, done, numbers)
            if done < 0:
                message = "a text does not stand within the bytes"
                raise ValueError(message)
            self._count, self._used = memory.count, memory.used
            if done == len(texts):
                return found
            self._grow(int(texts.ends[done] - texts.starts[done]))

    def _memory(self) -> InternerStructure:
        return InternerStructure(
            address_of(self._entries),
            address_of(self._slots),
            address_of(self._bytes),
            len(self._entries),
            len(self._bytes),
            self._count,
            self._used,
            SEEDS,
            self._bits,
        )

    def _grow(self, length: int) -> None:
        """Make room for a text of this `length`, and for more."""
        if self._used + length > len(self._bytes):
            self._bytes = _longer(self._bytes, max(2 * len(self._bytes), self._used + length))
        if self._count == len(self._entries):
            self._bits += 1
            self._entries = _longer(self._entries, 2 * len(self._entries))
            self._slots = np.empty(1 << self._bits, dtype=np.uint32)
            library().logmon_fill_slots(self._memory())

    def texts(self) -> Texts:
        entries = self._entries[: self._count]
        starts = entries["start"].astype(np.int64)
        # What is told is not changed any more: texts are only added behind these.
        return Texts(self._bytes[: self._used], starts, starts + entries["length"])


def _longer(array: NDArray[T], length: int) -> NDArray[T]:
    longer = np.empty(length, dtype=array.dtype)
    longer[: len(array)] = array
    return longer

"""Interner: gives texts numbers, whatever chunks they come from; equal ones get the same."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import SEEDS, InternerStructure, is_native, library
from logmon_tui.native.texts import ENTRY, Texts, address_of

T = TypeVar("T", bound=np.generic)

_FIRST_BITS = 7
_FIRST_BYTES = 4_096
_LARGE = 16_384
"""So many texts grow twofold, fewer fourfold: growing takes time, and room takes memory."""


class Interner:
    """Numbers distinct texts from 0 on, in the order in which they come, and keeps them."""

    def __init__(self) -> None:
        self._table: _Library | _Python = _Library() if is_native() else _Python()

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self._table)

    @property
    def nbytes(self) -> int:
        """How many bytes the texts have in all."""
        return self._table.nbytes

    def numbers(self, texts: Texts) -> NDArray[np.int32]:
        """Return the number of each text, int32, shape (texts,); new ones are added."""
        return self._table.numbers(texts)

    def texts(self) -> Texts:
        """Return all texts, in the order of their numbers."""
        return self._table.texts()

    @property
    def structure(self) -> InternerStructure:
        """What the library takes. Raises RuntimeError where there is none."""
        return self._of_library().memory

    def have_room(self, count: int, size: int) -> None:
        """Have room for so many texts of `size` bytes in all, if it is known how many will come."""
        self._of_library().have_room(count, size)

    def make_room(self, length: int) -> None:
        """Have room for more texts, and for one of `length` bytes, where the library found none."""
        self._of_library().make_room(length)

    def _of_library(self) -> "_Library":
        if isinstance(self._table, _Library):
            return self._table
        message = "no scanner was compiled"
        raise RuntimeError(message)

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

    @property
    def nbytes(self) -> int:
        return sum(map(len, self._numbers))

    def numbers(self, texts: Texts) -> NDArray[np.int32]:
        known = self._numbers
        found = [known.setdefault(text, len(known)) for text in texts.tolist()]
        return np.array(found, dtype=np.int32)

    def texts(self) -> Texts:
        return Texts.of(self._numbers)


_NO_SLOTS = np.zeros(1, dtype=np.uint32)
_NO_ENTRIES, _NO_BYTES = np.empty(0, dtype=ENTRY), np.empty(0, dtype=np.uint8)


class _Library:
    """A table of the compiled library. Its memory grows as needed, twofold at least."""

    def __init__(self) -> None:
        # Its memory comes once it is needed: of many tables it never is.
        self.memory = InternerStructure(slots=address_of(_NO_SLOTS), seeds=SEEDS)
        self._entries = _NO_ENTRIES
        self._slots = _NO_SLOTS
        self._bytes = _NO_BYTES

    def __len__(self) -> int:
        return int(self.memory.count)

    @property
    def nbytes(self) -> int:
        return int(self.memory.used)

    def numbers(self, texts: Texts) -> NDArray[np.int32]:
        if not self.memory.count:  # room that is not written to costs nothing
            self.have_room(len(texts), texts.nbytes)
        found = np.empty(len(texts), dtype=np.int32)
        described, numbers, done = texts.structure(), address_of(found), 0
        while True:
            done = library().logmon_intern(self.memory, described, done, numbers)
            if done < 0:
                message = "a text does not stand within the bytes"
                raise ValueError(message)
            if done == len(texts):
                return found
            self.make_room(int(texts.ends[done] - texts.starts[done]))

    def make_room(self, length: int) -> None:
        needed = self.memory.used + length
        if needed > len(self._bytes):
            self.have_room(0, max(2 * len(self._bytes), needed))
        if self.memory.count == len(self._entries):
            growth = 2 if len(self._entries) >= _LARGE else 4
            self.have_room(max(1, growth * len(self._entries)), 0)

    def have_room(self, count: int, size: int) -> None:
        """Have room for so many texts, of `size` bytes in all."""
        memory = self.memory
        if len(self._bytes) < max(_FIRST_BYTES, size):
            self._bytes = _longer(self._bytes, max(_FIRST_BYTES, size))
            memory.bytes, memory.bytes_room = address_of(self._bytes), len(self._bytes)
        bits = max(_FIRST_BITS, (count - 1).bit_length() + 1)
        if memory.slot_bits < bits:
            self._entries = _longer(self._entries, 1 << (bits - 1))
            self._slots = np.zeros(1 << bits, dtype=np.uint32)
            # Of an array with fields numpy tells the address slowly.
            memory.entries = address_of(self._entries.view(np.uint64))
            memory.most = len(self._entries)
            memory.slots, memory.slot_bits = address_of(self._slots), bits
            if memory.count:
                library().logmon_fill_slots(memory)

    def texts(self) -> Texts:
        # What is told is not changed any more: texts are only added behind these.
        return Texts.of_entries(self._bytes[: self.memory.used], self._entries[: len(self)])


def _longer(array: NDArray[T], length: int) -> NDArray[T]:
    longer = np.empty(length, dtype=array.dtype)
    longer[: len(array)] = array
    return longer

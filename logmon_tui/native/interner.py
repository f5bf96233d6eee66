"""Interner: numbers distinct texts over many chunks; equal texts get the same number."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import SEEDS, is_native, library
from logmon_tui.native.structures import InternerStructure
from logmon_tui.native.texts import ENTRY, Texts, address_of

T = TypeVar("T", bound=np.generic)

_FIRST_BITS = 7
_FIRST_BYTES = 4_096
_LARGE = 16_384
"""Texts from which on a full table doubles. A smaller one grows fourfold, which is cheap."""


class Interner:
    """Numbers distinct texts from 0 on, in the order of their arrival, and keeps them."""

    def __init__(self) -> None:
        self._table: _NativeTable | _PythonTable = _NativeTable() if is_native() else _PythonTable()

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._table)

    @property
    def nbytes(self) -> int:
        """The total bytes of all texts."""
        return self._table.nbytes

    def numbers(self, texts: Texts) -> NDArray[np.int32]:
        """Return the number of each text, int32, shape (len(texts),); new texts are added."""
        return self._table.numbers(texts)

    def texts(self) -> Texts:
        """Return all texts, in the order of their numbers."""
        return self._table.texts()

    @property
    def structure(self) -> InternerStructure:
        """The structure for calls of the library. Raises RuntimeError where there is none."""
        return self._native().memory

    def have_room(self, count: int, size: int) -> None:
        """Reserve memory for `count` texts of `size` bytes in all, if these are known before."""
        self._native().have_room(count, size)

    def make_room(self, length: int) -> None:
        """Grow after the library found no room for a text of `length` bytes."""
        self._native().make_room(length)

    def _native(self) -> "_NativeTable":
        if isinstance(self._table, _NativeTable):
            return self._table
        message = "no scanner was compiled"
        raise RuntimeError(message)

    def keep(self, numbers: NDArray[np.integer]) -> None:
        """Keep only the texts with these ascending `numbers`, and number them from 0 on."""
        kept = self.texts().take(numbers)
        self._table = type(self._table)()
        self._table.numbers(kept)


class _PythonTable:
    """The table in Python, for installations without the library."""

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


class _NativeTable:
    """The table of the compiled library. Its memory at least doubles whenever it is full."""

    def __init__(self) -> None:
        # Memory is allocated on first use: many tables stay empty.
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
        if not self.memory.count:  # memory that is never written costs nothing
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
        """Reserve memory for `count` texts of `size` bytes in all."""
        memory = self.memory
        if len(self._bytes) < max(_FIRST_BYTES, size):
            self._bytes = _longer(self._bytes, max(_FIRST_BYTES, size))
            memory.bytes, memory.bytes_room = address_of(self._bytes), len(self._bytes)
        bits = max(_FIRST_BITS, (count - 1).bit_length() + 1)
        if memory.slot_bits < bits:
            self._entries = _longer(self._entries, 1 << (bits - 1))
            self._slots = np.zeros(1 << bits, dtype=np.uint32)
            # As a plain array, because numpy is slow to give the address of a structured one.
            memory.entries = address_of(self._entries.view(np.uint64))
            memory.most = len(self._entries)
            memory.slots, memory.slot_bits = address_of(self._slots), bits
            if memory.count:
                library().logmon_fill_slots(memory)

    def texts(self) -> Texts:
        # The returned part never changes: new texts are only appended.
        return Texts.of_entries(self._bytes[: self.memory.used], self._entries[: len(self)])


def _longer(array: NDArray[T], length: int) -> NDArray[T]:
    longer = np.empty(length, dtype=array.dtype)
    longer[: len(array)] = array
    return longer

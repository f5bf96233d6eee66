"""Texts: many byte strings within one block of bytes, and operations on all of them at once.

The compiled library does the work. Where there is none, Python does it text by text.
"""

import ctypes
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import SEEDS, is_native, library
from logmon_tui.native.structures import TextsStructure

Ints = NDArray[np.int64]
Rows = NDArray[np.bool_] | NDArray[np.integer] | slice

ENTRY = np.dtype([("start", np.uint64), ("length", np.uint32), ("hash", np.uint32)])
"""A distinct text in a table of the library: `text_entry` of texts.h."""

_32_BITS = 2**32 - 1

_FEW = 64
"""Minimum texts for a call of the library: below, the call costs more than the work."""


class _Places(NamedTuple):
    """The offsets at which n texts begin and end; int64, shape (n,)."""

    starts: Ints
    ends: Ints


_NO_ENTRIES = np.zeros(0, dtype=ENTRY)
_NOWHERE = _Places(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


class Texts:
    """n byte strings: number i is `data[starts[i]:ends[i]]`; both int64, shape (n,). Immutable."""

    __slots__ = ("_entries", "_places", "_structure", "data")

    def __init__(self, data: bytes | NDArray[np.uint8], starts: Ints, ends: Ints) -> None:
        self.data = data
        self._places: _Places | None = _Places(starts, ends)
        self._entries = _NO_ENTRIES
        self._structure: TextsStructure | None = None

    @classmethod
    def of_entries(cls, data: bytes | NDArray[np.uint8], entries: NDArray[np.void]) -> "Texts":
        """Return the texts of a table of the library (dtype `ENTRY`) without copying them."""
        texts = cls(data, *_NOWHERE)
        texts._places, texts._entries = None, entries
        return texts

    def _offsets(self) -> _Places:
        """Return the offsets, computed on first use."""
        places = self._places
        if places is None:
            starts = self._entries["start"].astype(np.int64)
            places = self._places = _Places(starts, starts + self._entries["length"])
        return places

    @property
    def starts(self) -> Ints:
        """The offset at which each text begins."""
        return self._offsets().starts

    @property
    def ends(self) -> Ints:
        """The offset at which each text ends."""
        return self._offsets().ends

    @classmethod
    def of(cls, texts: Iterable[bytes]) -> "Texts":
        """Return these byte strings as `Texts`."""
        listed = list(texts)
        bounds = np.fromiter(accumulate(map(len, listed), initial=0), np.int64, len(listed) + 1)
        return cls(b"".join(listed), bounds[:-1], bounds[1:])

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._entries if self._places is None else self._places.starts)

    @property
    def nbytes(self) -> int:
        """The total bytes of all texts."""
        if self._places is None:
            return int(self._entries["length"].sum())
        return int((self.ends - self.starts).sum())

    @property
    def _held(self) -> int:
        """Bytes that these texts keep in memory: a view of an array keeps the whole array."""
        whole = None if isinstance(self.data, bytes) else self.data.base
        return whole.nbytes if isinstance(whole, np.ndarray) else len(self.data)

    def __getitem__(self, number: int) -> bytes:
        """Return one text."""
        part = self.data[self.starts[number] : self.ends[number]]
        return part if isinstance(part, bytes) else part.tobytes()

    def take(self, rows: Rows) -> "Texts":
        """Return the texts of `rows` (a mask, numbers or a slice), in the same block of bytes."""
        if self._places is None:
            return self.of_entries(self.data, self._entries[rows])
        return Texts(self.data, self.starts[rows], self.ends[rows])

    def tolist(self) -> list[bytes]:
        """Return the texts as a list of byte strings."""
        compact = isinstance(self.data, bytes) or self.nbytes == len(self.data)
        texts = self if compact else self.compact()
        data = texts.data if isinstance(texts.data, bytes) else texts.data.tobytes()
        bounds = zip(texts.starts.tolist(), texts.ends.tolist(), strict=True)
        return [data[start:end] for start, end in bounds]

    def compact(self) -> "Texts":
        """Return the texts in a block of their own, so that the present one can be freed."""
        length = self.nbytes
        if length == self._held:
            return self
        if length == len(self.data) and not isinstance(self.data, bytes):
            return Texts(self.data.tobytes(), self.starts, self.ends)
        if len(self) < _FEW or not is_native():
            return Texts.of(map(self.__getitem__, range(len(self))))
        bounds = np.zeros(len(self) + 1, dtype=np.int64)
        np.cumsum(self.ends - self.starts, out=bounds[1:])
        room = max(0, int(bounds[-1]))
        copied = np.empty(room, dtype=np.uint8)
        if not library().logmon_gather(self.structure(), address_of(copied), room):
            raise ValueError(_OUTSIDE)
        return Texts(copied.tobytes(), bounds[:-1], bounds[1:])

    def having(self, wanted: bytes) -> NDArray[np.bool_]:
        """Return a mask of the texts that contain one of the `wanted` bytes, shape (n,)."""
        if len(self) < _FEW or not is_native():
            marks = set(wanted)
            return np.array([not marks.isdisjoint(text) for text in self.tolist()], dtype=np.bool_)
        found = np.empty(len(self), dtype=np.bool_)
        call = library().logmon_find_bytes
        if not call(self.structure(), wanted, len(wanted), address_of(found)):
            raise ValueError(_OUTSIDE)
        return found

    def hashes(self) -> NDArray[np.uint32]:
        """Return hashes, shape (n,): equal for equal texts, different in every process."""
        if not is_native():
            return np.array([hash(text) & _32_BITS for text in self.tolist()], dtype=np.uint32)
        if len(self._entries):
            return self._entries["hash"].copy()
        found = np.empty(len(self), dtype=np.uint32)
        if not library().logmon_hash_texts(self.structure(), SEEDS, address_of(found)):
            raise ValueError(_OUTSIDE)
        return found

    def structure(self) -> TextsStructure:
        """Return the structure for calls of the library; it is valid as long as these texts."""
        if self._structure is None:
            # Several threads may be here at once: each structure keeps its own arrays alive.
            places = np.ascontiguousarray(self.starts), np.ascontiguousarray(self.ends)
            structure = TextsStructure(
                address_of(self.data), *map(address_of, places), len(self.data), len(self)
            )
            structure.places = places
            self._structure = structure
        return self._structure


_OUTSIDE = "a text does not stand within the bytes"


def address_of(data: bytes | NDArray[np.generic]) -> int:
    """Return the memory address of bytes, or of the values of an array."""
    if isinstance(data, bytes):
        return ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
    buffer: Any = data  # before Python 3.12, numpy's types do not declare it as a buffer
    try:  # five times as fast as asking numpy
        return ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    except (TypeError, ValueError):  # it is empty or read-only
        address: int = data.__array_interface__["data"][0]
        return address

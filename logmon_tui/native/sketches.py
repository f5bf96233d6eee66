"""Hashes that are the same in every process, and registers of distinct pairs of texts.

The compiled library does the work, or Python and numpy where there is none; both give the same.
"""

import ctypes

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.library import is_native, library
from logmon_tui.native.structures import HashedColumnStructure
from logmon_tui.native.texts import Texts, address_of

Hashes = NDArray[np.uint64]
Registers = NDArray[np.uint8]

REGISTER_BITS = 12
REGISTERS = 1 << REGISTER_BITS
"""Registers of a sketch."""

_SEEDS = (0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3)
"""Fixed, as saved sketches must be understood by other processes. Who knows them could choose texts
that falsify a count of distinct texts, and nothing else."""
_SEED_ARRAY = (ctypes.c_uint64 * 3)(*_SEEDS)

_64_BITS = 2**64 - 1
_GOLDEN, _FIRST, _SECOND = map(
    np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_OUTSIDE = "a text or a code is out of bounds"


class HashedColumn(msgspec.Struct, frozen=True):
    """The text of each hit, as its number (int32), shape (hits,), and the hash of each text."""

    codes: NDArray[np.int32]
    hashes: Hashes


def stable_hashes(texts: Texts) -> Hashes:
    """Return a hash of each text, shape (n,): equal for equal texts, in every process."""
    if not is_native():
        return np.array([_hash_of(text) for text in texts.tolist()], dtype=np.uint64)
    found = np.empty(len(texts), dtype=np.uint64)
    if not library().logmon_stable_hashes(texts.structure(), _SEED_ARRAY, address_of(found)):
        raise ValueError(_OUTSIDE)
    return found


def sketch_pairs(
    one: HashedColumn,
    other: HashedColumn,
    registers: Registers,
    owners: NDArray[np.int32] | None = None,
) -> None:
    """Enter the pair of each hit into the registers of its owner.

    `owners` has the owner's number of each hit, shape (hits,); without it, all are the first one's.
    `registers` have the shape (owners, REGISTERS). Raises ValueError when a code or an owner is out
    of bounds, or the columns have different lengths.
    """
    columns = [one.codes, other.codes, *([] if owners is None else [owners])]
    if len(set(map(len, columns))) > 1:
        message = "columns have different lengths"
        raise ValueError(message)
    if not is_native():
        hashes = _paired(one.hashes[one.codes], other.hashes[other.codes])
        all_of_one = np.zeros(len(hashes), dtype=np.int32)
        enter(hashes, registers, all_of_one if owners is None else owners)
        return
    described = [_structure(one), _structure(other)]
    owners = None if owners is None else np.ascontiguousarray(owners, dtype=np.int32)
    of_rows = None if owners is None else address_of(owners)
    data = of_rows, len(one.codes), len(registers), address_of(registers)
    if not library().logmon_sketch_pairs(*(each for each, _ in described), *data):
        raise ValueError(_OUTSIDE)


def enter(hashes: Hashes, registers: Registers, owners: NDArray[np.int32]) -> None:
    """Enter hashes into the registers of their owners, of shape (owners, REGISTERS)."""
    places, ranks = places_and_ranks(hashes)
    np.maximum.at(registers, (owners, places), ranks)


def places_and_ranks(hashes: Hashes) -> tuple[NDArray[np.intp], Registers]:
    """Return the register of each hash, and its rank there: 1 + the zeros before its first one."""
    places = (hashes >> np.uint64(64 - REGISTER_BITS)).astype(np.intp)
    rest = (hashes << np.uint64(REGISTER_BITS)) >> np.uint64(REGISTER_BITS)
    # 52 bits are exact as a float, whose exponent tells the highest one.
    _, exponents = np.frexp(rest.astype(np.float64))
    return places, (64 - REGISTER_BITS + 1 - exponents).astype(np.uint8)


def _structure(column: HashedColumn) -> tuple[HashedColumnStructure, tuple[object, ...]]:
    """Return the structure of a column, and what it points to."""
    codes = np.ascontiguousarray(column.codes, dtype=np.int32)
    hashes = np.ascontiguousarray(column.hashes, dtype=np.uint64)
    made = HashedColumnStructure(address_of(codes), address_of(hashes), len(hashes))
    return made, (codes, hashes)


def _paired(one: Hashes, other: Hashes) -> Hashes:
    """Return the hash of each pair, as `paired` of sketches.h does."""
    mixed: Hashes = one + other * _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _hash_of(text: bytes) -> int:
    """Return the hash of one text, as `hash_of` of texts.h does."""
    length, state, low, high = len(text), _SEEDS[0], 0, 0
    if length > 16:
        for at in range(0, length - 16, 16):
            state = _mix(_word(text, at) ^ _SEEDS[1], _word(text, at + 8) ^ state)
        low, high = _word(text, length - 16), _word(text, length - 8)
    elif length >= 8:
        low, high = _word(text, 0), _word(text, length - 8)
    elif length >= 4:
        low = int.from_bytes(text[:4], "little")
        high = int.from_bytes(text[-4:], "little")
    elif length:
        low = text[0] << 16 | text[length // 2] << 8 | text[-1]
    return _mix(_SEEDS[2] ^ length, _mix(low ^ _SEEDS[1], high ^ state))


def _word(text: bytes, at: int) -> int:
    return int.from_bytes(text[at : at + 8], "little")


def _mix(one: int, other: int) -> int:
    product = one * other
    return (product ^ product >> 64) & _64_BITS

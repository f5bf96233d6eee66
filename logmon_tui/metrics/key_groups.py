"""Groups of keys: a few numbers for any number of keys, so that most are counted without names."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

GROUPS = 1 << 16

_HASHED_BYTES = 64
"""Keys that differ only behind so many bytes are of one group, which costs time and no more."""

_BASIS, _PRIME = np.uint32(2_166_136_261), np.uint32(16_777_619)


def groups_of(keys: pa.Array) -> NDArray[np.int32]:
    """Return the group of each key of a binary array without nulls, from 0 up to `GROUPS`.

    It is a hash (FNV-1a) that is the same in every run. Equal keys are of one group.
    """
    _, offsets, data = keys.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int32)[keys.offset : keys.offset + len(keys) + 1]
    texts = np.frombuffer(data or b"", dtype=np.uint8)
    starts, lengths = bounds[:-1], np.diff(bounds)
    hashes = np.full(len(keys), _BASIS)
    for at in range(min(_HASHED_BYTES, int(lengths.max(initial=0)))):
        byte = texts.take(starts + at, mode="clip")
        np.copyto(hashes, (hashes ^ byte) * _PRIME, where=lengths > at)
    return ((hashes ^ (hashes >> np.uint32(16))) % np.uint32(GROUPS)).astype(np.int32)

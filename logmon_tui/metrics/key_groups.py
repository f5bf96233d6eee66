"""Groups of keys: a few numbers for any number of keys, so that most are counted without names."""

import numpy as np
from numpy.typing import NDArray

from logmon_tui.native.texts import Texts

GROUPS = 1 << 16

_HASHED_BYTES = 64
"""Keys that differ only behind so many bytes are of one group, which costs time and no more."""

_BASIS, _PRIME = np.uint32(2_166_136_261), np.uint32(16_777_619)


def groups_of(keys: Texts) -> NDArray[np.int32]:
    """Return the group of each key, from 0 up to `GROUPS`.

    It is a hash (FNV-1a) that is the same in every run. Equal keys are of one group.
    """
    texts = np.frombuffer(keys.data, dtype=np.uint8)
    starts, lengths = keys.starts, keys.ends - keys.starts
    hashes = np.full(len(keys), _BASIS)
    for at in range(min(_HASHED_BYTES, int(lengths.max(initial=0)))):
        byte = texts.take(starts + at, mode="clip")
        np.copyto(hashes, (hashes ^ byte) * _PRIME, where=lengths > at)
    return ((hashes ^ (hashes >> np.uint32(16))) % np.uint32(GROUPS)).astype(np.int32)

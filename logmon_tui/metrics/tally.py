"""Tally: hits and bytes by key, bounded in the number of keys. No time lives here."""

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from heapq import nsmallest
from itertools import repeat
from typing import TypeVar

import numpy as np
from datasketches import hll_sketch, hll_union, tgt_hll_type

Key = TypeVar("Key", bound=Hashable)

_SKETCH_SIZE = 14  # log2 of the registers: a standard error of 0.8 %


class Tally:
    """Hits and bytes by key. What was not kept by key is in `other_hits` and `other_bytes`.

    Tallies add and subtract, so a sliding total is: add the newest, subtract the oldest.
    `sketch` is a HyperLogLog (Flajolet et al., 2007) of all keys, made when the first is dropped.
    One that is not `sized` keeps no bytes by key, in half the memory.
    """

    __slots__ = ("bytes", "hits", "other_bytes", "other_hits", "sized", "sketch")

    def __init__(
        self,
        hits: dict[bytes, int] | None = None,
        sizes: dict[bytes, int] | None = None,
        *,
        sized: bool = True,
    ) -> None:
        self.hits: dict[bytes, int] = {} if hits is None else hits
        self.bytes: dict[bytes, int] = {} if sizes is None else sizes
        self.other_hits = 0
        self.other_bytes = 0
        self.sketch: hll_sketch | None = None
        self.sized = sized

    def add(self, other: "Tally") -> None:
        """Add another tally's counts."""
        hits, sizes = self.hits, self.bytes
        if other.sketch is not None:
            self._sketch_keys(())
            union = hll_union(_SKETCH_SIZE)
            union.update(self.sketch)
            union.update(other.sketch)
            self.sketch = union.get_result(tgt_hll_type.HLL_4)
        elif self.sketch is not None:
            self._sketch_keys(other.hits)
        if not hits and not sizes:
            # So it is with the first batch of each second: a copy takes a tenth of the time.
            hits.update(other.hits)
            sizes.update(other.bytes if self.sized else {})
        else:
            for key, count in other.hits.items():
                hits[key] = hits.get(key, 0) + count
            if self.sized:
                for key, size in other.bytes.items():
                    sizes[key] = sizes.get(key, 0) + size
        self.other_hits += other.other_hits
        self.other_bytes += other.other_bytes

    def subtract(self, other: "Tally") -> None:
        """Take away a tally that was added before."""
        hits, sizes = self.hits, self.bytes
        for key, count in other.hits.items():
            left = hits[key] - count
            if left:
                hits[key] = left
            else:
                del hits[key]
        if self.sized:
            for key, size in other.bytes.items():
                if key in hits:
                    sizes[key] -= size
                else:
                    del sizes[key]
        self.other_hits -= other.other_hits
        self.other_bytes -= other.other_bytes

    def admitted(self, newcomers: "Tally", limit: int, before: Mapping[bytes, int]) -> "Tally":
        """Return `newcomers` such that adding them keeps about `limit` keys, twice that at most.

        `before` are the hits of the time before; see `with_room`.
        """
        kept = with_room(newcomers.hits, self.hits, limit, before)
        if kept is None:
            return newcomers
        self._sketch_keys(newcomers.hits)
        kept = list(map(_shared, kept))
        hits, sizes = newcomers.hits, newcomers.bytes
        admitted = Tally(
            {key: hits[key] for key in kept}, {key: sizes[key] for key in kept if key in sizes}
        )
        others = sum(hits.values()) - sum(admitted.hits.values())
        admitted.other_hits = newcomers.other_hits + others
        others = sum(sizes.values()) - sum(admitted.bytes.values())
        admitted.other_bytes = newcomers.other_bytes + others
        return admitted

    def trim(self, limit: int) -> bool:
        """Keep the `limit` keys with the most hits, and tell whether any had to go.

        The rest is counted as other.
        """
        excess = len(self.hits) - limit
        if excess > 0:
            self._sketch_keys(())
            self.drop(nsmallest(excess, self.hits, key=self.hits.__getitem__))
        return excess > 0

    def thin(self, limit: int, whole: "Tally") -> bool:
        """Keep the `limit` keys with the most hits in `whole`, and tell whether any had to go.

        `whole` has this tally as a part; the rest is counted as other in both.
        """
        excess = len(self.hits) - limit
        if excess <= 0:
            return False
        quiet = nsmallest(excess, self.hits, key=whole.hits.__getitem__)
        gone = Tally(
            {key: self.hits[key] for key in quiet},
            {key: self.bytes[key] for key in quiet if key in self.bytes},
        )
        whole.subtract(gone)
        whole.other_hits += sum(gone.hits.values())
        whole.other_bytes += sum(gone.bytes.values())
        self._sketch_keys(())
        self.drop(quiet)
        return True

    def drop(self, keys: Iterable[bytes]) -> None:
        """Count `keys` as other from now on."""
        for key in keys:
            self.other_hits += self.hits.pop(key)
            self.other_bytes += self.bytes.pop(key, 0)
        # A dict keeps the room of what has left it; a new one takes what it needs.
        self.hits = {_shared(key): count for key, count in self.hits.items()}
        self.bytes = {_shared(key): size for key, size in self.bytes.items()}

    @property
    def distinct(self) -> int:
        """How many distinct keys were seen, an estimate once some are not kept."""
        return len(self.hits) if self.sketch is None else distinct_keys([self])

    def top(self, count: int | None = None) -> list[tuple[bytes, int, int]]:
        """Return (key, hits, bytes) of the keys with the most hits, ties by key; None: all."""
        if count is None or not 0 < count < len(self.hits):
            chosen = sorted(self.hits.items(), key=_most_hits_first)[:count]
        else:
            chosen = nsmallest(count, self._loudest(count), key=_most_hits_first)
        return [(key, hits, self.bytes.get(key, 0)) for key, hits in chosen]

    def _loudest(self, count: int) -> list[tuple[bytes, int]]:
        """Return the rows with the most hits: `count` of them, and all that tie with the last."""
        hits = np.fromiter(self.hits.values(), dtype=np.int64, count=len(self.hits))
        least = np.partition(hits, -count)[-count]
        keys = list(self.hits)
        return [(keys[at], int(hits[at])) for at in np.flatnonzero(hits >= least).tolist()]

    def _sketch_keys(self, keys: Iterable[bytes]) -> None:
        """Let the sketch know `keys`; it knows those that are kept."""
        if self.sketch is None:
            self.sketch = new_sketch()
            sketch_keys(self.sketch, self.hits)
        sketch_keys(self.sketch, (key for key in keys if key not in self.hits))


def with_room(
    newcomers: Mapping[Key, int], here: Mapping[Key, int], limit: int, before: Mapping[Key, int]
) -> list[Key] | None:
    """Return which of the keys that come have room beside those that are here; all are hits.

    None where all have. Keys that are here already stay; of the new ones those with the most hits
    come in, those of the time `before` added, so that a key that comes steadily is not lost in a
    crowd. Beyond `limit` only those come in that are louder than the keys here are on average, so
    that a crowd does not hide who comes after it; there is room for twice as many, then.
    """
    keys = list(newcomers)
    known = np.fromiter(map(here.__contains__, keys), np.bool_, len(keys))
    strangers = np.flatnonzero(~known)
    if len(here) + len(strangers) <= limit:
        return None
    hits = np.fromiter(newcomers.values(), np.int64, len(keys))
    hits += np.fromiter(map(before.get, keys, repeat(0)), np.int64, len(keys))
    loudness = hits[strangers]
    loud = int((loudness * len(here) > sum(here.values())).sum()) if here else 0
    room = max(0, limit - len(here), min(loud, 2 * limit - len(here)))
    if len(strangers) <= room:
        return None
    quiet_first = strangers[np.argsort(loudness, kind="stable")]
    known[quiet_first[len(strangers) - room :]] = True
    return [keys[at] for at in np.flatnonzero(known).tolist()]


@lru_cache(maxsize=16_384)
def _shared(key: bytes) -> bytes:
    """Return one object for equal keys: the loud ones are in every second's tally."""
    return key


def new_sketch() -> hll_sketch:
    """Return an empty sketch."""
    return hll_sketch(_SKETCH_SIZE, tgt_hll_type.HLL_4)


def sketch_keys(sketch: hll_sketch, keys: Iterable[bytes]) -> None:
    """Let the sketch know `keys`."""
    for key in keys:
        sketch.update(key.decode("latin-1"))


def distinct_keys(tallies: Iterable[Tally]) -> int:
    """Return how many distinct keys all `tallies` together saw, an estimate where some dropped."""
    estimate: float = union_of(tallies).get_estimate()
    return round(estimate)


def union_of(tallies: Iterable[Tally]) -> hll_union:
    """Return the HyperLogLog of the keys that all `tallies` together saw."""
    union = hll_union(_SKETCH_SIZE)
    for tally in tallies:
        if tally.sketch is not None:
            union.update(tally.sketch)
        else:
            for key in tally.hits:
                union.update(key.decode("latin-1"))
    return union


def _most_hits_first(row: tuple[bytes, int]) -> tuple[int, bytes]:
    return -row[1], row[0]

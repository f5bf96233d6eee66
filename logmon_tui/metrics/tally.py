"""Tally: hits and bytes by key, with a bounded number of keys. It knows nothing of time."""

from collections.abc import Collection, Container, Hashable, Iterable, Mapping
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from logmon_tui.metrics.figures import (
    CLASSES,
    Figures,
    add_figures,
    class_name,
    largest,
    limited,
    subtract_figures,
)

if TYPE_CHECKING:
    from datasketches import hll_sketch, hll_union  # imported late: few logs have so many keys

Key = TypeVar("Key", bound=Hashable)

_SKETCH_SIZE = 14  # log2 of the registers: a standard error of 0.8 %


class Tally:
    """Hits and bytes by key. `other_hits` and `other_bytes` count the keys that were not kept.

    Tallies add and subtract. So a sliding total adds the newest and subtracts the oldest.
    No key has more hits among the others than `most_dropped`, a sum over all times at which keys
    were dropped; None if that is not known.
    `sketch` is a HyperLogLog (Flajolet et al., 2007) of all keys, made when the first key is
    dropped. `figures` are further sums, which only some dimensions have. A tally that is not
    `sized` keeps no bytes and figures by key, which halves its memory.
    """

    __slots__ = (
        "bytes",
        "figures",
        "hits",
        "most_dropped",
        "other_bytes",
        "other_hits",
        "sized",
        "sketch",
    )

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
        self.most_dropped: int | None = 0
        self.sketch: hll_sketch | None = None
        self.figures: Figures = {}
        self.sized = sized

    @property
    def filled(self) -> bool:
        """Whether any hit was counted."""
        return bool(self.hits or self.other_hits)

    @property
    def most_hidden(self) -> int | None:
        """The most hits that a key can have had among the others; None if that is not known."""
        return self.most_dropped if self.other_hits else 0

    def add(self, other: "Tally") -> None:
        """Add another tally's counts."""
        hits, sizes = self.hits, self.bytes
        if other.sketch is not None:
            self._sketch_keys(())
            self.sketch = _merged(_SKETCH_SIZE, self.sketch, other.sketch)
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
        if self.sized:
            add_figures(self.figures, other.figures)
        self.other_hits += other.other_hits
        self.other_bytes += other.other_bytes
        self.most_dropped = _both(self.most_dropped, other.most_dropped)

    def subtract(self, other: "Tally") -> None:
        """Subtract a tally that was added before."""
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
            subtract_figures(self.figures, other.figures)
        self.other_hits -= other.other_hits
        self.other_bytes -= other.other_bytes
        if not self.other_hits:
            self.most_dropped = 0
        elif self.most_dropped is not None and other.most_dropped is not None:
            self.most_dropped -= other.most_dropped

    def admitted(self, newcomers: "Tally", limit: int, before: Mapping[bytes, int]) -> "Tally":
        """Return `newcomers` with the keys beyond the limit counted as other.

        After adding the result, this tally has about `limit` keys, at most twice as many.
        `before` are earlier hits by key, which count in a key's favour; see `with_room`.
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
        left_out = [count for key, count in hits.items() if key not in admitted.hits]
        admitted.most_dropped = _both(newcomers.most_dropped, max(left_out, default=0))
        admitted.figures = limited(newcomers.figures, admitted.hits)
        return admitted

    def trim(self, limit: int) -> bool:
        """Keep only the `limit` keys with the most hits; the rest counts as other.

        Returns whether any key was dropped.
        """
        excess = len(self.hits) - limit
        if excess > 0:
            self._sketch_keys(())
            quiet_first = sorted(self.hits, key=self.hits.__getitem__)
            self._drop_others(set(quiet_first[excess:]), self.hits[quiet_first[excess - 1]])
        return excess > 0

    def keep(self, keys: Collection[bytes]) -> None:
        """Keep only `keys`; the rest counts as other."""
        gone = [count for key, count in self.hits.items() if key not in keys]
        if gone:
            self._sketch_keys(())
            self._drop_others(keys, max(gone))

    def fold_sketch(self, size: int) -> None:
        """Fold the sketch, if there is one, to `size` (log2 of the registers), which saves room."""
        if self.sketch is not None and self.sketch.lg_config_k > size:
            self.sketch = _merged(size, self.sketch)

    def thin(self, limit: int, whole: "Tally") -> bool:
        """Keep only the `limit` keys with the most hits in `whole`, which includes this tally.

        The rest counts as other in both. Returns whether any key was dropped.
        """
        excess = len(self.hits) - limit
        if excess <= 0:
            return False
        quiet_first = sorted(self.hits, key=whole.hits.__getitem__)
        quiet = quiet_first[:excess]
        gone = Tally(
            {key: self.hits[key] for key in quiet},
            {key: self.bytes[key] for key in quiet if key in self.bytes},
        )
        whole.subtract(gone)
        whole.other_hits += sum(gone.hits.values())
        whole.other_bytes += sum(gone.bytes.values())
        most = max(gone.hits.values())
        whole.most_dropped = _both(whole.most_dropped, most)
        for name, figure in self.figures.items():
            whole.figures[name].fold(figure.of(quiet))
        self._sketch_keys(())
        self._drop_others(set(quiet_first[excess:]), most)
        return True

    def _drop_others(self, kept: Collection[bytes], most: int) -> None:
        """Count all keys but `kept` as other from now on; one of them has `most` hits."""
        hits, sizes = self.hits, self.bytes
        # A dict keeps the memory of deleted keys. A new one takes only what it needs.
        self.hits = {_shared(key): count for key, count in hits.items() if key in kept}
        self.bytes = {_shared(key): size for key, size in sizes.items() if key in kept}
        self.other_hits += sum(hits.values()) - sum(self.hits.values())
        self.other_bytes += sum(sizes.values()) - sum(self.bytes.values())
        self.most_dropped = _both(self.most_dropped, most)
        self.figures = limited(self.figures, self.hits)

    def classes(self, key: bytes) -> tuple[int, ...]:
        """Return a key's hits by status class, shape (10,); 0 for classes that are not counted."""
        figures = (self.figures.get(class_name(digit)) for digit in range(CLASSES))
        return tuple(0 if figure is None else figure.by_key.get(key, 0) for figure in figures)

    @property
    def distinct(self) -> int:
        """How many distinct keys were seen; an estimate once some were dropped."""
        return len(self.hits) if self.sketch is None else distinct_keys([self])

    def top(self, count: int | None = None) -> list[tuple[bytes, int, int]]:
        """Return (key, hits, bytes) of the `count` keys with the most hits, ties by key.

        None returns all keys.
        """
        return [(key, hits, self.bytes.get(key, 0)) for key, hits in largest(self.hits, count)]

    def _sketch_keys(self, keys: Iterable[bytes]) -> None:
        """Add `keys` to the sketch, which already includes the keys that are kept."""
        if self.sketch is None:
            self.sketch = new_sketch()
            sketch_keys(self.sketch, self.hits)
        sketch_keys(self.sketch, keys, self.hits)


def _both(one: int | None, other: int | None) -> int | None:
    """Return the sum; None if either is not known."""
    return None if one is None or other is None else one + other


def with_room(
    newcomers: Mapping[Key, int], here: Mapping[Key, int], limit: int, before: Mapping[Key, int]
) -> list[Key] | None:
    """Return the `newcomers` to count by key when about `limit` keys may be kept; None for all.

    All arguments map keys to hits. Keys that are `here` already are always returned. Of the new
    keys those with the most hits come first, where hits of the time `before` count too, so that a
    steady key is not lost in a crowd. Up to `limit` keys any new key fits. From there up to twice
    the limit only keys with more hits than the average key here do, so that a crowd of rare keys
    does not keep out a frequent one that comes later.
    """
    if len(here) + len(newcomers) <= limit:
        return None
    keys = list(newcomers)
    known = np.fromiter(map(here.__contains__, keys), np.bool_, len(keys))
    new = np.flatnonzero(~known)
    if len(here) + len(new) <= limit:
        return None
    hits = np.fromiter(newcomers.values(), np.int64, len(keys))
    if before:
        hits += np.fromiter(map(before.get, keys, repeat(0)), np.int64, len(keys))
    loudness = hits[new]
    loud = int((loudness * len(here) > sum(here.values())).sum()) if here else 0
    room = max(0, limit - len(here), min(loud, 2 * limit - len(here)))
    if len(new) <= room:
        return None
    quiet_first = new[np.argsort(loudness, kind="stable")]
    known[quiet_first[len(new) - room :]] = True
    return [keys[at] for at in np.flatnonzero(known).tolist()]


@lru_cache(maxsize=16_384)
def _shared(key: bytes) -> bytes:
    """Return the same object for equal keys, as frequent keys are in the tally of every second."""
    return key


def new_sketch() -> "hll_sketch":
    """Return an empty sketch."""
    from datasketches import hll_sketch, tgt_hll_type

    return hll_sketch(_SKETCH_SIZE, tgt_hll_type.HLL_4)


def _merged(size: int, *sketches: "hll_sketch | None") -> "hll_sketch":
    """Return one sketch of `size` (log2 of the registers) for the keys of all `sketches`."""
    from datasketches import hll_union, tgt_hll_type

    union = hll_union(size)
    for each in sketches:
        union.update(each)
    return union.get_result(tgt_hll_type.HLL_4)


def sketch_keys(
    sketch: "hll_sketch", keys: Iterable[bytes], included: Container[bytes] = ()
) -> None:
    """Add `keys` to the sketch, except those that it has `included` already."""
    update = sketch.update
    for key in keys:
        if key not in included:
            update(key.decode("latin-1"))


def distinct_keys(tallies: Iterable[Tally]) -> int:
    """Return how many distinct keys all `tallies` saw; an estimate if some dropped keys."""
    estimate: float = union_of(tallies).get_estimate()
    return round(estimate)


def union_of(tallies: Iterable[Tally]) -> "hll_union":
    """Return the HyperLogLog of the keys that all `tallies` saw."""
    from datasketches import hll_union

    union = hll_union(_SKETCH_SIZE)
    for tally in tallies:
        if tally.sketch is not None:
            union.update(tally.sketch)
        else:
            for key in tally.hits:
                union.update(key.decode("latin-1"))
    return union

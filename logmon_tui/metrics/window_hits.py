"""Hits as a LogWindow keeps them: columns, in blocks that share the names of their client hosts."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.bucket import CLASSES
from logmon_tui.metrics.key_groups import GROUPS
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]


class Hosts(NamedTuple):
    """Distinct client hosts, and the group of each."""

    names: Texts
    groups: NDArray[np.int32]


NOBODY = Hosts(Texts.of(()), np.empty(0, dtype=np.int32))
"""The hosts of a log that does not tell them."""


class Hits(NamedTuple):
    """Hits as columns, all of the shape (n,), ascending in their slots.

    Hit i is of the host with the number `codes[i]` among `hosts`, which may be `NOBODY`.
    """

    slots: Ints
    classes: NDArray[np.int8]  # of the status
    codes: NDArray[np.int32]
    hosts: Hosts

    def part(self, rows: slice) -> "Hits":
        """Return the hits of `rows`."""
        return Hits(self.slots[rows], self.classes[rows], self.codes[rows], self.hosts)


class HostHits(NamedTuple):
    """Hits of hosts by their `numbers`, and their slots, both of the shape (n,)."""

    numbers: Ints
    slots: Ints


class NumberedHosts:
    """Numbers for those of `hosts` whose groups are `loud`, whatever blocks they come in."""

    def __init__(self, loud: NDArray[np.bool_], hosts: Sequence[Hosts]) -> None:
        distinct = {id(each): each for each in hosts}
        chosen = {key: loud[each.groups] for key, each in distinct.items()}
        self._names = Interner()
        self._numbers: dict[int, NDArray[np.int32]] = {}
        for key, rows in chosen.items():
            self._numbers[key] = np.full(len(rows), -1, dtype=np.int32)
            self._numbers[key][rows] = self._names.numbers(distinct[key].names.take(rows))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._names)

    def hits(self, blocks: Sequence[Hits]) -> HostHits:
        """Return the hits of these hosts."""
        nothing = np.empty(0, dtype=np.int64)
        numbers, slots = [nothing], [nothing]
        for hits in blocks:
            if len(hits.hosts.names):
                found = self._numbers[id(hits.hosts)][hits.codes]
                rows = np.flatnonzero(found >= 0)
                numbers.append(found[rows].astype(np.int64))
                slots.append(hits.slots[rows])
        return HostHits(np.concatenate(numbers), np.concatenate(slots))

    def names(self, numbers: NDArray[np.intp]) -> list[bytes]:
        """Return the hosts with these numbers."""
        return self._names.texts().take(numbers).tolist()


def split(blocks: Sequence[Hits], slot: int) -> tuple[list[Hits], list[Hits]]:
    """Return the hits up to `slot`, and those behind it."""
    before: list[Hits] = []
    behind: list[Hits] = []
    for hits in blocks:
        place = int(np.searchsorted(hits.slots, slot, side="right"))
        before.extend(_filled(hits.part(slice(None, place))))
        behind.extend(_filled(hits.part(slice(place, None))))
    return before, behind


def _filled(hits: Hits) -> Iterator[Hits]:
    if len(hits.slots):
        yield hits


def slots_of(blocks: Sequence[Hits], status_class: int | None) -> Ints:
    """Return the slots of the hits of a status class, of all if None."""
    slots = [
        hits.slots if status_class is None else hits.slots[hits.classes == status_class]
        for hits in blocks
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *slots])


def by_class(blocks: Sequence[Hits]) -> Ints:
    """Return how many hits each class of the status has."""
    counts = np.zeros(CLASSES, dtype=np.int64)
    for hits in blocks:
        counts += np.bincount(hits.classes, minlength=CLASSES)
    return counts


def by_group(blocks: Sequence[Hits]) -> Ints:
    """Return how many hits each group of hosts has."""
    counts = np.zeros(GROUPS, dtype=np.int64)
    for hits in blocks:
        if len(hits.hosts.names):
            counts += np.bincount(hits.hosts.groups[hits.codes], minlength=GROUPS)
    return counts

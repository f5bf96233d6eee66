"""LogWindow: a sliding window that moves over many slots at once, for logs read as a whole.

A SlidingWindow is moved slot by slot, which costs the same for a slot with one hit as for one
with thousands. Here hits are columns, and a whole stretch of slots is looked at together: what
entered and what left the window up to any slot is counted by a search in sorted arrays.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from logmon_tui.formats.hit_batch import TEXT, Column, Dimension
from logmon_tui.metrics.bucket import CLASSES, MetricsBucket
from logmon_tui.metrics.places import Places, with_room
from logmon_tui.metrics.tally import Tally

Ints = NDArray[np.int64]

_SPARE_HOSTS = 10_000
"""So many more hosts than have hits in the window are known before those are forgotten."""

_TABLE_CELLS = 1_000_000
"""Of so many hosts times slots the hits are looked up at once."""


_NO_HOST = 0
"""The number of what stands for the hosts of hits that do not tell them."""


class _Hits(NamedTuple):
    """Hits as columns, all of the shape (n,), ascending in their slots."""

    slots: Ints
    hosts: NDArray[np.int32]
    classes: NDArray[np.int8]  # of the status

    def part(self, rows: slice | NDArray[np.bool_]) -> "_Hits":
        return _Hits(self.slots[rows], self.hosts[rows], self.classes[rows])


class Steps(NamedTuple):
    """How the hits in the window change, all of the shape (steps,).

    From the slot `slots[i]` on the window has `hits[i]` hits, until the next step. There are
    several `subjects` (numbers), one after the other.
    """

    subjects: NDArray[np.intp]
    slots: Ints
    hits: Ints


class _Flow:
    """Hits that enter the window and leave it again: so many are in it after a slot."""

    def __init__(self, before: int, entering: Ints, leaving: Ints) -> None:
        self._before = before
        self._entering, self._leaving = _ascending(entering), _ascending(leaving)

    def at(self, slots: Ints) -> Ints:
        """Return the hits in the window that ends with each of `slots`."""
        entered = np.searchsorted(self._entering, slots, side="right")
        left = np.searchsorted(self._leaving, slots, side="right")
        return entered - left + self._before

    def changes(self) -> Ints:
        """Return the slots in which hits enter or leave."""
        return _distinct(np.concatenate([_distinct(self._entering), _distinct(self._leaving)]))


class Passage:
    """The slots from `begin` (not included) to `end` over which a window moves.

    Tells at each of them what a window holds that ends there.
    """

    def __init__(self, window: "LogWindow", end: int, entering: _Hits, leaving: _Hits) -> None:
        self.begin, self.end = window.end, end
        self._window = window
        self._before_by_class = window.by_class.copy()
        self._before_by_host = window.by_host.copy()
        self._entering, self._leaving = entering, leaving
        self._flows: dict[int | None, _Flow] = {}
        self._noisy: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._noisy_names: list[bytes] = []
        self._keys: list[Ints] = [np.empty(0, dtype=np.int64)] * 2
        self._span = 1

    def _flow(self, status_class: int | None) -> _Flow:
        flow = self._flows.get(status_class)
        if flow is None:
            entering, leaving = self._entering, self._leaving
            before = int(self._before_by_class.sum())
            if status_class is not None:
                before = int(self._before_by_class[status_class])
                entering = entering.part(entering.classes == status_class)
                leaving = leaving.part(leaving.classes == status_class)
            flow = self._flows[status_class] = _Flow(before, entering.slots, leaving.slots)
        return flow

    @cached_property
    def _classes(self) -> list[int]:
        """The status classes that the window has hits of."""
        came = np.bincount(self._entering.classes, minlength=CLASSES)
        classes: list[int] = np.flatnonzero(self._before_by_class + came).tolist()
        return classes

    @cached_property
    def traffic(self) -> Steps:
        """The steps of the whole traffic."""
        flow = self._flow(None)
        slots = flow.changes()
        return Steps(np.zeros(len(slots), dtype=np.intp), slots, flow.at(slots))

    def class_hits(self, status_class: int, slots: Ints) -> Ints:
        """Return the hits of a status class in the windows that end with `slots`."""
        return self._flow(status_class).at(slots)

    def hosts(self, more_than: float) -> Steps:
        """Return the steps of the client hosts that may come to `more_than` so many hits."""
        hosts = len(self._before_by_host)
        most = self._before_by_host + np.bincount(self._entering.hosts, minlength=hosts)
        chosen = most > max(more_than, 0)
        chosen[:1] = False  # _NO_HOST
        self._noisy = np.flatnonzero(chosen)
        self._noisy_names = self._window.hosts.names(self._noisy)
        # A host and a slot are one number, so that one search looks among the host's own hits.
        self._span = self.end - self.begin + 1
        self._keys = [
            np.sort(hits.hosts[rows] * np.int64(self._span) + hits.slots[rows] - self.begin)
            for hits in (self._entering, self._leaving)
            for rows in [chosen[hits.hosts]]
        ]
        steps = np.unique(np.concatenate(self._keys))
        subjects, places = np.divmod(steps, self._span)
        return Steps(subjects, places + self.begin, self._host_hits(subjects, places))

    def _host_hits(self, hosts: NDArray[np.intp], places: Ints) -> Ints:
        hits = self._before_by_host[hosts]
        for keys, sign in zip(self._keys, (1, -1), strict=True):
            up_to = np.searchsorted(keys, hosts * self._span + places, side="right")
            hits = hits + sign * (up_to - np.searchsorted(keys, hosts * self._span))
        return hits

    def totals(self, slots: Ints) -> Iterator[MetricsBucket]:
        """Yield what the window holds that ends with each slot, the hits of noisy hosts by key.

        Status codes are told by their class: 500 for 5xx. Which hosts are noisy, `hosts` told.
        """
        together = max(1, _TABLE_CELLS // max(1, len(self._noisy)))
        for start in range(0, len(slots), together):
            yield from self._totals(slots[start : start + together])

    def _totals(self, slots: Ints) -> Iterator[MetricsBucket]:
        classes = [self.class_hits(number, slots).tolist() for number in self._classes]
        codes = [number * 100 for number in self._classes]
        hosts = np.repeat(self._noisy, len(slots))
        places = np.tile(slots - self.begin, len(self._noisy))
        by_host = self._host_hits(hosts, places).reshape(len(self._noisy), len(slots))
        for place, hits in enumerate(by_host.T.tolist()):
            total = MetricsBucket((Dimension.HOST,), detail=False)
            counts = [each[place] for each in classes]
            total.status = dict(zip(codes, counts, strict=True))
            total.hits = sum(counts)
            pairs = zip(self._noisy_names, hits, strict=True)
            total.tallies[Dimension.HOST] = Tally({name: count for name, count in pairs if count})
            yield total


class LogWindow:
    """The last `slots` slots up to `end`, which may be set to any slot before it first moves.

    Take hits in, then move it on. The memory it needs is some 13 bytes for each hit that is in
    it or waits for it.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.end = 0
        self.by_class: Ints = np.zeros(CLASSES, dtype=np.int64)
        self.by_host: Ints = np.zeros(0, dtype=np.int64)
        self.hosts = Places()
        self.hosts.of([pa.array([b"\n"], TEXT)])  # the name of _NO_HOST: no text of a log
        self._needed_hosts = 0
        self._ahead: list[_Hits] = []
        self._inside: list[_Hits] = []

    def take(self, slots: Ints, status: Ints, hosts: Column | None) -> None:
        """Take in hits, late ones too: those count from the next slot on to which it moves.

        `hosts` is None where a log does not tell them.
        """
        if hosts is None:
            numbers = np.full(len(slots), _NO_HOST, dtype=np.int32)
        else:
            numbers = self.hosts.of([hosts.texts])[hosts.codes]
        self.by_host = with_room(self.by_host, len(self.hosts))
        hits = _Hits(slots, numbers, (status // 100).astype(np.int8))
        if (np.diff(slots) < 0).any():
            order = np.argsort(slots, kind="stable")
            hits = _Hits(hits.slots[order], hits.hosts[order], hits.classes[order])
        self._ahead.append(hits)

    def move_to(self, end: int) -> Passage:
        """Let the window end with the slot `end`; return what it passed over."""
        begin = self.end
        entering, self._ahead = _split(self._ahead, end)
        # What has left the window before it came is too late.
        _, entering = _split(entering, begin - self.slots)
        leaving, self._inside = _split([*self._inside, *entering], end - self.slots)
        entered, left = _joined(entering), _joined(leaving)
        passage = Passage(
            self,
            end,
            entered._replace(slots=np.maximum(entered.slots, begin + 1)),
            left._replace(slots=left.slots + self.slots),
        )
        for hits, sign in ((entered, 1), (left, -1)):
            self.by_class += sign * np.bincount(hits.classes, minlength=CLASSES)
            self.by_host += sign * np.bincount(hits.hosts, minlength=len(self.by_host))
        self.end = end
        return passage

    def forget_hosts(self) -> None:
        """Forget hosts without hits here, if they are many; passages from before are void then."""
        if len(self.hosts) <= 2 * self._needed_hosts + _SPARE_HOSTS:
            return
        used = np.zeros(len(self.hosts), dtype=np.bool_)
        used[_NO_HOST] = True
        for hits in (*self._ahead, *self._inside):
            used[hits.hosts] = True
        kept = np.flatnonzero(used)
        self.hosts.keep(kept)
        places = np.zeros(len(used), dtype=np.int32)
        places[kept] = np.arange(len(kept))
        self.by_host = self.by_host[kept]
        self._ahead = [hits._replace(hosts=places[hits.hosts]) for hits in self._ahead]
        self._inside = [hits._replace(hosts=places[hits.hosts]) for hits in self._inside]
        self._needed_hosts = len(kept)


def _split(blocks: Sequence[_Hits], slot: int) -> tuple[list[_Hits], list[_Hits]]:
    """Return the hits up to `slot`, and those behind it."""
    before: list[_Hits] = []
    behind: list[_Hits] = []
    for hits in blocks:
        place = int(np.searchsorted(hits.slots, slot, side="right"))
        before.extend(_filled(hits.part(slice(None, place))))
        behind.extend(_filled(hits.part(slice(place, None))))
    return before, behind


def _filled(hits: _Hits) -> Iterator[_Hits]:
    if len(hits.slots):
        yield hits


def _joined(blocks: Sequence[_Hits]) -> _Hits:
    if not blocks:
        nothing = np.empty(0, dtype=np.int64)
        return _Hits(nothing, nothing.astype(np.int32), nothing.astype(np.int8))
    slots, hosts, classes = zip(*blocks, strict=True)
    return _Hits(np.concatenate(slots), np.concatenate(hosts), np.concatenate(classes))


def _ascending(numbers: Ints) -> Ints:
    """Return the numbers sorted; those of a log mostly are."""
    return numbers if (numbers[1:] >= numbers[:-1]).all() else np.sort(numbers)


def _distinct(numbers: Ints) -> Ints:
    """Return the numbers, ascending and each once."""
    ascending = _ascending(numbers)
    new = np.ones(len(ascending), dtype=np.bool_)
    new[1:] = ascending[1:] != ascending[:-1]
    return ascending[new]

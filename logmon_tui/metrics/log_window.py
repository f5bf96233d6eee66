"""LogWindow: a sliding window that moves over many slots at once, for logs read as a whole.

A SlidingWindow is moved slot by slot, which costs the same for a slot with one hit as for one
with thousands. Here hits are columns, and a whole stretch of slots is looked at together: what
entered and what left the window up to any slot is counted by a search in sorted arrays.

Client hosts may be millions, of which few are loud. Hits are counted by groups of hosts, and only
the hosts of groups that are loud as a whole are told apart.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.hit_batch import Column, Dimension
from logmon_tui.metrics.bucket import CLASSES, MetricsBucket
from logmon_tui.metrics.key_groups import GROUPS, groups_of
from logmon_tui.metrics.tally import Tally
from logmon_tui.metrics.window_hits import (
    NOBODY,
    Hits,
    Hosts,
    NumberedHosts,
    by_class,
    by_group,
    slots_of,
    split,
)

Ints = NDArray[np.int64]

_TABLE_CELLS = 1_000_000
"""Of so many hosts times slots the hits are looked up at once."""


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

    Tells at each of them what a window holds that ends there. It held hits before, `entering` and
    `leaving` come and go with their slots.
    """

    def __init__(
        self, window: "LogWindow", end: int, entering: Sequence[Hits], leaving: Sequence[Hits]
    ) -> None:
        self.begin, self.end = window.end, end
        self._before = window.inside
        self._before_by_class = window.by_class.copy()
        self._before_by_group = window.by_group.copy()
        self._before_by_host: Ints = np.empty(0, dtype=np.int64)
        self._entering, self._leaving = entering, leaving
        self._flows: dict[int | None, _Flow] = {}
        self._noisy: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._noisy_names: list[bytes] = []
        self._keys: list[Ints] = [np.empty(0, dtype=np.int64)] * 2
        self._span = 1

    def _flow(self, status_class: int | None) -> _Flow:
        flow = self._flows.get(status_class)
        if flow is None:
            every = slice(None) if status_class is None else status_class
            before = int(self._before_by_class[every].sum())
            moving = (slots_of(hits, status_class) for hits in (self._entering, self._leaving))
            flow = self._flows[status_class] = _Flow(before, *moving)
        return flow

    @cached_property
    def _classes(self) -> list[int]:
        """The status classes that the window has hits of."""
        came = by_class(self._entering)
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
        least = max(more_than, 0)
        loud = self._before_by_group + by_group(self._entering) > least
        parts = (self._before, self._entering, self._leaving)
        numbers = NumberedHosts(loud, [hits.hosts for part in parts for hits in part])
        before, entering, leaving = map(numbers.hits, parts)
        self._before_by_host = np.bincount(before.numbers, minlength=len(numbers))
        most = self._before_by_host + np.bincount(entering.numbers, minlength=len(numbers))
        chosen = most > least
        self._noisy = np.flatnonzero(chosen)
        self._noisy_names = numbers.names(self._noisy)
        # A host and a slot are one number, so that one search looks among the host's own hits.
        self._span = self.end - self.begin + 1
        self._keys = [
            np.sort(hosts[rows] * np.int64(self._span) + slots[rows] - self.begin)
            for hosts, slots in (entering, leaving)
            for rows in [chosen[hosts]]
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

    Take hits in, then move it on. `inside` are the hits that it holds. The memory it needs is some
    13 bytes for each hit that is in it or waits for it, and the names of their hosts.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.end = 0
        self.by_class: Ints = np.zeros(CLASSES, dtype=np.int64)
        self.by_group: Ints = np.zeros(GROUPS, dtype=np.int64)
        self.inside: Sequence[Hits] = ()
        self._ahead: list[Hits] = []

    def take(self, slots: Ints, status: Ints, hosts: Column | None) -> None:
        """Take in hits, late ones too: those count from the next slot on to which it moves.

        `hosts` is None where a log does not tell them.
        """
        codes = np.zeros(len(slots), dtype=np.int32) if hosts is None else hosts.codes
        known = NOBODY if hosts is None else Hosts(hosts.texts, groups_of(hosts.texts))
        hits = Hits(slots, (status // 100).astype(np.int8), codes, known)
        if (np.diff(slots) < 0).any():
            order = np.argsort(slots, kind="stable")
            hits = Hits(slots[order], hits.classes[order], codes[order], known)
        self._ahead.append(hits)

    def move_to(self, end: int) -> Passage:
        """Let the window end with the slot `end`; return what it passed over."""
        begin = self.end
        entering, self._ahead = split(self._ahead, end)
        # What has left the window before it came is too late.
        _, entering = split(entering, begin - self.slots)
        leaving, inside = split([*self.inside, *entering], end - self.slots)
        passage = Passage(
            self,
            end,
            [hits._replace(slots=np.maximum(hits.slots, begin + 1)) for hits in entering],
            [hits._replace(slots=hits.slots + self.slots) for hits in leaving],
        )
        self.by_class += by_class(entering) - by_class(leaving)
        self.by_group += by_group(entering)
        self.by_group -= by_group(leaving)
        self.end, self.inside = end, inside
        return passage


def _ascending(numbers: Ints) -> Ints:
    """Return the numbers sorted; those of a log mostly are."""
    return numbers if (numbers[1:] >= numbers[:-1]).all() else np.sort(numbers)


def _distinct(numbers: Ints) -> Ints:
    """Return the numbers, ascending and each once."""
    ascending = _ascending(numbers)
    new = np.ones(len(ascending), dtype=np.bool_)
    new[1:] = ascending[1:] != ascending[:-1]
    return ascending[new]

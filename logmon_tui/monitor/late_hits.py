"""LateHits: let hits that come very late count alike, however a report's lines are cut. Pure.

A second is judged once hits up to `JUMP` seconds late can no longer change it. Who comes later
than that counts in what is judged from then on. So it matters when seconds are judged, which must
depend on the lines alone, and not on the batches in which they are read: seconds are judged up to
boundaries that follow from the order of lines, and late hits wait until the boundary before them
is judged.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.future_gate import JUMP

Ints = NDArray[np.int64]

BOUNDARY_HITS = 50_000
"""Hits from boundary to boundary. Less would have logs with late hits judged in small pieces."""


class _Late(NamedTuple):
    """Late hits, with the newest second of the log before each, shape (hits,), ascending."""

    newest: Ints
    hits: HitBatch

    def between(self, first: float, last: float) -> "_Late":
        """Return those after which the log stood at a second from `first` to before `last`."""
        rows = np.flatnonzero((self.newest >= first) & (self.newest < last))
        return (
            self
            if len(rows) == len(self.newest)
            else _Late(self.newest[rows], self.hits.select(rows))
        )


class Turn(NamedTuple):
    """What is to be judged next: all up to a second. Then the `late` hits are to be taken in."""

    second: int
    late: list[HitBatch]


class LateHits:
    """Holds back the late hits of `logs` logs, and finds the boundaries up to which to judge.

    Each hit belongs to the newest second of its log up to it. A boundary is a second before which
    `BOUNDARY_HITS` hits or more belong, counted over all logs since the boundary before it.
    """

    def __init__(self, logs: int) -> None:
        self._newest = [-1] * logs
        self._seconds: list[Ints] = []  # to which hits belong that come after the last boundary
        self._count = 0  # of these hits
        self._reached: float = -inf
        self._boundaries = [0]  # the last one whose turn it was, and those since
        self._late: list[_Late] = []

    def on_time(self, log: int, hits: HitBatch) -> HitBatch:
        """Take in the next credible hits of a log, one at least; return those that are not late."""
        seconds, newest = hits.seconds, self._newest[log]
        if seconds[0] >= newest and (seconds[1:] >= seconds[:-1]).all():  # as in most logs
            self._note(log, seconds)
            return hits
        belonging = np.maximum(np.maximum.accumulate(seconds), newest)
        self._note(log, belonging)
        late = seconds < belonging - JUMP
        if not late.any():
            return hits
        self._late.append(_Late(belonging[late], hits.select(late)))
        return hits.select(~late)

    def _note(self, log: int, belonging: Ints) -> None:
        """Note the seconds to which the next hits of a log belong, ascending."""
        self._newest[log] = int(belonging[-1])
        self._seconds.append(belonging)
        self._count += len(belonging)

    def reach(self, second: float) -> None:
        """Note that all logs have reached a second, so that no more hits belong before it."""
        self._reached = second
        if self._count < BOUNDARY_HITS:
            return
        seconds = np.sort(np.concatenate(self._seconds), kind="stable")  # quick on sorted pieces
        while len(seconds) >= BOUNDARY_HITS and seconds[BOUNDARY_HITS - 1] < second:
            boundary = int(seconds[BOUNDARY_HITS - 1]) + 1
            self._boundaries.append(boundary)
            seconds = seconds[seconds.searchsorted(boundary) :]
        self._seconds, self._count = [seconds], len(seconds)

    def turns(self) -> Iterator[Turn]:
        """Yield what to judge, up to the last boundary that all logs have reached."""
        bounds: Sequence[float] = [*self._boundaries, self._reached]
        waiting, self._late = self._late, []
        self._boundaries = self._boundaries[-1:]
        for first, last in pairwise(bounds):
            found = [each.between(first, last).hits for each in waiting]
            due = [hits for hits in found if len(hits)]
            if due or first == self._boundaries[0]:
                yield Turn(int(first) - JUMP - 1, due)
        left = (each.between(self._reached, inf) for each in waiting)
        self._late = [each for each in left if len(each.hits)]

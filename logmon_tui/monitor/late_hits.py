"""LateHits: let hits that come very late count alike, however a report's lines are cut. Pure.

A second is judged once hits up to `JUMP` seconds late can no longer change it. Who comes later
than that counts in what is judged from then on. So it matters when seconds are judged, which must
depend on the lines alone, and not on the batches in which they are read: seconds are judged up to
boundaries that follow from the order of lines, and late hits wait until the boundary before them
is judged.
"""

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

    def select(self, chosen: NDArray[np.bool_]) -> "_Late":
        """Return the chosen ones; `chosen` has shape (hits,)."""
        return self if chosen.all() else _Late(self.newest[chosen], self.hits.select(chosen))


class _Belonging(NamedTuple):
    """How many `hits` belong to each of some `seconds`, shape (seconds,), ascending."""

    seconds: Ints
    hits: Ints

    @classmethod
    def of(cls, seconds: Ints, hits: Ints | None = None) -> "_Belonging":
        """Sum up ascending seconds, of which each has one hit or so many `hits`."""
        firsts = np.flatnonzero(np.concatenate(([True], seconds[1:] != seconds[:-1])))
        counts = (
            np.diff(firsts, append=len(seconds)) if hits is None else np.add.reduceat(hits, firsts)
        )
        return cls(seconds[firsts], counts)

    @classmethod
    def joined(cls, parts: list["_Belonging"]) -> "_Belonging":
        """Return the sums of all parts."""
        seconds = np.concatenate([each.seconds for each in parts])
        order = np.argsort(seconds, kind="stable")  # quick on sorted pieces
        return cls.of(seconds[order], np.concatenate([each.hits for each in parts])[order])


class _Stand:
    """Where a log stands: at the newest second of its lines, since some number of late hits."""

    def __init__(self) -> None:
        self._second = -1
        self._late = 0

    def move(self, second: int) -> None:
        """Move on to a second, which may be the present one."""
        if second > self._second:
            self._second, self._late = second, 0

    def belonging(self, seconds: Ints) -> Ints:
        """Return the seconds to which the next hits belong, ascending, and move on to the last."""
        newest = np.maximum(np.maximum.accumulate(seconds), self._second)
        late = seconds < newest - JUMP
        before = np.cumsum(late, dtype=np.int64) - late + self._late
        begins = np.diff(newest, prepend=self._second) > 0
        before -= np.maximum.accumulate(np.where(begins, before, 0))
        self.move(int(newest[-1]))
        self._late = int(before[-1] + late[-1])
        found: Ints = newest + (before >= BOUNDARY_HITS)
        return found


class Turn(NamedTuple):
    """What is to be judged next: all up to a second. Then the `late` hits are to be taken in."""

    second: int
    late: list[HitBatch]


class LateHits:
    """Holds back the late hits of `logs` logs, and finds the boundaries up to which to judge.

    Each hit belongs to the newest second of its log up to it. A boundary is a second before which
    `BOUNDARY_HITS` hits or more belong, counted over all logs since the boundary before it.
    `waiting` is the number of hits held back.

    The time of a log may stand still for millions of lines, as where an older log follows a newer
    one. So seconds are kept once for all their hits, and after `BOUNDARY_HITS` late hits in one
    second the next ones belong to the second after it: with a boundary between them, most are
    known to be too late for any window.
    """

    def __init__(self, logs: int) -> None:
        self.waiting = 0
        self.newest = [-1] * logs
        """The second of each log before which no more of its hits belong."""

        self._stands = [_Stand() for _ in range(logs)]
        self._belonging: list[_Belonging] = []  # of hits that come after the last boundary
        self._count = 0  # of these hits
        self._reached: float = -inf
        self._boundaries = [0]  # the last one whose turn it was, and those since
        self._late: list[_Late] = []

    def on_time(self, log: int, hits: HitBatch) -> HitBatch:
        """Take in the next credible hits of a log, one at least; return those that are not late."""
        seconds, stand = hits.seconds, self._stands[log]
        if seconds[0] >= self.newest[log] and (seconds[1:] >= seconds[:-1]).all():  # as in most
            stand.move(int(seconds[-1]))
            self._note(log, seconds)
            return hits
        belonging = stand.belonging(seconds)
        self._note(log, belonging)
        late = seconds < belonging - JUMP
        if not late.any():
            return hits
        self._hold(_Late(belonging, hits).select(late))
        return hits.select(~late)

    def _note(self, log: int, belonging: Ints) -> None:
        """Note the seconds to which the next hits of a log belong, ascending."""
        self.newest[log] = int(belonging[-1])
        self._belonging.append(_Belonging.of(belonging))
        self._count += len(belonging)

    def _hold(self, late: _Late) -> None:
        self._late.append(late)
        self.waiting += len(late.newest)

    def reach(self, second: float) -> None:
        """Note that all logs have reached a second, so that no more hits belong before it."""
        self._reached = second
        if self._count < BOUNDARY_HITS:
            return
        seconds, hits = _Belonging.joined(self._belonging)
        sums, first, before = np.cumsum(hits), 0, 0
        while sums[-1] - before >= BOUNDARY_HITS:
            place = int(sums.searchsorted(before + BOUNDARY_HITS))
            if seconds[place] >= second:
                break
            self._boundaries.append(int(seconds[place]) + 1)
            first, before = place + 1, int(sums[place])
        self._belonging = [_Belonging(seconds[first:], hits[first:])]
        self._count = int(sums[-1]) - before

    def turns(self) -> list[Turn]:
        """Return what to judge, up to the last boundary that all logs have reached.

        The next boundary is behind the second that all logs have reached. So late hits that belong
        to that second or an earlier one need not wait for it.
        """
        bounds, waiting = self._boundaries, self._late
        self._boundaries, self._late, self.waiting = bounds[-1:], [], 0
        turns = [Turn(bound - JUMP - 1, []) for bound in bounds]
        for late in waiting:
            numbers = np.maximum(np.searchsorted(bounds, late.newest, side="right") - 1, 0)
            numbers[late.newest > self._reached] = len(turns)
            for number in np.unique(numbers).tolist():
                part = late.select(numbers == number)
                if number < len(turns):
                    turns[number].late.append(part.hits)
                else:
                    self._hold(part)
        return [turn for turn in turns if turn.late or turn is turns[-1]]

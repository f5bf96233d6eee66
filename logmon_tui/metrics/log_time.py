"""LogTime: what time it is in the log, whose hits are credible, and up to when all have come. Pure.

It joins the gate for hits from the future, the log clock, and what is known of late hits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.arrivals import ArrivalDelay, LogArrivals
from logmon_tui.metrics.clock import ClockState, LogClock
from logmon_tui.metrics.future_gate import FutureGate, GateState
from logmon_tui.metrics.wide_buckets import HORIZON


class Sifted(NamedTuple):
    """Batches of credible hits, none of them empty; `late` others came too late to be counted."""

    hits: list[HitBatch]
    late: int


class LogTimeState(NamedTuple):
    """What is saved of a LogTime: see its attributes, and the states of its parts."""

    first: int | None
    reached: float | None
    clock: ClockState | None
    gate: GateState
    arrivals: tuple[LogArrivals, ...]


class LogTime:
    """Tells log time (UTC epoch seconds) from the hits of all logs; `now` is always monotonic.

    `delay` and `cautious` are as in `ArrivalDelay`. Public attributes: `first`, the first second of
    the log, None before there is one; `reached`, what log time was when `tick` was called last.
    """

    def __init__(self, delay: float | None, *, cautious: bool) -> None:
        self.first: int | None = None
        self.reached: float | None = None
        self._gate = FutureGate()
        self._clock = LogClock()
        self._arrivals = ArrivalDelay(delay, cautious=cautious)

    @property
    def begun(self) -> bool:
        """Whether there was a credible hit."""
        return self._clock.newest is not None

    @property
    def newest(self) -> int:
        """The newest credible second, 0 before there is one."""
        return self._gate.newest or 0

    @property
    def future(self) -> int:
        """How many hits are not believed, be it so far or for good."""
        return self._gate.future

    @property
    def delay(self) -> float:
        """By how many seconds alerts are judged later than log time."""
        return self._arrivals.delay

    @property
    def lateness(self) -> float:
        """Seconds within which nearly all hits come, after their second is over."""
        return self._arrivals.lateness

    def set_delay(self, delay: float | None) -> None:
        """Take another delay, None to tell it from what was measured up to now."""
        self._arrivals.set_given(delay)

    def now(self, now: float) -> float:
        """Return log time, 0 before the first hit."""
        return self._clock.now(now)

    def complete(self, log_time: float) -> int:
        """Return the last second whose hits have all come by a log time, as far as can be told."""
        return int(self._arrivals.judged_time(log_time, self.newest)) - 1

    def take(self, batch: HitBatch, now: float, log: bytes, *, in_backlog: bool) -> Sifted:
        """Take in a batch of a log; return the hits that are credible now.

        The time that it takes to read a backlog does not move log time.
        """
        log_time = 0.0 if in_backlog else self._clock.now(now)
        if not in_backlog:
            self._arrivals.observe(log, batch.seconds, self.reached, now)
        return self._sifted(self._gate.sift(batch, now, log_time), now, in_backlog=in_backlog)

    def release(self, now: float, wall: float, *, in_backlog: bool) -> Sifted:
        """Return waiting hits that the wall clock (epoch seconds) confirms."""
        return self._sifted(self._gate.release(now, wall), now, in_backlog=in_backlog)

    def finish(self, now: float, *, for_good: bool, in_backlog: bool) -> Sifted:
        """Return waiting hits that are believed because the log ends, if it does so `for_good`."""
        return self._sifted(self._gate.finish(for_good=for_good), now, in_backlog=in_backlog)

    def unparsed(self) -> list[tuple[int, int]]:
        """Return (second, lines) of the unparsed lines placed since the last call."""
        return self._gate.unparsed()

    def _sifted(self, credible: list[HitBatch], now: float, *, in_backlog: bool) -> Sifted:
        newest = self._gate.newest
        if newest is None:
            return Sifted([], 0)
        before = self._clock.newest
        self._clock.observe(newest, now)
        kept, late = [], 0
        for hits in credible:
            reached: int | NDArray[np.int64] = newest
            if in_backlog:  # a quiet log has weeks in one batch: they are late for no line
                reached = np.maximum.accumulate(hits.seconds)
                reached = reached if before is None else np.maximum(reached, before)
            recent = hits.seconds > reached - HORIZON
            late += len(hits) - int(recent.sum())
            chosen = hits if recent.all() else hits.select(recent)
            if len(chosen):
                first = int(chosen.seconds.min())
                self.first = first if self.first is None else min(first, self.first)
                kept.append(chosen)
        return Sifted(kept, late)

    def tick(self, now: float, limit: int | None) -> float:
        """Note that alerts are judged now; return log time, at most the second `limit`."""
        log_time = self._clock.now(now)
        self.reached = log_time if limit is None else min(log_time, limit)
        return self.reached

    def state(self, now: float, wall: float) -> LogTimeState:
        """Return the state to save; `wall` is in epoch seconds."""
        return LogTimeState(
            self.first,
            self.reached,
            self._clock.state(now, wall),
            self._gate.state(now),
            self._arrivals.state(now),
        )

    def restore(self, state: LogTimeState, now: float) -> None:
        """Go on from a saved state; until `resume`, only lines move log time."""
        self.first, self.reached = state.first, state.reached
        self._arrivals.restore(state.arrivals, now)
        self._gate.restore(state.gate, now)
        if state.clock is not None:
            self._clock.restore(state.clock, now)

    def resume(self, now: float, wall: float) -> None:
        """Start the clock after `restore`, and add the wall time that passed since it was saved."""
        self._clock.resume(now, wall)

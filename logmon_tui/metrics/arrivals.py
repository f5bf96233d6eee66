"""ArrivalDelay: measure how late hits come, and tell how much later alerts are to be judged. Pure.

A server that buffers its log writes lines seconds after their time. Judged at once, those seconds
would look empty. Lateness is measured against log time, so it does not matter how far the clock of
a server is off, nor whether a log is live or replayed.
"""

from collections import deque
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.metrics.lateness import LATEST

MAX_DELAY = 15.0
"""Maximum seconds of delay that is found by measuring: alerts should not come much later."""

CAUTION = 5.0
"""Seconds for which quiet is no silence at first, when nothing is known of how late hits come."""

AT_ONCE = 1
"""Seconds that the hits of a read are apart at most, if a log is written at once."""

ARRIVALS = 5
"""Reads of other hits, at least a second apart, after which enough is known."""

TOO_LATE_SHARE = 0.005
"""Share of hits that may come later than the delay. One hit always may."""

MAX_MARGIN = 1.0
"""Seconds added to what was measured, at most: times in logs have whole seconds only."""

GENERATION_SECONDS = 30.0
GENERATION_HITS = 20
"""A generation of counts ends after so many seconds, and not before it has so many hits."""

GENERATIONS = 4
"""Generations that are remembered. So a delay falls minutes after hits began to come in time."""

FORGOTTEN = 3_600.0
"""Seconds without a hit after which what is known of one of several logs is forgotten."""

_STEP = 0.25  # seconds
_LAST = int(LATEST / _STEP) + 1
_BOUND = int(MAX_DELAY / _STEP)

Counts = NDArray[np.int64]


class LogArrivals(msgspec.Struct, frozen=True, array_like=True):
    """The saved lateness of a log: generations of (place, hits), the present one last.

    The present one is `age` seconds old. The last hit came `quiet` seconds ago.
    """

    log: bytes
    generations: list[list[tuple[int, int]]]
    age: float
    quiet: float


class _Lateness:
    """Counts the hits of a log by how late they came: 0 in time, each other place a quarter.

    `late` is within how many seconds nearly all hits come, `within_bound` within how many nearly
    all of those come that come within the bound.
    """

    def __init__(self, now: float) -> None:
        self.seen = self._began = now
        self.late = self.within_bound = 0.0
        self._current = np.zeros(_LAST + 1, np.int64)
        self._former: deque[Counts] = deque(maxlen=GENERATIONS - 1)

    @property
    def counts(self) -> Counts:
        """The counts of all remembered generations."""
        counts = self._current.copy()
        for former in self._former:
            counts += former
        return counts

    def add(self, counts: Counts, now: float) -> bool:
        """Add counts; return whether a new generation began with them, or anything changed."""
        age = now - self._began
        full = age >= GENERATION_SECONDS and bool(self._current.sum() >= GENERATION_HITS)
        if full:
            self._former.append(self._current)
            self._current, self._began = np.zeros(_LAST + 1, np.int64), now
        self._current += counts
        self.seen = now
        return self._measure() or full

    def _measure(self) -> bool:
        """Measure anew; return whether anything changed."""
        before = self.late, self.within_bound
        counts = self.counts
        self.late, self.within_bound = _within(counts), _within(counts[: _BOUND + 1])
        return before != (self.late, self.within_bound)

    def state(self, log: bytes, now: float) -> LogArrivals:
        """Return the state to save."""
        generations = []
        for counts in (*self._former, self._current):
            places = np.flatnonzero(counts).tolist()
            generations.append([(place, int(counts[place])) for place in places])
        return LogArrivals(log, generations, now - self._began, now - self.seen)

    def restore(self, state: LogArrivals, now: float) -> None:
        """Go on from a saved state."""
        self._began, self.seen = now - state.age, now - state.quiet
        for number, generation in enumerate(state.generations):
            if number:
                self._former.append(self._current)
            self._current = np.zeros(_LAST + 1, np.int64)
            for place, hits in generation:
                self._current[min(max(place, 0), _LAST)] += hits
        self._measure()


class ArrivalDelay:
    """Tells how much later than log time alerts are judged; `given` is that, None to measure it.

    With `cautious`, quiet is no silence at first, while nothing is known of how late hits come.
    Every log is measured on its own, and the one whose hits come latest decides. Lateness beyond
    `MAX_DELAY` has no say, as no delay would make it good.
    """

    def __init__(self, given: float | None, *, cautious: bool) -> None:
        self._given = given
        self._cautious = cautious and given is None
        self._logs: dict[bytes, _Lateness] = {}
        self._arrivals = 0
        self._counted_at = 0.0
        self.delay = given or 0.0
        """Seconds by which alerts are judged later."""
        self.lateness = 0.0
        """Seconds within which nearly all hits come, after their second is over."""

    def set_given(self, given: float | None) -> None:
        """Take another delay, None to tell it from what was measured up to now."""
        self._given = given
        self._cautious = self._cautious and given is None
        self._tell()

    def observe(
        self, log: bytes, seconds: NDArray[np.int64], reached: float | None, now: float
    ) -> None:
        """Note hits of a log (their UTC seconds) that arrived at the monotonic time `now`.

        `reached` is what log time was when alerts were judged last, None if they never were.
        """
        if not len(seconds):
            return
        if self._cautious:
            self._cautious = not self._is_known(seconds, now)
        if reached is None:
            return
        late = np.ceil((reached - 1 - seconds) / _STEP)
        places = np.clip(late, 0, _LAST).astype(np.int64)
        if log not in self._logs:
            self._logs[log] = _Lateness(now)
        if self._logs[log].add(np.bincount(places, minlength=_LAST + 1), now):
            self._measure(now)

    def _is_known(self, seconds: NDArray[np.int64], now: float) -> bool:
        """Tell whether it is known by now whether hits come at once."""
        if not self._arrivals or now >= self._counted_at + 1:
            self._arrivals, self._counted_at = self._arrivals + 1, now
        return self._arrivals > ARRIVALS or int(seconds.max() - seconds.min()) <= AT_ONCE

    def _measure(self, now: float) -> None:
        """Tell the delay from what is known of all logs, without those long quiet."""
        self._logs = {
            log: known for log, known in self._logs.items() if now - known.seen <= FORGOTTEN
        }
        self._tell()

    def _tell(self) -> None:
        self.lateness = max((known.late for known in self._logs.values()), default=0.0)
        if self._given is not None:
            self.delay = self._given
        else:
            late = max((known.within_bound for known in self._logs.values()), default=0.0)
            self.delay = min(late + min(late, MAX_MARGIN), MAX_DELAY)

    def judged_time(self, log_time: float, newest: int) -> float:
        """Return the log time up to which alerts can be judged.

        `newest` is the second of the newest hit. At first, later seconds wait a little: their hits
        may be on their way.
        """
        time = log_time - self.delay
        if self._cautious:
            time = min(time, max(newest, log_time - CAUTION))
        return time

    def state(self, now: float) -> tuple[LogArrivals, ...]:
        """Return the state to save, at the monotonic time `now`."""
        return tuple(known.state(log, now) for log, known in self._logs.items())

    def restore(self, state: Sequence[LogArrivals], now: float) -> None:
        """Go on with what another run knew; `now` is monotonic."""
        for each in state:
            self._logs[each.log] = _Lateness(now)
            self._logs[each.log].restore(each, now)
        if state:
            self._cautious = False
        self._measure(now)


def _within(counts: Counts) -> float:
    """Return within how many seconds all but a few hits came."""
    few = max(1, int(counts.sum() * TOO_LATE_SHARE))
    later = counts[::-1].cumsum()[::-1]  # hits of each place and of those behind it
    return float(np.count_nonzero(later[1:] > few)) * _STEP

"""The log clock, and which hits may move it. Time is read nowhere: it comes in.

Every hit belongs to the second that its own timestamp names. The log clock is the newest
credible timestamp plus the (monotonic) time since that line came: the wall clock on a healthy
live log, the file's own time on a replay.
"""

from collections import deque
from typing import NamedTuple

import numpy as np

from logmon_tui.formats.hit_batch import HitBatch

JUMP = 60
"""A timestamp more than so many seconds ahead of the clock is believed only in company."""

RECENT_LINES = 10
PATIENCE = 2.0
"""So many seconds after the last line, a lone line is believed if the wall clock agrees."""

A_DAY = 86_400


class LogClock:
    """Tells log time. It never goes back."""

    def __init__(self) -> None:
        self.newest: int | None = None
        self._came = 0.0
        self._floor = 0.0

    def observe(self, newest: int, arrived: float) -> None:
        """Note a credible timestamp (UTC second) and the monotonic time at which it came."""
        if self.newest is None or newest > self.newest:
            if self.newest is not None:
                self._floor = self.now(arrived)
            self.newest, self._came = newest, arrived

    def now(self, monotonic: float) -> float:
        """Return log time in UTC epoch seconds; 0 before the first hit."""
        if self.newest is None:
            return 0.0
        return max(self._floor, self.newest + max(0.0, monotonic - self._came))


class _Waiting(NamedTuple):
    """A hit that waits to be believed: its second, its line's number, and where it stands."""

    second: int
    line: int
    batch: HitBatch
    row: int


class FutureGate:
    """Holds back hits from the far future until most lines of the log agree with them.

    A hit more than `JUMP` seconds ahead of log time waits. As soon as more than half of the last
    `RECENT_LINES` lines are that far ahead, the earliest that waits is believed, and with it all
    within `JUMP` of it, and so on. So one wrong line drags nothing along, while a log with a gap
    in it goes on. The first lines of a log wait for each other (`PATIENCE` seconds at most),
    since the very first may be the wrong one. How the lines were cut into batches does not
    matter. `newest` is the newest credible second, None before that.
    """

    def __init__(self) -> None:
        self.newest: int | None = None
        self._reached = 0
        self._first: list[HitBatch] = []
        self._first_came = 0.0
        self._recent: deque[int] = deque(maxlen=RECENT_LINES)
        self._waiting: list[_Waiting] = []
        self._line = 0
        self._given_up = 0
        self._last_came = 0.0

    @property
    def future(self) -> int:
        """How many hits were not believed, so far or for good."""
        return self._given_up + len(self._waiting)

    def sift(self, batch: HitBatch, arrived: float, log_time: float = 0.0) -> list[HitBatch]:
        """Return the hits that are credible now, those of former batches first.

        `arrived` is monotonic; `log_time` is where idle time has moved the log clock to.
        """
        if not len(batch):
            return []
        self._last_came = arrived
        self._reached = max(self._reached, int(log_time))
        if self.newest is not None:
            return self._sift(batch)
        if not self._first:
            self._first_came = arrived
        self._first.append(batch)
        enough = sum(map(len, self._first)) >= RECENT_LINES
        return self._begin() if enough else []

    def _begin(self) -> list[HitBatch]:
        """Start with the median of the first lines, which one wrong line cannot be."""
        if not self._first:
            return []
        first = np.sort(np.concatenate([batch.seconds for batch in self._first])[:RECENT_LINES])
        self.newest = int(first[(len(first) - 1) // 2])
        batches, self._first = self._first, []
        return [hits for batch in batches for hits in self._sift(batch)]

    def _sift(self, batch: HitBatch) -> list[HitBatch]:
        log_time = max(self.newest or 0, self._reached)
        before = np.maximum.accumulate(np.concatenate(([log_time], batch.seconds[:-1])))
        if self._waiting or (batch.seconds > before + JUMP).any():
            return self._sift_line_by_line(batch)
        self.newest = max(self.newest or 0, int(batch.seconds.max()))
        self._recent.extend(batch.seconds[-RECENT_LINES:].tolist())
        self._line += len(batch)
        return [batch]

    def release(self, now: float, wall: float) -> list[HitBatch]:
        """Return hits believed although no line came for a while: the wall clock has got there.

        `now` is monotonic, `wall` in epoch seconds.
        """
        begun = self._begin() if now - self._first_came >= PATIENCE else []
        if not self._waiting or now - self._last_came < PATIENCE:
            return begun
        return begun + self._release_up_to(int(wall) + JUMP)

    def finish(self) -> list[HitBatch]:
        """Return hits believed because the log ends with them, a day ahead at most."""
        begun = self._begin()
        if not self._waiting or self._recent[-1] <= self._horizon:
            return begun
        return begun + self._release_up_to((self.newest or 0) + A_DAY)

    def _sift_line_by_line(self, batch: HitBatch) -> list[HitBatch]:
        passed: list[int] = []
        former: list[HitBatch] = []
        for row, second in enumerate(batch.seconds.tolist()):
            self._line += 1
            self._recent.append(second)
            if second > self._horizon:
                self._waiting.append(_Waiting(second, self._line, batch, row))
            else:
                passed.append(row)
                self.newest = max(second, self.newest or second)
            for hit in self._believed():
                if hit.batch is batch:
                    passed.append(hit.row)
                else:
                    former.append(hit.batch.select(np.array([hit.row])))
            self._give_up()
        return [*former, batch.select(np.array(passed, dtype=np.intp))]

    @property
    def _horizon(self) -> int:
        return max(self.newest or 0, self._reached) + JUMP

    def _believed(self) -> list[_Waiting]:
        """Return what waits no longer: the clock got there, or most lines are that far ahead."""
        if not self._waiting:
            return []
        self._waiting.sort(key=lambda hit: hit.second)
        ahead = sum(second > self._horizon for second in self._recent)
        if 2 * ahead > RECENT_LINES:
            self.newest = self._waiting[0].second
        count = 0
        while count < len(self._waiting) and self._waiting[count].second <= self._horizon:
            self.newest = max(self.newest or 0, self._waiting[count].second)
            count += 1
        believed, self._waiting = self._waiting[:count], self._waiting[count:]
        return believed

    def _release_up_to(self, limit: int) -> list[HitBatch]:
        released = [hit for hit in self._waiting if hit.second <= limit]
        self._waiting = [hit for hit in self._waiting if hit.second > limit]
        self.newest = max([self.newest or 0, *(hit.second for hit in released)])
        return [hit.batch.select(np.array([hit.row])) for hit in released]

    def _give_up(self) -> None:
        """Count for good what `RECENT_LINES` further lines have not confirmed."""
        if self._waiting:
            kept = [hit for hit in self._waiting if hit.line > self._line - RECENT_LINES]
            self._given_up += len(self._waiting) - len(kept)
            self._waiting = kept

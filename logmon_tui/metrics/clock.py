"""The log clock, and which hits may move it. Time is read nowhere: it comes in.

Every hit belongs to the second that its own timestamp names. The log clock is the newest
credible timestamp plus the (monotonic) time since that line came: the wall clock on a healthy
live log, the file's own time on a replay.
"""

from collections import deque
from typing import NamedTuple

import msgspec
import numpy as np

from logmon_tui.formats.hit_batch import HitBatch, HitRecord, batch_of_records, record_of

JUMP = 60
"""A timestamp more than so many seconds ahead of the clock is believed only in company."""

RECENT_LINES = 10
PATIENCE = 2.0
"""So many seconds after the last line, a lone line is believed if the wall clock agrees."""

A_DAY = 86_400


class ClockState(msgspec.Struct, frozen=True):
    """A log clock that shows `log_time`; its newest line was `idle` seconds old at `wall` time."""

    newest: int
    log_time: float
    idle: float
    wall: float


class LogClock:
    """Tells log time. It never goes back.

    A restored clock stands, and only lines move it, until `resume` lets it go on by itself.
    """

    def __init__(self) -> None:
        self.newest: int | None = None
        self._came = 0.0
        self._floor = 0.0
        self._stood: ClockState | None = None

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
        idle = max(0.0, monotonic - self._came) if self._stood is None else 0.0
        return max(self._floor, self.newest + idle)

    def state(self, monotonic: float, wall: float) -> ClockState | None:
        """Return what another clock needs to go on from here; None before the first hit."""
        if self.newest is None:
            return None
        log_time = self.now(monotonic)
        if self._stood is None:
            return ClockState(self.newest, log_time, max(0.0, monotonic - self._came), wall)
        return ClockState(self.newest, log_time, self._idle(self._stood), self._stood.wall)

    def restore(self, state: ClockState, monotonic: float) -> None:
        """Stand where another clock stood."""
        self.newest, self._floor, self._came = state.newest, state.log_time, monotonic
        self._stood = state

    def resume(self, monotonic: float, wall: float) -> None:
        """Go on by itself after `restore`, counting the (wall) time that has passed since then."""
        if self._stood is not None:
            since = self._idle(self._stood) + max(0.0, wall - self._stood.wall)
            self._came = min(self._came, monotonic - since)
            self._stood = None

    def _idle(self, stood: ClockState) -> float:
        """Return how old the newest line is at `stood.wall`; less than 0 if it came later."""
        return stood.idle - ((self.newest or 0) - stood.newest)


class GateState(msgspec.Struct, frozen=True):
    """Where a FutureGate stands; ages are seconds, a waiting hit comes with its line's number."""

    newest: int | None
    reached: int
    first: list[list[HitRecord]]
    first_age: float
    recent: list[int]
    waiting: list[tuple[int, HitRecord]]
    line: int
    given_up: int
    last_age: float


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

    def state(self, now: float) -> GateState:
        """Return what another gate needs to go on from here, at the monotonic time `now`."""
        first = [[record_of(batch, row) for row in range(len(batch))] for batch in self._first]
        waiting = [(hit.line, record_of(hit.batch, hit.row)) for hit in self._waiting]
        return GateState(
            newest=self.newest,
            reached=self._reached,
            first=first,
            first_age=now - self._first_came,
            recent=list(self._recent),
            waiting=waiting,
            line=self._line,
            given_up=self._given_up,
            last_age=now - self._last_came,
        )

    def restore(self, state: GateState, now: float) -> None:
        """Go on where another gate stood; hits wait as long as they had to there."""
        self.newest, self._reached = state.newest, state.reached
        self._first = [batch_of_records(records) for records in state.first]
        self._first_came, self._last_came = now - state.first_age, now - state.last_age
        self._recent.extend(state.recent)
        self._waiting = [
            _Waiting(record.second, line, batch_of_records([record]), 0)
            for line, record in state.waiting
        ]
        self._line, self._given_up = state.line, state.given_up

    def release(self, now: float, wall: float) -> list[HitBatch]:
        """Return hits believed although no line came for a while: the wall clock has got there.

        `now` is monotonic, `wall` in epoch seconds.
        """
        begun = self._begin() if now - self._first_came >= PATIENCE else []
        if not self._waiting or now - self._last_came < PATIENCE:
            return begun
        return begun + self._release_up_to(int(wall) + JUMP)

    def finish(self, *, for_good: bool = True) -> list[HitBatch]:
        """Return hits believed because the log ends with them, a day ahead at most.

        In a log of fewer lines than decide they are believed however far ahead they are. Unless it
        ends `for_good`, the lines to come will tell.
        """
        begun = self._begin()
        if not for_good or not self._waiting or self._recent[-1] <= self._horizon:
            return begun
        furthest = max(hit.second for hit in self._waiting)
        few = self._line <= RECENT_LINES
        return begun + self._release_up_to(furthest if few else (self.newest or 0) + A_DAY)

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

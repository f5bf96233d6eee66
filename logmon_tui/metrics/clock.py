"""The log clock. Time is read nowhere: it comes in; `future_gate` tells which hits may move it.

Every hit belongs to the second that its own timestamp names. The log clock is the newest
credible timestamp plus the (monotonic) time since that line came: the wall clock on a healthy
live log, the file's own time on a replay.
"""

import msgspec


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

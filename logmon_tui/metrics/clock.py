"""The log clock. It reads no clock itself: callers pass the time.

Every hit belongs to the second of its own timestamp. Log time is the newest credible timestamp
plus the monotonic time since that line came. On a healthy live log that is the wall clock, on a
replay the file's own time. `future_gate` decides which timestamps are credible.
"""

import msgspec


class ClockState(msgspec.Struct, frozen=True):
    """The saved state of a log clock.

    `newest` is the newest credible second, `log_time` what the clock showed. At `wall` (epoch
    seconds) the newest line had come `idle` seconds before.
    """

    newest: int
    log_time: float
    idle: float
    wall: float


class LogClock:
    """Tells log time, which never goes back.

    A restored clock is stopped: only lines move it, until `resume` starts it.
    """

    def __init__(self) -> None:
        self.newest: int | None = None
        self._arrived = 0.0
        self._floor = 0.0
        self._stopped: ClockState | None = None

    def observe(self, newest: int, arrived: float) -> None:
        """Note a credible timestamp (UTC second) and the monotonic time at which it arrived."""
        if self.newest is None or newest > self.newest:
            if self.newest is not None:
                self._floor = self.now(arrived)
            self.newest, self._arrived = newest, arrived

    def now(self, monotonic: float) -> float:
        """Return log time in UTC epoch seconds; 0 before the first hit."""
        if self.newest is None:
            return 0.0
        idle = max(0.0, monotonic - self._arrived) if self._stopped is None else 0.0
        return max(self._floor, self.newest + idle)

    def state(self, monotonic: float, wall: float) -> ClockState | None:
        """Return the state to save; None before the first hit."""
        if self.newest is None:
            return None
        log_time = self.now(monotonic)
        if self._stopped is None:
            return ClockState(self.newest, log_time, max(0.0, monotonic - self._arrived), wall)
        return ClockState(self.newest, log_time, self._idle(self._stopped), self._stopped.wall)

    def restore(self, state: ClockState, monotonic: float) -> None:
        """Stop at the time of another clock."""
        self.newest, self._floor, self._arrived = state.newest, state.log_time, monotonic
        self._stopped = state

    def resume(self, monotonic: float, wall: float) -> None:
        """Start the clock after `restore`, and add the wall time that passed since it was saved."""
        if self._stopped is not None:
            since = self._idle(self._stopped) + max(0.0, wall - self._stopped.wall)
            self._arrived = min(self._arrived, monotonic - since)
            self._stopped = None

    def _idle(self, stopped: ClockState) -> float:
        """Return how old the newest line was at the saved wall time; negative if it came later."""
        return stopped.idle - ((self.newest or 0) - stopped.newest)

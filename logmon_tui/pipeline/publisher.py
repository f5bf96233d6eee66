"""Publisher: decides when a listener gets changed incidents and the next snapshot."""

from collections.abc import Callable, Sequence

import msgspec

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.snapshot import Snapshot

PUBLISH_SECONDS = 0.5
"""Seconds between two snapshots."""

_NEARLY = 0.2
"""Seconds by which a snapshot of live lines may come early, so that it shows those just read."""


class Listener(msgspec.Struct):
    """Receives each changed incident, and a snapshot (`picture`) every `every` seconds.

    Each thread calls `rest` before each step or chunk; it may wait a moment for what is more urgent
    than reading.
    """

    picture: Callable[[Snapshot], None]
    incidents: Callable[[Sequence[Incident]], None] = lambda _changed: None
    every: float = PUBLISH_SECONDS
    rest: Callable[[], object] = lambda: None


class Publisher:
    """Passes on what changed; `now` is when it begins, in monotonic seconds.

    With `every_window` a snapshot is due whenever a stats window has ended, and at each interval.
    Without it, one is due at an interval only if something happened, or once a second for the
    clocks on the screen. An exception of the listener is passed on.
    """

    def __init__(self, listener: Listener, now: float, *, every_window: bool) -> None:
        self._listener = listener
        self._every_window = every_window
        self._published = now - listener.every
        self._second = 0  # of the wall clock, at the last snapshot
        self._window_end: int | None = None  # of the stats window in the last snapshot
        self._dirty = True  # whether anything has happened since the last snapshot
        self._changed: list[Incident] = []

    def note(self, changed: Sequence[Incident] = ()) -> None:
        """Note that the next snapshot differs, and which incidents changed."""
        self._changed.extend(changed)
        self._dirty = True

    def hurry(self) -> None:
        """Have the next snapshot due now, if anything has happened."""
        self._published -= self._listener.every

    def pass_incidents(self) -> None:
        """Pass on the incidents that changed since the last call."""
        if self._changed:
            changed, self._changed = self._changed, []
            self._listener.incidents(changed)

    def publish(
        self,
        now: float,
        second: int,
        window_end: int | None,
        picture: Callable[[], Snapshot],
        *,
        early: bool = True,
    ) -> None:
        """Pass on changed incidents, and the snapshot that `picture` makes if one is due.

        `now` is monotonic, `second` of the wall clock; `window_end` is the last second of the stats
        window, None before there was one. `early` tells whether it may come a little early.
        """
        self.pass_incidents()
        if self._is_due(now + (_NEARLY if early else 0.0), second, window_end):
            self._published, self._second, self._window_end = now, second, window_end
            self._dirty = False
            self._listener.picture(picture())

    def _is_due(self, soon: float, second: int, window_end: int | None) -> bool:
        if self._every_window and window_end != self._window_end:
            return True
        dirty = self._dirty or self._every_window or second != self._second
        return dirty and soon - self._published >= self._listener.every

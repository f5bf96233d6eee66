"""Saver: when the state is saved, and what a run goes on with. How it is stored is not known here.

Counts and positions are taken between two reads, when every line handed over has been counted,
so that they belong together.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from logmon_tui.monitor import HTTPMonitor
from logmon_tui.snapshot import Saving
from logmon_tui.sources.base import LogPosition, Source, SourceState
from logmon_tui.state.location import log_key
from logmon_tui.state.store import StateStore

SAVE_SECONDS = 1.0
_SHARE = 20
"""Saving pauses for so many times as long as it took, so that it takes 5 % of the time at most."""

_BEHIND = (SourceState.CATCHING_UP, SourceState.FAILED)


class Saver:
    """Keeps the state of one watch of `logs` in `file`; used by one thread, never raises."""

    def __init__(self, file: Path, logs: Sequence[str]) -> None:
        self._store = StateStore(file, logs)
        self._logs = [log_key(log) for log in logs]
        self._saved = self._store.load()
        self._due = 0.0
        self._behind = self._saved is not None

    @property
    def goes_on(self) -> bool:
        """Whether there is a former run to go on from; until `restore`."""
        return self._saved is not None

    def position(self, log: str) -> LogPosition | None:
        """Return where to go on in `log`, None if it was not read before."""
        return None if self._saved is None else self._saved.positions.get(log_key(log))

    def restore(self, monitor: HTTPMonitor, now: float) -> None:
        """Let a fresh `monitor` go on where the former run stopped; `now` is monotonic."""
        if self._saved is not None:
            monitor.restore(self._saved.monitor, now)
        self._saved = None

    def count_downtime(
        self, sources: Sequence[Source], monitor: HTTPMonitor, now: float, wall: float
    ) -> None:
        """Let the time since the former run count, once all that was written in it has been read.

        Before that, seconds whose lines are not read yet would pass for quiet ones.
        """
        if self._behind and not any(source.status().state in _BEHIND for source in sources):
            self._behind = False
            monitor.count_downtime(now, wall)

    def due(self, now: float) -> bool:
        """Tell whether it is time to save again: at most once a second."""
        return now >= self._due

    def save(
        self, sources: Sequence[Source], monitor: HTTPMonitor, now: float, wall: float
    ) -> None:
        """Save where `sources`, one for each log, stand and what `monitor` has counted."""
        positions = {
            log: position
            for log, source in zip(self._logs, sources, strict=True)
            if (position := source.position()) is not None
        }
        if len(positions) == len(self._logs):
            began = time.monotonic()
            self._store.save(positions, monitor, now, wall)
            took = time.monotonic() - began
            self._due = now + max(SAVE_SECONDS, _SHARE * took)

    @property
    def saving(self) -> Saving:
        """How the saving goes, for the picture."""
        store = self._store
        return Saving(str(store.file), store.problem, store.note, store.saved_at)

    def close(self) -> None:
        """Give up the file."""
        self._store.close()

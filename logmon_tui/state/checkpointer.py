"""Checkpointer: when the state is saved, and what a run goes on with. It knows no way of storing.

Counts and positions are taken between two reads, when every line handed over has been counted,
so that they belong together.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Saving
from logmon_tui.sources.base import LogPosition, Source, SourceState
from logmon_tui.state.files import shown
from logmon_tui.state.location import log_key
from logmon_tui.state.state_file import StateFile
from logmon_tui.units import date_time

SAVE_SECONDS = 1.0
_SHARE = 20
"""Saving pauses for so many times as long as it took, so that it takes 5 % of the time at most."""

_UNSAVED = "the watch begun at {} UTC saved nothing; what was logged since then is read again"
_BUT = ", but in {} only its end: when its lines were written cannot be told"
_MOST_FORMER = 1_000
"""Of logs named by the hour, those with the last names are remembered."""

_BEHIND = (SourceState.CATCHING_UP, SourceState.FAILED)


class Checkpointer:
    """Keeps the state of one watch of `logs` in `file`; used by one thread, never raises."""

    def __init__(self, file: Path, logs: Sequence[str]) -> None:
        self._store = StateFile(file, logs)
        self._saved = self._store.load()
        # Of logs that a pattern matched, too: one that is not there now may come again.
        former = sorted(self._saved.positions.items()) if self._saved is not None else []
        self._former = dict(former[-_MOST_FORMER:])
        since = self._store.unsaved_since
        self._note = "" if since is None else _UNSAVED.format(date_time(since))
        self._due = 0.0
        self._behind = self._saved is not None
        self._inherited: list[Incident] = []

    @property
    def unsaved_since(self) -> float | None:
        """When a run began that could save nothing (wall time); None if the last one saved."""
        return self._store.unsaved_since

    def pass_over(self, log: str) -> None:
        """Note that what the run that saved nothing had read of `log` will not be read again."""
        self._note += _BUT.format(shown(Path(log)))

    @property
    def goes_on(self) -> bool:
        """Whether there is a former run to go on from; until `restore`."""
        return self._saved is not None

    def position(self, log: str) -> LogPosition | None:
        """Return where to go on in `log`, None if it was not read before; ask once for each."""
        return self._former.pop(log_key(log), None)

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
        self, sources: Mapping[str, Source], monitor: HTTPMonitor, now: float, wall: float
    ) -> None:
        """Save where `sources`, by their logs, stand and what `monitor` has counted.

        If another instance saved until now, what users said to that one is taken over first.
        """
        if self._store.another:
            self._take_over(monitor)
            self._due = now + SAVE_SECONDS
            if self._store.another:
                return
        positions = {
            log_key(log): position
            for log, source in sources.items()
            if (position := source.position()) is not None
        }
        if len(positions) == len(sources):
            began = time.monotonic()
            self._store.save({**self._former, **positions}, monitor, now, wall)
            took = time.monotonic() - began
            self._due = now + max(SAVE_SECONDS, _SHARE * took)

    def _take_over(self, monitor: HTTPMonitor) -> None:
        """Keep the silences, acknowledgements and notes of the instance that saved, if it ended."""
        left = self._store.take_over()
        if left is None:
            return
        self._inherited = left.monitor.incidents
        judge, silences = monitor.judge, left.monitor.state.judge.silences
        for silence in judge.standing().silences:
            if silence not in silences:
                judge.end_silence(silence)
        for silence in silences:
            if silence not in judge.standing().silences:
                judge.silence(silence)
        for incident in left.monitor.incidents:
            if incident.acknowledged:
                judge.acknowledge(incident.id, incident.acknowledged_at)
            if incident.note:
                judge.set_note(incident.id, incident.note)

    def was_known(self, incident: Incident) -> bool:
        """Tell whether the instance that saved until this one did had found `incident`, too."""
        return any(
            (each.rule, each.subject, each.firing) == (incident.rule, incident.subject, True)
            for each in self._inherited
        )

    @property
    def another(self) -> bool:
        """Whether another instance saves the state of these logs, as of the last try to save."""
        return self._store.another

    @property
    def saving(self) -> Saving:
        """How the saving goes, for the picture."""
        store = self._store
        return Saving(str(store.file), store.problem, store.note or self._note, store.saved_at)

    def close(self) -> None:
        """Give up the file."""
        self._store.close()

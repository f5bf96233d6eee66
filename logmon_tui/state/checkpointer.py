"""Checkpointer: decides when to save the state, and what a run resumes from. StateFile stores it.

Counts and positions are saved between two reads, when every line handed over has been counted. So
they always match.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.past import DEFAULTS, Retention
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Saving
from logmon_tui.sources.base import KnowsServers, LogPosition, Source, SourceState
from logmon_tui.state.archive import StateArchive
from logmon_tui.state.files import shown
from logmon_tui.state.location import log_key
from logmon_tui.state.state_file import StateFile
from logmon_tui.units import date_time

SAVE_SECONDS = 1.0
"""Minimum seconds between two saves."""

_SHARE = 20
"""The pause after a save, in multiples of its duration: saving takes at most 5 % of the time."""

_UNSAVED = "the watch begun at {} UTC saved nothing; what was logged since then is read again"
_BUT = ", but in {} only its end: when its lines were written cannot be told"
_MAX_FORMER = 1_000
"""Maximum positions kept of logs that are gone, such as logs named by the hour; last names win."""

_BEHIND = (SourceState.CATCHING_UP, SourceState.FAILED)
"""States of a source that may hold unread lines of the time between the runs."""


def _is_behind(source: Source) -> bool:
    """Tell whether a source may hold unread lines of the time between the runs.

    A machine that cannot be reached does not hold back all others: nobody knows for how long.
    """
    state = source.status().state
    return state in _BEHIND and not (
        state is SourceState.FAILED and isinstance(source, KnowsServers)
    )


class Checkpointer:
    """Saves the state of one watch of `logs` in `file`. Used by one thread only; never raises.

    `past` says how much of the past it keeps, None for nothing.
    """

    def __init__(self, file: Path, logs: Sequence[str], past: Retention | None = DEFAULTS) -> None:
        self._store = StateFile(file, logs, past)
        self._saved = self._store.load()
        # Includes logs that only a pattern matched: a log that is missing now may come back.
        former = sorted(self._saved.positions.items()) if self._saved is not None else []
        self._former = dict(former[-_MAX_FORMER:])
        since = self._store.unsaved_since
        self._note = "" if since is None else _UNSAVED.format(date_time(since))
        self._due = 0.0
        self._behind = self._saved is not None
        self._inherited: list[Incident] = []

    @property
    def unsaved_since(self) -> float | None:
        """When the last run began, if it could save nothing (wall time); None if it saved."""
        return self._store.unsaved_since

    def pass_over(self, log: str) -> None:
        """Note for the user that the lines of `log` which the last run lost are not read again."""
        self._note += _BUT.format(shown(Path(log)))

    @property
    def resumes(self) -> bool:
        """Whether there is a previous run to resume from. False after `restore`."""
        return self._saved is not None

    def position(self, log: str) -> LogPosition | None:
        """Return where to resume `log`; None if it was not read before. Call once for each log."""
        return self._former.pop(log_key(log), None)

    def restore(self, monitor: HTTPMonitor, now: float) -> None:
        """Load what the previous run saved into a fresh `monitor`; `now` is monotonic."""
        if self._saved is not None:
            monitor.restore(self._saved.monitor, now)
        self._saved = None

    def count_downtime(
        self, sources: Sequence[Source], monitor: HTTPMonitor, now: float, wall: float
    ) -> None:
        """Judge the time between the runs, once all lines written in it have been read.

        Any earlier, seconds whose lines are still unread would count as quiet ones.
        """
        if self._behind and not any(map(_is_behind, sources)):
            self._behind = False
            monitor.count_downtime(now, wall)

    def due(self, now: float) -> bool:
        """Tell whether it is time to save again; `now` is monotonic."""
        return now >= self._due

    def save(
        self, sources: Mapping[str, Source], monitor: HTTPMonitor, now: float, wall: float
    ) -> None:
        """Save the positions of `sources`, by log, and what `monitor` has counted.

        If another instance saved until now, first take over its acknowledgements, notes and
        silences.
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
        """If the instance that saved has ended, take over its past, silences and notes."""
        monitor.archive_past()  # or minutes that the other one has archived too would come later
        left = self._store.take_over()
        if left is None:
            return
        monitor.recording.take_over(left.monitor.state.recorder)
        self._inherited = left.monitor.incidents
        alerts = monitor.alerts
        alerts.silences.all = left.monitor.state.alerts.silences
        alerts.silences.ended = left.monitor.state.alerts.ended
        alerts.applied = set(left.monitor.state.alerts.applied)  # others are to be applied again
        for incident in left.monitor.incidents:
            if incident.acknowledged:
                alerts.incidents.acknowledge(incident.id, incident.acknowledged_at)
            if incident.note:
                alerts.incidents.set_note(incident.id, incident.note)

    def was_known(self, incident: Incident) -> bool:
        """Tell whether the instance whose state was taken over had also found `incident`."""
        return any(
            (each.rule, each.subject, each.firing) == (incident.rule, incident.subject, True)
            for each in self._inherited
        )

    @property
    def saved_at(self) -> float | None:
        """Wall time of this run's last save, None before the first."""
        return self._store.saved_at

    @property
    def archive(self) -> StateArchive:
        """The minutes and hours of the past that the state keeps."""
        return self._store.archive

    @property
    def another(self) -> bool:
        """Whether another instance saves the state of these logs, as of the last save attempt."""
        return self._store.another

    @property
    def saving(self) -> Saving:
        """How saving goes, for the snapshot."""
        store = self._store
        note = store.note or self._note or store.archive.note
        return Saving(str(store.file), store.problem, note, store.saved_at)

    def close(self) -> None:
        """Close the file."""
        self._store.close()

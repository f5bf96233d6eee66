"""What is in a state file, for a person. Nothing is written here, and no lock is taken."""

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.metrics.aggregator import RING, TIERS
from logmon_tui.monitor.saved import MonitorState
from logmon_tui.sources.base import LogPosition
from logmon_tui.state import tables
from logmon_tui.state.database import looked_at
from logmon_tui.state.files import RefusedError, companions
from logmon_tui.state.schema import MIGRATIONS, version_of


class StateSummary(NamedTuple):
    """A state file of `size` bytes; `saved_at` and `monitor` are None if nothing was saved yet.

    `logs` are the keys of the logs, `positions` are by such a key. `buckets` are (width in
    seconds, how many there are), `open` the incidents that fire, `past` how many recovered.
    """

    size: int
    version: int
    logs: list[bytes]
    saved_at: float | None
    monitor: MonitorState | None
    positions: dict[str, LogPosition]
    buckets: list[tuple[int, int]]
    open: list[Incident]
    past: int


def summary_of(file: Path) -> StateSummary:
    """Return what is in `file`, also while an instance saves into it.

    Raises RefusedError if it is no state that can be read.
    """
    with looked_at(file) as connection:
        version = version_of(connection)
        if version < len(MIGRATIONS):
            raise RefusedError(f"is of the older version {version}; watching with it upgrades it")
        return _summary(connection, version, _size(file))


def _size(file: Path) -> int:
    return sum(path.stat().st_size for path in (file, *companions(file)) if path.exists())


class History(NamedTuple):
    """The incidents of a state file, past ones as they recovered, then open ones.

    `saved_at` (wall time) and `silences` are unknown of a state of old: None and none.
    """

    incidents: list[Incident]
    silences: tuple[Silence, ...]
    saved_at: float | None


def history_of(file: Path) -> History:
    """Return the history of the alerts in `file`, whatever its version.

    An instance may save into it meanwhile. Raises RefusedError if it is no state that can be read.
    """
    with looked_at(file) as connection:
        incidents = tables.read_incidents(connection)
        present = version_of(connection) == len(MIGRATIONS)
        found = tables.read_summary(connection) if present else None
        if found is None:
            return History(incidents, (), None)
        return History(incidents, found[1].judge.silences, found[0])


def _summary(connection: sqlite3.Connection, version: int, size: int) -> StateSummary:
    found = tables.read_summary(connection)
    incidents = tables.read_incidents(connection)
    counts = dict(connection.execute("SELECT tier, count(*) FROM buckets GROUP BY tier"))
    positions = tables.read_positions(connection)
    saved_at, monitor = found or (None, None)
    widths = {RING: 1 if monitor is None else monitor.aggregator.bucket_size}
    widths.update((tier, width) for tier, (_, width) in enumerate(TIERS, start=1))
    firing = [each for each in incidents if each.firing]
    return StateSummary(
        size=size,
        version=version,
        logs=[os.fsencode(log) for log in positions],
        saved_at=saved_at,
        monitor=monitor,
        positions=positions,
        buckets=[(width, counts.get(tier, 0)) for tier, width in widths.items()],
        open=firing,
        past=len(incidents) - len(firing),
    )

"""What is in a state file, for a person. Nothing is written here, and no lock is taken."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from logmon_tui.alerts.incident import Incident
from logmon_tui.metrics.aggregator import RING, TIERS
from logmon_tui.monitor_state import MonitorState
from logmon_tui.sources.base import LogPosition
from logmon_tui.state import tables
from logmon_tui.state.database import check_readable, connect, damage_told
from logmon_tui.state.files import RefusedError, check_kind, companions, shown
from logmon_tui.state.records import DamagedError
from logmon_tui.state.schema import MIGRATIONS


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
    try:
        check_kind(file)
        size = sum(path.stat().st_size for path in (file, *companions(file)) if path.exists())
        with contextlib.closing(connect(file, "ro")) as connection, damage_told():
            return _summary(connection, size)
    except DamagedError as error:
        command = f"logmon-tui state clear --state {shown(file)}"
        raise RefusedError(f"is damaged: {error}; remove it with: {command}") from error
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}") from error
    except sqlite3.Error as error:
        raise RefusedError(f"cannot be read: {error}") from error


def _summary(connection: sqlite3.Connection, size: int) -> StateSummary:
    version = check_readable(connection, None)
    if version < len(MIGRATIONS):
        if not version:
            raise RefusedError("holds no state yet; watch with it first")
        raise RefusedError(f"is of the older version {version}; watching with it upgrades it")
    with connection:
        connection.execute("BEGIN")  # so that all is read from one commit
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

"""Summaries of a state file for people. Writes nothing and takes no lock."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from logmon_tui.alerts.history.silence import Silence, Silences
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.metrics.aggregator import RING
from logmon_tui.metrics.wide_buckets import TIERS
from logmon_tui.monitor.commands import Acknowledge, AddSilence, EndSilence, SetNote
from logmon_tui.monitor.saved import MonitorState
from logmon_tui.sources.base import LogPosition
from logmon_tui.state import tables
from logmon_tui.state.database import reading
from logmon_tui.state.files import RefusedError, companions
from logmon_tui.state.requests import Request, waiting_requests
from logmon_tui.state.schema import MIGRATIONS, version_of


class StateSummary(NamedTuple):
    """What is in a state file of `size` bytes.

    `saved_at` (wall time) and `monitor` are None if nothing was saved yet. `logs` are the keys of
    the logs, `positions` are by these keys. `buckets` are pairs of a width in seconds and the
    number of buckets, `slices` such pairs of the minutes and hours of the past. `open` are the
    firing incidents, `past` is the number of recovered ones.
    """

    size: int
    version: int
    logs: list[bytes]
    saved_at: float | None
    monitor: MonitorState | None
    positions: dict[str, LogPosition]
    buckets: list[tuple[int, int]]
    slices: list[tuple[int, int]]
    open: list[Incident]
    past: int


def summary_of(file: Path) -> StateSummary:
    """Return what is in `file`, even while an instance saves into it.

    Raises RefusedError if it is not a readable state.
    """
    with reading(file) as connection:
        version = version_of(connection)
        if version < len(MIGRATIONS):
            raise RefusedError(f"is of the older version {version}; watching with it upgrades it")
        return _summary(connection, version, _size(file))


def _size(file: Path) -> int:
    return sum(path.stat().st_size for path in (file, *companions(file)) if path.exists())


class History(NamedTuple):
    """The incidents of a state file: recovered ones in the order of recovery, then open ones.

    In a file of an older version `saved_at` (wall time) and `silences` are unknown: None and empty.
    `ended` are the silences of maintenance windows that a user ended early.
    """

    incidents: list[Incident]
    silences: tuple[Silence, ...]
    saved_at: float | None
    ended: tuple[Silence, ...] = ()

    def in_force(
        self, wall: float, recurring: Callable[[float], Sequence[Silence]] = lambda _wall: ()
    ) -> tuple[Silence, ...]:
        """Return the silences in force at `wall`, with the `recurring` ones, first to end first."""
        silences = Silences(recurring)
        silences.all, silences.ended = self.silences, self.ended
        return silences.in_force(wall)

    def after(self, requests: Iterable[Request | None]) -> "History":
        """Return the history as it is once `requests` are applied."""
        silences = Silences()
        silences.all, silences.ended = self.silences, self.ended
        said: dict[str, dict[str, Any]] = {}
        for request in requests:
            match request:
                case AddSilence(silence):
                    silences.add(silence)
                case EndSilence(silence):
                    silences.end(silence)
                case Acknowledge(incident, wall):
                    said.setdefault(incident, {})["acknowledged_at"] = wall
                case SetNote(incident, note):
                    said.setdefault(incident, {})["note"] = note
        incidents = [replace(each, **said.get(each.id, {})) for each in self.incidents]
        return self._replace(incidents=incidents, silences=silences.all, ended=silences.ended)


def history_of(file: Path) -> History:
    """Return the alert history in `file`, of any version, even while an instance saves into it.

    What commands asked, and no watch has applied yet, counts as applied.

    Raises RefusedError if it is not a readable state.
    """
    try:  # before the state: what a watch applies meanwhile is in the state then
        asked = list(waiting_requests(file))
    except (OSError, RefusedError):
        asked = []
    with reading(file) as connection:
        incidents = tables.read_incidents(connection)
        present = version_of(connection) == len(MIGRATIONS)
        found = tables.read_summary(connection) if present else None
    if found is None:
        return History(incidents, (), None)
    alerts = found[1].alerts
    history = History(incidents, alerts.silences, found[0], alerts.ended)
    return history.after(each.request for each in asked if each.name not in alerts.applied)


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
        slices=connection.execute(
            "SELECT width, count(*) FROM history_sums GROUP BY width ORDER BY width"
        ).fetchall(),
        buckets=[(width, counts.get(tier, 0)) for tier, width in widths.items()],
        open=firing,
        past=len(incidents) - len(firing),
    )

"""Reads and writes the rows of a state file through an open connection."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from logmon_tui.alerts.evaluation.second_counts import SPAN_BYTES, SavedSpan
from logmon_tui.alerts.history.incident_history import KEPT_INCIDENTS
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.metrics.aggregator import RING
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.dirty_buckets import BucketKey
from logmon_tui.metrics.stats_window import OVERDUE
from logmon_tui.metrics.wide_buckets import TIERS
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.saved import MonitorState, SavedMonitor, UnparsedState
from logmon_tui.sources.base import LogPosition
from logmon_tui.state.known_pages import read_pages
from logmon_tui.state.long_hours import read_hours
from logmon_tui.state.records import (
    DamagedError,
    packed,
    packed_bucket,
    unpacked,
    unpacked_bucket,
)
from logmon_tui.state.rule_slots import read_slots

_KINDS = {OVERDUE: True, RING: True, **dict.fromkeys(range(1, len(TIERS) + 1), False)}
"""Whether the buckets of each tier hold keys."""


_SPAN = "seconds "
"""How the names of parts begin that hold hits by second; then comes the first second."""

_DIGITS = 18
"""Maximum digits of a second in such a name."""


class SavedState(NamedTuple):
    """What a run saved: positions by log key, the monitor's state, and when (wall time)."""

    positions: dict[str, LogPosition]
    monitor: SavedMonitor
    saved_at: float


class _MonitorRecord(msgspec.Struct, frozen=True):
    """The monitor's state without buckets and incidents, and the wall time of the save."""

    saved_at: float
    state: MonitorState


def read_summary(connection: sqlite3.Connection) -> tuple[float, MonitorState] | None:
    """Return when the state was saved, and the monitor's state without buckets; None if unsaved."""
    data = _part(connection, "monitor")
    if data is None:
        return None
    record = unpacked(data, _MonitorRecord)
    return record.saved_at, record.state


def holds_state(connection: sqlite3.Connection) -> bool:
    """Tell whether anything was saved."""
    return _part(connection, "monitor") is not None


def read_positions(connection: sqlite3.Connection) -> dict[str, LogPosition]:
    """Return the logs' positions by log key."""
    found = {}
    for log, data in connection.execute("SELECT log, data FROM positions ORDER BY log"):
        if not isinstance(log, bytes):
            raise DamagedError("a log without a path")
        found[os.fsdecode(log)] = unpacked(data, LogPosition)
    return found


def read_incidents(connection: sqlite3.Connection) -> list[Incident]:
    """Return recovered incidents in the order of recovery, then open ones as triggered."""
    rows = connection.execute("SELECT data FROM incidents ORDER BY rowid")
    return sorted((unpacked(data, Incident) for (data,) in rows), key=_order)


def _order(incident: Incident) -> tuple[bool, int]:
    return incident.firing, incident.recovered_at or 0


def read_state(connection: sqlite3.Connection) -> SavedState | None:
    """Return everything from which a run resumes; None if nothing was saved yet.

    Raises sqlite3.Error, DamagedError.
    """
    with connection:
        connection.execute("BEGIN")  # so that everything is read from one commit
        summary = read_summary(connection)
        if summary is None:
            return None
        lines = _part(connection, "unparsed")
        monitor = SavedMonitor(
            state=summary[1],
            unparsed=UnparsedState(None, ()) if lines is None else unpacked(lines, UnparsedState),
            buckets=dict(_read_buckets(connection)),
            incidents=read_incidents(connection),
            slots=list(read_slots(connection)),
            minutes=_read_minutes(connection),
            hours=list(read_hours(connection)),
            seconds=_read_seconds(connection),
            known=read_pages(connection),
        )
        return SavedState(read_positions(connection), monitor, summary[0])


def _part(connection: sqlite3.Connection, name: str) -> bytes | None:
    row = connection.execute("SELECT data FROM parts WHERE name = ?", (name,)).fetchone()
    return None if row is None else row[0]


def _read_buckets(connection: sqlite3.Connection) -> Iterator[tuple[BucketKey, MetricsBucket]]:
    rows = connection.execute("SELECT tier, start, data FROM buckets ORDER BY tier, start")
    for tier, start, data in rows:
        bucket = unpacked_bucket(data)
        if tier not in _KINDS or bucket.detail != _KINDS[tier] or not isinstance(start, int):
            raise DamagedError("a bucket out of place")
        yield (tier, start), bucket


def _read_minutes(connection: sqlite3.Connection) -> dict[int, MetricsBucket]:
    rows = connection.execute("SELECT start, data FROM open_minutes")
    return {start: unpacked_bucket(data) for start, data in rows}


def _read_seconds(connection: sqlite3.Connection) -> list[SavedSpan]:
    rows = connection.execute("SELECT name, data FROM parts WHERE name GLOB ?", (f"{_SPAN}*",))
    found = []
    for name, data in rows:
        start, counts = name.removeprefix(_SPAN.encode()), unpacked(data, bytes)
        if not start.isdigit() or len(start) > _DIGITS or len(counts) != SPAN_BYTES:
            raise DamagedError("seconds out of place")
        found.append(SavedSpan(int(start), counts))
    return found


def write_seconds(connection: sqlite3.Connection, spans: Iterable[SavedSpan]) -> None:
    """Write what was counted in the seconds of each span; delete those of None."""
    for start, counts in spans:
        if counts is None:
            connection.execute("DELETE FROM parts WHERE name = ?", (f"{_SPAN}{start}",))
        else:
            write_part(connection, f"{_SPAN}{start}", counts)


def clear(connection: sqlite3.Connection) -> None:
    """Delete every row but those of the past."""
    for table in (
        "parts",
        "positions",
        "buckets",
        "incidents",
        "rule_slots",
        "open_minutes",
        "long_hours",
    ):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above


def write_part(connection: sqlite3.Connection, name: str, value: object) -> None:
    """Write a single value under `name`."""
    connection.execute("REPLACE INTO parts VALUES (?, ?)", (name, packed(value)))


def write_monitor(connection: sqlite3.Connection, state: MonitorState, wall: float) -> None:
    """Write the monitor's state without buckets and incidents, saved at `wall` (epoch seconds)."""
    write_part(connection, "monitor", _MonitorRecord(wall, state))


def write_positions(connection: sqlite3.Connection, positions: Mapping[str, LogPosition]) -> None:
    """Write the logs' positions."""
    rows = [(os.fsencode(log), packed(position)) for log, position in positions.items()]
    connection.executemany("REPLACE INTO positions VALUES (?, ?)", rows)


def write_buckets(
    connection: sqlite3.Connection, monitor: HTTPMonitor, keys: Iterable[BucketKey]
) -> None:
    """Write the present buckets of `keys`; delete the rows of buckets that are gone."""
    gone: list[BucketKey] = []
    for key in keys:
        bucket = monitor.counts.bucket(key)
        if bucket is None:
            gone.append(key)
        else:
            row = (*key, packed_bucket(bucket))
            connection.execute("REPLACE INTO buckets VALUES (?, ?, ?)", row)
    connection.executemany("DELETE FROM buckets WHERE tier = ? AND start = ?", gone)


def write_minutes(
    connection: sqlite3.Connection, minutes: Mapping[int, MetricsBucket | None]
) -> None:
    """Write the buckets of open minutes by their first second; delete the rows of those of None."""
    for start, bucket in minutes.items():
        if bucket is None:
            connection.execute("DELETE FROM open_minutes WHERE start = ?", (start,))
        else:
            row = start, packed_bucket(bucket)
            connection.execute("REPLACE INTO open_minutes VALUES (?, ?)", row)


def write_incidents(connection: sqlite3.Connection, incidents: Iterable[Incident]) -> None:
    """Insert new incidents after the existing rows; update rows with the same id."""
    connection.executemany(
        "INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id)"
        " DO UPDATE SET severity = excluded.severity, recovered_at = excluded.recovered_at,"
        " data = excluded.data",
        [
            (
                each.id,
                each.rule,
                each.subject,
                each.severity,
                each.triggered_at,
                each.recovered_at,
                packed(each),
            )
            for each in incidents
        ],
    )


def drop_incidents(connection: sqlite3.Connection, gone: Iterable[str]) -> None:
    """Delete the incidents with the ids `gone`, and recovered ones beyond `KEPT_INCIDENTS`."""
    connection.executemany("DELETE FROM incidents WHERE id = ?", [(each,) for each in gone])
    connection.execute(
        "DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE recovered_at NOT NULL"
        " ORDER BY recovered_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
        (KEPT_INCIDENTS,),
    )

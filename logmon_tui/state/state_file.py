"""StateFile: saves positions and counts together, and loads them for the next run.

Nothing here raises when something is wrong with the file: `problem` and `note` report it, and the
next save tries again. Only one thread may use a StateFile.
"""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.config.past import DEFAULTS, Retention
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.monitor.saved import UnparsedState
from logmon_tui.sources.base import LogPosition
from logmon_tui.state import tables
from logmon_tui.state.archive import StateArchive
from logmon_tui.state.database import (
    PRIMARY_CODE,
    Database,
    LockedError,
    check_readable,
    connect,
    damage_errors,
)
from logmon_tui.state.files import (
    DAMAGED,
    UNREAD,
    RefusedError,
    begun_at,
    check_kind,
    is_checkpointed,
    shown,
)
from logmon_tui.state.known_pages import write_pages
from logmon_tui.state.location import log_keys
from logmon_tui.state.long_hours import write_hours
from logmon_tui.state.records import DamagedError
from logmon_tui.state.rule_slots import write_slots
from logmon_tui.state.schema import MIGRATIONS
from logmon_tui.state.tables import SavedState

_ANOTHER = "another logmon-tui watches these logs and saves their state; this one does not save"
_FAULTS = (DamagedError, RefusedError, OSError, sqlite3.Error)
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
_Read = TypeVar("_Read")


class StateFile:
    """The state file of a set of logs; `past` says how much of the past it keeps, None for nothing.

    - `problem`: one line that says why nothing is saved now, and how to mend it; empty while saving
      works.
    - `note`: what was done to an existing file, such as that it was set aside.
    - `saved_at`: wall time of this run's last save, None before the first.
    - `archive`: minutes and hours of the past, of this run and of those before.
    - `another`: whether another instance has locked the file, as of the last attempt.
    - `unsaved_since`: after `load`, when the last run began (wall time) if it saved nothing; else
      None.
    """

    def __init__(self, path: Path, logs: Sequence[str], past: Retention | None = DEFAULTS) -> None:
        self.file = path
        self.problem = ""
        self.note = ""
        self.another = False
        self.saved_at: float | None = None
        self.unsaved_since: float | None = None
        self._begun_at = begun_at(path)
        self._logs = log_keys(logs)
        self._database: Database | None = None
        self._loaded = False  # whether this run has loaded what the file holds
        self.archive = StateArchive(self._ask, past, lambda: self.another)
        self._begin_anew()
        self._open()

    def _begin_anew(self) -> None:
        """Assume that the file holds nothing of this run, so that the next save writes all."""
        self._current = False
        self._open_incidents: dict[str, Incident] = {}
        self._lines: UnparsedState | None = None

    def _open(self) -> Database | None:
        """Open the file and return it; if that fails, set `problem` and return None."""
        self._begin_anew()
        self.another = False
        try:
            self._database = Database(self.file, self._logs)
        except LockedError:
            self.another = True
            self.problem = _ANOTHER
        except _FAULTS as error:
            self._fail(self._explained(error))
        else:
            self.problem = ""
            self.note = self._database.note or self.note
        return self._database

    def _fail(self, why: str) -> None:
        self.problem = f"state not saved: {why}"

    def load(self) -> SavedState | None:
        """Return what the last run saved; None if nothing was saved or it cannot be read.

        If another instance saves into the file, return what it saved last. A file that cannot be
        read is set aside before this run saves.
        """
        database = self._database
        saved = self._load_unlocked() if database is None else self._load(database)
        self._loaded = saved is not None
        if saved is None and not self.another and not self.note and self._read(_is_empty):
            self.unsaved_since = self._begun_at
        return saved

    def _load(self, database: Database) -> SavedState | None:
        try:
            with damage_errors():
                saved = tables.read_state(database.connection)
        except DamagedError:
            self._renew(database, DAMAGED)
            return None
        except sqlite3.Error as error:
            self._fail(self._explained(error))
            return None
        if saved is not None:
            self._current = True
            incidents = saved.monitor.incidents
            self._open_incidents = {each.id: each for each in incidents if each.firing}
            self._lines = saved.monitor.unparsed
        return saved

    def _load_unlocked(self) -> SavedState | None:
        return self._read(
            lambda connection, version: (
                tables.read_state(connection) if version == len(MIGRATIONS) else None
            )
        )

    def _read(self, read: Callable[[sqlite3.Connection, int], _Read]) -> _Read | None:
        """Return `read` of a connection and the file's version; None if it cannot be read.

        While the file is open, it is not opened again: closing it drops all locks that this process
        has on it. Another instance that looked at it would then remove its journal.
        """
        try:
            if self._database is not None:
                with damage_errors():
                    connection = self._database.connection
                    return read(connection, check_readable(connection, self._logs))
            try:
                return self._read_as("ro", read)
            except sqlite3.OperationalError as error:
                if self.another or not _lacks_room(error) or not is_checkpointed(self.file):
                    return None
                return self._read_as("ro&immutable=1", read)
        except _FAULTS:
            return None

    def _read_as(self, mode: str, read: Callable[[sqlite3.Connection, int], _Read]) -> _Read:
        check_kind(self.file)
        with contextlib.closing(connect(self.file, mode)) as connection, damage_errors():
            return read(connection, check_readable(connection, self._logs))

    def _ask(self, ask: Callable[[sqlite3.Connection], _Read]) -> _Read | None:
        """Return what `ask` reads; None if the file cannot be read now: the next save mends it."""
        if self._database is None:
            return self._read(
                lambda connection, version: ask(connection) if version == len(MIGRATIONS) else None
            )
        try:
            with damage_errors():
                return ask(self._database.connection)
        except (DamagedError, sqlite3.Error):
            return None

    def _renew(self, database: Database, ending: str) -> bool:
        """Set the file aside under `ending` and begin a new one; return whether that worked."""
        self._begin_anew()
        self.archive.forget_file()
        try:
            database.renew(ending)
        except _FAULTS as error:
            self._fail(self._explained(error))
            self.close()
            return False
        self.note = database.note
        return True

    def save(
        self, positions: Mapping[str, LogPosition], monitor: HTTPMonitor, now: float, wall: float
    ) -> None:
        """Save the logs' positions and everything counted up to them, in one transaction.

        Writes only what changed since the last save. `now` is monotonic, `wall` in epoch seconds.
        What cannot be saved now is saved the next time.
        """
        database = self._ready()
        if database is None:
            return
        try:
            try:
                self._write(database, positions, monitor, now, wall)
            except DamagedError:
                if self._renew(database, DAMAGED):
                    self._write(database, positions, monitor, now, wall)
        except _FAULTS as error:
            self._fail(self._explained(error))

    def take_over(self) -> SavedState | None:
        """If the other instance has released the file, lock it and return what that one saved."""
        if self._open() is None:
            return None
        left = self._load_unlocked()
        recorder = None if left is None else left.monitor.state.recorder
        self.archive.take_over(None if recorder is None else recorder.over)
        return left

    def _ready(self) -> Database | None:
        """Return the open file; open it again if it was moved or is closed."""
        if self._database is not None and self._database.moved:
            self.close()
            self._loaded = False
        database = self._database or self._open()
        return database if database is not None and self._may_write(database) else None

    def _may_write(self, database: Database) -> bool:
        """Set aside a state this run has not loaded; return whether the file may be written."""
        try:
            with damage_errors():
                unread = not self._loaded and tables.holds_state(database.connection)
        except DamagedError:
            return self._renew(database, DAMAGED)
        except _FAULTS as error:
            self._fail(self._explained(error))
            return False
        return not unread or self._renew(database, UNREAD)

    def _write(
        self,
        database: Database,
        positions: Mapping[str, LogPosition],
        monitor: HTTPMonitor,
        now: float,
        wall: float,
    ) -> None:
        connection = database.connection
        keys = monitor.counts.changed_buckets() if self._current else None
        if keys is None:
            self._begin_anew()
        alerts = monitor.alerts.unsaved(everything=keys is None)
        lines, firing = monitor.lines.unparsed(), {each.id: each for each in alerts.firing}
        monitor.archive_past()
        minutes = monitor.recording.recorder.unsaved(everything=keys is None)
        with damage_errors(), connection:
            connection.execute("BEGIN IMMEDIATE")
            if keys is None:
                tables.clear(connection)
                tables.write_part(connection, "logs", [os.fsencode(log) for log in self._logs])
                keys = set(monitor.counts.bucket_keys())
            tables.write_positions(connection, positions)
            tables.write_monitor(connection, monitor.state(now, wall), wall)
            tables.write_buckets(connection, monitor, keys)
            write_slots(connection, alerts.slots)
            tables.write_minutes(connection, minutes)
            self.archive.write(connection)
            write_hours(connection, alerts.hours)
            tables.write_seconds(connection, alerts.seconds)
            write_pages(connection, alerts.known)
            self._write_incidents(connection, alerts.recovered, firing)
            if lines != self._lines:
                tables.write_part(connection, "unparsed", lines)
        self.archive.written()
        monitor.saved()
        self._loaded = True
        self._current, self._open_incidents, self._lines = True, firing, lines
        self.saved_at, self.problem = wall, ""

    def _write_incidents(
        self,
        connection: sqlite3.Connection,
        recovered: Sequence[Incident],
        firing: Mapping[str, Incident],
    ) -> None:
        """Write the incidents that changed: a changed incident is a new object."""
        before = self._open_incidents
        changed = [each for each in firing.values() if before.get(each.id) is not each]
        tables.write_incidents(connection, [*recovered, *changed])
        gone = before.keys() - firing.keys() - {each.id for each in recovered}
        if recovered or gone:
            tables.drop_incidents(connection, gone)

    def _explained(self, error: Exception) -> str:
        """Say in one line what is wrong with the file, and how to mend it."""
        where = shown(self.file)
        if isinstance(error, RefusedError):
            return f"{where} {error}"
        if isinstance(error, DamagedError):
            return f"{where} is damaged ({error}) and another cannot be begun; remove it"
        return f"{_reason(error)}: {where}; mend that or name another file with --state"

    def close(self) -> None:
        """Close the file and release its lock."""
        self.archive.forget_file()
        if self._database is not None:
            self._database.close()
            self._database = None


def _is_empty(connection: sqlite3.Connection, version: int) -> bool:
    """Tell whether a file of `version` was begun but nothing was saved into it."""
    return not version or not tables.holds_state(connection)


def _lacks_room(error: sqlite3.Error) -> bool:
    """Tell whether the disk is too full for the companion files that SQLite needs even to read."""
    code = getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE
    return code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    code = getattr(error, "sqlite_errorcode", None)
    return os.strerror(errno.ENOSPC) if code in _FULL else str(error)

"""Opens a state file: checked, locked, upgraded; a damaged one is set aside. No rows live here."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from logmon_tui.escape import printable
from logmon_tui.state import files
from logmon_tui.state.files import RefusedError, shown
from logmon_tui.state.records import DamagedError, unpacked
from logmon_tui.state.schema import MIGRATIONS, is_foreign, upgrade, version_of

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""What SQLite says of damaged bytes; the last one of a table that is missing."""

_FOREIGN = "is another program's database; name another file with --state"
_PRIMARY_CODE = 0xFF
_TIMEOUT = 0.5  # seconds; only `state show` reads beside the one instance that writes


class LockedError(Exception):
    """Another instance saves into the file."""


@contextlib.contextmanager
def damage_told() -> Iterator[None]:
    """Turn what SQLite raises for damaged bytes into DamagedError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", None)  # the module's own errors have none
        if code is not None and code & _PRIMARY_CODE in _DAMAGE:
            raise DamagedError(str(error)) from error
        raise


class Database:
    """An open state file of the logs with the keys `logs`, into which nobody else saves.

    `note` tells what was done to the file that was found, or is empty.
    Raises LockedError, RefusedError, OSError, sqlite3.Error; DamagedError if another does not
    help either.
    """

    def __init__(self, file: Path, logs: list[str]) -> None:
        self._file = file
        self._logs = logs
        self.note = ""
        files.make_folder(file.parent)
        files.check_kind(file)
        lock = files.lock(file)
        if lock is None:
            raise LockedError
        self._lock = lock
        try:
            self.connection = self._opened()
        except BaseException:
            os.close(lock)
            raise

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except DamagedError:
            return self._another()

    def renew(self) -> None:
        """Set the damaged file aside and begin another."""
        _close(self.connection)
        self.connection = self._another()

    def _another(self) -> sqlite3.Connection:
        aside = files.set_aside(self._file)
        self.note = f"the saved state was damaged and is set aside as {shown(aside)}"
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        files.make(self._file)
        self._identity = self._file.lstat()
        connection = connect(self._file, "rw")
        try:
            with damage_told():
                self._prepare(connection)
        except BaseException:
            _close(connection)
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = check_readable(connection, self._logs)
        connection.execute("PRAGMA journal_mode = WAL")
        # A crash of the program loses nothing; one of the system perhaps the last commits, whole.
        connection.execute("PRAGMA synchronous = NORMAL")
        if version < len(MIGRATIONS):
            upgrade(connection, version)
            if version:
                self.note = f"the saved state was upgraded from version {version}"

    @property
    def moved(self) -> bool:
        """Whether the file was removed or replaced since it was opened."""
        try:
            return not os.path.samestat(self._file.lstat(), self._identity)
        except OSError:
            return True

    def close(self) -> None:
        """Give up file and lock."""
        _close(self.connection)
        os.close(self._lock)


def connect(file: Path, mode: str) -> sqlite3.Connection:
    """Return a connection to an existing file; `mode` is `rw` or `ro`. Raises sqlite3.Error."""
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,  # it is opened in one thread and used in another
    )


def check_readable(connection: sqlite3.Connection, logs: list[str] | None) -> int:
    """Return the version of an open file, which is that of the logs with the keys `logs`.

    Raises RefusedError for another program's file, a newer version, or other logs (unless None).
    """
    if is_foreign(connection):
        raise RefusedError(_FOREIGN)
    version = version_of(connection)
    if version > len(MIGRATIONS):
        what = f"is of version {version}, newer than this program's {len(MIGRATIONS)}"
        raise RefusedError(f"{what}; use a newer logmon-tui, or --state FILE, or --no-state")
    if version and logs is not None:
        row = connection.execute("SELECT data FROM parts WHERE name = 'logs'").fetchone()
        saved = None if row is None else unpacked(row[0], list[bytes])
        if saved is not None and saved != [os.fsencode(log) for log in logs]:
            others = ", ".join(map(printable, saved))
            raise RefusedError(f"is the state of {others}; name another file with --state")
    return version


def check_own(file: Path) -> None:
    """Raise RefusedError unless `file` is a state, whatever its version, or a damaged one.

    Raises OSError if it cannot be looked at.
    """
    files.check_kind(file)
    with contextlib.suppress(sqlite3.Error), contextlib.closing(connect(file, "ro")) as connection:
        if is_foreign(connection):
            raise RefusedError(_FOREIGN)


def _close(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # what was committed is
        connection.close()

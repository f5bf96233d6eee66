"""Database: opens a state file, checks, locks and upgrades it. `tables` reads and writes the rows.

A damaged file is set aside and a new one begun.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from logmon_tui.escape import printable
from logmon_tui.state import files
from logmon_tui.state.files import RefusedError, shown
from logmon_tui.state.location import log_key
from logmon_tui.state.records import DamagedError, unpacked
from logmon_tui.state.schema import MIGRATIONS, is_foreign, upgrade, version_of

_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}
"""SQLite's error codes for damaged bytes; the last one is for a missing table."""

_FOREIGN = "is another program's database; name another file with --state"
PRIMARY_CODE = 0xFF
"""Mask that leaves the primary code of an extended SQLite error code."""

_IS_LOG = "is a log that is watched; name another file with --state"
_FREE_PAGES = 256
"""Free pages, a megabyte, that are always left to be used again."""

_TIMEOUT = 1.0  # seconds to wait while another program, such as a backup, locks the file
_ASIDE = {files.DAMAGED: "was damaged", files.UNREAD: "could not be read at the start"}


class LockedError(Exception):
    """Another instance saves into this file."""


@contextlib.contextmanager
def damage_errors() -> Iterator[None]:
    """Turn what SQLite raises for damaged bytes into DamagedError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", None)  # errors of the module itself have none
        if code is not None and code & PRIMARY_CODE in _DAMAGE:
            raise DamagedError(_printable(error)) from error
        raise
    except UnicodeDecodeError as error:  # SQLite's message quotes the damaged bytes
        raise DamagedError(_printable(error)) from error


def _printable(error: Exception) -> str:
    return printable(str(error).encode(errors="backslashreplace"))


class Database:
    """An open, locked state file of the logs with the keys `logs`.

    `note` says what was done to an existing file, such as that it was set aside; else it is empty.
    Raises LockedError, RefusedError, OSError, sqlite3.Error; and DamagedError if a new file is
    damaged too.
    """

    def __init__(self, file: Path, logs: list[str]) -> None:
        self._file = file
        self._logs = logs
        self.note = ""
        files.make_folder(file.parent)
        self._check_untouched()
        lock = files.lock(file)
        if lock is None:
            raise LockedError
        self._lock = lock
        try:
            self.connection = self._opened()
        except BaseException:
            os.close(lock)
            raise

    def _check_untouched(self) -> None:
        """Raise RefusedError for a file that must not be used, before touching anything."""
        if any(_is_same(self._file, log) for log in self._logs):
            raise RefusedError(_IS_LOG)
        files.check_kind(self._file)
        if self._file.exists():
            # A read-only connection might leave SQLite's companion files behind.
            with (
                contextlib.suppress(DamagedError),
                contextlib.closing(connect(self._file, "rw")) as connection,
                damage_errors(),
            ):
                check_readable(connection, self._logs)

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except DamagedError:
            return self._another(files.DAMAGED)

    def renew(self, ending: str) -> None:
        """Set the file aside, as `files.set_aside` does, and begin a new one."""
        _close(self.connection)
        self.connection = self._another(ending)

    def _another(self, ending: str) -> sqlite3.Connection:
        aside = files.set_aside(self._file, ending)
        self.note = f"the saved state {_ASIDE[ending]} and is set aside as {shown(aside)}"
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        if files.make(self._file):
            os.utime(self._lock)  # `files.begun_at` reads it
        self._identity = self._file.lstat()
        connection = connect(self._file, "rw")
        try:
            with damage_errors():
                self._prepare(connection)
        except BaseException:
            _close(connection)
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = check_readable(connection, self._logs)
        if not version:  # else it would need a VACUUM; pages of deleted rows are used again anyway
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        # A crash of this program loses nothing. A crash of the system may lose the last commits.
        connection.execute("PRAGMA synchronous = NORMAL")
        if version < len(MIGRATIONS):
            upgrade(connection, version)
            if version:
                self.note = f"the saved state was upgraded from version {version}"
        _shrink(connection)

    @property
    def moved(self) -> bool:
        """Whether the file was removed or replaced since it was opened."""
        try:
            return not os.path.samestat(self._file.lstat(), self._identity)
        except OSError:
            return True

    def close(self) -> None:
        """Close the file and release the lock."""
        _close(self.connection)
        os.close(self._lock)


def _shrink(connection: sqlite3.Connection) -> None:
    """Give the file's free pages back if they are many, as after less of the past is kept."""
    free, pages = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("freelist_count", "page_count")
    )
    if free > max(_FREE_PAGES, pages // 4):
        connection.execute("PRAGMA incremental_vacuum").fetchall()


def connect(file: Path, mode: str) -> sqlite3.Connection:
    """Return a connection to an existing file; `mode` is `rw` or `ro`. Raises sqlite3.Error.

    With `ro&immutable=1` SQLite creates no companion files, for which a full disk has no room.
    """
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        uri,
        uri=True,
        timeout=_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,  # one thread opens it, another uses it
    )
    connection.text_factory = bytes  # damaged text then fails where it is decoded
    return connection


def _is_same(file: Path, log: str) -> bool:
    try:
        return log_key(str(file)) == log or file.samefile(log)
    except OSError:
        return False


def check_readable(connection: sqlite3.Connection, logs: list[str] | None) -> int:
    """Check that an open file belongs to the logs with the keys `logs`; return its version.

    Raises RefusedError for another program's file, a newer version, or other logs. With None for
    `logs`, any logs are accepted.
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
    """Raise RefusedError unless `file` is a state of any version, or a damaged file.

    A file that cannot be read now might be another program's. Raises OSError.
    """
    files.check_kind(file)
    try:
        with contextlib.closing(connect(file, "ro")) as connection, damage_errors():
            foreign = is_foreign(connection)
    except DamagedError:
        return
    except sqlite3.Error as error:
        raise RefusedError(f"cannot be read: {error}") from error
    if foreign:
        raise RefusedError(_FOREIGN)


@contextlib.contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a state to read it without a lock, even while an instance saves into it.

    Raises RefusedError if it is not a readable state.
    """
    try:
        files.check_kind(file)
        with contextlib.closing(connect(file, "ro")) as connection, damage_errors():
            if not check_readable(connection, None):
                raise RefusedError("holds no state yet; watch with it first")
            with connection:
                connection.execute("BEGIN")  # so that everything is read from one commit
                yield connection
    except DamagedError as error:
        command = f"logmon-tui state clear --state {shown(file)}"
        raise RefusedError(f"is damaged: {error}; remove it with: {command}") from error
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}") from error
    except sqlite3.Error as error:
        raise RefusedError(f"cannot be read: {error}") from error


def _close(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # commits are safe already
        connection.close()

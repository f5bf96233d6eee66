"""Opens a state file: checked, locked, upgraded; a damaged one is set aside. No rows live here."""

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
"""What SQLite says of damaged bytes; the last one of a table that is missing."""

_FOREIGN = "is another program's database; name another file with --state"
PRIMARY_CODE = 0xFF
_IS_LOG = "is a log that is watched; name another file with --state"
_TIMEOUT = 1.0  # seconds to wait for a file that another program, a backup perhaps, holds
_ASIDE = {files.DAMAGED: "was damaged", files.UNREAD: "could not be read at the start"}


class LockedError(Exception):
    """Another instance saves into the file."""


@contextlib.contextmanager
def damage_told() -> Iterator[None]:
    """Turn what SQLite raises for damaged bytes into DamagedError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", None)  # the module's own errors have none
        if code is not None and code & PRIMARY_CODE in _DAMAGE:
            raise DamagedError(_told(error)) from error
        raise
    except UnicodeDecodeError as error:  # SQLite's message quotes the damaged bytes
        raise DamagedError(_told(error)) from error


def _told(error: Exception) -> str:
    return printable(str(error).encode(errors="backslashreplace"))


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
        """Raise RefusedError before anything is done to the file or beside it."""
        if any(_is_same(self._file, log) for log in self._logs):
            raise RefusedError(_IS_LOG)
        files.check_kind(self._file)
        if self._file.exists():
            # A connection that only reads might leave SQLite's own files beside it.
            with (
                contextlib.suppress(DamagedError),
                contextlib.closing(connect(self._file, "rw")) as connection,
                damage_told(),
            ):
                check_readable(connection, self._logs)

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except DamagedError:
            return self._another(files.DAMAGED)

    def renew(self, ending: str) -> None:
        """Set the file aside, as `files.set_aside` does, and begin another."""
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
    """Return a connection to an existing file; `mode` is `rw` or `ro`. Raises sqlite3.Error.

    With `ro&immutable=1` SQLite makes no file beside it, for which a full disk has no room.
    """
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        uri,
        uri=True,
        timeout=_TIMEOUT,
        isolation_level=None,
        check_same_thread=False,  # it is opened in one thread and used in another
    )
    connection.text_factory = bytes  # damaged text fails where it is decoded, as damage
    return connection


def _is_same(file: Path, log: str) -> bool:
    try:
        return log_key(str(file)) == log or file.samefile(log)
    except OSError:
        return False


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

    One that cannot be read now might be another program's. Raises OSError.
    """
    files.check_kind(file)
    try:
        with contextlib.closing(connect(file, "ro")) as connection, damage_told():
            foreign = is_foreign(connection)
    except DamagedError:
        return
    except sqlite3.Error as error:
        raise RefusedError(f"cannot be read: {error}") from error
    if foreign:
        raise RefusedError(_FOREIGN)


@contextlib.contextmanager
def looked_at(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a state to look at it, also while an instance saves into it; no lock is taken.

    Raises RefusedError if it is no state that can be read.
    """
    try:
        files.check_kind(file)
        with contextlib.closing(connect(file, "ro")) as connection, damage_told():
            if not check_readable(connection, None):
                raise RefusedError("holds no state yet; watch with it first")
            with connection:
                connection.execute("BEGIN")  # so that all is read from one commit
                yield connection
    except DamagedError as error:
        command = f"logmon-tui state clear --state {shown(file)}"
        raise RefusedError(f"is damaged: {error}; remove it with: {command}") from error
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}") from error
    except sqlite3.Error as error:
        raise RefusedError(f"cannot be read: {error}") from error


def _close(connection: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):  # what was committed is
        connection.close()

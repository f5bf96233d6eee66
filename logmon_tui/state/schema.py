"""The tables of a state file, by version. A new version is one more entry of `MIGRATIONS`.

::

    parts      name, data               what there is one of: logs, monitor, unparsed lines
    positions  log, data                how far each log has been read
    buckets    tier, start, data        -1: overdue hits, 0: the ring, 1 and 2: wide buckets
    incidents  id, rule, …, data        open and past ones, in the order of their triggers
    rule_slots slot, data               what the alerts' rules counted in each slot

`data` is what `records.packed` makes; the other columns are there to find a row.
"""

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x6C6D7475  # "lmtu"; tells a state file from other programs' databases


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE parts (name TEXT PRIMARY KEY, data BLOB NOT NULL)")
    connection.execute("CREATE TABLE positions (log BLOB PRIMARY KEY, data BLOB NOT NULL)")
    connection.execute(
        "CREATE TABLE buckets (tier INTEGER NOT NULL, start INTEGER NOT NULL, data BLOB NOT NULL,"
        " PRIMARY KEY (tier, start))"
    )
    connection.execute(
        "CREATE TABLE incidents (id TEXT PRIMARY KEY, rule TEXT NOT NULL, subject BLOB,"
        " severity TEXT NOT NULL, triggered_at INTEGER NOT NULL, recovered_at INTEGER,"
        " data BLOB NOT NULL)"
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _hold_measures(_connection: sqlite3.Connection) -> None:
    """Buckets and waiting hits may hold measures; those written before are read as they are.

    A program of version 1 would take what it does not know for damage, hence a version.
    """


def _hold_rules(connection: sqlite3.Connection) -> None:
    """Rules count for themselves; those of files written before begin with empty windows."""
    connection.execute("CREATE TABLE rule_slots (slot INTEGER PRIMARY KEY, data BLOB NOT NULL)")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _create,
    _hold_measures,
    _hold_rules,
)
"""Entry n upgrades a file of version n to version n + 1; an empty file is of version 0."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of an open file."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Tell whether an open file is another program's database."""
    identity = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    return bool(tables) and identity != APPLICATION_ID


def upgrade(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file of `version` up to the newest one, wholly or not at all."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for migrate in MIGRATIONS[version:]:
            migrate(connection)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

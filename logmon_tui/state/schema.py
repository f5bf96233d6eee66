"""The tables of a state file, by version. To add a version, append to `MIGRATIONS`.

::

    parts      name, data               single values: logs, monitor, unparsed lines; and what
                                        was counted in the seconds of each quarter of an hour,
                                        and the subjects that rules have met
    positions  log, data                how far each log has been read
    buckets    tier, start, data        -1: overdue hits, 0: the ring, 1 and 2: wide buckets
    incidents  id, rule, …, data        open and past ones, in the order of their triggers
    rule_slots slot, data               what the alerts' rules counted in each slot
    history_sums, history_keys
               width, start, data       minutes and hours of the past: totals, and buckets
    open_minutes
               start, data              the buckets of the minutes that are not over
    long_hours counter, hour, data      what rules that look back over days counted in each hour

`records.packed` makes `data`; the other columns serve to find a row.
"""

import sqlite3
from collections.abc import Callable

from logmon_tui.state import history_rows

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
    """Allow measures in buckets and waiting hits; older rows without them stay readable.

    The new version keeps older programs out: they would take the measures for damage.
    """


def _hold_rules(connection: sqlite3.Connection) -> None:
    """Add the rules' own counts; rules of older files begin with empty windows."""
    connection.execute("CREATE TABLE rule_slots (slot INTEGER PRIMARY KEY, data BLOB NOT NULL)")


def _hold_figures(_connection: sqlite3.Connection) -> None:
    """Allow figures in tallies; older rows without them stay readable.

    The new version keeps older programs out: they would take all status classes for zero.
    """


def _hold_filters_of_rules(_connection: sqlite3.Connection) -> None:
    """Allow filters in what rules count; older rows without them stay readable.

    The new version keeps older programs out: they would take the filters for damage.
    """


def _hold_history(connection: sqlite3.Connection) -> None:
    """Add minutes and hours of the past; older files begin without any."""
    history_rows.create(connection)
    connection.execute("CREATE TABLE open_minutes (start INTEGER PRIMARY KEY, data BLOB NOT NULL)")


def _hold_hours(connection: sqlite3.Connection) -> None:
    """Add the hours of rules that look back over days; such rules of older files begin with none.

    The new version keeps older programs out: they would take the units of these rules for damage.
    """
    connection.execute(
        "CREATE TABLE long_hours (counter BLOB NOT NULL, hour INTEGER NOT NULL, data BLOB NOT NULL,"
        " PRIMARY KEY (counter, hour))"
    )


def _hold_servers(_connection: sqlite3.Connection) -> None:
    """Allow hits by server, and places in feeds of many servers; older rows stay readable.

    The new version keeps older programs out: they would take servers for damage.
    """


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    _create,
    _hold_measures,
    _hold_rules,
    _hold_figures,
    _hold_filters_of_rules,
    _hold_history,
    _hold_hours,
    _hold_servers,
)
"""Entry n upgrades a file from version n to version n + 1; an empty file has version 0."""


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
    """Upgrade a file from `version` to the newest one, in a single transaction."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for migrate in MIGRATIONS[version:]:
            migrate(connection)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

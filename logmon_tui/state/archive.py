"""StateArchive: minutes and hours of the past, in the state file or in memory.

Tables of `schema`: `history_sums` has the totals of each slice of time, `history_keys` its bucket.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.history.archive import HOUR, MINUTE, Recorded
from logmon_tui.history.recorder import trim
from logmon_tui.history.sums import Sums, sums_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.state.records import (
    DamagedError,
    packed,
    packed_bucket,
    unpacked,
    unpacked_bucket,
)

KEEP = {MINUTE: 48 * HOUR, HOUR: 35 * 24 * HOUR}
"""Seconds for which slices are kept, by their width."""

_Asked = TypeVar("_Asked")


class Asking(Protocol):
    """Returns what a function reads from a connection; None if nothing can be read."""

    def __call__(self, ask: Callable[[sqlite3.Connection], _Asked]) -> _Asked | None:
        """Return what `ask` reads."""


def create(connection: sqlite3.Connection) -> None:
    """Create the tables."""
    for table in ("history_sums", "history_keys"):
        connection.execute(
            f"CREATE TABLE {table} (width INTEGER NOT NULL, start INTEGER NOT NULL,"
            " data BLOB NOT NULL, PRIMARY KEY (width, start))"
        )


def write(connection: sqlite3.Connection, minutes: Sequence[Recorded], newest: int) -> None:
    """Add minutes and the hours made of them, and delete what is too old at `newest`.

    Raises DamagedError if rows to add to are damaged, sqlite3.Error.
    """
    for each in minutes:
        before = _row(connection, "history_keys", MINUTE, each.start)
        former = 0 if before is None else _clients(unpacked_bucket(before))
        minute = _merged(before, each.bucket)
        new = _clients(minute)
        _write(connection, MINUTE, each.start, minute, new)
        hour = each.start // HOUR * HOUR
        row = _row(connection, "history_sums", HOUR, hour)
        clients = (0 if row is None else unpacked(row, Sums).clients) + new - former
        known = _row(connection, "history_keys", HOUR, hour)
        _write(connection, HOUR, hour, _merged(known, each.bucket), clients)
    if minutes:
        for width, seconds in KEEP.items():
            for table in ("history_sums", "history_keys"):
                connection.execute(
                    f"DELETE FROM {table} WHERE width = ? AND start < ?",  # noqa: S608 - see above
                    (width, newest - seconds),
                )


def _clients(bucket: MetricsBucket) -> int:
    return bucket.tallies[Dimension.HOST].distinct


def _merged(known: bytes | None, bucket: MetricsBucket) -> MetricsBucket:
    if known is None:
        return bucket
    merged = unpacked_bucket(known) + bucket
    merged.largest = bucket.largest.merged(merged.largest)
    trim(merged)
    return merged


def _row(connection: sqlite3.Connection, table: str, width: int, start: int) -> bytes | None:
    found = connection.execute(
        f"SELECT data FROM {table} WHERE width = ? AND start = ?",  # noqa: S608 - names of this module
        (width, start),
    ).fetchone()
    return None if found is None else found[0]


def _write(
    connection: sqlite3.Connection, width: int, start: int, bucket: MetricsBucket, clients: int
) -> None:
    sums = packed(sums_of(bucket, clients))
    connection.execute("REPLACE INTO history_sums VALUES (?, ?, ?)", (width, start, sums))
    keys = packed_bucket(bucket)
    connection.execute("REPLACE INTO history_keys VALUES (?, ?, ?)", (width, start, keys))


class StateArchive:
    """An Archive that `ask`s a state file. Its rows are written when the state is saved."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask
        self.version = 0

    def take(self, minutes: Sequence[Recorded], newest: int) -> None:  # noqa: ARG002 - see class
        """Note that there is more to read."""
        if minutes:
            self.version += 1

    def sums(self, width: int, since: int, until: int) -> list[tuple[int, Sums]]:
        """Return start and totals of the slices that begin from `since` to before `until`."""
        rows = self._rows("history_sums", width, since, until)
        return [(start, unpacked(data, Sums)) for start, data in rows]

    def bucket(self, width: int, since: int, until: int) -> MetricsBucket | None:
        """Return the merge of the buckets of those slices, None if there is none."""
        whole: MetricsBucket | None = None
        for _, data in self._rows("history_keys", width, since, until):
            bucket = unpacked_bucket(data)
            if whole is None:
                whole = bucket
            else:
                whole.add(bucket)
        return whole

    def since(self, width: int) -> int | None:
        """Return where the oldest slice of a width begins, None if there is none."""
        found: Any = self._ask(
            lambda connection: connection.execute(
                "SELECT min(start) FROM history_sums WHERE width = ?", (width,)
            ).fetchone()
        )
        return None if found is None else found[0]

    def _rows(self, table: str, width: int, since: int, until: int) -> list[tuple[int, bytes]]:
        query = f"SELECT start, data FROM {table} WHERE width = ? AND start >= ? AND start < ? ORDER BY start"  # noqa: S608, E501
        found = self._ask(
            lambda connection: connection.execute(query, (width, since, until)).fetchall()
        )
        return found or []


class MemoryArchive(StateArchive):
    """An Archive for a run that saves no state."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        create(self._connection)
        super().__init__(lambda ask: ask(self._connection))

    def take(self, minutes: Sequence[Recorded], newest: int) -> None:
        """Keep closed minutes."""
        with contextlib.suppress(DamagedError, sqlite3.Error), self._connection:
            write(self._connection, minutes, newest)
        super().take(minutes, newest)

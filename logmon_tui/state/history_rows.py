"""The rows of minutes and hours of the past: written, merged, read, deleted.

Tables of `schema`: `history_sums` has the totals of each slice of time, `history_keys` the bucket
of each slice whose keys are known. A damaged row is left out, and counted.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from logmon_tui.config.past import Retention
from logmon_tui.history.archive import HOUR, MINUTE, Slice
from logmon_tui.history.sums import Sums, merged, sums_of
from logmon_tui.history.trimming import trim
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.state.records import (
    DamagedError,
    packed,
    packed_bucket,
    unpacked,
    unpacked_bucket,
)

Place = tuple[int, int]
"""The width and the first second of a slice."""

_TABLES = ("history_sums", "history_keys")
_AT = "width = ? AND start = ?"
_BETWEEN = "width = ? AND start >= ? AND start < ?"


def create(connection: sqlite3.Connection) -> None:
    """Create the tables."""
    for table in _TABLES:
        connection.execute(
            f"CREATE TABLE {table} (width INTEGER NOT NULL, start INTEGER NOT NULL,"
            " data BLOB NOT NULL, PRIMARY KEY (width, start))"
        )


def clear(connection: sqlite3.Connection) -> None:
    """Delete every row."""
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above


def write(connection: sqlite3.Connection, slices: Iterable[Slice], retention: Retention) -> int:
    """Add slices, and minutes with keys to their hours as well; return how many rows are damaged.

    Raises sqlite3.Error.
    """
    damaged = 0
    hours: dict[int, list[tuple[Sums, MetricsBucket]]] = {}  # the minutes of each
    for each in slices:
        sums = sums_of(each.bucket)
        if each.width == HOUR:
            sums.clients = None  # nobody counted them by minute
        bucket = each.bucket if each.keyed else None
        done = _merge(connection, (each.width, each.start), sums, bucket, retention)
        damaged += done.damaged
        if each.width == MINUTE and each.keyed:
            sums = sums_of(each.bucket)
            sums.clients = done.clients
            hours.setdefault(each.start // HOUR * HOUR, []).append((sums, each.bucket))
    for start, minutes in hours.items():  # to pack an hour again takes longer than to add a minute
        sums = merged(each for each, _ in minutes)
        bucket = _merged_buckets([each for _, each in minutes], 2 * retention.keys)
        damaged += _merge(connection, (HOUR, start), sums, bucket, retention).damaged
    return damaged


def _merged_buckets(buckets: Sequence[MetricsBucket], keys: int) -> MetricsBucket:
    """Return the merge of some buckets, with about so many keys; of a single one, itself."""
    if len(buckets) == 1:
        return buckets[0]
    whole = buckets[0] + buckets[1]
    for each in buckets[2:]:
        whole.add(each)
    trim(whole, keys)
    return whole


class _Done(NamedTuple):
    """How many damaged rows were replaced, and by how many the clients of a slice grew.

    That is None if they are not known.
    """

    damaged: int
    clients: int | None


def _merge(
    connection: sqlite3.Connection,
    place: Place,
    sums: Sums,
    bucket: MetricsBucket | None,
    retention: Retention,
) -> _Done:
    """Add totals, and the bucket if keys are known, to the rows of a slice."""
    known = _known(connection, place)
    if known.sums is None:
        _write(connection, place, sums, bucket)
        return _Done(known.damaged, sums.clients)
    whole, former = known.sums, known.sums.clients
    whole.add(sums)
    if bucket is None or known.bucket is None:
        bucket = None
    else:
        bucket = known.bucket + bucket
        trim(bucket, retention.keys if place[0] == MINUTE else 2 * retention.keys)
    if place[0] == MINUTE:  # a client that came before counts once
        whole.clients = None if bucket is None else sums_of(bucket).clients
    _write(connection, place, whole, bucket)
    unknown = former is None or whole.clients is None
    return _Done(0, None if unknown else (whole.clients or 0) - (former or 0))


class _Known(NamedTuple):
    """What the rows of a slice hold, None if there is none; and how many are damaged."""

    sums: Sums | None = None
    bucket: MetricsBucket | None = None
    damaged: int = 0


def _known(connection: sqlite3.Connection, place: Place) -> _Known:
    sums, bucket = (_row(connection, table, place) for table in _TABLES)
    try:
        return _Known(
            None if sums is None else unpacked(sums, Sums),
            None if bucket is None else unpacked_bucket(bucket),
        )
    except DamagedError:
        return _Known(damaged=1)


def _row(connection: sqlite3.Connection, table: str, place: Place) -> bytes | None:
    query = f"SELECT data FROM {table} WHERE {_AT}"  # noqa: S608 - a name of this module
    found = connection.execute(query, place).fetchone()
    return None if found is None else found[0]


def _write(
    connection: sqlite3.Connection, place: Place, sums: Sums, bucket: MetricsBucket | None
) -> None:
    _put(connection, place, packed(sums), None if bucket is None else packed_bucket(bucket))


def _put(connection: sqlite3.Connection, place: Place, sums: bytes, bucket: bytes | None) -> None:
    connection.execute("REPLACE INTO history_sums VALUES (?, ?, ?)", (*place, sums))
    if bucket is None:
        connection.execute(f"DELETE FROM history_keys WHERE {_AT}", place)  # noqa: S608 - as above
    else:
        connection.execute("REPLACE INTO history_keys VALUES (?, ?, ?)", (*place, bucket))


def copy(stage: sqlite3.Connection, connection: sqlite3.Connection, retention: Retention) -> int:
    """Merge all rows of `stage` into those of `connection`; return how many rows are damaged.

    Raises sqlite3.Error.
    """
    damaged = 0
    counted_twice: Counter[int] = Counter()  # clients, by hour, that a minute had already
    for place in places(stage):  # minutes come before hours
        sums, bucket = (_row(stage, table, place) for table in _TABLES)
        if sums is None:
            continue
        twice = counted_twice[place[1]] if place[0] == HOUR else 0
        if not twice and _row(connection, "history_sums", place) is None:
            _put(connection, place, sums, bucket)
            continue
        piece = _known(stage, place)
        damaged += piece.damaged
        if piece.sums is None:
            continue
        staged = piece.sums.clients
        if staged is not None and place[0] == HOUR:
            piece.sums.clients = staged - twice
        done = _merge(connection, place, piece.sums, piece.bucket, retention)
        damaged += done.damaged
        if place[0] == MINUTE and staged is not None and done.clients is not None:
            counted_twice[place[1] // HOUR * HOUR] += staged - done.clients
    return damaged


def places(connection: sqlite3.Connection) -> list[Place]:
    """Return the places of all slices, minutes first, oldest first."""
    return connection.execute("SELECT width, start FROM history_sums ORDER BY 1, 2").fetchall()


def ends(newest: int, retention: Retention) -> tuple[tuple[int, int], ...]:
    """Return each width, and the second by which a slice has ended that is too old at `newest`."""
    return (MINUTE, newest - retention.minutes), (HOUR, newest - retention.hours)


def prune(connection: sqlite3.Connection, newest: int, retention: Retention) -> None:
    """Delete what is too old at the second `newest`."""
    for width, second in ends(newest, retention):
        for table in _TABLES:
            query = f"DELETE FROM {table} WHERE width = ? AND start + width <= ?"  # noqa: S608
            connection.execute(query, (width, second))


def keep_from(connection: sqlite3.Connection, second: int, retention: Retention) -> int:
    """Keep only minutes from `second` on, and their hours; return how many rows are damaged."""
    kept = [
        (place[1], _known(connection, place))
        for place in places(connection)
        if place[0] == MINUTE and place[1] >= second
    ]
    clear(connection)
    slices = [Slice(MINUTE, start, each.bucket) for start, each in kept if each.bucket is not None]
    return sum(each.damaged for _, each in kept) + write(connection, slices, retention)


class FoundSums(NamedTuple):
    """Totals by first second, and how many rows are damaged."""

    sums: dict[int, Sums]
    damaged: int


def read_sums(connection: sqlite3.Connection, width: int, since: int, until: int) -> FoundSums:
    """Return the totals of the slices that begin from `since` to before `until`."""
    query = f"SELECT start, data FROM history_sums WHERE {_BETWEEN}"  # noqa: S608 - as above
    found, damaged = {}, 0
    for start, data in connection.execute(query, (width, since, until)):
        try:
            found[start] = unpacked(data, Sums)
        except DamagedError:
            damaged += 1
    return FoundSums(found, damaged)


def sums_of_minutes(
    connection: sqlite3.Connection, width: int, since: int, until: int
) -> FoundSums:
    """Return the totals of such slices, made of the minutes in that time."""
    minutes = read_sums(connection, MINUTE, since, until)
    found: dict[int, Sums] = {}
    for start, sums in minutes.sums.items():
        found.setdefault(start // width * width, Sums()).add(sums)
    return FoundSums(found, minutes.damaged)


class FoundBucket(NamedTuple):
    """The merge of some slices' buckets, None if there is none.

    If some slices are `unkeyed`, their keys are not known, and they are missing.
    """

    bucket: MetricsBucket | None
    unkeyed: bool
    damaged: int


def read_bucket(connection: sqlite3.Connection, width: int, since: int, until: int) -> FoundBucket:
    """Return the merge of the buckets of the slices that begin from `since` to before `until`."""
    whole: MetricsBucket | None = None
    damaged = 0
    query = f"SELECT data FROM history_keys WHERE {_BETWEEN}"  # noqa: S608 - as above
    found = connection.execute(query, (width, since, until)).fetchall()
    query = f"SELECT count(*) FROM history_sums WHERE {_BETWEEN}"  # noqa: S608 - as above
    unkeyed = connection.execute(query, (width, since, until)).fetchone()[0] > len(found)
    for (data,) in found if not unkeyed else ():
        try:
            bucket = unpacked_bucket(data)
        except DamagedError:
            damaged += 1
            continue
        if whole is None:
            whole = bucket
        else:
            whole.add(bucket)
    return FoundBucket(whole, unkeyed, damaged)


def newest(connection: sqlite3.Connection, width: int) -> int | None:
    """Return where the newest slice of a width begins, None if there is none."""
    return _edge(connection, "max", width)


def oldest(connection: sqlite3.Connection, width: int) -> int | None:
    """Return where the oldest slice of a width begins, None if there is none."""
    return _edge(connection, "min", width)


def _edge(connection: sqlite3.Connection, which: str, width: int) -> int | None:
    query = f"SELECT {which}(start) FROM history_sums WHERE width = ?"  # noqa: S608 - as above
    found: int | None = connection.execute(query, (width,)).fetchone()[0]
    return found

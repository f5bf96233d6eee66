"""Reads and writes the hours of rules that look back over days as rows of a state file."""

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from logmon_tui.alerts.evaluation.counter_keys import CounterKey
from logmon_tui.alerts.evaluation.long_evaluator import LongHour
from logmon_tui.state.records import DamagedError, packed, unpacked

_SHAPE = (60, 2)
_TYPE = np.dtype("<i8")


def read_hours(connection: sqlite3.Connection) -> Iterator[LongHour]:
    """Yield each hour with its counts. Raises DamagedError for impossible rows."""
    rows = connection.execute("SELECT counter, hour, data FROM long_hours ORDER BY counter, hour")
    for counter, hour, data in rows:
        if not isinstance(hour, int) or not isinstance(counter, bytes):
            raise DamagedError("an hour out of place")
        try:
            counter_key = msgspec.msgpack.decode(counter, type=CounterKey)
        except msgspec.DecodeError as error:
            raise DamagedError(str(error)) from error
        counts = np.frombuffer(unpacked(data, bytes), dtype=_TYPE)
        if counts.size != _SHAPE[0] * _SHAPE[1] or (counts < 0).any():
            raise DamagedError("an hour with impossible counts")
        yield LongHour(counter_key, hour, counts.reshape(_SHAPE).astype(np.int64))


def write_hours(connection: sqlite3.Connection, hours: Iterable[LongHour]) -> None:
    """Write hours with their counts, and delete those that have none any more."""
    for counter_key, hour, counts in hours:
        key = (msgspec.msgpack.encode(counter_key), hour)
        if counts is None:
            connection.execute("DELETE FROM long_hours WHERE counter = ? AND hour = ?", key)
        else:
            counted = np.maximum(counts, 0)  # sums of absurd sizes may have overflowed
            row = (*key, packed(counted.astype(_TYPE).tobytes()))
            connection.execute("REPLACE INTO long_hours VALUES (?, ?, ?)", row)

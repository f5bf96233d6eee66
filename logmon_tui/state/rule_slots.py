"""Reads and writes the rules' counts of each slot as rows of a state file."""

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from logmon_tui.alerts.evaluation.clients import SlotClients, cells_read
from logmon_tui.alerts.evaluation.counter_keys import CounterKey
from logmon_tui.alerts.evaluation.counts import Counts, Part
from logmon_tui.alerts.evaluation.crowd import CrowdRows
from logmon_tui.alerts.evaluation.ring import SlotCounts
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.native.sketches import stable_hashes
from logmon_tui.native.texts import Texts
from logmon_tui.state.records import MAX_SUM, DamagedError, packed, unpacked

_HASH, _CELL = np.dtype("<u8"), np.dtype("<u2")
"""The numbers of clients in a state file."""

_HITS, _VALUE = np.dtype("<u4"), np.dtype("<i8")
"""The other numbers of a crowd's rows."""


class _ClientsRecord(msgspec.Struct, array_like=True):
    """The clients of a subject: their hashes (uint64), or cells (uint16) if `exact` is false."""

    subject: Subject
    exact: bool
    numbers: bytes


class _CrowdRecord(msgspec.Struct, array_like=True):
    """Rows of subjects without a name: their hashes (uint64), hits (uint32) and values (int64).

    Without `values` these are all 0.
    """

    hashes: bytes
    hits: bytes
    values: bytes = b""


class _CountsRecord(msgspec.Struct, array_like=True):
    """Counts; the n-th subject has the n-th hits, amount, and parts with theirs.

    Earlier versions have no `clients`. Theirs are among the parts, which are texts. Nor do they
    have a `crowd`.
    """

    counting: CounterKey
    subjects: list[Subject]
    hits: list[int]
    amounts: list[int]
    parts: list[list[tuple[Part | bytes, int]]]
    clients: list[_ClientsRecord] = []
    crowd: _CrowdRecord | None = None


def read_slots(connection: sqlite3.Connection) -> Iterator[tuple[int, SlotCounts]]:
    """Yield each slot with its counts. Raises DamagedError for impossible rows."""
    for slot, data in connection.execute("SELECT slot, data FROM rule_slots ORDER BY slot"):
        if not isinstance(slot, int):
            raise DamagedError("a slot without a number")
        records = unpacked(data, list[_CountsRecord])
        yield slot, {record.counting: _counts(record) for record in records}


def _counts(record: _CountsRecord) -> Counts:
    subjects = record.subjects
    if not len(subjects) == len(record.hits) == len(record.amounts) == len(record.parts):
        raise DamagedError("subjects and counts differ in number")
    counts = Counts()
    counts.hits = dict(zip(subjects, record.hits, strict=True))
    amounts = zip(subjects, record.amounts, strict=True)
    counts.amounts = {subject: amount for subject, amount in amounts if amount}
    parts = zip(subjects, record.parts, strict=True)
    for subject, each in parts:
        texts = [part for part, _ in each if isinstance(part, bytes)]
        if texts:
            counts.clients[subject] = SlotClients.of(stable_hashes(Texts.of(texts)))
        elif each:
            counts.parts[subject] = {part: hits for part, hits in each if isinstance(part, int)}
    for clients in record.clients:
        if clients.subject not in counts.hits:
            raise DamagedError("clients without hits")
        counts.clients[clients.subject] = _clients(clients)
    if record.crowd is not None:
        counts.crowd = _crowd(record.crowd)
    return counts


def _crowd(record: _CrowdRecord) -> CrowdRows:
    rows, rest = divmod(len(record.hashes), _HASH.itemsize)
    sizes = len(record.hits), len(record.values) or rows * _VALUE.itemsize
    if rest or sizes != (rows * _HITS.itemsize, rows * _VALUE.itemsize):
        raise DamagedError("a row of a crowd that is cut off")
    slots = values = np.zeros(rows, dtype=np.int64)
    hits = np.frombuffer(record.hits, dtype=_HITS).astype(np.int32)
    if (hits <= 0).any():
        raise DamagedError("a row of a crowd without hits")
    if record.values:
        values = np.frombuffer(record.values, dtype=_VALUE).astype(np.int64)
    return CrowdRows(
        slots, np.frombuffer(record.hashes, dtype=_HASH).astype(np.uint64), hits, values
    )


def _clients(record: _ClientsRecord) -> SlotClients:
    kind = _HASH if record.exact else _CELL
    if len(record.numbers) % kind.itemsize:
        raise DamagedError("a number of a client that is cut off")
    numbers = np.frombuffer(record.numbers, dtype=kind)
    if record.exact:
        return SlotClients.of(numbers.astype(np.uint64))
    return SlotClients(None, cells_read(numbers.astype(np.uint16)))


def write_slots(connection: sqlite3.Connection, slots: Iterable[tuple[int, SlotCounts]]) -> None:
    """Write slots with their counts, and delete those that have none any more."""
    gone = []
    for slot, counts in slots:
        if counts:
            records = [_record(counting, each) for counting, each in counts.items()]
            connection.execute("REPLACE INTO rule_slots VALUES (?, ?)", (slot, packed(records)))
        else:
            gone.append((slot,))
    connection.executemany("DELETE FROM rule_slots WHERE slot = ?", gone)


def _record(counting: CounterKey, counts: Counts) -> _CountsRecord:
    subjects = list(counts.hits)
    return _CountsRecord(
        counting,
        subjects,
        list(counts.hits.values()),
        [min(counts.amounts.get(subject, 0), MAX_SUM) for subject in subjects],
        [list(counts.parts.get(subject, {}).items()) for subject in subjects],
        [_clients_record(subject, each) for subject, each in counts.clients.items()],
        None if counts.crowd is None else _crowd_record(counts.crowd),
    )


def _crowd_record(rows: CrowdRows) -> _CrowdRecord:
    values = rows.values.astype(_VALUE).tobytes() if rows.values.any() else b""
    return _CrowdRecord(
        rows.hashes.astype(_HASH).tobytes(), rows.hits.astype(_HITS).tobytes(), values
    )


def _clients_record(subject: Subject, clients: SlotClients) -> _ClientsRecord:
    if clients.hashes is None:
        return _ClientsRecord(subject, exact=False, numbers=clients.cells.astype(_CELL).tobytes())
    return _ClientsRecord(subject, exact=True, numbers=clients.hashes.astype(_HASH).tobytes())

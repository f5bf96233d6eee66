"""Reads and writes the rules' counts of each slot as rows of a state file."""

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from logmon_tui.alerts.evaluation.counting import CounterKey
from logmon_tui.alerts.evaluation.counts import Counts, Part
from logmon_tui.alerts.evaluation.ring import SlotCounts
from logmon_tui.alerts.model.incident import Subject
from logmon_tui.state.records import MAX_SUM, DamagedError, packed, unpacked


class _CountsRecord(msgspec.Struct, array_like=True):
    """Counts; the n-th subject has the n-th hits, amount, and parts with theirs."""

    counting: CounterKey
    subjects: list[Subject]
    hits: list[int]
    amounts: list[int]
    parts: list[list[tuple[Part, int]]]


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
    counts.parts = {subject: dict(each) for subject, each in parts if each}
    return counts


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
    )

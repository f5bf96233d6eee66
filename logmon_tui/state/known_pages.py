"""Reads and writes the subjects that rules have met as rows of a state file."""

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b

import msgspec
import numpy as np

from logmon_tui.alerts.evaluation.counter_keys import CounterKey
from logmon_tui.alerts.evaluation.known import Known, Page
from logmon_tui.alerts.evaluation.novelties import KnownPage
from logmon_tui.state.records import DamagedError, packed, unpacked

_NAME = "known "
"""How the names of parts begin that hold a page; then come a digest of the key, and the number."""

_HASH, _NUMBER = np.dtype("<u8"), np.dtype("<i8")


class _PageRecord(msgspec.Struct, array_like=True):
    """Known subjects: their hashes (uint64), ascending, first seconds and last hours (int64)."""

    counter_key: CounterKey
    number: int
    hashes: bytes
    firsts: bytes
    hours: bytes


def read_pages(connection: sqlite3.Connection) -> list[KnownPage]:
    """Return the pages in the order of their numbers. Raises DamagedError for impossible rows."""
    rows = connection.execute("SELECT name, data FROM parts WHERE name GLOB ?", (f"{_NAME}*",))
    found = []
    for name, data in rows:
        record = unpacked(data, _PageRecord)
        hashes = np.frombuffer(_whole(record.hashes), dtype=_HASH).astype(np.uint64)
        firsts, hours = (
            np.frombuffer(_whole(each), dtype=_NUMBER).astype(np.int64)
            for each in (record.firsts, record.hours)
        )
        if not len(hashes) == len(firsts) == len(hours) or (hashes[1:] <= hashes[:-1]).any():
            raise DamagedError("known subjects out of place")
        page = KnownPage(record.counter_key, Page(record.number, Known(hashes, firsts, hours)))
        if name.decode() != _name_of(page):
            raise DamagedError("a page of known subjects out of place")
        found.append(page)
    return sorted(found, key=lambda each: each.page.number)


def _whole(numbers: bytes) -> bytes:
    if len(numbers) % _HASH.itemsize:
        raise DamagedError("a known subject that is cut off")
    return numbers


def _name_of(page: KnownPage) -> str:
    digest = blake2b(msgspec.msgpack.encode(page.counter_key), digest_size=8).hexdigest()
    return f"{_NAME}{digest} {page.page.number}"


def write_pages(connection: sqlite3.Connection, pages: Iterable[KnownPage]) -> None:
    """Write pages, and delete those that are no more."""
    for each in pages:
        number, known = each.page
        if known is None:
            connection.execute("DELETE FROM parts WHERE name = ?", (_name_of(each),))
            continue
        record = _PageRecord(
            each.counter_key,
            number,
            known.hashes.astype(_HASH).tobytes(),
            *(column.astype(_NUMBER).tobytes() for column in (known.firsts, known.hours)),
        )
        connection.execute("REPLACE INTO parts VALUES (?, ?)", (_name_of(each), packed(record)))

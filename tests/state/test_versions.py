"""Older states are upgraded, newer ones left alone."""

import sqlite3
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from logmon_tui.formats.model.hit_batch import Dimension, HitRecord, batch_of_records
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import CLASSED, UNCLASSED, Figure
from logmon_tui.metrics.measured import Largest
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state import schema
from logmon_tui.state.records import packed, unpacked_bucket
from tests.metrics.test_bucket import figures_content
from tests.state.restarts import assert_same
from tests.state.stores import Open, busy, changed, restored, save
from tests.traffic import START


def test_a_newer_version_is_left_alone(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(file)
    save(first, busy())
    first.close()
    changed("PRAGMA user_version = 9")(file)
    before = file.read_bytes()
    store = opened(file)
    save(store, busy())
    assert "version 9, newer than this program's 8" in store.problem
    assert "--no-state" in store.problem
    assert store.load() is None
    store.close()
    assert file.read_bytes() == before


def test_an_older_version_is_upgraded_and_keeps_its_contents(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, monitor = opened(file), busy()
    save(first, monitor, 5)
    first.close()
    migrations = (
        *schema.MIGRATIONS,
        lambda connection: connection.execute("ALTER TABLE incidents ADD COLUMN note TEXT"),
        lambda connection: connection.execute("CREATE TABLE more (x)"),
    )
    upgrade_to(monkeypatch, migrations)
    store = opened(file)
    assert (store.problem, store.note) == ("", "the saved state was upgraded from version 8")
    again, offset = restored(store)
    assert offset == 5
    assert_same(again, monitor)
    store.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (10,)
        connection.execute("SELECT note FROM incidents, more")
    connection.close()
    assert opened(file).note == ""


def test_an_upgrade_that_fails_leaves_the_old_version(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, monitor = opened(file), busy()
    save(first, monitor, 5)
    first.close()

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM positions")
        raise OSError(28, "No space left on device")

    upgrade_to(monkeypatch, (*schema.MIGRATIONS, fail))
    store = opened(file)
    assert "No space left on device" in store.problem
    store.close()
    monkeypatch.undo()
    again, offset = restored(opened(file))
    assert offset == 5
    assert_same(again, monitor)


class FormerTally(msgspec.Struct, array_like=True):
    """As version 1 wrote it; so is the next one."""

    keys: list[bytes]
    hits: list[int]
    sizes: list[int]
    other_hits: int = 0
    other_size: int = 0
    sketch: bytes | None = None


class FormerBucket(msgspec.Struct, array_like=True):
    hits: int
    size: int
    largest: int
    detail: bool
    status: dict[int, int]
    tallies: dict[str, FormerTally]
    sections: list[tuple[bytes, int, int]]
    sizes: dict[int, int]


def test_a_bucket_of_version_1_is_read_as_one_without_measures() -> None:
    tallies = {"section": FormerTally([b"/a"], [2], [30]), "host": FormerTally([b"::1"], [2], [30])}
    former = FormerBucket(2, 30, 20, True, {200: 2}, tallies, [(b"/a", 2, 2)], {117: 1, 153: 1})
    bucket = unpacked_bucket(packed(former))
    assert (bucket.hits, bucket.bytes, bucket.largest) == (2, 30, Largest(20))
    assert bucket.measured is None
    assert bucket.tallies.keys() == set(Dimension)
    assert bucket.tallies[Dimension.HOST].hits == {b"::1": 2}
    assert figures_content(bucket.tallies[Dimension.SECTION]) == {"2xx": ({b"/a": 2}, 0)}
    assert figures_content(bucket.tallies[Dimension.HOST]) == {UNCLASSED: ({}, 2)}
    assert figures_content(bucket.tallies[Dimension.PATH]) == {}, "as it has no hits"


def test_a_state_of_version_1_is_gone_on_from_without_loss(file: Path, opened: Open) -> None:
    """With what version 1 did not know taken out of the file again."""
    first, monitor = opened(file), busy()
    save(first, monitor, 5)
    first.close()
    with sqlite3.connect(file) as connection:
        rows = connection.execute("SELECT tier, start, data FROM buckets").fetchall()
        for tier, start, data in rows:
            former = msgspec.msgpack.decode(zlib.decompress(data), type=FormerBucket)
            known = {"section", "path", "host", "user", "method", "user_agent", "referrer"}
            former.sections = sections_of(unpacked_bucket(data))
            former.tallies = {name: each for name, each in former.tallies.items() if name in known}
            place = (packed(former), tier, start)
            connection.execute("UPDATE buckets SET data = ? WHERE tier = ? AND start = ?", place)
        tables = "rule_slots", "history_sums", "history_keys", "open_minutes", "long_hours"
        for table in tables:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    store = opened(file)
    assert (store.problem, store.note) == ("", "the saved state was upgraded from version 1")
    again, offset = restored(store)
    assert offset == 5
    forget_errors(monitor)
    assert_same(again, monitor)


def sections_of(bucket: MetricsBucket) -> list[tuple[bytes, int, int]]:
    """Return the status classes by section as versions before 4 wrote them."""
    if not bucket.detail:
        return []
    figures = bucket.tallies[Dimension.SECTION].figures
    return [
        (key, int(name[0]), hits)
        for name, figure in figures.items()
        for key, hits in figure.by_key.items()
    ]


def forget_errors(monitor: HTTPMonitor) -> None:
    """Make the buckets know only what versions before 4 saved: no errors but those of sections."""
    for key in monitor.counts.bucket_keys():
        bucket = monitor.counts.bucket(key)
        assert bucket is not None
        for dimension in set(CLASSED) & set(bucket.tallies):
            tally = bucket.tallies[dimension]
            if (dimension is not Dimension.SECTION or tally.other_hits) and tally.hits:
                tally.figures = {UNCLASSED: Figure(other=bucket.hits)}


def test_a_waiting_hit_of_version_1_has_no_measures() -> None:
    written = msgspec.msgpack.encode((START, 200, 5, {"host": b"::1"}))
    record = msgspec.msgpack.decode(written, type=HitRecord)
    batch = batch_of_records([record])
    assert (batch.measures, batch.sizes.tolist()) == ({}, [5])


def upgrade_to(monkeypatch: pytest.MonkeyPatch, migrations: tuple[Any, ...]) -> None:
    for module in ("schema", "database", "state_file"):
        monkeypatch.setattr(f"logmon_tui.state.{module}.MIGRATIONS", migrations)

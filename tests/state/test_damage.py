"""A damaged state is set aside, and another begun."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.state.state_file import StateFile
from tests.state.restarts import LOG, assert_same
from tests.state.stores import Open, busy, changed, feed, restored, save


def overwritten(file: Path) -> None:
    file.write_bytes(b"no database at all")


def torn(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(4096, len(data), 64):
        data[place : place + 8] = b"\xffdamaged"
    file.write_bytes(data)


def cut_short(file: Path) -> None:
    os.truncate(file, 3 * 4096 + 77)


def schema_torn(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data.replace(b"CREATE TABLE positions", b"CREATE TA\xf9LE positions"))


DAMAGES = {
    "overwritten": overwritten,
    "torn": torn,
    "cut short": cut_short,
    "a table is missing": changed("DROP TABLE incidents"),
    "counts are no counts": changed("UPDATE parts SET data = x'00' WHERE name = 'monitor'"),
    "a bucket is none": changed("UPDATE buckets SET data = (SELECT data FROM positions)"),
    "logs are none": changed("UPDATE parts SET data = 'text' WHERE name = 'logs'"),
    "a position is none": changed("UPDATE positions SET data = (SELECT data FROM buckets)"),
    "an incident is none": changed("UPDATE incidents SET data = x'00'"),
    "a key is no key": changed("UPDATE buckets SET tier = 'x' WHERE tier = 0"),
    "a start is no number": changed("UPDATE buckets SET start = 'x' || start"),
    "a tier that is none": changed("UPDATE buckets SET tier = 9"),
    "a wide bucket in the ring": changed("UPDATE buckets SET tier = 0"),
    "the tables' names are no text": schema_torn,
    "text is no text": changed("UPDATE parts SET data = CAST(x'fffe41' AS TEXT)"),
    "a log is no path": changed("UPDATE positions SET log = 7"),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give what a state file of half an hour holds."""
    file = tmp_path_factory.mktemp("saved") / "a.sqlite"
    store = StateFile(file, [LOG])
    save(store, busy(2_000))
    store.close()
    return file.read_bytes()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_set_aside_and_another_begun(
    file: Path, opened: Open, saved: bytes, damage: Callable[[Path], None]
) -> None:
    file.parent.mkdir()
    file.write_bytes(saved)
    damage(file)
    damaged = file.read_bytes()
    store = opened(file)
    assert store.load() is None
    assert store.note == f"the saved state was damaged and is set aside as {file}.damaged"
    assert store.problem == ""
    assert file.with_name("a.sqlite.damaged").read_bytes() == damaged
    monitor = busy()
    save(store, monitor, 42)
    assert store.problem == ""
    store.close()
    again, offset = restored(opened(file))
    assert offset == 42
    assert_same(again, monitor)


def test_a_file_damaged_while_it_is_used_is_replaced_by_a_whole_one(
    file: Path, opened: Open
) -> None:
    store, monitor = opened(file), busy(2_000)
    save(store, monitor, 1)
    database = store._database
    assert database is not None
    database.connection.execute("DROP TABLE buckets")
    feed(monitor, 2_000, 2_010)
    save(store, monitor, 2, now=2_010.0)
    assert store.problem == ""
    assert "set aside" in store.note
    store.close()
    again, offset = restored(opened(file))
    assert offset == 2
    assert_same(again, monitor)

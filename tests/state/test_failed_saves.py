"""A save that fails leaves the last one whole, and nothing is missing from the next."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.monitor.monitor import HTTPMonitor
from tests.state.restarts import LOG, assert_same
from tests.state.stores import GIVEN, Open, busy, feed, restored, save
from tests.traffic import START, batch_of, hit


class Failing:
    """A connection that fails at the `at`-th statement of each transaction."""

    def __init__(self, connection: sqlite3.Connection, at: int, error: Exception) -> None:
        self._connection = connection
        self._left = at
        self._error = error

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise self._error

    def execute(self, *args: Any) -> sqlite3.Cursor:
        self._count()
        return self._connection.execute(*args)

    def executemany(self, *args: Any) -> sqlite3.Cursor:
        self._count()
        return self._connection.executemany(*args)

    def __enter__(self) -> None:
        self._connection.__enter__()

    def __exit__(self, *args: object) -> Any:
        return self._connection.__exit__(*args)


@pytest.mark.parametrize("at", range(9))
@pytest.mark.parametrize("first", [True, False])
def test_a_save_that_fails_midway_leaves_the_last_one_and_the_next_is_whole(
    file: Path, opened: Open, tmp_path: Path, at: int, *, first: bool
) -> None:
    store, monitor = opened(file), busy()
    if not first:
        save(store, monitor, 1)
    feed(monitor, 5, 40)
    database = store._database
    assert database is not None
    real = database.connection
    database.connection = Failing(real, at, OSError(5, "Input/output error"))  # type: ignore[assignment]
    save(store, monitor, 2, now=40.0)
    assert store.problem.startswith("state not saved: Input/output error: ")
    database.connection = real
    copy = copied(file, tmp_path)
    saved = opened(copy).load()
    if first:
        assert saved is None
    else:
        assert saved is not None
        assert saved.positions[LOG].opened[0].place.offset == 1
        assert saved.monitor.state.hits == 20
    feed(monitor, 40, 60)
    save(store, monitor, 3, now=60.0)
    assert store.problem == ""
    store.close()
    again, offset = restored(opened(file))
    assert offset == 3
    assert_same(again, monitor)


def copied(file: Path, folder: Path) -> Path:
    """Copy the files as a crash at this moment would leave them."""
    target = folder / "copy.sqlite"
    for ending in ("", "-wal"):
        target.with_name(target.name + ending).write_bytes(
            file.with_name(file.name + ending).read_bytes()
        )
    return target


def test_without_room_the_problem_says_so_until_there_is(file: Path, opened: Open) -> None:
    store, monitor = opened(file), busy()
    save(store, monitor, 1)
    database = store._database
    assert database is not None
    pages = database.connection.execute("PRAGMA page_count").fetchone()[0]
    database.connection.execute(f"PRAGMA max_page_count = {pages}")
    feed(monitor, 5, 900)
    for _ in range(3):
        save(store, monitor, 2, now=900.0)
        assert store.problem.startswith("state not saved: No space left on device: ")
        assert store.saved_at == START + 5
    database.connection.execute("PRAGMA max_page_count = 1000000")
    save(store, monitor, 3, now=901.0)
    assert (store.problem, store.saved_at) == ("", START + 901)
    store.close()
    again, offset = restored(opened(file))
    assert offset == 3
    assert_same(again, monitor)


def test_a_file_removed_meanwhile_is_made_again_and_holds_everything(
    file: Path, opened: Open
) -> None:
    store, monitor = opened(file), busy(2_000)
    save(store, monitor, 1)
    for each in list(file.parent.iterdir()):
        each.unlink()
    file.parent.rmdir()
    feed(monitor, 2_000, 2_002)
    save(store, monitor, 2, now=2_002.0)
    assert store.problem == ""
    store.close()
    again, offset = restored(opened(file))
    assert offset == 2
    assert_same(again, monitor)


def test_saving_begins_as_soon_as_it_can(file: Path, opened: Open) -> None:
    file.parent.touch()
    store, monitor = opened(file), busy()
    save(store, monitor)
    assert store.problem
    file.parent.unlink()
    feed(monitor, 5, 9)
    save(store, monitor, 9, now=9.0)
    assert store.problem == ""
    store.close()
    again, offset = restored(opened(file))
    assert offset == 9
    assert_same(again, monitor)


def test_a_monitor_that_keeps_no_journal_is_saved_whole(file: Path, opened: Open) -> None:
    store, monitor = opened(file), HTTPMonitor(GIVEN)
    for end in (5, 700, 2_000):
        feed(monitor, end - 5, end)
        save(store, monitor, end, now=float(end))
    store.close()
    again, _ = restored(opened(file))
    assert_same(again, monitor)


def test_sums_of_bytes_too_large_to_be_kept_are_cut_off(file: Path, opened: Open) -> None:
    store, monitor = opened(file), busy()
    huge = [hit(START + 6, size=10**15 - 1) for _ in range(900)]
    for _ in range(40):
        monitor.feed(batch_of(huge), 6.0)
    save(store, monitor, 7, now=6.0)
    assert store.problem == ""
    store.close()
    again, _ = restored(opened(file))
    assert again.snapshot(6.0, START).ingest.hits == 20 + 36_000
    assert again.snapshot(6.0, START).ingest.bytes == 2**63 - 1

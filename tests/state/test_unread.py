"""A state that could not be read at the start is never written over."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logmon_tui.state import state_file as store_module
from logmon_tui.state.files import remove
from tests.state.restarts import assert_same
from tests.state.stores import Open, busy, changed, restored, save


@contextmanager
def held(file: Path) -> Iterator[sqlite3.Connection]:
    """Hold a file as another program that lets nobody read."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield connection
    finally:
        connection.close()


def test_a_file_held_for_a_moment_is_waited_for(file: Path, opened: Open) -> None:
    monitor = busy()
    save(opened(file), monitor, 7)
    opened.stores[0].close()
    with held(file) as holder:
        threading.Timer(0.3, holder.close).start()
        again, offset = restored(opened(file))
    assert offset == 7
    assert_same(again, monitor)


def test_a_file_held_for_longer_is_set_aside_whole(file: Path, opened: Open) -> None:
    monitor = busy(2_000)
    save(opened(file), monitor, 7)
    opened.stores[0].close()
    with held(file):
        store = opened(file)
        assert store.load() is None
        assert "locked" in store.problem
    save(store, busy(), 9)
    aside = file.with_name("a.sqlite.unread")
    assert store.problem == ""
    assert (
        store.note == f"the saved state could not be read at the start and is set aside as {aside}"
    )
    save(store, busy(), 10)
    store.close()
    assert restored(opened(file))[1] == 10
    again, offset = restored(opened(aside))
    assert offset == 7
    assert_same(again, monitor)
    opened.stores[-1].close()
    opened.stores[-2].close()
    remove(file)
    assert not file.exists()
    assert not aside.exists()


def test_a_fault_of_another_kind_sets_aside_too(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(opened(file), busy(), 7)
    opened.stores[0].close()

    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "Database", failing)
        patch.setattr(store_module, "connect", failing)
        store = opened(file)
        assert store.load() is None
    save(store, busy(), 9)
    assert store.problem == ""
    assert restored(opened(file.with_name("a.sqlite.unread")))[1] == 7


def test_a_second_instance_that_could_not_read_sets_aside_when_it_takes_over(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(file)
    save(first, busy(), 7)
    second = opened(file)

    def failing(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(store_module, "connect", failing)
        assert second.load() is None
    first.close()
    save(second, busy(), 9)
    assert second.problem == ""
    assert restored(opened(file.with_name("a.sqlite.unread")))[1] == 7


def test_a_second_instance_of_a_damaged_file_reads_nothing(file: Path, opened: Open) -> None:
    save(opened(file), busy())
    changed("UPDATE parts SET data = CAST(x'fffe41' AS TEXT)")(file)
    second = opened(file)
    assert second.load() is None
    assert second.problem.startswith("another logmon-tui")

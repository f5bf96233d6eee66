"""Older states are upgraded, newer ones left alone."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.state import schema
from tests.state.restarts import assert_same
from tests.state.stores import Open, busy, changed, restored, save


def test_a_newer_version_is_left_alone(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = opened(file)
    save(first, busy())
    first.close()
    changed("PRAGMA user_version = 2")(file)
    before = file.read_bytes()
    store = opened(file)
    save(store, busy())
    assert "version 2, newer than this program's 1" in store.problem
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
    assert (store.problem, store.note) == ("", "the saved state was upgraded from version 1")
    again, offset = restored(store)
    assert offset == 5
    assert_same(again, monitor)
    store.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
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


def upgrade_to(monkeypatch: pytest.MonkeyPatch, migrations: tuple[Any, ...]) -> None:
    for module in ("schema", "database", "store"):
        monkeypatch.setattr(f"logmon_tui.state.{module}.MIGRATIONS", migrations)

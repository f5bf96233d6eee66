"""Runs that could save nothing, and states that a full disk leaves no room to open."""

import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.state.checkpointer import Checkpointer
from logmon_tui.state.files import lock_file
from tests.pipeline.runs import Told, lines, running, wait_for
from tests.sources.test_rotation import rotate
from tests.state.restarts import LOG, assert_same
from tests.state.stores import Open, busy, changed, restored, save
from tests.traffic import START, settings_of

BEGUN = 1_000_000_000
FEW = 8 * 1024
"""Bytes that a file may have: too few for what SQLite makes beside a state to read it."""


@contextmanager
def little_room() -> Iterator[None]:
    """Let no file grow beyond `FEW` bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FEW, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def begin(file: Path, opened: Open) -> None:
    """Begin a state at BEGUN, and end without having saved."""
    assert opened(file).load() is None
    opened.stores[-1].close()
    os.utime(lock_file(file), (BEGUN, BEGUN))


def test_a_new_state_follows_no_run(file: Path, opened: Open) -> None:
    store = opened(file)
    assert store.load() is None
    assert store.unsaved_since is None


def test_a_run_that_saved_nothing_is_known_until_one_saves(file: Path, opened: Open) -> None:
    begin(file, opened)
    for _ in range(2):
        store = opened(file)
        assert store.load() is None
        assert store.unsaved_since == BEGUN
        store.close()
    store = opened(file)
    store.load()
    save(store, busy())
    store.close()
    again = opened(file)
    assert again.load() is not None
    assert again.unsaved_since is None


def test_a_state_removed_by_hand_is_begun_anew(file: Path, opened: Open) -> None:
    begin(file, opened)
    file.unlink()
    begun = opened(file)
    assert begun.load() is None
    assert begun.unsaved_since is None
    begun.close()
    again = opened(file)
    again.load()
    assert again.unsaved_since is not None
    assert again.unsaved_since > BEGUN


def test_without_any_room_it_is_known_all_the_same(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk has room for names of empty files."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("logmon_tui.state.database.upgrade", full)
        for unsaved_since in (None, BEGUN):
            store = opened(file)
            assert store.load() is None
            assert store.problem.startswith("state not saved: ")
            assert store.unsaved_since == unsaved_since
            os.utime(lock_file(file), (BEGUN, BEGUN))


def test_a_state_that_cannot_be_read_is_not_taken_for_empty(file: Path, opened: Open) -> None:
    save(opened(file), busy())
    opened.stores[0].close()
    changed("UPDATE parts SET data = x'00'")(file)
    store = opened(file)
    assert store.load() is None
    assert "set aside" in store.note
    assert store.unsaved_since is None


def test_a_second_instance_takes_nothing_for_unsaved(file: Path, opened: Open) -> None:
    begin(file, opened)
    opened(file)
    second = opened(file)
    assert second.another
    assert second.load() is None
    assert second.unsaved_since is None


def test_a_state_is_read_on_a_full_disk_and_saved_into_when_there_is_room(
    file: Path, opened: Open
) -> None:
    monitor = busy()
    save(opened(file), monitor, 7)
    opened.stores[0].close()
    with little_room():
        store = opened(file)
        again, offset = restored(store)
        save(store, again, 8)
        assert store.problem.startswith("state not saved: No space left on device: ")
    assert offset == 7
    assert_same(again, monitor)
    save(store, again, 9)
    assert (store.problem, store.note) == ("", "")
    store.close()
    assert restored(opened(file))[1] == 9


def test_the_saver_tells_what_is_read_again(file: Path, opened: Open) -> None:
    begin(file, opened)
    saver = Checkpointer(file, [LOG])
    try:
        assert saver.unsaved_since == BEGUN
        assert saver.saving.note == (
            "the watch begun at 2001-09-09 01:46:40 UTC saved nothing; "
            "what was logged since then is read again"
        )
        saver.pass_over("old.log")
        assert saver.saving.note.endswith(
            "is read again, but in old.log only its end: when its lines were written cannot be told"
        )
    finally:
        saver.close()


def test_a_watch_killed_before_its_first_save_leaves_nothing_unread(tmp_path: Path) -> None:
    log, state, told = tmp_path / "access.log", tmp_path / "s.sqlite", Told()
    log.write_bytes(lines(10, START))
    given = settings_of(from_start=True)
    killed = open_pipeline([str(log)], given, FormatSelector(), told.listener(), state_file=state)
    killed._saver.close()  # as the system does
    with log.open("ab") as file:
        file.write(lines(20, START + 1))
    for number in range(2):
        rotate(log)
        log.write_bytes(lines(30, START + 2 + number))
    again = open_pipeline([str(log)], given, FormatSelector(), told.listener(), state_file=state)
    with running(again):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 90)
        wait_for(lambda: told.pictures[-1].saving.saved_at)
    assert told.pictures[-1].saving.note.endswith("is read again")


def test_what_must_be_passed_over_is_told(tmp_path: Path) -> None:
    log, state, told = tmp_path / "access.log", tmp_path / "s.sqlite", Told()
    log.write_bytes(lines(10, BEGUN))
    killed = open_pipeline(
        [str(log)], settings_of(), FormatSelector(), told.listener(), state_file=state
    )
    killed._saver.close()
    log.write_bytes(lines(10, BEGUN) + lines(20, BEGUN + 9_999))  # an old log, replayed
    again = open_pipeline(
        [str(log)], settings_of(), FormatSelector(), told.listener(), state_file=state
    )
    with running(again):
        wait_for(lambda: told.pictures and told.pictures[-1].ingest.hits == 20)
    assert "but in" in told.pictures[-1].saving.note

"""What is no state of these logs is left as it is, links are not followed."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from logmon_tui.state.files import lock_file
from tests.state.restarts import LOG
from tests.state.stores import Open, busy, changed, restored, save


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal", ".lock"])
def test_symbolic_links_are_refused_and_not_followed(
    file: Path, opened: Open, tmp_path: Path, ending: str
) -> None:
    file.parent.mkdir()
    target = tmp_path / "precious.sqlite"
    target.write_bytes(b"precious")
    file.with_name(file.name + ending).symlink_to(target)
    store = opened(file)
    save(store, busy())
    assert "symbolic link" in store.problem
    assert store.load() is None
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize("kind", ["folder", "pipe", "its folder is a file"])
def test_what_is_no_plain_file_is_a_problem_and_no_crash(
    file: Path, opened: Open, kind: str
) -> None:
    if kind == "folder":
        file.mkdir(parents=True)
    elif kind == "pipe":
        file.parent.mkdir()
        os.mkfifo(file)
    else:
        file.parent.touch()
    store = opened(file)
    save(store, busy())
    assert store.problem.startswith("state not saved: ")
    assert store.problem.count("\n") == 0
    assert str(file) in store.problem
    assert store.load() is None


def test_a_log_named_by_mistake_stays_as_it_is(tmp_path: Path, opened: Open) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(b"127.0.0.1 - - precious\n")
    log.chmod(0o644)
    store = opened(log)
    save(store, busy())
    assert "is no state of logmon-tui" in store.problem
    assert log.read_bytes() == b"127.0.0.1 - - precious\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [log]


def test_another_programs_database_stays_as_it_is(file: Path, opened: Open) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE precious (x)")
    connection.close()
    before = file.read_bytes()
    store = opened(file)
    save(store, busy())
    assert "another program" in store.problem
    store.close()
    assert file.read_bytes() == before


def test_the_state_of_other_logs_stays_as_it_is(file: Path, opened: Open) -> None:
    first = opened(file)
    save(first, busy())
    first.close()
    other = opened(file, "/var/log/other\x1b.log")
    save(other, busy(3))
    assert f"is the state of {LOG}; name another file with --state" in other.problem
    assert other.load() is None
    other.close()
    assert restored(opened(file))[1] == 1


@pytest.mark.parametrize("wal", [True, False])
def test_beside_a_refused_file_nothing_is_left_and_its_mode_stays(
    tmp_path: Path, opened: Open, *, wal: bool
) -> None:
    file = tmp_path / "precious.db"
    changed("CREATE TABLE precious (x)")(file)
    if wal:
        changed("PRAGMA journal_mode = WAL")(file)
    file.chmod(0o644)
    save(opened(file), busy())
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["access.log", "access.sqlite"])
@pytest.mark.parametrize("there", [True, False])
def test_a_watched_log_is_refused_though_it_is_empty(
    tmp_path: Path, opened: Open, name: str, *, there: bool
) -> None:
    log = tmp_path / name
    if there:
        log.touch(0o644)
    store = opened(log, str(log))
    save(store, busy())
    assert "is a log that is watched" in store.problem
    assert store.load() is None
    assert list(tmp_path.iterdir()) == ([log] if there else [])
    assert not there or log.read_bytes() == b""


def test_a_log_is_refused_by_another_name_too(tmp_path: Path, opened: Open) -> None:
    log = tmp_path / "access.log"
    log.touch()
    other = tmp_path / "other.sqlite"
    other.hardlink_to(log)
    assert "is a log that is watched" in opened(other, str(log)).problem
    assert log.read_bytes() == b""


def test_an_empty_file_that_may_be_another_log_is_refused(tmp_path: Path, opened: Open) -> None:
    log = tmp_path / "other.log"
    log.touch()
    assert "is no state of logmon-tui" in opened(log).problem
    assert list(tmp_path.iterdir()) == [log]
    assert log.read_bytes() == b""


def test_a_state_of_any_name_whose_beginning_was_cut_off_is_begun_again(
    tmp_path: Path, opened: Open
) -> None:
    file = tmp_path / "state.db"
    file.touch()
    lock_file(file).touch()
    assert opened(file).problem == ""

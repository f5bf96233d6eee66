"""The state file: whole after every fault, private, one instance's at a time."""

import fcntl
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.config import Settings
from logmon_tui.judge import KEPT_INCIDENTS
from logmon_tui.monitor import HTTPMonitor
from logmon_tui.sources.base import FilePosition, Identity, KnownFile, LogPosition, Place
from logmon_tui.state import schema
from logmon_tui.state.files import in_use, lock, lock_file
from logmon_tui.state.store import StateStore
from tests.state.restarts import LOG, assert_same, position_at
from tests.traffic import START, batch_of, hit, settings_of

GIVEN = settings_of(threshold=1, alert_window=10)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "a.sqlite"


class Open:
    """Opens stores, and closes them when the test ends."""

    def __init__(self) -> None:
        self.stores: list[StateStore] = []

    def __call__(self, file: Path, *logs: str) -> StateStore:
        self.stores.append(StateStore(file, logs or (LOG,)))
        return self.stores[-1]


@pytest.fixture
def opened() -> Iterator[Open]:
    stores = Open()
    yield stores
    for store in stores.stores:
        store.close()


def busy(seconds: int = 5, given: Settings = GIVEN) -> HTTPMonitor:
    monitor = HTTPMonitor(given, journal=True)
    feed(monitor, 0, seconds)
    return monitor


def feed(monitor: HTTPMonitor, begin: int, end: int) -> None:
    hits = [hit(START + second, path=b"/%d" % second) for second in range(begin, end)] * 4
    monitor.feed(batch_of(sorted(hits)), float(end))
    monitor.tick(float(end), START)


def save(store: StateStore, monitor: HTTPMonitor, offset: int = 1, now: float = 5.0) -> None:
    store.save({LOG: position_at(offset)}, monitor, now, START + now)


def restored(store: StateStore) -> tuple[HTTPMonitor, int]:
    """Return a monitor that goes on from the file, and the offset it goes on at."""
    saved = store.load()
    assert saved is not None
    monitor = HTTPMonitor(GIVEN, journal=True)
    monitor.restore(saved.monitor, 5.0)
    return monitor, saved.positions[LOG].opened[0].place.offset


def test_a_file_that_is_new_holds_nothing(file: Path, opened: Open) -> None:
    store = opened(file)
    assert (store.problem, store.note, store.saved_at) == ("", "", None)
    assert store.load() is None


def test_positions_come_back_as_they_were(file: Path, opened: Open) -> None:
    odd = "/var/log/\udcff\n\x1b.log"  # not UTF-8
    place = Place(2**62, b"\x00\xff", held=3, skipping=True)
    positions = {
        LOG: LogPosition(),
        odd: LogPosition(
            opened=(FilePosition(Identity(2**64 - 1, 2**64 - 1), place),),
            given_up=(FilePosition(Identity(1, 2), Place()),),
            known=(KnownFile(Identity(3, 4), b"head"),),
            directory=Identity(5, 6),
            rotations=1,
            truncations=2,
            oversize=3,
        ),
    }
    store = opened(file, LOG, odd)
    store.save(positions, busy(), 5.0, 77.5)
    assert (store.problem, store.saved_at) == ("", 77.5)
    store.close()
    saved = opened(file, odd, LOG).load()
    assert saved is not None
    assert (saved.positions, saved.saved_at) == (positions, 77.5)


def test_files_and_folder_are_the_users_alone(file: Path, opened: Open) -> None:
    before = os.umask(0)
    try:
        save(opened(file), busy())
    finally:
        os.umask(before)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    assert modes == {f"a.sqlite{ending}": 0o600 for ending in ("", "-wal", "-shm", ".lock")}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


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


# ---- damage


def overwritten(file: Path) -> None:
    file.write_bytes(b"no database at all")


def torn(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(4096, len(data), 64):
        data[place : place + 8] = b"\xffdamaged"
    file.write_bytes(data)


def cut_short(file: Path) -> None:
    os.truncate(file, 3 * 4096 + 77)


def changed(statement: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute(statement)
        connection.close()

    return change


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
    "a log is no path": changed("UPDATE positions SET log = 7"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_set_aside_and_another_begun(
    file: Path, opened: Open, damage: Callable[[Path], None]
) -> None:
    first = opened(file)
    save(first, busy(2_000))
    first.close()
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


# ---- faults while saving


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


# ---- incidents


def test_the_newest_incidents_are_kept_and_no_more(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEPT_INCIDENTS == 10_000
    for module in ("logmon_tui.judge", "logmon_tui.state.tables"):
        monkeypatch.setattr(f"{module}.KEPT_INCIDENTS", 8)
    store = opened(file)
    monitor = HTTPMonitor(
        settings_of(threshold=1, ddos_threshold=900, alert_window=2), journal=True
    )
    for burst in range(20):
        second = 10 * burst
        monitor.feed(batch_of([hit(START + second)] * 12), float(second))
        for later in range(9):
            monitor.tick(float(second + later), START)
            if burst % 3 or later % 2:
                save(store, monitor, 1, now=float(second + later))
    save(store, monitor, 1, now=200.0)
    store.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM incidents").fetchone() == (8,)
    connection.close()
    again, _ = restored(opened(file))
    assert again.judge.closed == monitor.judge.closed
    assert len(again.judge.closed) == 8


def test_an_incident_forgotten_before_it_could_be_saved_does_not_fire_for_ever(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.judge.KEPT_INCIDENTS", 2)
    store, monitor = opened(file), HTTPMonitor(GIVEN, journal=True)
    feed(monitor, 0, 5)
    save(store, monitor)
    assert len(monitor.judge.open) == 1
    for second in range(100, 1_000, 100):  # saved no more, until nobody knows the first ones
        feed(monitor, second, second + 5)
    monitor.tick(2_000.0, START)
    assert not monitor.judge.open
    save(store, monitor, 2, now=2_000.0)
    store.close()
    again, _ = restored(opened(file))
    assert again.judge.incidents() == monitor.judge.incidents()


# ---- versions


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


# ---- another instance


def test_a_second_instance_reads_but_does_not_save_until_the_first_has_gone(
    file: Path, opened: Open
) -> None:
    first, monitor = opened(file), busy()
    save(first, monitor, 5)
    second = opened(file)
    assert second.problem == (
        "another logmon-tui watches these logs and saves their state; this one does not save"
    )
    other, offset = restored(second)
    assert offset == 5
    feed(other, 5, 7)
    save(second, other, 7, now=7.0)
    assert second.problem.startswith("another logmon-tui")
    assert second.saved_at is None
    feed(monitor, 5, 30)
    save(first, monitor, 30, now=30.0)
    assert first.problem == ""
    first.close()
    save(second, other, 8, now=8.0)
    assert second.problem == ""
    second.close()
    again, offset = restored(opened(file))
    assert offset == 8
    assert_same(again, other)


def test_the_lock_ends_with_the_instance_even_if_it_is_killed(file: Path, opened: Open) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from logmon_tui.state.store import StateStore\n"
        f"store = StateStore(Path(sys.argv[1]), [{LOG!r}])\n"
        "print(store.problem or 'saving', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"saving\n"
        store = opened(file)
        assert store.problem.startswith("another logmon-tui")
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    save(store, busy())
    assert store.problem == ""


def test_children_do_not_inherit_the_lock(file: Path, opened: Open) -> None:
    first = opened(file)
    child = subprocess.Popen(["sleep", "600"], close_fds=False)
    try:
        first.close()
        assert opened(file).problem == ""
    finally:
        child.kill()
        child.wait()


def test_a_lock_removed_with_its_state_locks_out_nobody(file: Path, opened: Open) -> None:
    first = opened(file)
    for each in list(file.parent.iterdir()):
        each.unlink()
    second = opened(file)
    assert second.problem == ""
    save(first, busy())
    assert first.problem.startswith("another logmon-tui")


def test_a_lock_that_goes_while_it_is_taken_is_taken_anew(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when `state clear` ends in between: a lock on a file without a name keeps nobody out."""
    flock, calls = fcntl.flock, []

    def flock_late(handle: int, operation: int) -> None:
        calls.append(handle)
        flock(handle, operation)
        if len(calls) == 1:
            lock_file(file).unlink()

    monkeypatch.setattr("logmon_tui.state.files.fcntl.flock", flock_late)
    file.parent.mkdir()
    held = lock(file)
    assert held is not None
    assert in_use(file)
    assert lock(file) is None
    os.close(held)
    assert not in_use(file)


def test_a_save_a_second_costs_little(
    file: Path, opened: Open, figure: Callable[[str], None]
) -> None:
    """On a log of 100 hits a second; the limit is for machines that are busy otherwise."""
    store, monitor = opened(file), HTTPMonitor(settings_of(), journal=True)
    took = []
    for second in range(300):
        hits = [
            hit(START + second, host=b"10.0.%d.%d" % (n % 7, second), path=b"/p/%d" % (n * second))
            for n in range(100)
        ]
        monitor.feed(batch_of(hits), float(second))
        monitor.tick(float(second), START)
        began = time.perf_counter()
        save(store, monitor, second, now=float(second))
        took.append(time.perf_counter() - began)
    assert store.problem == ""
    median = sorted(took)[len(took) // 2]
    figure(f"saving the state at 100 hits/s: {1000 * median:.1f} ms a second (median)")
    assert median < 0.05

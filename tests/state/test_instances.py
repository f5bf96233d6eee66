"""One instance saves; others look on until it has gone."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.sources.base import LogPosition
from logmon_tui.state.checkpointer import Checkpointer
from logmon_tui.state.files import in_use, lock, lock_file
from tests.state.restarts import LOG, assert_same, position_at
from tests.state.stores import GIVEN, Open, busy, feed, restored, save
from tests.traffic import START


class FakeSource:
    def position(self) -> LogPosition:
        return position_at(5)


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
        "from logmon_tui.state.state_file import StateFile\n"
        f"store = StateFile(Path(sys.argv[1]), [{LOG!r}])\n"
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


def test_who_takes_over_goes_on_with_what_users_said_to_the_first(file: Path) -> None:
    silence, ended = Silence(START, START + 600, "traffic"), Silence(START, START + 900)
    first, monitor = Checkpointer(file, [LOG]), busy()
    monitor.alerts.silences.add(ended)
    source = FakeSource()
    first.save({LOG: source}, monitor, 5.0, START + 5)
    second, other = Checkpointer(file, [LOG]), HTTPMonitor(GIVEN, journal=True)
    second.restore(other, 5.0)
    (incident,) = other.alerts.open
    monitor.alerts.silences.add(silence)
    monitor.alerts.silences.end(ended)
    monitor.alerts.incidents.acknowledge(incident.id, 1.5)
    monitor.alerts.incidents.set_note(incident.id, "Ann looks")
    first.save({LOG: source}, monitor, 6.0, START + 6)
    second.save({LOG: source}, other, 6.0, START + 6)
    assert second.another
    assert not other.alerts.open[0].acknowledged
    first.close()
    second.save({LOG: source}, other, 8.0, START + 8)
    assert not second.another
    assert other.alerts.silences.in_force(START + 8) == (silence,)
    (incident,) = other.alerts.open
    assert (incident.acknowledged_at, incident.note) == (1.5, "Ann looks")
    second.close()


def test_looking_at_a_state_before_its_first_save_does_not_take_its_journal(
    file: Path, opened: Open
) -> None:
    """Another process that opens and closes the file must see that the first one has it open."""
    first, monitor = opened(file), busy()
    assert first.load() is None
    look = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM parts')"
    subprocess.run([sys.executable, "-c", look, str(file)], check=True)
    save(first, monitor, 5)
    _, offset = restored(opened(file))
    assert offset == 5

"""What is saved comes back as it was: positions, incidents, and how little a save costs."""

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.alerts.history.incident_history import KEPT_INCIDENTS
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.sources.base import FilePosition, Identity, KnownFile, LogPosition, Place
from tests.state.restarts import LOG
from tests.state.stores import GIVEN, Open, busy, feed, restored, save
from tests.traffic import START, batch_of, hit, settings_of


def test_a_file_that_is_new_holds_nothing(file: Path, opened: Open) -> None:
    store = opened(file)
    assert (store.problem, store.note, store.saved_at) == ("", "", None)
    assert store.load() is None


def test_positions_come_back_as_they_were(file: Path, opened: Open) -> None:
    odd = "/var/log/\udcff\n\x1b.log"  # not UTF-8
    place = Place(2**62, b"\x00\xff", b"\xff\x00", held=3, skipping=True)
    positions = {
        LOG: LogPosition(),
        odd: LogPosition(
            opened=(FilePosition(Identity(2**64 - 1, 2**64 - 1), place),),
            given_up=(FilePosition(Identity(1, 2), Place()),),
            known=(KnownFile(Identity(3, 4), 4, b"head"),),
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


def test_the_newest_incidents_are_kept_and_no_more(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEPT_INCIDENTS == 10_000
    for module in ("logmon_tui.alerts.history.incident_history", "logmon_tui.state.tables"):
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
    assert again.alerts.history.closed == monitor.alerts.history.closed
    assert len(again.alerts.history.closed) == 8


def test_an_incident_forgotten_before_it_could_be_saved_does_not_fire_for_ever(
    file: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.alerts.history.incident_history.KEPT_INCIDENTS", 2)
    store, monitor = opened(file), HTTPMonitor(GIVEN, journal=True)
    feed(monitor, 0, 5)
    save(store, monitor)
    assert len(monitor.alerts.open) == 1
    for second in range(100, 1_000, 100):  # saved no more, until nobody knows the first ones
        feed(monitor, second, second + 5)
    monitor.tick(2_000.0, START)
    assert not monitor.alerts.open
    save(store, monitor, 2, now=2_000.0)
    store.close()
    again, _ = restored(opened(file))
    assert again.alerts.incidents.all() == monitor.alerts.incidents.all()


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

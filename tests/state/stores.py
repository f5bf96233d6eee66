"""State files for the tests, and monitors that are saved into them."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from logmon_tui.config.settings import Settings
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.state_file import StateFile
from tests.state.restarts import LOG, position_at
from tests.traffic import START, batch_of, hit, settings_of

GIVEN = settings_of(threshold=1, alert_window=10)


class Open:
    """Opens stores, and closes them when the test ends."""

    def __init__(self) -> None:
        self.stores: list[StateFile] = []

    def __call__(self, file: Path, *logs: str) -> StateFile:
        self.stores.append(StateFile(file, logs or (LOG,)))
        return self.stores[-1]


def busy(seconds: int = 5, given: Settings = GIVEN) -> HTTPMonitor:
    monitor = HTTPMonitor(given, journal=True)
    feed(monitor, 0, seconds)
    return monitor


def feed(monitor: HTTPMonitor, begin: int, end: int) -> None:
    hits = [hit(START + second, path=b"/%d" % second) for second in range(begin, end)] * 4
    monitor.feed(batch_of(sorted(hits)), float(end))
    monitor.tick(float(end), START)


def save(store: StateFile, monitor: HTTPMonitor, offset: int = 1, now: float = 5.0) -> None:
    store.save({LOG: position_at(offset)}, monitor, now, START + now)


def restored(store: StateFile) -> tuple[HTTPMonitor, int]:
    """Return a monitor that goes on from the file, and the offset it goes on at."""
    saved = store.load()
    assert saved is not None
    monitor = HTTPMonitor(GIVEN, journal=True)
    monitor.restore(saved.monitor, 5.0)
    return monitor, saved.positions[LOG].opened[0].place.offset


def changed(statement: str) -> Callable[[Path], None]:
    """Return what runs an SQL statement on a file."""

    def change(file: Path) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute(statement)
        connection.close()

    return change

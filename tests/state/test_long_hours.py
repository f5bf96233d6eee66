"""What rules that look back over days counted survives a run, and only what changed is written."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from logmon_tui.config.settings import Settings
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.records import packed
from tests.alerts.raw_traffic import raw_batch, raw_hit
from tests.state.restarts import LOG, Run, position_at
from tests.state.stores import Open
from tests.traffic import START, settings_of

HOUR, DAY = 3_600, 86_400
SHOP = settings_of(slo={"shop": {"objective": 0.99}})


def fed(monitor: HTTPMonitor, begin: int, end: int, gap: int = 50) -> HTTPMonitor:
    """Feed a hit every `gap` seconds, each third of them bad."""
    for start in range(begin, end, 40 * gap):
        seconds = range(start, min(end, start + 40 * gap), gap)
        hits = [raw_hit(START + at, status=500 if at // gap % 3 else 200) for at in seconds]
        monitor.feed(raw_batch(hits), float(seconds[-1]))
        monitor.tick(seconds[-1] + 1.0, START + seconds[-1] + 1)
    return monitor


def rows(file: Path) -> dict[int, bytes]:
    """Return the saved hours with their data."""
    with sqlite3.connect(file) as connection:
        found = dict(connection.execute("SELECT hour, data FROM long_hours").fetchall())
    connection.close()
    return found


def budget(monitor: HTTPMonitor) -> tuple[int, int]:
    (status,) = monitor.alerts.picture(0.0).objectives
    return status.hits, status.bad


def test_only_hours_that_changed_are_written(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", SHOP)
    fed(run.monitor, 0, 3 * HOUR)
    run.save(3 * HOUR, START)
    before = rows(run.file)
    assert sorted(before) == [START // HOUR + each for each in range(3)]
    with sqlite3.connect(run.file) as connection:
        last = START // HOUR + 2
        connection.execute("UPDATE long_hours SET data = X'00' WHERE hour < ?", (last,))
    connection.close()
    fed(run.monitor, 3 * HOUR, 3 * HOUR + 400)
    run.save(3 * HOUR + 400, START)
    after = rows(run.file)
    assert sorted(after) == [START // HOUR + each for each in range(4)]
    assert after[START // HOUR] == after[START // HOUR + 1] == b"\0", "and was not written again"
    run.store.close()


def test_the_budget_goes_on_from_run_to_run(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", SHOP)
    fed(run.monitor, 0, 2 * HOUR)
    before = budget(run.monitor)
    run.save(2 * HOUR, START + 2 * HOUR)
    run.restart(2 * HOUR)
    assert budget(run.monitor) == before
    run.monitor.count_downtime(run.now(2.0 * HOUR), START + 2 * HOUR)
    fed(run.monitor, 2 * HOUR, 3 * HOUR)
    never_stopped = fed(HTTPMonitor(SHOP), 0, 3 * HOUR)
    assert budget(run.monitor) == budget(never_stopped)
    run.store.close()


def test_hours_older_than_35_days_leave_the_file(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", SHOP)
    fed(run.monitor, 0, 2 * HOUR)
    run.save(2 * HOUR, START)
    far = 35 * DAY + 2 * HOUR
    run.monitor.tick(float(far + 90), START + far + 90)
    run.save(far + 90, START + far)
    assert sorted(rows(run.file)) == [START // HOUR + 1], "the hour of 35 days ago is whole"
    run.store.close()


@pytest.mark.parametrize(
    "other",
    [
        settings_of(slo={"shop": {"objective": 0.99, "bad": "status:503"}}),
        settings_of(slo={"shop": {"objective": 0.99, "where": "section:/x"}}),
        settings_of(),
    ],
)
def test_an_objective_of_other_hits_begins_anew_and_its_hours_are_dropped(
    other: Settings, tmp_path: Path
) -> None:
    run = Run(tmp_path / "s.sqlite", SHOP)
    fed(run.monitor, 0, 2 * HOUR)
    assert any(each.rule.startswith("slo.") for each in run.monitor.alerts.open)
    run.save(2 * HOUR, START)
    run.given = other
    run.restart(2 * HOUR)
    run.monitor.tick(run.now(2.0 * HOUR + 1), START + 2 * HOUR + 1)
    assert not any(each.rule.startswith("slo.") for each in run.monitor.alerts.open)
    run.save(2 * HOUR + 1, START)
    assert rows(run.file) == {}
    run.store.close()


def test_another_target_of_the_same_hits_keeps_what_was_counted(tmp_path: Path) -> None:
    run = Run(tmp_path / "s.sqlite", SHOP)
    fed(run.monitor, 0, 2 * HOUR)
    before = budget(run.monitor)
    run.save(2 * HOUR, START)
    run.given = settings_of(slo={"store": {"objective": 0.9}})
    run.restart(2 * HOUR)
    assert budget(run.monitor) == before
    run.store.close()


def test_what_is_usual_goes_on_from_run_to_run(tmp_path: Path) -> None:
    given = settings_of(rules={"odd": {"metric": "rate", "compare": "usual", "warning": 4}})
    run = Run(tmp_path / "s.sqlite", given)
    fed(run.monitor, 0, 3 * DAY + HOUR + 500)
    run.save(3 * DAY + HOUR + 500, START)
    run.restart(3 * DAY + HOUR + 500)
    at = 3 * DAY + HOUR + 501
    run.monitor.tick(run.now(float(at)), START + at)
    status = next(each for each in run.monitor.alerts.picture(0.0).rules if each.rule == "odd")
    assert status.basis == "0.02/s, usually 0.02/s (of 3 days)"
    assert status.value == pytest.approx(0.0, abs=0.1)
    run.store.close()


DAMAGED: dict[str, Callable[[Any], Any]] = {
    "too short": lambda _: packed(b"\0" * 8),
    "below zero": lambda _: packed(b"\xff" * 960),
    "no bytes": lambda _: packed([1, 2]),
    "cut": lambda data: data[:-3],
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_hour_sets_the_state_aside(
    damage: Callable[[Any], Any], file: Path, opened: Open
) -> None:
    monitor = fed(HTTPMonitor(SHOP, journal=True), 0, HOUR)
    store = opened(file)
    store.save({LOG: position_at(1)}, monitor, 5.0, START)
    store.close()
    with sqlite3.connect(file) as connection:
        ((data,),) = connection.execute("SELECT data FROM long_hours").fetchall()
        connection.execute("UPDATE long_hours SET data = ?", (damage(data),))
    connection.close()
    again = opened(file)
    assert again.load() is None
    assert "set aside" in again.note


def test_a_counter_that_is_none_sets_the_state_aside(file: Path, opened: Open) -> None:
    store = opened(file)
    store.save({LOG: position_at(1)}, fed(HTTPMonitor(SHOP, journal=True), 0, HOUR), 5.0, START)
    store.close()
    with sqlite3.connect(file) as connection:
        counter = msgspec.msgpack.encode(["bad", "no scope", [], [], []])
        connection.execute("UPDATE long_hours SET counter = ?", (counter,))
    connection.close()
    again = opened(file)
    assert again.load() is None
    assert "set aside" in again.note

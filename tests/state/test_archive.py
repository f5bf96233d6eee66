"""What is kept of the past: bounded, merged, damaged rows left out, no minute counted twice."""

import sqlite3
from pathlib import Path

import pytest

from logmon_tui.config.past import History, Retention
from logmon_tui.formats.model.hit import Hit
from logmon_tui.history.archive import HOUR, MINUTE, Slice
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.state.archive import NOTE, MemoryArchive, StateArchive
from logmon_tui.state.state_file import StateFile
from tests.state.restarts import LOG
from tests.state.stores import GIVEN, Open, changed, save
from tests.traffic import START, batch_of, hit

BEGIN = START // HOUR * HOUR


def minute_of(number: int, hits: int = 3, host: bytes = b"10.0.0.1") -> Slice:
    start = BEGIN + number * MINUTE
    return Slice(MINUTE, start, bucket_of([hit(start, host=host)] * hits))


def bucket_of(hits: list[Hit]) -> MetricsBucket:
    return summary_of(batch_of(hits), ALL_DIMENSIONS)


def hits_in(archive: StateArchive, width: int) -> dict[int, int]:
    return {start - BEGIN: sums.hits for start, sums in archive.sums(width, 0, 2**40)}


def watched(store: StateFile) -> HTTPMonitor:
    return HTTPMonitor(GIVEN, journal=True, archive=store.archive)


def test_what_is_too_old_goes() -> None:
    archive = MemoryArchive(Retention(minutes=10 * MINUTE, hours=2 * HOUR))
    for number in range(200):
        archive.take([minute_of(number)], BEGIN + number * MINUTE + 59)
    minutes, hours = hits_in(archive, MINUTE), hits_in(archive, HOUR)
    assert min(minutes) == 189 * MINUTE
    assert hours == {HOUR: 180, 2 * HOUR: 180, 3 * HOUR: 60}


def test_late_hits_join_their_minute_and_hour_and_clients_count_once() -> None:
    archive = MemoryArchive()
    archive.take([minute_of(0), minute_of(1)], BEGIN)
    archive.take([minute_of(0, 2), minute_of(0, 1, b"10.0.0.2")], BEGIN)
    assert hits_in(archive, MINUTE) == {0: 6, 60: 3}
    assert [sums.clients for _, sums in archive.sums(MINUTE, 0, 2**40)] == [2, 1]
    assert [(sums.hits, sums.clients) for _, sums in archive.sums(HOUR, 0, 2**40)] == [(9, 3)]


def test_a_minute_without_keys_is_answered_by_its_hour() -> None:
    archive = MemoryArchive()
    bare = MetricsBucket(())
    bare.hits, bare.status = 3, {200: 3}
    hour = minute_of(0)._replace(width=HOUR)
    archive.take([Slice(MINUTE, BEGIN, bare, keyed=False), hour], BEGIN)
    assert hits_in(archive, MINUTE) == hits_in(archive, HOUR) == {0: 3}
    assert archive.bucket(MINUTE, BEGIN, BEGIN + 60) is None
    found = archive.bucket(HOUR, BEGIN, BEGIN + HOUR)
    assert found is not None
    assert found.hits == 3


def test_it_is_saved_with_the_state_and_merged_with_what_is_there(file: Path, opened: Open) -> None:
    store = opened(file)
    monitor = watched(store)
    store.archive.take([minute_of(0), minute_of(1)], BEGIN)
    save(store, monitor)
    store.archive.take([minute_of(1, 2, b"10.0.0.2"), minute_of(2)], BEGIN)
    assert hits_in(store.archive, MINUTE) == {0: 3, 60: 5, 120: 3}
    save(store, monitor)
    assert hits_in(store.archive, MINUTE) == {0: 3, 60: 5, 120: 3}
    store.close()
    again = opened(file)
    assert hits_in(again.archive, MINUTE) == {0: 3, 60: 5, 120: 3}
    assert hits_in(again.archive, HOUR) == {0: 11}
    assert [sums.clients for _, sums in again.archive.sums(HOUR, 0, 2**40)] == [4]


@pytest.mark.parametrize(
    ("table", "left", "keyed"),
    [("history_sums", {60: 3}, 6), ("history_keys", {0: 3, 60: 3}, 3)],
)
def test_a_damaged_row_is_left_out_and_told_of_and_replaced(
    file: Path, opened: Open, table: str, left: dict[int, int], keyed: int
) -> None:
    store = opened(file)
    store.archive.take([minute_of(0), minute_of(1)], BEGIN)
    save(store, watched(store))
    store.close()
    changed(f"UPDATE {table} SET data = x'00' WHERE width = 60 AND start = {BEGIN}")(file)
    store = opened(file)
    assert store.load() is not None
    archive = store.archive
    assert hits_in(archive, MINUTE) == left
    found = archive.bucket(MINUTE, BEGIN, BEGIN + 120)
    assert found is not None
    assert found.hits == keyed
    assert archive.note == NOTE
    archive.take([minute_of(0, 7)], BEGIN)
    save(store, watched(store))
    assert store.problem == ""
    assert hits_in(archive, MINUTE)[0] == 7


def test_another_instances_minutes_count_once_and_so_after_it_has_ended(
    file: Path, opened: Open
) -> None:
    first = opened(file)
    monitor = watched(first)
    save(first, monitor)
    second = opened(file)
    second.load()
    other = watched(second)
    for store in (first, second):
        store.archive.take([minute_of(number) for number in range(5)], BEGIN)
    save(first, monitor)
    second.archive.take([minute_of(5)], BEGIN)
    assert hits_in(second.archive, MINUTE) == {number * 60: 3 for number in range(6)}
    assert hits_in(second.archive, HOUR) == {0: 18}
    first.close()
    assert second.take_over() is not None
    second.archive.take_over(BEGIN + 5 * 60)
    save(second, other)
    assert hits_in(second.archive, MINUTE) == {number * 60: 3 for number in range(6)}
    assert hits_in(second.archive, HOUR) == {0: 18}


def test_a_past_that_is_off_is_removed(file: Path, opened: Open) -> None:
    store = opened(file)
    store.archive.take([minute_of(0)], BEGIN)
    save(store, watched(store))
    store.close()
    store = StateFile(file, [LOG], None)
    store.load()
    save(store, watched(store))
    store.close()
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*) FROM history_sums").fetchone() == (0,)
    connection.close()


def test_open_minutes_go_as_well_when_the_past_is_switched_off(file: Path, opened: Open) -> None:
    store = opened(file)
    monitor = watched(store)
    monitor.feed(batch_of([hit(START + second) for second in range(100)]), 0.0)
    monitor.tick(0.0, START + 100)
    save(store, monitor)
    store.close()
    store = StateFile(file, [LOG], None)
    monitor = HTTPMonitor(GIVEN.changed(history=History(enabled=False)), archive=store.archive)
    saved = store.load()
    assert saved is not None
    assert saved.monitor.minutes
    monitor.restore(saved.monitor, 0.0)
    save(store, monitor)
    again = store.load()
    assert again is not None
    assert not again.monitor.minutes
    store.close()

"""Several logs watched at once: told apart, shown alone, come and gone, with rotated files."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logmon_tui.config.settings import Settings
from logmon_tui.filters.language import Filter, parsed
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.commands import SetFilter
from logmon_tui.pipeline import source_factory
from logmon_tui.pipeline.pipeline import Pipeline
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.pattern_observer import PatternObserver
from tests.traffic import settings_of
from tests.watching import wait_until

PATHS = ("/a/x", "/b/x")


def lines(count: int, path: str = "/a/x", ago: float = 0.0, status: int = 200) -> bytes:
    stamp = datetime.fromtimestamp(time.time() - ago, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'10.0.0.1 - - [{stamp}] "GET {path} HTTP/1.1" {status} 10\n'.encode() * count


def append(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


class Watching:
    """A pipeline that runs in a thread, and its newest picture."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.picture = Snapshot()

    def shows(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        wait_until(lambda: condition(self.picture), lambda: self.picture)
        return self.picture

    def hits(self, count: int) -> Snapshot:
        return self.shows(lambda picture: picture.ingest.hits >= count)


@contextmanager
def watching(
    logs: Sequence[object], settings: Settings | None = None, state: Path | None = None
) -> Iterator[Watching]:
    watch: Watching | None = None

    def show(picture: Snapshot) -> None:
        if watch is not None:
            watch.picture = picture

    listener = Listener(show, every=0.05)
    given = settings or settings_of(from_start=True, stats_interval=60)
    pipeline = open_pipeline(
        list(map(str, logs)), given, FormatSelector(), listener, state_file=state
    )
    watch = Watching(pipeline)
    thread = threading.Thread(target=pipeline.run)
    thread.start()
    try:
        yield watch
    finally:
        pipeline.stop()
        thread.join(30)


def two_logs(folder: Path) -> list[Path]:
    logs = [folder / "a.log", folder / "b.log"]
    for number, log in enumerate(logs):
        log.write_bytes(lines(10 * (number + 1), PATHS[number]))
    return logs


def rows(picture: Snapshot) -> dict[bytes, int]:
    return {row.key: row.hits for row in picture.now.sources.rows}


def only(watch: Watching, log: str) -> None:
    watch.pipeline.commands.post(SetFilter(parsed(f"log:{log}")))


def test_each_log_is_a_row_of_the_sources_unless_there_is_but_one(tmp_path: Path) -> None:
    logs = two_logs(tmp_path)
    with watching(logs) as watch:
        assert rows(watch.shows(lambda each: each.now.hits == 30)) == {b"a.log": 10, b"b.log": 20}
    with watching(logs[:1]) as watch:
        assert rows(watch.shows(lambda each: each.now.hits == 10)) == {}


def test_one_log_is_shown_alone_while_alerts_are_over_all(tmp_path: Path) -> None:
    logs = two_logs(tmp_path)
    settings = settings_of(from_start=True, stats_interval=60, alert_window=60, threshold=0.4)
    with watching(logs, settings) as watch:
        watch.shows(lambda each: each.now.hits == 30)
        only(watch, "a.log")
        alone = watch.shows(lambda each: each.scope.where == "log:a.log")
        assert alone.now.hits == 10
        assert [row.key for row in alone.now.sections.rows] == [b"/a"]
        assert sum(map(sum, alone.traffic.seconds)) <= 10
        append(logs[0], lines(5) + b"no hit\n")
        append(logs[1], lines(7, PATHS[1]))
        watch.shows(lambda each: each.ingest.hits == 42 and each.now.hits == 15)
        fired = watch.shows(lambda each: bool(each.alerts.incidents)).alerts.incidents
        assert any(each.rule == "traffic" for each in fired)  # 10 and 5 hits would be too few
        watch.pipeline.commands.post(SetFilter(Filter()))
        assert watch.shows(lambda each: not each.scope.where).now.hits == 42


def test_a_log_without_hits_in_the_window_is_told_and_can_be_shown_alone(tmp_path: Path) -> None:
    logs = [*two_logs(tmp_path), tmp_path / "empty.log"]
    logs[2].touch()
    with watching(logs) as watch:
        picture = watch.shows(lambda each: each.now.hits == 30)
        assert picture.logs == (b"a.log", b"b.log", b"empty.log")
        only(watch, "empty.log")
        assert watch.shows(lambda each: each.scope.where == "log:empty.log").now.hits == 0
        append(logs[2], lines(3, "/e/x"))
        watch.shows(lambda each: each.scope.where == "log:empty.log" and each.now.hits == 3)
    with watching(logs[:1]) as watch:
        assert watch.shows(lambda each: each.now.hits == 10).logs == ()


def test_logs_that_come_to_match_are_read_from_their_beginning(tmp_path: Path) -> None:
    with watching([tmp_path / "*.log"]) as watch:
        waiting = watch.shows(lambda each: bool(each.sources))
        assert waiting.sources[0].message == "waiting for a log that matches"
        two_logs(tmp_path)
        watch.hits(30)
        (tmp_path / "c.log").write_bytes(lines(5))
        picture = watch.hits(35)
        assert [Path(source.name).name for source in picture.sources] == ["a.log", "b.log", "c.log"]
        append(tmp_path / "a.log", lines(3))
        assert rows(watch.hits(38))[b"c.log"] == 5


def test_a_rotation_of_a_matching_log_counts_no_line_twice(tmp_path: Path) -> None:
    logs = two_logs(tmp_path)
    with watching([tmp_path / "*"]) as watch:
        watch.hits(30)
        append(logs[0], lines(1))
        logs[0].rename(tmp_path / "a.log.1")
        append(tmp_path / "a.log.1", lines(1))
        logs[0].write_bytes(lines(1))
        watch.hits(33)
        (tmp_path / "z.log").write_bytes(lines(1))  # once it is found, a.log.1 would be, too
        picture = watch.hits(34)
        assert picture.ingest.hits == 34
        assert len(picture.sources) == 3
        assert picture.ingest.rotations == 1


def test_logs_that_are_gone_make_room_for_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        source_factory, "PatternObserver", lambda *given: PatternObserver(*given, max_logs=2)
    )
    logs = two_logs(tmp_path)
    with watching([tmp_path / "*.log"]) as watch:
        watch.hits(30)
        (tmp_path / "c.log").write_bytes(lines(5))
        watch.shows(lambda each: "1 more logs match" in each.sources[-1].message)
        logs[0].unlink()
        picture = watch.hits(35)
        assert {Path(source.name).name for source in picture.sources} >= {"b.log", "c.log"}
        watch.shows(lambda each: len(each.sources) == 2)


def test_a_pattern_goes_on_where_it_stopped(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    logs = two_logs(tmp_path / "logs")
    pattern, state = tmp_path / "logs" / "*.log", tmp_path / "state.sqlite"
    with watching([pattern], state=state) as watch:
        watch.hits(30)
    append(logs[0], lines(3))
    logs[1].rename(tmp_path / "logs" / "b.log.1")  # and nothing is in its place
    append(tmp_path / "logs" / "b.log.1", lines(2))
    with watching([pattern], state=state) as watch:
        watch.hits(33)
        logs[1].write_bytes(lines(4))
        watch.hits(39)
        assert watch.picture.saving.problem == ""
    with watching([pattern], state=state) as watch:
        assert watch.hits(39).ingest.hits == 39


def test_rotated_files_are_read_before_their_log_and_no_line_twice(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines(5))
    (tmp_path / "access.log.1").write_bytes(lines(4, ago=10))
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(lines(3, ago=20)))
    (tmp_path / "access.log.3.gz").write_bytes(gzip.compress(lines(99, ago=30))[:30])
    settings = settings_of(from_start=True, with_rotated=True, stats_interval=60)
    state = tmp_path / "state.sqlite"
    with watching([log], settings, state) as watch:
        picture = watch.hits(12)
        assert "access.log.3.gz: is cut or damaged" in picture.sources[0].message
        append(log, lines(2))
        watch.hits(14)
        log.rename(tmp_path / "access.log.1")
        log.write_bytes(lines(6))
        watch.hits(20)
    with watching([log], settings, state) as watch:
        assert watch.hits(20).ingest.hits == 20


def test_a_log_that_is_no_access_log_is_told_until_a_hit_comes(tmp_path: Path) -> None:
    log, empty = tmp_path / "error.log", tmp_path / "empty.log"
    log.write_bytes(b"2026/11/22 12:00:00 [error] 123#0: *1 open() failed\n")
    empty.touch()
    with watching([log, empty]) as watch:
        picture = watch.shows(lambda each: sum(bool(log.message) for log in each.sources) == 2)
        told = [source.message for source in picture.sources]
        assert told[0].startswith("is an nginx error log")
        assert told[1] == "is empty"
        append(log, lines(1))
        append(empty, lines(1))
        watch.shows(lambda each: not any(source.message for source in each.sources))


def test_a_compressed_log_is_read_once_beside_one_that_is_followed(tmp_path: Path) -> None:
    old, damaged, log = tmp_path / "old.gz", tmp_path / "damaged.gz", tmp_path / "access.log"
    old.write_bytes(gzip.compress(lines(30, ago=5)))
    damaged.write_bytes(gzip.compress(lines(30, ago=5))[:30])
    log.write_bytes(lines(5))
    with watching([old, damaged, log]) as watch:
        watch.hits(35)
        ended = ["ended", "ended", "live"]
        picture = watch.shows(lambda each: [log.state.value for log in each.sources] == ended)
        assert picture.sources[1].message.startswith("is cut or damaged")
        append(log, lines(2))
        assert rows(watch.hits(37)) == {b"old.gz": 30, b"access.log": 7}

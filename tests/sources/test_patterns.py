"""Patterns of logs: what they match at once, and what they come to match."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logmon_tui.sources.pattern_observer import PatternObserver
from logmon_tui.sources.patterns import expanded, is_pattern, matches


@contextmanager
def observing(*patterns: str, **how: object) -> Iterator[PatternObserver]:
    observer = PatternObserver(patterns, **how)  # type: ignore[arg-type]
    try:
        yield observer
    finally:
        observer.close()
        observer._thread.join(60)


def names(paths: list[str]) -> list[str]:
    return [Path(path).name for path in paths]


def found_in_time(observer: PatternObserver, count: int = 1) -> list[str]:
    deadline, found = time.monotonic() + 60, observer.new()
    while len(found) < count and time.monotonic() < deadline:
        time.sleep(0.02)
        found += observer.new()
    return found


def touch(folder: Path, *logs: str) -> None:
    for log in logs:
        (folder / log).parent.mkdir(parents=True, exist_ok=True)
        (folder / log).touch()


def test_only_what_names_no_file_is_a_pattern(tmp_path: Path) -> None:
    touch(tmp_path, "a[1].log")
    assert is_pattern(str(tmp_path / "*.log"))
    assert is_pattern("access.log.?")
    assert not is_pattern(str(tmp_path / "a[1].log"))
    assert not is_pattern(str(tmp_path / "missing.log"))
    assert not is_pattern("-")


def test_patterns_are_replaced_by_their_files_and_none_comes_twice(tmp_path: Path) -> None:
    touch(tmp_path, "b.log", "a.log", "deep/er/c.log", "deep/d.txt")
    (tmp_path / "folder.log").mkdir()
    (tmp_path / "link.log").symlink_to(tmp_path / "b.log")
    given = [str(tmp_path / "b.log"), str(tmp_path / "*.log"), str(tmp_path / "**/*.log"), "-"]
    assert names(expanded(given)) == ["b.log", "a.log", "c.log", "-"]
    assert expanded([str(tmp_path / "*.none")]) == []


def test_logs_that_come_later_are_found_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.log", "x/b.log")
    with observing(str(tmp_path / "**/*.log")) as observer:
        assert names(observer.new()) == ["a.log", "b.log"]
        touch(tmp_path, "y/c.log", "y/c.txt")
        assert names(found_in_time(observer)) == ["c.log"]
        observer._look()
        assert observer.new() == []


def test_a_log_that_is_watched_anyway_is_not_found_under_another_name(tmp_path: Path) -> None:
    touch(tmp_path, "a.log", "b.log")
    os.link(tmp_path / "a.log", tmp_path / "c.log")
    with observing(str(tmp_path / "*.log"), watched=[str(tmp_path / "a.log")]) as observer:
        assert names(observer.new()) == ["b.log"]


@pytest.mark.parametrize("present", [True, False])
def test_rotated_and_compressed_files_are_no_logs_of_their_own(
    tmp_path: Path, *, present: bool
) -> None:
    touch(tmp_path, "access.log.1", "access.log.2.gz", "access-20261122.log", "other.log")
    if present:
        touch(tmp_path, "access.log")
    watched = [str(tmp_path / "access.log")]
    with observing(str(tmp_path / "*"), watched=watched if not present else []) as observer:
        assert names(observer.new()) == (["access.log"] if present else []) + ["other.log"]
        # A rotation, seen while the log's own file is not there.
        (tmp_path / "other.log").rename(tmp_path / "other.log.1")
        observer._look()
        assert observer.new() == []


def test_logs_named_by_date_are_logs_where_there_is_no_other(tmp_path: Path) -> None:
    touch(tmp_path, "access-20261121.log", "access-20261122.log")
    with observing(str(tmp_path / "*.log")) as observer:
        assert names(observer.new()) == ["access-20261121.log", "access-20261122.log"]


def test_more_logs_than_may_be_watched_are_told_in_one_line(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number}.log" for number in range(5)))
    with observing(str(tmp_path / "*.log"), max_logs=3) as observer:
        assert names(observer.new()) == ["0.log", "1.log", "2.log"]
        (status,) = observer.status(3)
        assert status.message.startswith("2 more logs match than the 3 that are watched")
        assert observer.full
        (tmp_path / "0.log").unlink()
        observer.forget(str(tmp_path / "0.log"))
        assert names(found_in_time(observer)) == ["3.log"]


def test_a_pattern_that_matches_nothing_waits(tmp_path: Path) -> None:
    with observing(str(tmp_path / "none" / "*.log")) as observer:
        assert observer.new() == []
        (status,) = observer.status(0)
        assert status.message == "waiting for a log that matches"
        touch(tmp_path, "none/a.log")
        assert names(found_in_time(observer)) == ["a.log"]
        assert observer.status(1) == []


def test_a_file_whose_very_name_looks_like_a_pattern_is_found_when_it_comes(tmp_path: Path) -> None:
    log = tmp_path / "a[red].log"
    assert list(matches(str(log))) == []
    log.write_bytes(b"")
    assert list(matches(str(log))) == [str(log)]

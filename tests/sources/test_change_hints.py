"""Hints from the file system: given when they work, missed without harm when not."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers.api import BaseObserver

from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.hints import ChangeHints

Follow = Callable[..., FileObserver]
Append = Callable[[Path, bytes], None]
Until = Callable[[Callable[[], object]], None]
Make = Callable[[Path], tuple[ChangeHints, threading.Event]]


@pytest.fixture
def make(clock: list[float]) -> Iterator[Make]:
    """Make hints for a path, with the event that they set."""
    made: list[ChangeHints] = []

    def new(path: Path) -> tuple[ChangeHints, threading.Event]:
        hint = threading.Event()
        made.append(ChangeHints(path, hint, lambda: clock[0]))
        return made[-1], hint

    yield new
    for hints in made:
        hints.close()


@pytest.fixture
def watch(make: Make) -> Make:
    """Make hints that watch already, with the event that they set."""

    def watching(path: Path) -> tuple[ChangeHints, threading.Event]:
        hints, hint = make(path)
        hints.refresh()
        return hints, hint

    return watching


@pytest.fixture
def waiting(log: Path, follow: Follow) -> FileObserver:
    """Give an observer that has read an empty log, and that no hint is left for."""
    log.touch()
    observer = follow(log)
    observer.read()
    observer.wait(0)  # the hint that the watch itself gives
    return observer


def test_a_change_of_the_log_gives_a_hint(log: Path, watch: Make, append: Append) -> None:
    hints, hint = watch(log)
    assert hints.working
    for change in (
        lambda: append(log, b"created\n"),
        lambda: append(log, b"modified\n"),
        lambda: log.rename(log.with_name("access.log.1")),
    ):
        hint.clear()
        change()
        assert hint.wait(10)


def test_changes_of_other_files_give_none(log: Path, watch: Make, append: Append) -> None:
    _, hint = watch(log)
    hint.clear()
    append(log.with_name("error.log"), b"other\n")
    # Events come in order: once a later one of the log is here, the other's has been handled.
    assert not hint.wait(0.3)
    append(log, b"ours\n")
    assert hint.wait(10)


def test_the_target_of_a_symbolic_link_is_watched_too(
    tmp_path: Path, log: Path, watch: Make, append: Append
) -> None:
    log.touch()
    link = tmp_path / "link.log"
    link.symlink_to(log)
    _, hint = watch(link)
    hint.clear()
    append(log, b"line\n")
    assert hint.wait(10)


def test_a_busy_log_is_not_watched_until_it_is_quiet(
    log: Path, watch: Make, append: Append, clock: list[float]
) -> None:
    hints, hint = watch(log)
    hints.pause()
    hints.refresh()
    hint.clear()
    append(log, b"busy\n")
    assert not hint.wait(0.3)
    assert hints.working
    clock[0] += 2
    hints.refresh()
    hint.clear()
    append(log, b"quiet\n")
    assert hint.wait(10)


def test_a_directory_deleted_and_made_again_is_watched_again(
    log: Path, watch: Make, append: Append, clock: list[float]
) -> None:
    hints, hint = watch(log)
    shutil.rmtree(log.parent)
    clock[0] += 2
    hints.refresh()
    without_directory = hints.working
    log.parent.mkdir()
    clock[0] += 2
    hints.refresh()
    assert (without_directory, hints.working) == (False, True)
    hint.clear()
    append(log, b"line\n")
    assert hint.wait(10)


def test_a_directory_that_was_replaced_between_two_looks_is_watched_again(
    log: Path, watch: Make, append: Append, clock: list[float], until: Until
) -> None:
    hints, hint = watch(log)
    shutil.rmtree(log.parent)
    log.parent.mkdir()  # often with the very same inode

    def hinted() -> bool:
        clock[0] += 2
        hints.refresh()
        hint.clear()
        append(log, b"line\n")
        return hint.wait(1)

    until(hinted)


def test_a_missing_directory_is_tried_again_once_a_second(
    tmp_path: Path, make: Make, clock: list[float]
) -> None:
    log = tmp_path / "none" / "access.log"
    hints, _ = make(log)
    working = []
    for later in (0.0, 0.5, 1.1):
        clock[0] += later
        hints.refresh()
        working.append(hints.working)
        log.parent.mkdir(exist_ok=True)
    assert working == [False, False, True]


@pytest.mark.parametrize(
    "error", [OSError(28, "inotify watch limit reached"), RuntimeError("can't start new thread")]
)
def test_without_file_events_polling_finds_every_line(
    *,
    log: Path,
    follow: Follow,
    append: Append,
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    clock: list[float],
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(BaseObserver, "schedule", refuse)
        observer = follow(log)
        assert observer.read() == b""
        assert observer.status().polling
        append(log, b"one\n")
        observer.wait(0.01)
        assert observer.read() == b"one\n"
    clock[0] += 3
    observer.read()
    assert not observer.status().polling


def test_a_hint_ends_the_wait(log: Path, waiting: FileObserver, append: Append) -> None:
    threading.Timer(0.1, append, (log, b"one\n")).start()
    started = time.monotonic()
    waiting.wait(20)
    assert time.monotonic() - started < 10
    assert waiting.read() == b"one\n"


def test_waking_ends_the_wait(log: Path, follow: Follow) -> None:
    observer = follow(log)
    threading.Timer(0.1, observer.wake).start()
    started = time.monotonic()
    observer.wait(20)
    assert time.monotonic() - started < 10


def test_what_comes_in_quick_succession_is_read_together(
    log: Path, waiting: FileObserver, append: Append, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.sources.file_observer.GATHERING_SECONDS", 30)
    append(log, b"one\n")

    def go_on() -> None:
        append(log, b"two\n")
        waiting.wake()  # so that nobody waits out the half minute

    threading.Timer(0.2, go_on).start()
    waiting.wait(60)  # on this clock no time passes: the last wait is always just over
    assert waiting.read() == b"one\ntwo\n"


def test_the_first_change_after_a_while_is_read_at_once(
    log: Path,
    waiting: FileObserver,
    append: Append,
    clock: list[float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("logmon_tui.sources.file_observer.GATHERING_SECONDS", 30)
    clock[0] += 60
    append(log, b"one\n")
    started = time.monotonic()
    waiting.wait(20)
    assert time.monotonic() - started < 10


def test_waking_does_not_wait_for_more(log: Path, waiting: FileObserver, append: Append) -> None:
    append(log, b"one\n")
    waiting.wake()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("logmon_tui.sources.file_observer.GATHERING_SECONDS", 30)
        started = time.monotonic()
        waiting.wait(20)
        assert time.monotonic() - started < 10


def test_a_wait_without_hints_ends_in_time(log: Path, follow: Follow) -> None:
    started = time.monotonic()
    follow(log).wait(0.05)
    assert 0.04 < time.monotonic() - started < 5


def test_watchdog_writes_nothing_onto_the_screen() -> None:
    code = (
        "import logging, logmon_tui.sources.hints\n"
        "logging.getLogger('watchdog.observers.inotify').error('noise')"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stderr == b""


def test_closing_ends_the_threads(log: Path, follow: Follow, until: Until) -> None:
    before = set(threading.enumerate())
    observer = follow(log)
    observer.read()

    def ours() -> list[threading.Thread]:
        return [
            thread
            for thread in set(threading.enumerate()) - before
            if not type(thread).__name__.startswith("InotifyFD")  # one for the whole process
        ]

    assert ours()
    observer.close()
    until(lambda: not ours())

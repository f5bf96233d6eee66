"""Following a log that grows, is not there yet, or cannot be read."""

import os
import shutil
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.errors import SourceError
from logmon_tui.sources.base import Source, SourceState
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.given import check_log
from logmon_tui.sources.lines import BLOCK, CHUNK, LIVE_CHUNK
from logmon_tui.sources.seek import FROM_END

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]
Append = Callable[[Path, bytes], None]
Until = Callable[[Callable[[], object]], None]


def test_lines_are_handed_over_as_they_come(log: Path, follow: Follow, append: Append) -> None:
    log.write_bytes(b"one\n")
    observer: Source = follow(log)
    assert observer.read() == b"one\n"
    assert observer.read() == b""
    append(log, b"two\nthree\n")
    assert observer.read() == b"two\nthree\n"


def test_a_partial_line_is_held_until_it_is_whole(
    log: Path, follow: Follow, drain: Drain, append: Append, clock: list[float]
) -> None:
    log.write_bytes(b"one\ntw")
    observer = follow(log)
    assert drain(observer) == b"one\n"
    clock[0] += 60
    assert drain(observer) == b""
    assert (observer.status().position, observer.status().size) == (4, 6)
    append(log, b"o\n")
    assert drain(observer) == b"two\n"
    assert observer.status().position == 8


def test_a_large_log_comes_in_chunks_of_whole_lines(log: Path, follow: Follow) -> None:
    content = b"".join(b"%d a line of some length\n" % number for number in range(400_000))
    log.write_bytes(content)
    chunks = list(iter(follow(log).read, b""))
    assert b"".join(chunks) == content
    assert len(chunks) == -(-len(content) // CHUNK)
    assert all(chunk.endswith(b"\n") for chunk in chunks)


def test_what_comes_live_is_handed_over_at_once(log: Path, follow: Follow, append: Append) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    assert observer.read() == b"one\n"
    content = b"a line\n" * (2 * CHUNK // 7)
    append(log, content)
    assert observer.read() == content
    assert observer.read() == b""


def test_even_what_comes_live_is_bounded(log: Path, follow: Follow, append: Append) -> None:
    observer = follow(log)
    append(log, b"a line\n" * (LIVE_CHUNK // 7 + 100_000))
    assert LIVE_CHUNK - BLOCK < len(observer.read()) <= LIVE_CHUNK + BLOCK
    assert observer.status().position < observer.status().size


def test_states_lead_from_catching_up_to_live(log: Path, follow: Follow, drain: Drain) -> None:
    log.write_bytes(b"a line\n" * (CHUNK // 7 + 1000))
    observer = follow(log)
    assert observer.status().state is SourceState.CATCHING_UP
    observer.read()
    assert observer.status().state is SourceState.CATCHING_UP
    assert 0 < observer.status().position < observer.status().size
    drain(observer)
    assert observer.status().state is SourceState.LIVE
    assert observer.status().position == observer.status().size == log.stat().st_size


def test_a_log_that_appears_late_is_read_from_its_beginning(
    tmp_path: Path, follow: Follow, drain: Drain
) -> None:
    log = tmp_path / "later" / "access.log"
    observer = follow(log, start=FROM_END)
    assert drain(observer) == b""
    assert observer.status().state is SourceState.WAITING
    assert observer.status().message
    log.parent.mkdir()
    log.write_bytes(b"one\n")
    assert drain(observer) == b"one\n"
    assert observer.status().state is SourceState.LIVE
    assert not observer.status().message
    assert observer.status().rotations == 0


def test_a_deleted_log_is_read_to_its_end_and_then_waited_for(
    log: Path, follow: Follow, drain: Drain, clock: list[float]
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    with log.open("ab") as writer:
        log.unlink()
        assert drain(observer) == b""
        writer.write(b"two\nthr")
    assert drain(observer) == b"two\n"
    assert observer.status().state is SourceState.LIVE
    clock[0] += 6
    assert drain(observer) == b"thr\n"
    assert observer.status().state is SourceState.WAITING
    log.write_bytes(b"four\n")
    assert drain(observer) == b"four\n"


def test_a_directory_deleted_and_made_again_is_followed(
    log: Path, follow: Follow, drain: Drain, append: Append, until: Until
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log, clock=time.monotonic, rotate_wait=0.2)
    assert drain(observer) == b"one\n"
    shutil.rmtree(log.parent)
    until(lambda: not drain(observer) and observer.status().state is SourceState.WAITING)
    log.parent.mkdir()
    log.write_bytes(b"two\n")
    until(lambda: observer.read() == b"two\n")
    append(log, b"three\n")
    until(lambda: observer.read() == b"three\n")


def test_backups_put_into_a_directory_made_again_are_not_read(
    log: Path, follow: Follow, drain: Drain
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    log.parent.rename(log.parent.with_name("moved"))
    log.parent.mkdir()
    log.with_name("access.log.1").write_bytes(b"old\n")
    log.write_bytes(b"two\n")
    assert drain(observer) == b"two\n"


def test_a_giant_line_is_dropped_in_bounded_memory(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    log.write_bytes(b"warm up\n" * 1000)
    observer = follow(log)
    drain(observer)
    append(log, b"before\n")
    for _ in range(64):
        append(log, b"x" * 1024 * 1024)
    append(log, b"\nafter\n")
    tracemalloc.start()
    lines = [observer.read() for _ in range(20)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert b"".join(lines) == b"before\nafter\n"
    assert observer.status().oversize == 1
    assert peak < 2_000_000


def test_while_a_giant_line_is_skipped_nobody_waits(
    log: Path, follow: Follow, drain: Drain
) -> None:
    log.write_bytes(b"x" * (3 * CHUNK))
    observer = follow(log)
    assert observer.read() == b""
    started = time.monotonic()
    observer.wait(15)
    assert time.monotonic() - started < 10


def test_odd_bytes_leave_their_neighbours_intact(log: Path, follow: Follow, drain: Drain) -> None:
    content = b"\xef\xbb\xbfbom\ncr\r\nlone\rcr\n\xff\xfe\nn\0ul\n\nend\n"
    log.write_bytes(content)
    assert drain(follow(log)) == content


def test_a_log_that_cannot_be_opened_is_told_and_tried_again(
    log: Path, follow: Follow, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(b"one\n")
    with monkeypatch.context() as patch:

        def denied(*_args: object) -> int:
            raise PermissionError(13, "Permission denied")

        patch.setattr("os.open", denied)
        observer = follow(log)
        assert drain(observer) == b""
        assert observer.status().state is SourceState.FAILED
        assert "Permission denied" in observer.status().message
    assert drain(observer) == b"one\n"
    assert observer.status().state is SourceState.LIVE


def test_a_log_that_becomes_a_directory_or_a_pipe_is_told(
    log: Path, follow: Follow, drain: Drain
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    drain(observer)
    for make in (Path.mkdir, os.mkfifo):
        log.rename(log.with_name(make.__name__))
        make(log)
        assert drain(observer) == b""
        assert observer.status().state is SourceState.FAILED
        assert "not a regular file" in observer.status().message
    log.unlink()
    log.write_bytes(b"two\n")
    assert drain(observer) == b"two\n"


def test_a_read_error_is_told_and_tried_again(
    log: Path, follow: Follow, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    with monkeypatch.context() as patch:

        def broken(*_args: object) -> bytes:
            raise OSError(5, "Input/output error")

        patch.setattr("os.pread", broken)
        assert drain(observer) == b""
        assert observer.status().state is SourceState.FAILED
        assert "Input/output error" in observer.status().message
    assert drain(observer) == b"one\n"
    assert observer.status().state is SourceState.LIVE


def test_after_closing_there_is_nothing_more(log: Path, follow: Follow) -> None:
    log.write_bytes(b"one\n")
    observer = follow(log)
    observer.close()
    assert observer.read() == b""
    assert observer.status().state is SourceState.ENDED


def test_no_descriptor_stays_open_after_closing(
    log: Path, follow: Follow, drain: Drain, append: Append
) -> None:
    def open_logs() -> int:
        links = []
        for link in Path("/proc/self/fd").iterdir():
            try:
                links.append(str(link.readlink()))
            except FileNotFoundError:
                continue
        return sum(target.startswith(str(log)) for target in links)

    log.write_bytes(b"one\n")
    observer = follow(log)
    for number in range(5):
        drain(observer)
        log.rename(log.with_name(f"access.log.{number}"))
        append(log, b"next\n")
    drain(observer)
    assert open_logs() == 6
    observer.close()
    assert open_logs() == 0


def test_watchdog_is_not_imported_for_the_first_paint() -> None:
    code = "import sys, logmon_tui.sources.file_observer; sys.exit('watchdog' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_check_accepts_a_log_and_a_missing_one(log: Path) -> None:
    check_log(log)
    check_log(log.parent / "none" / "access.log")
    log.touch()
    check_log(log)


def test_check_refuses_what_cannot_be_followed_in_one_line(log: Path) -> None:
    os.mkfifo(log)
    log.with_name("plain\n").touch()
    for path, reason in (
        (log.parent, "is a directory"),
        (log, "logmon-tui -"),
        (Path("/dev/null"), "not a regular file"),
        (log.with_name("plain\n") / "x", "Not a directory"),
    ):
        with pytest.raises(SourceError, match=reason) as caught:
            check_log(path)
        assert "\n" not in str(caught.value)


def test_check_refuses_an_unreadable_log(log: Path) -> None:
    log.touch(mode=0o000)
    code = (
        "import os, sys; from pathlib import Path\n"
        "from logmon_tui.sources.given import check_log\n"
        "if os.geteuid() == 0: os.chdir(sys.argv[1]); os.seteuid(65534)\n"
        "check_log(Path('access.log'))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(log.parent)],
        capture_output=True,
        text=True,
        check=False,
        cwd=log.parent,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    last = run.stderr.splitlines()[-1]
    assert "SourceError: access.log: cannot be read: Permission denied; run as" in last

"""What stands before the place where reading begins tells how the rest is to be read."""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from logmon_tui.config.settings import Settings
from logmon_tui.formats.detection import timestamp_reader
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.formats.presets import PRESETS
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.preamble import lines_before
from logmon_tui.sources.seek import FROM_END, FROM_START, Start

OLD = b"#Software: x\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n"
NEW = b"#Date: x\n#Fields: date time cs-method cs-uri-stem sc-status c-ip\n"


def old_line(second: int) -> bytes:
    return b"2026-11-22 08:%02d:%02d 192.0.2.1 GET /a 200\n" % divmod(second, 60)


def new_line(second: int) -> bytes:
    return b"2026-11-22 08:%02d:%02d GET /b 200 192.0.2.1\n" % divmod(second, 60)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "u_ex261122.log"


def before(log: Path, offset: int) -> list[bytes]:
    descriptor = os.open(log, os.O_RDONLY)
    try:
        return lines_before(partial(os.pread, descriptor), offset).splitlines()
    finally:
        os.close(descriptor)


def test_the_nearest_header_stands_first_and_then_the_newest_lines(log: Path) -> None:
    lines = [new_line(second) for second in range(3000)]
    log.write_bytes(OLD + old_line(0) + NEW + b"".join(lines) + OLD + old_line(1))
    end = log.stat().st_size - len(OLD + old_line(1))
    found = before(log, end)
    assert found[0] + b"\n" == NEW.splitlines(keepends=True)[1]
    assert found[1:] == [line.rstrip(b"\n") for line in lines[-100:]]


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "docker-compose": lambda line: b"web-1  | " + line,
    "Docker json-file": lambda line: b'{"log":"%s\\n","stream":"stdout","time":"x"}\n' % line[:-1],
    "kubectl in timestamps": lambda line: b"2026-11-22T08:26:40Z [pod/web-1/iis] " + line,
}


@pytest.mark.parametrize("wrapper", WRAPPED)
@pytest.mark.parametrize("distance", [1, 3_000_000])
def test_a_header_in_a_wrapper_is_found(log: Path, wrapper: str, distance: int) -> None:
    old, new = (
        b"".join(map(WRAPPED[wrapper], lines.splitlines(keepends=True)))
        for lines in (OLD + old_line(0), NEW + new_line(5))
    )
    log.write_bytes(old + new + b"x" * distance + b"\nGET /#Fields: 200\n")
    header = WRAPPED[wrapper](NEW.splitlines(keepends=True)[1])
    assert before(log, log.stat().st_size)[0] + b"\n" == header


def test_a_mark_within_a_line_is_no_header(log: Path) -> None:
    log.write_bytes(OLD + b"#Fields: in force\n" + b"web-1 GET /#Fields: 200\n" * 20_000)
    assert before(log, log.stat().st_size)[0] == b"#Fields: in force"


@pytest.mark.parametrize("distance", [0, 1, 40, 1024 * 1024 - 30, 1024 * 1024, 3_000_000])
def test_a_header_is_found_at_any_distance(log: Path, distance: int) -> None:
    log.write_bytes(OLD + old_line(0) * 30_000 + NEW + b"x" * distance + b"\n" + new_line(5))
    found = before(log, log.stat().st_size - len(new_line(5)))
    assert found[0].startswith(b"#Fields: date time cs-method")


def test_the_header_at_the_head_is_in_force_if_there_is_no_other(log: Path) -> None:
    log.write_bytes(b"\xef\xbb\xbf" + OLD + old_line(0) * 100_000)
    assert before(log, log.stat().st_size)[0].startswith(b"#Fields: date time c-ip")


def test_logs_without_headers_have_only_their_newest_lines(log: Path) -> None:
    log.write_bytes(b"cut " * 20_000 + b"\none\ntwo\n")
    assert before(log, log.stat().st_size) == [b"one", b"two"]
    assert before(log, 0) == []


def test_an_observer_tells_what_stood_before_its_start(log: Path) -> None:
    log.write_bytes(OLD + old_line(0) + old_line(600))
    timestamp = timestamp_reader(PRESETS)
    told = []
    for start in (FROM_START, Start(60), FROM_END):
        observer = FileObserver(log, start=start, timestamp=timestamp)
        observer.read()
        told.append(observer.preamble().splitlines())
        observer.close()
    header, *lines = (OLD + old_line(0) + old_line(600)).splitlines()[1:]
    assert told[0] == []
    assert told[1] == [header, *OLD.splitlines(), lines[0]]
    assert told[2] == [header, *OLD.splitlines(), *lines]


def watched(log: Path, settings: Settings, *, hits: int, state: Path | None = None) -> Snapshot:
    """Watch until that many hits are counted; return the last picture."""
    pictures: list[Snapshot] = []
    deadline = time.monotonic() + 60

    def seen(picture: Snapshot) -> None:
        pictures.append(picture)
        if picture.ingest.hits >= hits or time.monotonic() > deadline:
            pipeline.stop()

    listener = Listener(seen, every=0.05)
    pipeline = open_pipeline([str(log)], settings, FormatSelector(), listener, state_file=state)
    pipeline.run()
    return pictures[-1]


def test_watching_from_the_middle_of_a_log_reads_by_the_header_in_force(log: Path) -> None:
    middle = b"".join(new_line(second) for second in range(1200))
    log.write_bytes(OLD + old_line(0) + NEW + middle)
    picture = watched(log, Settings(alert_window=10), hits=20)
    assert 20 <= picture.ingest.hits <= 100
    assert picture.ingest.unparsed == 0
    assert picture.ingest.formats == ("w3c",)


@pytest.mark.parametrize("prefix", [b"", b"web-1  | "])
def test_going_on_in_another_run_reads_by_the_header_in_force(
    log: Path, tmp_path: Path, prefix: bytes
) -> None:
    def logged(lines: bytes) -> bytes:
        return b"".join(prefix + line for line in lines.splitlines(keepends=True))

    log.write_bytes(logged(OLD + old_line(0) + NEW + new_line(1)))
    settings, state = Settings(from_start=True), tmp_path / "state.sqlite"
    assert watched(log, settings, hits=2, state=state).ingest.hits == 2
    with log.open("ab") as file:
        file.write(logged(new_line(2) + new_line(3)))
    ingest = watched(log, settings, hits=4, state=state).ingest
    assert (ingest.hits, ingest.unparsed) == (4, 0)

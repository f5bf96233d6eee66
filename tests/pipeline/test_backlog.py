"""A whole log that is opened: shown before it is saved, and read on whatever saving meets."""

import errno
import os
import threading
from collections.abc import Callable, Mapping
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.formats.delimited.delimited_parser import DelimitedParser
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.pipeline import log_reader
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.snapshot import Snapshot
from logmon_tui.sources import followed_file
from logmon_tui.sources.base import Source, SourceState
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.file_part import FilePart
from logmon_tui.state.checkpointer import Checkpointer
from tests.pipeline.runs import START, lines, running, wait_for
from tests.traffic import settings_of


def a_log(folder: Path) -> str:
    log = folder / "access.log"
    log.write_bytes(lines(50))
    return str(log)


def test_a_log_is_shown_before_it_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    happened, saved = list[str](), threading.Event()
    save = Checkpointer.save

    def noted_save(self: Checkpointer, *rest: object) -> None:
        happened.append("saved")
        save(self, *rest)  # type: ignore[arg-type]
        saved.set()

    monkeypatch.setattr(Checkpointer, "save", noted_save)

    def show(picture: Snapshot) -> None:
        happened.append(f"{picture.ingest.hits} hits shown")

    pipeline = open_pipeline(
        [a_log(tmp_path)],
        settings_of(from_start=True),
        FormatSelector(),
        Listener(show),
        state_file=tmp_path / "state.sqlite",
    )
    with running(pipeline):
        wait_for(saved.is_set)
    assert happened[:2] == ["50 hits shown", "saved"]


def test_an_error_while_saving_is_shown_and_saving_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.pipeline.pipeline.RETRY_SECONDS", 0.05)
    fails, save = iter([True]), Checkpointer.save

    def failing_save(self: Checkpointer, *rest: object) -> None:
        if next(fails, False):
            raise RuntimeError("poisoned")
        save(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Checkpointer, "save", failing_save)
    pictures = list[Snapshot]()
    pipeline = open_pipeline(
        [a_log(tmp_path)],
        settings_of(from_start=True),
        FormatSelector(),
        Listener(pictures.append, every=0.05),
        state_file=tmp_path / "state.sqlite",
    )
    with running(pipeline):
        wait_for(lambda: pictures and pictures[-1].saving.saved_at is not None)
    assert "RuntimeError: poisoned; trying again" in {each.ingest.failure for each in pictures}
    assert pictures[-1].ingest.failure == ""


def long_log(folder: Path) -> str:
    """Return a log of an hour with lines that are no hits, which differ in their paths."""
    log = folder / "long.log"
    text = [
        lines(3, START + second, f"10.0.{second % 7}.{second % 250}") for second in range(3_600)
    ]
    text[5::1_000] = [b"garbage\n"] * len(text[5::1_000])
    log.write_bytes(b"".join(text))
    return str(log)


def read_whole(log: str, rest: Callable[[], object] = lambda: None) -> Snapshot:
    """Watch a log until all of it is shown; return the picture."""
    pictures = list[Snapshot]()
    pipeline = open_pipeline(
        [log],
        settings_of(from_start=True, stats_interval=60, threshold=1),
        FormatSelector(),
        Listener(pictures.append, every=0.01, rest=rest),
        state_file=None,
    )
    with running(pipeline):
        wait_for(lambda: pictures and pictures[-1].sources[0].state is SourceState.LIVE)
    return pictures[-1]


def test_a_log_that_is_opened_is_saved_once_all_of_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_file, "CHUNK", 2_000)
    states, save = list[SourceState](), Checkpointer.save

    def noted_save(
        self: Checkpointer, sources: Mapping[str, Source], *rest: Any, **more: Any
    ) -> None:
        states.extend(source.status().state for source in sources.values())
        save(self, sources, *rest, **more)

    monkeypatch.setattr(Checkpointer, "save", noted_save)
    pipeline = open_pipeline(
        [a_log(tmp_path), long_log(tmp_path)],
        settings_of(from_start=True),
        FormatSelector(),
        Listener(lambda _picture: None),
        state_file=tmp_path / "state.sqlite",
    )
    with running(pipeline):
        wait_for(lambda: states)
    assert set(states) == {SourceState.LIVE}


def test_the_end_of_a_backlog_is_shown_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_file, "CHUNK", 40_000)
    shown = list[SourceState]()
    pipeline = open_pipeline(
        [long_log(tmp_path)],
        settings_of(from_start=True),
        FormatSelector(),
        Listener(lambda picture: shown.append(picture.sources[0].state), every=1_000),
        state_file=None,
    )
    with running(pipeline):
        wait_for(lambda: shown and shown[-1] is SourceState.LIVE)


def test_it_does_not_matter_which_thread_reads_a_backlog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, parts = long_log(tmp_path), list[FilePart]()
    as_chunks = read_whole(log)
    monkeypatch.setattr(followed_file, "CHUNK", 40_000)
    monkeypatch.setattr(followed_file, "UNREAD_UNTIL", 80_000)
    part = FileObserver.part

    def noted_part(self: FileObserver) -> FilePart | None:
        found = part(self)
        parts.extend([found] if found is not None else [])
        return found

    monkeypatch.setattr(FileObserver, "part", noted_part)
    in_parts = read_whole(log)
    assert len(parts) > 5
    for picture in (as_chunks, in_parts):
        assert (picture.ingest.hits, picture.ingest.unparsed) == (3 * 3_596, 4)
    assert in_parts.ingest.bytes == as_chunks.ingest.bytes
    assert in_parts.ingest.unparsed_lines == as_chunks.ingest.unparsed_lines
    assert in_parts.tail[-50:] == as_chunks.tail[-50:]
    assert in_parts.alerts.incidents == as_chunks.alerts.incidents
    assert in_parts.traffic == as_chunks.traffic


def test_a_part_on_which_the_parser_fails_is_read_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_file, "CHUNK", 40_000)
    monkeypatch.setattr(followed_file, "UNREAD_UNTIL", 80_000)

    def poisoned(*_: object) -> None:
        raise RuntimeError("poisoned")

    monkeypatch.setattr(DelimitedParser, "parse_file", poisoned)
    picture = read_whole(long_log(tmp_path))
    assert (picture.ingest.hits, picture.ingest.unparsed) == (3 * 3_596, 4)


def spoil_third_part(
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[FilePart], object],
    which: int = 2,
) -> list[FilePart]:
    """Have backlogs read by small parts, the third of which is spoilt; return those let go.

    Instead of the third one, number 2, another may be spoilt: `which`.
    """
    monkeypatch.setattr(followed_file, "CHUNK", 40_000)
    monkeypatch.setattr(followed_file, "UNREAD_UNTIL", 80_000)
    part, close, numbers, closed = FileObserver.part, FilePart.close, count(), list[FilePart]()

    def spoilt_part(self: FileObserver) -> FilePart | None:
        found = part(self)
        if found is not None and next(numbers) == which:
            spoil(found)
        return found

    def noted_close(self: FilePart) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(FileObserver, "part", spoilt_part)
    monkeypatch.setattr(FilePart, "close", noted_close)
    return closed


def test_what_is_cut_off_between_two_lines_of_a_part_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, ends = long_log(tmp_path), list[int]()

    def cut(part: FilePart) -> None:
        ends.append(part.start + part.read().rfind(b"\n", 0, 20_000) + 1)
        os.truncate(log, ends[0])

    spoil_third_part(monkeypatch, cut)
    picture = read_whole(log)
    assert f"after its byte {ends[0]:,} are missing" in picture.sources[0].message


def test_a_part_that_cannot_be_read_is_told_and_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = list[FilePart]()
    folder = os.open(tmp_path, os.O_RDONLY)

    def spoil(part: FilePart) -> None:
        os.dup2(folder, part.lines.descriptor)
        spoilt.append(part)

    closed = spoil_third_part(monkeypatch, spoil)
    picture = read_whole(long_log(tmp_path))
    os.close(folder)
    assert spoilt[0] in closed
    assert f"after its byte {spoilt[0].start:,} are missing" in picture.sources[0].message


def fail_reading(monkeypatch: pytest.MonkeyPatch, times: int, which: int = 2) -> None:
    """Have the third part of a backlog not be read so many times, as scanners cannot read it.

    Instead of the third one, number 2, it may be another: `which`.
    """
    monkeypatch.setattr("logmon_tui.pipeline.pipeline.RETRY_SECONDS", 0.01)
    bad, text = list[FilePart](), FilePart._text
    fails = iter([True] * times)

    def failing_text(self: FilePart) -> bytes:
        if self in bad and next(fails, False):
            self.missing = len(self)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return text(self)

    monkeypatch.setattr(FilePart, "_text", failing_text)
    monkeypatch.setattr(DelimitedParser, "parse_file", lambda *_: None)
    spoil_third_part(monkeypatch, bad.append, which)


def test_a_part_that_can_be_read_again_loses_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_reading(monkeypatch, times=3)
    picture = read_whole(long_log(tmp_path))
    assert (picture.ingest.hits, picture.ingest.unparsed) == (3 * 3_596, 4)
    assert picture.sources[0].message == ""


def test_what_is_read_behind_a_part_that_fails_is_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_reader, "threads_here", lambda: 8)  # parts wait till the log's end
    fail_reading(monkeypatch, times=3, which=8)
    log, pictures = long_log(tmp_path), list[Snapshot]()
    pipeline = open_pipeline(
        [log],
        settings_of(from_start=True),
        FormatSelector(),
        Listener(pictures.append, every=0.01),
        state_file=None,
    )
    with running(pipeline):
        wait_for(lambda: pictures and pictures[-1].ingest.failure)
        wait_for(lambda: pictures[-1].ingest.hits and not pictures[-1].ingest.failure)
        wait_for(lambda: pictures[-1].sources[0].state is SourceState.LIVE)
    ingest = pictures[-1].ingest
    assert (ingest.hits, ingest.unparsed) == (3 * 3_596, 4)


def test_a_watch_that_is_stopped_counts_on_whatever_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_reading(monkeypatch, times=1_000)
    monkeypatch.setattr(log_reader, "MOST_TRIES", 50)
    pictures, last = list[Snapshot](), list[Snapshot]()
    pipeline = open_pipeline(
        [long_log(tmp_path)],
        settings_of(from_start=True),
        FormatSelector(),
        Listener(pictures.append, every=0.01),
        state_file=None,
    )
    thread = threading.Thread(target=lambda: last.append(pipeline.run()))
    thread.start()
    wait_for(lambda: pictures and pictures[-1].ingest.failure)
    before = pictures[-1].ingest.hits
    pipeline.stop()
    thread.join(60)
    assert last[0].ingest.hits > before
    assert "are missing" in last[0].sources[0].message


def test_every_thread_rests_while_the_screen_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_file, "CHUNK", 40_000)
    threads = set[str]()
    read_whole(
        long_log(tmp_path), lambda: threads.add(threading.current_thread().name.split("_")[0])
    )
    assert {"parser", "background"} < threads


def test_counting_rests_before_each_chunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_file, "CHUNK", 40_000)
    happened, feed = list[str](), HTTPMonitor.feed

    def noted_feed(self: HTTPMonitor, *batch: object) -> None:
        happened.append("counted")
        feed(self, *batch)  # type: ignore[arg-type]

    def rest() -> None:
        if not threading.current_thread().name.startswith(("parser", "background")):
            happened.append("rested")

    monkeypatch.setattr(HTTPMonitor, "feed", noted_feed)
    read_whole(long_log(tmp_path), rest)
    assert happened.count("counted") > 5
    assert ("counted", "counted") not in pairwise(happened)

"""The engine's thread, and what it does for the whole program."""

import gc
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.snapshot import Snapshot
from tests.pipeline.runs import lines
from tests.traffic import settings_of
from tests.watching import wait_until


@pytest.fixture
def no_garbage_is_looked_for() -> Iterator[None]:
    before = gc.get_threshold()
    gc.disable()
    yield
    gc.set_threshold(*before)
    gc.enable()


@pytest.mark.usefixtures("no_garbage_is_looked_for")
def test_garbage_that_waited_for_the_first_paint_is_looked_for_again(tmp_path: Path) -> None:
    pictures: list[Snapshot] = []
    engine = PipelineThread([str(tmp_path / "access.log")], settings_of(), FormatSelector())
    engine.start(pictures.append)
    try:
        wait_until(lambda: pictures)
        assert gc.isenabled()
    finally:
        engine.stop()


def test_while_the_screen_is_busy_reading_rests_but_not_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.pipeline.thread.REST_SECONDS", 0.2)
    log = tmp_path / "access.log"
    log.write_bytes(lines(1))
    pictures: list[Snapshot] = []
    engine = PipelineThread([str(log)], settings_of(from_start=True), FormatSelector())
    began = time.monotonic()
    engine.start(pictures.append, threading.Event())
    try:
        wait_until(lambda: pictures and pictures[-1].ingest.hits == 1)
        assert time.monotonic() - began >= 0.2
    finally:
        engine.stop()

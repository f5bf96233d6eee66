"""The engine's thread, and what it does for the whole program."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.snapshot import Snapshot
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

"""A whole log that is opened: shown before it is saved, and read on whatever saving meets."""

import threading
from pathlib import Path

import pytest

from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.publisher import Listener
from logmon_tui.pipeline.source_factory import open_pipeline
from logmon_tui.snapshot import Snapshot
from logmon_tui.state.checkpointer import Checkpointer
from tests.pipeline.runs import lines, running, wait_for
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

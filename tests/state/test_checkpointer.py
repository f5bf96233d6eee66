"""Checkpointer: when it is time to save."""

from pathlib import Path

import pytest

from logmon_tui.state.checkpointer import QUIET_SECONDS, SAVE_SECONDS, Checkpointer
from tests.state.restarts import LOG
from tests.state.stores import busy


def test_news_is_saved_soon_and_what_can_be_read_again_later(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logmon_tui.state.checkpointer._SHARE", 0)  # however slow the machine is
    saver, monitor = Checkpointer(file, [LOG]), busy()
    assert saver.due(0.0, news=False)  # the first save is due at once

    saver.save({}, monitor, 100.0, 100.0)
    assert not saver.due(100.0 + SAVE_SECONDS, news=False)
    assert not saver.due(100.0 + SAVE_SECONDS / 2, news=True)
    assert saver.due(100.0 + SAVE_SECONDS, news=False)  # the news still waits

    saver.save({}, monitor, 200.0, 200.0)
    assert not saver.due(200.0 + SAVE_SECONDS, news=False)
    assert saver.due(200.0 + QUIET_SECONDS, news=False)
    saver.close()

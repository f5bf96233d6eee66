"""Followers of logs in a temporary directory, closed after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_START

Follow = Callable[..., FileObserver]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give the path of a log that does not exist yet, alone in its directory."""
    directory = tmp_path / "logs"
    directory.mkdir()
    return directory / "access.log"


@pytest.fixture
def follow() -> Iterator[Follow]:
    """Make FileObservers that read from the start of the log."""
    made: list[FileObserver] = []

    def make(path: Path, **options: Any) -> FileObserver:
        made.append(FileObserver(path, start=FROM_START, timestamp=lambda _: None, **options))
        return made[-1]

    yield make
    for observer in made:
        observer.close()


@pytest.fixture
def events(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a parameter, `with` or `without`: whether file events work in the test."""
    if request.param == "without":
        monkeypatch.setattr(FileObserver, "_watch", lambda _self: None)
    word: str = request.param
    return word

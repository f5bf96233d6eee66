"""What every test of the screen needs."""

import pytest
from textual._compositor import Compositor

from logmon_tui.tui.panels import ingest


@pytest.fixture(autouse=True)
def as_with_the_compiled_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen says nothing of the scanner, though it may not be compiled here."""
    monkeypatch.setattr(ingest, "problem", lambda: "")


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each layout of the whole screen."""
    calls: list[object] = []
    reflow = Compositor.reflow

    def noted(*args: object) -> object:
        calls.append(args)
        return reflow(*args)

    monkeypatch.setattr(Compositor, "reflow", noted)
    return calls

"""What every test of the screen needs."""

import pytest

from logmon_tui.tui.panels import ingest


@pytest.fixture(autouse=True)
def as_with_the_compiled_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen says nothing of the scanner, though it may not be compiled here."""
    monkeypatch.setattr(ingest, "problem", lambda: "")

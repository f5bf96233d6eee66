"""What every test of `logmon-tui doctor` needs."""

from pathlib import Path

import pytest

from logmon_tui.cli.doctor import machine


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let settings and state lie in a folder of the test's own; wait for no event of files."""
    monkeypatch.setattr(machine, "event_comes", lambda: True)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("TMUX", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path

"""What every test of `logmon-tui alerts` needs."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from logmon_tui.cli import alerts, main, parameters
from logmon_tui.state.location import default_state_file
from tests.cli.alerts.history import LOG, NOW, Run, RunCommand, kept


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> RunCommand:
    """Run the command in this process, away from the user's own state and settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COLUMNS", raising=False)
    clock = SimpleNamespace(time=lambda: float(NOW))
    for module in (alerts, parameters):
        monkeypatch.setattr(module, "time", clock)

    def call(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["logmon-tui", "alerts", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


@pytest.fixture
def listed(run: RunCommand) -> Callable[..., list[str]]:
    """Return the ids, shortened, that the command lists."""
    kept(default_state_file([LOG]), LOG).close()

    def call(*arguments: str) -> list[str]:
        code, out, error = run("--output", "json", *arguments, LOG)
        assert (code, error) == (0, "")
        return [each["id"][:3] for each in json.loads(out)]

    return call

"""A new panel is one file and one line: key, help, palette, dashboard and `--show` follow."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.tui.panels import registry
from tests.extending.conftest import ProgramCopy

PANEL = '''"""The time of the log."""

from textual.geometry import Size
from textual.strip import Strip

from logmon_tui.config.settings import Panel as PanelName
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.paint.cells import line
from logmon_tui.tui.panels.panel import Panel, Place


class Clock(Panel):
    """The panel of the time."""

    NAME = PanelName.CLOCK
    TITLE = "Clock"
    KEYS = ("K",)
    PLACE = Place.MORE
    DEFAULT_CSS = "Clock { width: 30; }"

    def part(self, snapshot: Snapshot) -> object:
        """Return the time."""
        return snapshot.log_time

    def paint(self, size: Size) -> list[Strip]:
        """Draw it."""
        text, ink = f"second {self.snapshot.log_time:.0f}", self.ink("")
        return [line([(text, ink)], size.width, ink)]
'''


def test_a_panel_shows_under_its_key_in_help_palette_and_show(
    program: ProgramCopy, tmp_path: Path
) -> None:
    program.add_file("tui/panels/clock.py", PANEL)
    program.add_line(
        "config/settings.py", '    CLOCK = "clock"', behind='    LOGS = "logs", "sources"'
    )
    seen = json.loads(program.run(module="tests.extending.use_panel"))
    assert seen["focused"] == "clock"
    assert "━ K Clock ━" in seen["screen"]
    assert "second 1795262671" in seen["screen"]
    assert (seen["right of methods"], seen["width"]) == (True, 30)
    assert "K           Go to the Clock panel; once there, hide it" in seen["help"]
    assert "Panels: Clock" in seen["palette"]
    help_text = " ".join(program.run("--help").split())
    assert "tls, logs, clock, " in help_text
    settings = tmp_path / "config.toml"
    settings.write_text('show = "status,clock"\n')
    shown = program.run("config", "show", "--config", str(settings))
    assert 'show = ["status", "clock"]' in shown


def test_a_file_without_its_panel_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "logmon_tui.tui.panels.size", ModuleType("size"))
    with pytest.raises(LookupError, match=r"tui/panels/size\.py: has no Panel whose NAME is"):
        registry._panel_called(PanelName.SIZE)

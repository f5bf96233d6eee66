"""A new form of `watch --output` is one file and one line; so is the ranking of a new panel."""

import gzip
from pathlib import Path

import pytest

from tests.extending.conftest import ProgramCopy

LINE = (
    '10.0.0.1 - - [22/Nov/2026:08:26:40 +0000] "GET /tea HTTP/1.1" 200 5 "-" '
    '"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"\n'
)

FORM = '''"""A watch in one sentence."""

from collections.abc import Sequence

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.reports.registry import Layout
from logmon_tui.snapshot import Snapshot


class Live:
    """Writes `watch --output sentence`."""

    def __init__(self, layout: Layout) -> None:
        self._top = layout.top

    def alerts(self, changed: Sequence[Incident], _width: int | None) -> list[str]:
        """Return a line for each incident."""
        return [f"{each.rule} changed." for each in changed]

    def interval(self, snapshot: Snapshot, _width: int | None) -> list[str]:
        """Return the line of an interval."""
        return [f"{snapshot.ingest.hits} hits; the top {self._top} are kept quiet."]
'''


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A compressed log: a watch of it ends when it is read."""
    file = tmp_path / "access.log.gz"
    file.write_bytes(gzip.compress((LINE * 3).encode()))
    return str(file)


def test_a_form_is_printed_by_option_and_settings(
    program: ProgramCopy, log: str, tmp_path: Path
) -> None:
    program.add_file("reports/sentence.py", FORM)
    line = '    SENTENCE = "sentence", "watch"'
    program.add_line("config/output.py", line, behind='    CSV = "csv", "report"')
    asked = ("--top", "7", "--no-state", log)
    printed = program.run("--output", "sentence", *asked).splitlines()
    assert printed[-1] == "3 hits; the top 7 are kept quiet."
    settings = tmp_path / "config.toml"
    settings.write_text('output = "sentence"\n')
    assert program.run("--config", str(settings), *asked).splitlines()[-1] == printed[-1]
    assert "[screen|text|json|sentence]" in program.run("--help")
    assert "[text|json|csv|html]" in program.run("report", "--help")


def test_the_ranking_of_a_panel_is_printed_in_text(program: ProgramCopy, log: str) -> None:
    line = '    BOTS = "bots", "bots"'
    program.add_line("config/settings.py", line, behind='    LOGS = "logs", "sources"')
    text = program.run("--output", "text", "--show", "bots", "--no-state", log)
    assert "  bots      Googlebot 3 (100 %)" in text

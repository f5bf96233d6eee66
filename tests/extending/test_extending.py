"""A new rule, format, source, target, … is one file and one line: each is added once, and used.

Where the line names what the file defines, it is imported there, too. A panel is added in
`test_panel.py`.
"""

import json
from pathlib import Path

import pytest

from tests.extending.conftest import ProgramCopy

TIME = "22/Nov/2026:08:26:40 +0000"


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A log of three hits, of which a teapot answered two."""
    line = '10.0.0.1 - - [{}] "GET /tea HTTP/1.1" {} 5\n'
    file = tmp_path / "access.log"
    file.write_text("".join(line.format(TIME, status) for status in (418, 418, 200)))
    return str(file)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_a_shipped_rule_fires_once_it_is_switched_on(
    program: ProgramCopy, log: str, settings: Path
) -> None:
    rule = 'name="teapots", title="Teapots", metric=Metric.HITS, status=("418",), warning=1'
    line = f"    Rule({rule}, enabled=False),"
    program.add_line("alerts/rules/shipped.py", line, behind="SHIPPED = (")
    assert "teapots" in program.run("rules", "list")
    assert "Alerts: 0" in program.run("report", log)
    settings.write_text("[rules.teapots]\nenabled = true\n")
    text = program.run("report", "--config", str(settings), log)
    assert "Alerts: 1\n  ! Teapots" in text


FORMAT = '''"""The log of a teapot."""

from logmon_tui.formats.servers.apache import apache_format

TEAPOT = apache_format(
    "teapot",
    'teapot %h %t "%r" %>s %b',
    example='teapot 203.0.113.5 [22/Nov/2026:08:26:40 +0000] "GET /tea HTTP/1.1" 418 5',
)
'''


def test_a_format_is_recognised_read_and_listed(program: ProgramCopy, tmp_path: Path) -> None:
    program.add_file("formats/presets/teapot.py", FORMAT)
    line = '    ("teapot", "TEAPOT"),'
    program.add_line("formats/presets/__init__.py", line, behind='    ("json", "GCP"),')
    assert "\n  teapot " in program.run("formats")
    log = tmp_path / "teapot.log"
    log.write_text(f'teapot 203.0.113.5 [{TIME}] "GET /tea HTTP/1.1" 418 5\n' * 3)
    report = json.loads(program.run("report", "--output", "json", str(log)))
    assert (report["hits"], report["status"], report["unparsed"]) == (3, {"418": 3}, 0)
    assert report["ingest"]["formats"] == ["teapot"]


SOURCE = f'''"""Lines that nobody wrote: `count:3` is a log of three."""

from logmon_tui.sources.base import SourceState, SourceStatus


class Count:
    """A `Source` of so many lines."""

    def __init__(self, log: str) -> None:
        self.name = log
        self.left = int(log.removeprefix("count:"))

    def read(self) -> bytes:
        """Return all lines at once."""
        line = b'10.0.0.1 - - [{TIME}] "GET /counted HTTP/1.1" 200 5\\n'
        lines, self.left = line * self.left, 0
        return lines

    def preamble(self) -> bytes:
        """Return nothing."""
        return b""

    def wait(self, seconds: float) -> None:
        """Return at once."""

    def wake(self) -> None:
        """Do nothing."""

    def status(self) -> SourceStatus:
        """Tell whether the lines were read."""
        state = SourceState.CATCHING_UP if self.left else SourceState.ENDED
        return SourceStatus(self.name, state)

    def position(self) -> None:
        """Tell that nothing is kept."""

    def close(self) -> None:
        """Do nothing."""
'''


def test_a_source_feeds_a_watch(program: ProgramCopy) -> None:
    program.add_file("sources/count.py", SOURCE)
    registry, behind = (
        "sources/registry.py",
        "from logmon_tui.sources.base import LogPosition, Source",
    )
    program.add_line(registry, "from logmon_tui.sources.count import Count", behind=behind)
    line = '    LogKind(lambda log: log.startswith("count:"), lambda log, _: Count(log)),'
    program.add_line(registry, line, behind="KINDS = (")
    *_, last = program.run("--output", "json", "count:3").splitlines()
    picture = json.loads(last)
    assert (picture["hits"], picture["sections"][0]["section"]) == (3, "/counted")
    assert [source["name"] for source in picture["ingest"]["sources"]] == ["count:3"]


TARGET = '''"""A file to which messages are written."""

from pathlib import Path
from typing import ClassVar

from logmon_tui.notify.message import Message
from logmon_tui.notify.target import TargetSettings


class Wall(TargetSettings, frozen=True, kw_only=True):
    """`type = "wall"`: writes to `file`."""

    KIND: ClassVar[str] = "wall"

    file: str

    def open(self) -> "WallSender":
        """Return what writes."""
        return WallSender(self.file)


class WallSender:
    """Writes messages."""

    def __init__(self, file: str) -> None:
        self.address = file

    def send(self, message: Message) -> None:
        """Write a message."""
        with Path(self.address).open("a") as file:
            print(message.line, file=file)

    def close(self) -> None:
        """Do nothing."""
'''


def test_a_target_gets_a_message(program: ProgramCopy, tmp_path: Path, settings: Path) -> None:
    program.add_file("notify/wall.py", TARGET)
    registry, behind = "notify/registry.py", "from logmon_tui.notify.text import FORMS, text_hook"
    program.add_line(registry, "from logmon_tui.notify.wall import Wall", behind=behind)
    program.add_line(registry, "    Wall,", behind="KINDS: tuple[type[TargetSettings], ...] = (")
    wall = tmp_path / "wall.txt"
    settings.write_text(f'[notify.kitchen]\ntype = "wall"\nfile = "{wall}"\n')
    assert f"sent to {wall}" in program.run("notify", "test", "--config", str(settings))
    assert "test" in wall.read_text()
    schema = json.loads(program.run("config", "schema"))
    assert schema["$defs"]["Wall"]["properties"]["type"] == {"const": "wall"}


REPORT = '''"""A report in one sentence."""

from collections.abc import Sequence

from logmon_tui.reports.registry import Layout
from logmon_tui.snapshot import Report


def written(report: Report, names: Sequence[str], _layout: Layout) -> str:
    """Return what `report --output sentence` prints."""
    return f"{' and '.join(names)} brought {report.hits.hits} hits.\\n"
'''


def test_a_report_is_printed_by_option_and_settings(
    program: ProgramCopy, log: str, settings: Path
) -> None:
    program.add_file("reports/sentence.py", REPORT)
    line = '    SENTENCE = "sentence", "report"'
    program.add_line("config/output.py", line, behind='    CSV = "csv", "report"')
    told = f"{log} brought 3 hits.\n"
    assert program.run("report", "--output", "sentence", log) == told
    settings.write_text('output = "sentence"\n')
    assert program.run("report", "--config", str(settings), log) == told
    assert "[text|json|csv|sentence|html]" in program.run("report", "--help")


CHECK = '''"""Whether there is tea."""

from collections.abc import Iterator

from logmon_tui.cli.doctor.findings import Asked, Finding, State


def tea(asked: Asked) -> Iterator[Finding]:
    """Look into the pot."""
    yield Finding(State.WARNING, f"no tea for {len(asked.logs)} log", "put the kettle on")
'''


def test_a_check_is_told_by_doctor(program: ProgramCopy) -> None:
    program.add_file("cli/doctor/kitchen.py", CHECK)
    registry, behind = "cli/doctor/registry.py", "from logmon_tui.cli.doctor.findings import Check"
    program.add_line(registry, "from logmon_tui.cli.doctor.kitchen import tea", behind=behind)
    program.add_line(registry, '    ("tea", tea),', behind='    ("python", machine.python),')
    checks = json.loads(program.run("doctor", "--no-state", "--output", "json"))["checks"]
    assert checks[1] == {
        "check": "tea",
        "state": "warning",
        "text": "no tea for 1 log",
        "mend": "put the kettle on",
    }


def test_a_topic_is_listed_and_printed(program: ProgramCopy) -> None:
    program.add_file("docs/tea.md", "# Tea\n\nHow to make tea.\n\nBoil water.\n")
    program.add_line("docs/topics.py", '    "tea",', behind='    "glossary",')
    assert "  tea            How to make tea.\n" in program.run("help")
    assert program.run("help", "tea") == "# Tea\n\nHow to make tea.\n\nBoil water.\n"


COMMAND = '''"""`logmon-tui brew`: make tea."""

import click

from logmon_tui.cli.options import GroupedCommand


@click.command(cls=GroupedCommand)
def brew() -> None:
    """Make tea."""
    click.echo("Tea is ready.")
'''


def test_a_command_runs_and_is_listed(program: ProgramCopy) -> None:
    program.add_file("cli/brew.py", COMMAND)
    line = '    "brew": "logmon_tui.cli.brew:brew",'
    program.add_line("cli/__init__.py", line, behind="_COMMANDS = {")
    assert program.run("brew") == "Tea is ready.\n"
    assert "Make tea." in program.run("--help")

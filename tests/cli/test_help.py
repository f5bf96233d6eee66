"""`logmon-tui help`: the topics, one of them, and what is said of a word that is none."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from logmon_tui.docs.topics import TOPICS, read_topic
from logmon_tui.errors import UsageError

DEADLINE = 20


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, ["help", *arguments], env=environment)


def test_without_a_topic_all_are_listed_in_lines_of_80_columns() -> None:
    result = run()
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= 80
    listed = [line.split(maxsplit=1) for line in lines if line.startswith("  ")]
    assert listed == [[name, read_topic(name).summary] for name in TOPICS]


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_is_printed_as_plain_text_where_nobody_pages(name: str) -> None:
    result = run(name)
    assert result.exit_code == 0
    topic = read_topic(name)
    assert result.output.startswith(f"# {topic.title}\n\n{topic.summary}\n\n")
    assert "\x1b" not in result.output
    assert max(map(len, result.output.splitlines())) <= 80


def test_text_is_as_wide_as_it_is_said_to_be() -> None:
    assert max(map(len, run("rules", COLUMNS="50").output.splitlines())) <= 50


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("alrts", "alrts: no such topic; did you mean alerts? logmon-tui help lists them"),
        ("zzz", "zzz: no such topic; logmon-tui help lists them"),
        ("report", "report: no such topic; report is a command: logmon-tui report --help"),
    ],
)
def test_an_unknown_topic_is_told_in_one_line(word: str, told: str) -> None:
    error = run(word).exception
    assert isinstance(error, UsageError)
    assert error.exit_code == 2
    assert str(error) == told


@pytest.mark.parametrize("group", ["", "config", "fleet", "notify", "rules", "state"])
def test_each_command_says_in_a_line_of_80_columns_what_it_does(group: str) -> None:
    result = CliRunner().invoke(cli, [*group.split(), "--help"], env={"COLUMNS": "80"})
    commands = result.output.partition("Commands:\n")[2].partition("\n\n")[0]
    assert commands
    assert "..." not in commands


def shown_on_a_terminal(**environment: str) -> str:
    """Return what `help keys` sends to a terminal; the pager is `cat`."""
    reader, terminal = pty.openpty()
    program = [sys.executable, "-m", "logmon_tui", "help", "keys"]
    settings = {**os.environ, "TERM": "xterm", "PAGER": "cat", **environment}
    with subprocess.Popen(program, stdin=terminal, stdout=terminal, env=settings) as process:
        os.close(terminal)
        shown, deadline = b"", time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            if select.select([reader], [], [], 0.1)[0]:
                try:
                    shown += os.read(reader, 65_536)
                except OSError:  # so Linux tells that nobody has the terminal open
                    break
            elif process.poll() is not None:
                break
        assert process.wait(DEADLINE) == 0
    os.close(reader)
    return shown.decode()


def test_on_a_terminal_a_pager_shows_it() -> None:
    shown = shown_on_a_terminal(PAGER="sed s/Keys/PAGED/")
    assert "PAGED" in shown
    assert "go to the traffic panel" in shown


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"NO_COLOR": "1"}], ids=str)
def test_a_terminal_without_colours_gets_none(environment: dict[str, str]) -> None:
    shown = shown_on_a_terminal(**environment)
    assert "\x1b" not in shown
    assert "# Keys" in shown


def test_less_gets_colours(tmp_path: Path) -> None:
    less = tmp_path / "less"  # click knows by its name that it takes them
    less.write_text("#!/bin/sh\nexec cat\n")
    less.chmod(0o755)
    shown = shown_on_a_terminal(PAGER=str(less), LESS="", COLUMNS="80")
    assert "\x1b[" in shown
    assert "`" not in shown

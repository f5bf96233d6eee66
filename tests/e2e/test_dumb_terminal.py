"""A terminal that obeys nothing but the ends of lines gets text, and is told why."""

import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.pseudo_terminal import PseudoTerminal
from tests.watching import wait_until

LINE = b'10.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /report HTTP/1.0" 503 123\n'
DUMB = pytest.mark.parametrize(
    ("term", "why"),
    [("dumb", "TERM is dumb"), ("unknown", "TERM is unknown"), (None, "TERM is not set")],
)
Start = Callable[..., PseudoTerminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Run the program on a log, on a terminal of its own."""
    terminals = []
    (tmp_path / "access.log").write_bytes(LINE * 3)

    def run(term: str | None, *arguments: str) -> PseudoTerminal:
        command = [sys.executable, "-m", "logmon_tui", *arguments, "access.log"]
        terminals.append(PseudoTerminal(command, tmp_path, 80, 24, term=term))
        return terminals[-1]

    yield run
    for terminal in terminals:
        terminal.close()


@DUMB
def test_it_gets_text_without_colours_and_one_line_that_says_why(
    start: Start, term: str | None, why: str
) -> None:
    terminal = start(term, "--from-start", "--no-state")
    terminal.wait_for("/report")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 0
    first = terminal.output.decode().splitlines()[0]
    assert first == f"logmon-tui: {why}, so here is text in place of the screen"
    assert terminal.output.count(b"in place of the screen") == 1
    assert b"\x1b" not in terminal.output


@DUMB
def test_a_screen_asked_for_by_name_is_refused_in_one_line(
    start: Start, term: str | None, why: str
) -> None:
    terminal = start(term, "--output", "screen")
    assert terminal.wait() == 2
    (line,) = terminal.output.decode().splitlines()
    assert line.startswith("logmon-tui: --output screen needs more of a terminal: ")
    assert why in line
    assert "--output text" in line


def test_text_that_was_asked_for_needs_no_reason(start: Start) -> None:
    terminal = start("dumb", "--from-start", "--no-state", "--output", "text")
    terminal.wait_for("/report")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 0
    assert b"TERM" not in terminal.output


@pytest.mark.parametrize(("term", "coloured"), [("dumb", False), ("xterm-256color", True)])
def test_a_report_is_coloured_where_the_terminal_knows_colours(
    start: Start, term: str, *, coloured: bool
) -> None:
    terminal = start(term, "report")
    assert terminal.wait() == 0
    wait_until(lambda: b"/report" in terminal.output)
    assert bool(re.search(rb"\x1b\[[0-9;]+m", terminal.output)) is coloured

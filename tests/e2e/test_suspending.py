"""ctrl+z gives the terminal back to the shell, and fg brings the program back to it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.e2e.pseudo_terminal import PseudoTerminal
from tests.e2e.servers import TMUX
from tests.e2e.tmux_terminal import Terminal
from tests.watching import wait_until

pytestmark = pytest.mark.slow

needs_tmux = pytest.mark.skipif(not TMUX, reason="tmux is not installed")
MODES = "#{alternate_on}#{cursor_flag}#{mouse_any_flag}"
PROGRAM = [sys.executable, "-m", "logmon_tui"]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(120, 36, tmp_path)
    yield terminal
    terminal.close()


def append(log: Path, lines: int) -> None:
    """Append so many hits of this second."""
    now = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    text = "".join(
        f'10.0.0.{n % 250} - - [{now}] "GET /jobs/{n} HTTP/1.1" 200 512\n' for n in range(lines)
    )
    with log.open("a", encoding="ascii") as file:
        file.write(text)


def stopped(log: Path) -> list[int]:
    """Return the pids of the stopped processes whose command names the log."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            state = (folder / "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        if os.fsencode(log) in command and state.rpartition(")")[2].split()[0] == "T":
            found.append(int(folder.name))
    return found


@needs_tmux
def test_the_program_goes_on_where_it_stopped(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    append(log, 100)
    before = terminal.tells(MODES)
    terminal.run(*PROGRAM, "--from-start", "--show", "sections,ingest", str(log))
    terminal.wait_for("lines 100 ", "/jobs")
    assert terminal.tells(MODES) != before
    for turn in (1, 2):
        terminal.press("C-z")
        wait_until(lambda: len(stopped(log)) == 1, lambda: terminal.screen)
        wait_until(lambda: terminal.tells(MODES) == before, lambda: terminal.screen)
        terminal.press("stty -a; echo here is $((40 + 2))", "Enter")
        terminal.wait_for("here is 42", " icanon", " echo ")  # not "-icanon", not "-echo"
        assert "0 Ingest" not in terminal.screen
        append(log, 200)
        log.rename(tmp_path / f"access.log.{turn}")
        append(log, 100)
        terminal.press("clear; fg; echo ended with $?", "Enter")
        terminal.wait_for("0 Ingest", f"lines {100 + 300 * turn} ", "/jobs")
        assert terminal.tells(MODES) != before
        terminal.press("Space")
        terminal.wait_for("PAUSED")
        terminal.press("Space")
        terminal.wait_until_gone("PAUSED")
    terminal.press("q")
    terminal.wait_for("ended with 0")
    assert terminal.tells(MODES) == before


@needs_tmux
def test_a_program_in_the_background_waits_until_fg(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    append(log, 100)
    terminal.run(*PROGRAM, "--from-start", "--show", "sections,ingest", str(log))
    terminal.wait_for("lines 100 ")
    terminal.press("C-z")
    wait_until(lambda: len(stopped(log)) == 1)
    terminal.press("bg", "Enter", "echo here is $((40 + 2))", "Enter")
    terminal.wait_for("here is 42")
    wait_until(lambda: len(stopped(log)) == 1)  # for it may not write to the terminal
    append(log, 50)
    terminal.press("clear; fg; echo ended with $?", "Enter")
    terminal.wait_for("0 Ingest", "lines 150 ")
    terminal.press("q")
    terminal.wait_for("ended with 0")


@needs_tmux
def test_what_feeds_the_program_stops_with_it(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    append(log, 100)
    command = f"tail -n +1 -F {log} | {' '.join(PROGRAM)} --show sections,ingest - # {log}"
    terminal.press(command, "Enter")
    terminal.wait_for("lines 100 ")
    terminal.press("C-z")
    wait_until(lambda: len(stopped(log)) == 1, lambda: terminal.screen)  # tail
    terminal.press("clear; echo here is $((40 + 2))", "Enter")
    terminal.wait_for("here is 42")
    append(log, 50)
    terminal.press("clear; fg; echo ended with $?", "Enter")
    terminal.wait_for("0 Ingest", "lines 150 ")
    terminal.press("q")
    terminal.wait_until_gone("0 Ingest")


@needs_tmux
def test_a_signal_of_another_suspends_it_too(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    append(log, 100)
    terminal.run(*PROGRAM, "--from-start", "--show", "ingest", str(log))
    terminal.wait_for("lines 100 ")
    search = ["pgrep", "-f", f"logmon_tui .*{log}"]
    pid = int(subprocess.run(search, capture_output=True, check=True).stdout.split()[0])
    os.kill(pid, signal.SIGTSTP)
    wait_until(lambda: stopped(log) == [pid])
    terminal.press("clear; fg; echo ended with $?", "Enter")
    terminal.wait_for("0 Ingest")
    terminal.press("q")
    terminal.wait_for("ended with 0")


def test_where_no_shell_could_bring_it_back_it_stays_and_says_so(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    append(log, 100)
    command = [*PROGRAM, "--from-start", "--no-state", str(log)]
    terminal = PseudoTerminal(command, tmp_path, 120, 36)
    try:
        terminal.wait_for("2 Sections", "/jobs")
        terminal.type("\x1a")
        terminal.wait_for("There is no shell here")
        since = terminal.mark()
        terminal.type("p")
        terminal.wait_for("PAUSED", since=since)
        terminal.type("q")
        assert terminal.wait() == 0
    finally:
        terminal.close()

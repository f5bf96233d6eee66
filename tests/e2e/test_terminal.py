"""The full-screen program in a real terminal (tmux), on a log that is being written."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.servers import TMUX
from tests.e2e.tmux_terminal import Terminal
from tests.watching import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not TMUX, reason="tmux is not installed")]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(120, 36, tmp_path)
    yield terminal
    terminal.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log to which a simulator appends."""
    path = tmp_path / "access.log"
    command = [sys.executable, "-m", "logmon_tui", "simulate", "--rate", "40", "--seed", "1"]
    writer = subprocess.Popen([*command, str(path)], stdout=subprocess.DEVNULL)
    yield path
    writer.terminate()
    writer.wait()


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "logmon_tui", *arguments]


def test_dashboard_shows_traffic_alert_and_answers_keys(terminal: Terminal, log: Path) -> None:
    terminal.run(*program("--threshold", "5", "--alert-window", "4", str(log)))
    terminal.wait_for("LIVE", "1 Traffic", "2 Sections", "3 Status", "4 Alerts", "/static")
    terminal.wait_for("High traffic", "threshold 5")
    terminal.press("5")
    terminal.wait_for("5 Clients", "198.1")
    terminal.press("2", "2")
    terminal.wait_until_gone("2 Sections")
    terminal.press("Space")
    terminal.wait_for("PAUSED")
    terminal.press("Space")
    terminal.wait_for("LIVE")
    terminal.press("+")
    terminal.wait_for("threshold 5.5")
    terminal.press("?")
    terminal.wait_for("pause", "threshold", "quit")
    terminal.press("Escape")
    terminal.resize(80, 24)
    terminal.wait_for("3 Status", "4 Alerts")
    terminal.press("q")
    terminal.wait_for("exit code 0")


def test_panels_are_remembered(terminal: Terminal, log: Path) -> None:
    terminal.run(*program(str(log)))
    terminal.wait_for("2 Sections")
    terminal.press("6")
    terminal.wait_for("6 Paths")
    terminal.press("q")
    terminal.wait_for("exit code 0")
    terminal.run(*program(str(log)))
    terminal.wait_for("2 Sections", "6 Paths")


@pytest.mark.parametrize("signal", ["INT", "TERM"])
def test_a_signal_restores_the_terminal(terminal: Terminal, log: Path, signal: str) -> None:
    terminal.run(*program(str(log)))
    terminal.wait_for("2 Sections", "/static")
    subprocess.run(["pkill", f"-{signal}", "-f", f"logmon_tui {log}"], check=True)
    terminal.wait_for("exit code 0")
    assert "Sections" not in terminal.screen


def test_the_program_ends_with_its_terminal(terminal: Terminal, log: Path) -> None:
    terminal.run(*program(str(log)))
    terminal.wait_for("2 Sections", "/static")
    terminal.close()
    search = ["pgrep", "-f", f"logmon_tui {log}"]
    wait_until(lambda: not subprocess.run(search, capture_output=True, check=False).stdout)


def test_keys_come_from_the_terminal_while_the_log_comes_from_standard_input(
    terminal: Terminal, log: Path
) -> None:
    piped = f"tail -n +1 -F {shlex.quote(str(log))} | {shlex.join(program('-'))}"
    terminal.run("sh", "-c", piped)
    terminal.wait_for("2 Sections", "/static")
    terminal.press("q")
    terminal.wait_for("exit code 0")


def test_a_bad_style_sheet_is_refused_before_the_screen_opens(
    terminal: Terminal, tmp_path: Path
) -> None:
    sheet = tmp_path / "bad.tcss"
    sheet.write_text("Panel { colour: red }")
    terminal.run(*program("--css", str(sheet)))
    terminal.wait_for("logmon-tui: ", "bad.tcss", "exit code 2")
    assert "Traceback" not in terminal.screen


def test_an_unknown_theme_is_refused_before_the_screen_opens(terminal: Terminal) -> None:
    terminal.run(*program("--theme", "nope"))
    terminal.wait_for("logmon-tui: ", "nope", "logmon-dark", "exit code 2")

"""`logmon-tui doctor` on the machine: scanner, limits, events of files, terminal."""

import errno
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path
from types import SimpleNamespace

import pytest

from logmon_tui.cli.doctor import machine
from logmon_tui.cli.doctor.machine import event_comes
from tests.cli.doctor.checked import Lines, lines_of, log_in, run

# The machine


def test_a_missing_scanner_is_a_warning(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "problem", lambda: "no scanner was compiled at installation")
    (told,) = lines_of(run(log_in(home)))["scanner"]
    assert told.startswith("! logs are read line by line, some 20 times slower: no scanner was")
    assert told.endswith("; install a C compiler (cc, gcc or clang), then install logmon-tui anew")


def test_limits_that_are_low_and_events_that_do_not_come_are_warnings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    for name, number in (("max_user_watches", 100), ("max_user_instances", 128)):
        (home / name).write_text(f"{number}\n")
    monkeypatch.setattr(machine, "_LIMITS", home)
    monkeypatch.setattr("logmon_tui.sources.hints.Observer", refuse)
    monkeypatch.setattr(machine, "event_comes", event_comes)
    limits, event = lines_of(run(log_in(home)))["events"]
    assert limits.startswith("! 100 watches and 128 instances are allowed to a user; raise fs.ino")
    assert event.startswith("! no change of a file is reported: logs are looked at again and a")


def test_a_change_of_a_file_is_reported() -> None:
    assert event_comes()


def on_terminal(rows: int, columns: int, **environment: str) -> Lines:
    """Return what is told on a terminal of this size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    variables = {"TERM": "xterm-256color", "COLUMNS": "400", "LC_ALL": "C.UTF-8"} | environment
    program = [sys.executable, "-m", "logmon_tui", "doctor"]
    started = subprocess.Popen(program, stdout=theirs, env={**os.environ, **variables})
    os.close(theirs)
    read = b""
    try:
        while block := os.read(ours, 65_536):
            read += block
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert started.wait() == 0
    return lines_of(SimpleNamespace(stdout=read.decode()))  # type: ignore[arg-type]


def test_a_terminal_is_told_with_size_and_colours() -> None:
    found = on_terminal(40, 120, COLORTERM="truecolor")
    assert found["terminal"] == [
        "✓ 120 × 40 cells, TERM is xterm-256color",
        "✓ 16 million colours",
    ]
    found = on_terminal(10, 30, TERM="xterm", COLORTERM="", TMUX="/tmp/x,1,0")
    assert found["terminal"][0].startswith("! 30 × 10 cells, TERM is xterm: too small for the sc")
    assert found["terminal"][1].startswith("! 16 colours; set COLORTERM=truecolor if ")
    assert found["tmux"][0].startswith("! inside tmux, but TERM is xterm; leave TERM to tmux")


def test_a_dumb_terminal_and_a_locale_without_utf_8_are_warnings() -> None:
    found = on_terminal(40, 120, TERM="dumb", LC_ALL="C")
    assert found["terminal"][0].startswith("! TERM is dumb: a watch prints text in place of")
    assert found["text"][0].startswith("! the locale writes ")
    assert found["text"][0].endswith(
        "; set LC_ALL=C.UTF-8, or another locale of UTF-8, in the environment"
    )

"""Commands: what they get, and what is said of those that fail."""

import json
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from logmon_tui.notify.command import CommandSender
from logmon_tui.notify.message import Event, EventKind
from logmon_tui.notify.target import SendError
from tests.notify.examples import HOSTILE, hostile_message, incident, message, wait_for

NOTE = """
import json, os, pathlib, sys
got = {"body": json.load(sys.stdin), "arguments": sys.argv[1:],
       "environment": {k: v for k, v in os.environ.items() if k.startswith("LOGMON")}}
pathlib.Path(sys.argv[1]).write_text(json.dumps(got))
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def send(command: Sequence[str], timeout: float = 30) -> None:
    CommandSender(command, timeout).send(message())


def test_a_command_gets_the_body_on_standard_input_and_fields_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGMON_THRESHOLD", "99")
    file = tmp_path / "got"
    told = message(
        Event(EventKind.FIRED, incident("ddos", b"10.0.0.1")),
        Event(EventKind.FIRED, incident()),
        more=3,
    )
    command = python(NOTE, str(file), "$(id)", "; rm -rf /")
    CommandSender(command, 30).send(told)
    got = json.loads(file.read_text())
    assert got["body"] == told.body()
    assert got["arguments"] == [str(file), "$(id)", "; rm -rf /"]
    environment = got["environment"]
    assert environment["LOGMON_INCIDENT_EVENT"] == "fired"
    assert environment["LOGMON_INCIDENT_RULE"] == "ddos"
    assert environment["LOGMON_INCIDENT_SUBJECT"] == "10.0.0.1"
    assert environment["LOGMON_INCIDENT_RECOVERED_AT"] == ""
    assert environment["LOGMON_INCIDENT_FIRING"] == "true"
    assert environment["LOGMON_INCIDENT_ACKNOWLEDGED"] == "false"
    assert environment["LOGMON_INCIDENT_EVENTS"] == "5"
    assert environment["LOGMON_INCIDENT_TEXT"] == told.line
    assert environment["LOGMON_THRESHOLD"] == "99"  # an option, and left alone


def test_a_shell_reads_the_body_as_a_line(tmp_path: Path) -> None:
    file = tmp_path / "got"
    send(["sh", "-c", 'while read -r line; do printf %s "$line" > "$0"; done', str(file)])
    assert json.loads(file.read_text()) == message().body()


def test_hostile_subjects_reach_a_command_as_text(tmp_path: Path) -> None:
    file = tmp_path / "got"
    CommandSender(python(NOTE, str(file)), 30).send(hostile_message())
    got = json.loads(file.read_text())
    assert HOSTILE.startswith(b"/x\r\n")
    assert got["environment"]["LOGMON_INCIDENT_SUBJECT"].startswith("/x\\x0d\\x0aBcc")


def test_a_command_that_reads_nothing_and_says_much_is_fine() -> None:
    send(python("import sys; print('x' * 1_000_000); print('y' * 1_000_000, file=sys.stderr)"))


def test_of_one_that_fails_the_last_line_is_told() -> None:
    code = "import sys; print('first\\nlast \\x1b[31mline\\n\\n', file=sys.stderr); sys.exit(3)"
    with pytest.raises(SendError, match=r"^ended with code 3: last \\x1b\[31mline$"):
        send(python(code))


def test_one_that_is_not_there_is_told() -> None:
    with pytest.raises(SendError, match=r"^cannot be started: No such file or directory$"):
        send(["/nowhere/to/be/found"])


HANG = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid} ")
time.sleep(600)
"""


def running(file: Path) -> list[int]:
    """Return those of the processes noted in `file` that are not gone."""
    found = []
    for number in map(int, file.read_text().split()):
        with suppress(OSError):
            state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
            found += [] if state == "Z" else [number]
    return found


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks at processes in /proc")
def test_one_that_takes_too_long_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    with pytest.raises(SendError, match="took longer than 3 s and was killed"):
        send(python(HANG, str(file)), 3)
    assert len(file.read_text().split()) == 2
    wait_for(lambda: not running(file))


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="looks at processes in /proc")
def test_closing_kills_what_runs_and_starts_no_more(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    sender = CommandSender(python(HANG, str(file)), 300)
    problems: list[str] = []

    def try_to_send() -> None:
        try:
            sender.send(message())
        except SendError as error:
            problems.append(str(error))

    thread = threading.Thread(target=try_to_send, daemon=True)
    thread.start()
    wait_for(lambda: file.exists() and len(file.read_text().split()) == 2)
    sender.close()
    thread.join(60)
    wait_for(lambda: not running(file))
    assert problems == ["was ended by signal 9"]
    with pytest.raises(SendError, match="the program ends"):
        sender.send(message())

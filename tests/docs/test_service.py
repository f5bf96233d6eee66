"""The example of a service: systemd takes the unit, and the program its command."""

import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.docs.pages import code_of, text_of
from tests.docs.test_examples import understood

USER, UNIT, DEPLOY = code_of(text_of("service"), "ini")


def unit(text: str = UNIT) -> ConfigParser:
    found = ConfigParser(interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(text.replace("\\\n", ""))
    return found


def test_the_command_is_understood(tmp_path: Path) -> None:
    settings = tmp_path / "logmon-tui.toml"
    settings.touch()
    start = unit()["Service"]["ExecStart"].replace("/etc/logmon-tui.toml", str(settings))
    command = shlex.split(start)
    assert str(settings) in command
    assert Path(command[0]).name == "logmon-tui"
    assert understood(tuple(command[1:])).name == "record"


def test_a_deploy_is_marked_for_the_watch_of_the_service() -> None:
    command = shlex.split(unit(DEPLOY)["Service"]["ExecStartPost"].removeprefix("-+"))
    assert Path(command[0]).name == "logmon-tui"
    assert understood(tuple(command[1:])).name == "mark"
    state = command[command.index("--state") + 1]
    assert f"--state {state} " in unit()["Service"]["ExecStart"]


def test_the_service_writes_only_its_state() -> None:
    service = unit()["Service"]
    assert f"--state /var/lib/{service['StateDirectory']}/" in service["ExecStart"]
    assert service["ProtectSystem"] == "strict"
    assert service["User"] == USER.split()[1] != "root"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "logmon-tui.service"
    command = shlex.split(unit()["Service"]["ExecStart"])[0]
    file.write_text(UNIT.replace(command, "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if file.name in line]) == (
        0,
        [],
    )


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="there is no systemd")
def test_systemd_would_make_the_user(tmp_path: Path) -> None:
    file = tmp_path / "logmon-tui.conf"
    file.write_text(USER)
    (tmp_path / "root").mkdir()
    done = subprocess.run(
        ["systemd-sysusers", "--dry-run", f"--root={tmp_path / 'root'}", "-"],
        check=False,
        capture_output=True,
        text=True,
        input=USER,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "logmon" in done.stderr

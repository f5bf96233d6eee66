"""`agent` and `fleet`: what they refuse in one line, and what they print, with a real broker."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import Broker, free_port, needs_broker

SECRET = "correct-horse-battery-staple"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "access.log").write_text("a line\n")
    return tmp_path


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = tmp_path / "broker"
    made.mkdir()
    broker = Broker(made)
    yield broker
    broker.close()


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "logmon_tui", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder)}
        | environment,
    )


def refused(folder: Path, *arguments: str, **environment: str) -> str:
    done = run(folder, *arguments, **environment)
    assert done.returncode == 2, done
    (line,) = done.stderr.splitlines()
    assert SECRET not in line
    return line.removeprefix("logmon-tui: ")


TO = ("--to", "nats://127.0.0.1:4")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("access.log",), "no broker is named; give --to, such as --to nats://broker:4222"),
        ((*TO, "--host", "a/b", "access.log"), "--host 'a/b' is no name; give a short one"),
        ((*TO, "--host", "\x1b", "access.log"), "--host '\\x1b' is no name; give a short one"),
        ((*TO, "--site", " ", "access.log"), "--site ' ' is no name; give a short one"),
        ((*TO, "nats://other:4222"), "is no file; an agent sends files of its machine"),
        ((*TO, "-"), "-: is no file; an agent sends files of its machine"),
        ((*TO, "."), "is a directory; give a log file in it"),
        ((*TO, "access.log", "./access.log"), "is the same log as"),
        ((*TO, "--drop-fields", "user,status", "access.log"), "status is what every hit needs"),
        ((*TO, "--sample", "0", "access.log"), "--sample: 0 is not in the range"),
        ((*TO, "--anonymise-key", "nowhere", "access.log"), "nowhere: cannot be read"),
        (("--to", f"nats://me:{SECRET}@x", "access.log"), "address holds a user or a secret"),
    ],
)
def test_an_agent_refuses_what_cannot_be(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert message in refused(folder, "agent", *arguments)


@needs_broker
def test_two_agents_do_not_send_one_log(folder: Path, broker: Broker) -> None:
    broker.setup()
    first = subprocess.Popen(
        [
            *(sys.executable, "-m", "logmon_tui", "agent", "--to", broker.url),
            *("--state", str(folder), str(folder / "access.log")),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert first.stdout is not None
        first.stdout.readline()
        message = refused(folder, "agent", "--to", broker.url, "--state", ".", "access.log")
        assert "another agent sends this log; stop it, or give --state another folder" in message
    finally:
        first.kill()
        first.communicate()


def test_a_broker_that_is_not_there_is_told(folder: Path) -> None:
    url = f"nats://127.0.0.1:{free_port()}"
    for command in ("setup", "status"):
        assert refused(folder, "fleet", command, "--to", url) == (
            f"{url}: nothing listens there; start the broker, or check host and port"
        )


@needs_broker
def test_the_stream_is_made_and_told(folder: Path, broker: Broker) -> None:
    to = ("--to", broker.url)
    assert refused(folder, "fleet", "status", *to).endswith(
        f"there is no stream LOGMON; make it with: logmon-tui fleet setup --to {broker.url}"
    )
    done = run(folder, "fleet", "setup", *to, "--max-age", "2h", "--max-bytes", "100MB")
    assert done.stdout == f"made stream LOGMON at {broker.url}: 2 h 00 m and 100 MB at most\n"
    done = run(folder, "fleet", "setup", *to, "--max-bytes", "200MB")
    assert done.stdout == f"changed stream LOGMON at {broker.url}: 1 d 00 h and 200 MB at most\n"
    made = broker.ask("STREAM.INFO.LOGMON")["config"]
    assert made["subjects"] == ["logmon.v1.>"]
    assert (made["retention"], made["storage"], made["discard"]) == ("limits", "file", "old")
    assert made["max_age"] == 86_400 * 10**9
    assert made["duplicate_window"] == 120 * 10**9
    assert made["allow_msg_ttl"]
    assert "insufficient storage" in refused(
        folder, "fleet", "setup", *to, "--stream", "OTHER", "--max-bytes", "900TB"
    )
    assert "no host has sent anything yet" in run(folder, "fleet", "status", *to).stdout


@needs_broker
def test_hosts_are_told(folder: Path, broker: Broker) -> None:
    run(folder, "fleet", "setup", "--to", broker.url, "--max-bytes", "100MB")
    agent = subprocess.Popen(
        [
            *(sys.executable, "-m", "logmon_tui", "agent", "--to", broker.url, "--from-start"),
            *("--host", "web1.example.com", "--site", "eu", "access.log"),
        ],
        cwd=folder,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder)},
    )
    try:
        deadline = time.monotonic() + 60
        host: dict[str, object] = {}
        while host.get("sent") != 1:
            done = run(folder, "fleet", "status", "--to", broker.url, "--output", "json")
            host = next(iter(json.loads(done.stdout)["hosts"]), {})
            assert time.monotonic() < deadline, done
        assert (host["host"], host["site"], host["state"]) == ("web1.example.com", "eu", "live")
        assert (host["backlog"], host["lost"], host["logs"]) == (0, 0, ["access.log"])
        table = run(folder, "fleet", "status", "--to", broker.url).stdout.splitlines()
        assert table[1].split()[:3] == ["host", "site", "state"]
        assert table[2].split()[:3] == ["web1.example.com", "eu", "live"]
    finally:
        agent.terminate()
        assert agent.wait(30) == 0
    assert " ended " in run(folder, "fleet", "status", "--to", broker.url).stdout


@needs_broker
def test_the_settings_and_the_environment_name_the_broker(folder: Path, broker: Broker) -> None:
    broker.setup()
    (folder / "logmon-tui").mkdir(exist_ok=True)
    (folder / "logmon-tui" / "config.toml").write_text(f'[fleet]\nto = "{broker.url}"\n')
    assert run(folder, "fleet", "status").stdout.startswith("stream LOGMON: 0 messages")
    url = f"nats://127.0.0.1:{free_port()}"
    assert url in refused(folder, "fleet", "status", LOGMON_FLEET_TO=url)

"""`watch --web` and `record --web`: what browsers and scripts get is what the watch counts."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.watching import wait_until

TOKEN = "a-token-for-tests-0123456789"


class Run:
    """A running command; what it prints goes to files."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self._out, self._errors = folder / "out.txt", folder / "errors.txt"
        with self._out.open("wb") as out, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "logmon_tui", *arguments],
                stdout=out,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "XDG_CONFIG_HOME": str(folder), **environment},
            )

    @property
    def output(self) -> str:
        return self._out.read_text()

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    running: list[Run] = []

    def start(*arguments: str, **environment: str) -> Run:
        running.append(Run(tmp_path, *arguments, **environment))
        return running[-1]

    yield start
    for each in running:
        each.process.kill()
        each.process.wait(60)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found: int = server.getsockname()[1]
        return found


def lines_now(count: int, status: int = 200) -> bytes:
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    return (f'10.0.0.1 - - [{stamp}] "GET /api/user HTTP/1.1" {status} 10\n' * count).encode()


def asked(port: int, path: str, token: str) -> tuple[int, bytes]:
    """Return the status and the body of an answer; 0 while nothing answers."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        client.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = client.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        client.close()


def newest(port: int, question: str = "", token: str = TOKEN) -> Any:
    """Return the document of the first picture that comes; None while none does."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        client.request("GET", f"/events{question}", headers={"Authorization": f"Bearer {token}"})
        answer = client.getresponse()
        if answer.status != 200:
            return None
        event = ""
        for line in answer:
            name, _, value = line.decode().strip().partition(": ")
            event = value if name == "event" else event
            if name == "data" and event == "picture":
                return json.loads(value)
    except OSError:
        return None
    finally:
        client.close()


def hits(port: int, question: str = "", token: str = TOKEN) -> int | None:
    found = newest(port, question, token)
    return None if found is None else found["snapshot"]["hits"]


def test_a_watch_prints_a_new_token_once_and_serves_whoever_knows_it(
    run: Callable[..., Run], tmp_path: Path, port: int
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines_now(30) + lines_now(12, 503))
    watch = run(str(log), f"--web={port}", "--output=json", "--no-state", "--stats-interval=60")
    told = rf"logmon-tui: the page is at http://127\.0\.0\.1:{port}/#token=([A-Za-z0-9_-]{{22}})\n"
    wait_until(lambda: re.fullmatch(told, watch.errors) is not None, lambda: watch.errors)
    found = re.fullmatch(told, watch.errors)
    assert found is not None
    token = found[1]
    wait_until(lambda: hits(port, "?window=600", token) == 42)
    assert hits(port, "?window=600&where=status:5xx", token) == 12
    assert asked(port, "/", "")[0] == 200
    assert asked(port, "/metrics", "x" * 43)[0] == 401
    assert b"logmon_hits_total 42.0" in asked(port, "/metrics", token)[1]
    assert token not in watch.output
    assert watch.end() == 0
    assert re.fullmatch(told, watch.errors)
    assert asked(port, "/", "")[0] == 0


def test_another_run_has_another_token(run: Callable[..., Run], port: int, tmp_path: Path) -> None:
    tokens = set()
    for _ in range(2):
        log = tmp_path / "access.log"
        log.write_bytes(lines_now(1))
        watch = run(str(log), f"--web={port}", "--output=json", "--no-state")
        wait_until(lambda: watch.errors.endswith("\n"))  # noqa: B023 - called at once
        tokens.add(watch.errors.partition("#token=")[2])
        watch.end()
    assert len(tokens) == 2


def test_a_recording_serves_the_past_and_goes_on_after_a_restart(
    run: Callable[..., Run], tmp_path: Path, port: int
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines_now(7))
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o600)
    arguments = ("record", str(log), f"--web={port}", f"--web-token-file={secret}")
    arguments += (f"--state={tmp_path / 'state'}",)
    now = int(time.time()) // 60 * 60 + 59
    for _ in range(2):
        recording = run(*arguments)
        wait_until(lambda: hits(port, f"?end={now}&window=60") == 7)
        assert recording.errors == f"logmon-tui: the page is at http://127.0.0.1:{port}/\n"
        assert recording.end() == 0


def test_a_demo_is_served_too(run: Callable[..., Run], port: int) -> None:
    run("--demo", f"--web={port}", "--output=text", LOGMON_WEB_TOKEN=TOKEN)
    wait_until(lambda: (hits(port, "?window=600") or 0) > 0)


REFUSED = {
    "a port in use": (["--web=PORT"], "--web 127.0.0.1:PORT: address already in use"),
    "no address": (["--web=a:0"], "--web: 'a:0' is no address"),
    "other machines": (["--web=0.0.0.0:FREE"], "without TLS others could read figures and token"),
    "other machines by IPv6": (["--web=[::]:PORT"], "without TLS others could read"),
    "a key alone": (["--web=1PORT", "--web-key=k.pem"], "--web-key is the key of"),
    "no certificate": (["--web=1PORT", "--web-certificate=no.pem"], "No such file"),
    "no token": (["--web=1PORT", "--web-token-file=no.token"], "No such file"),
    "a path": (["--web=1PORT", "--web-url=https://a.example/logs"], "is no address for browsers"),
    "no scheme": (["--web=1PORT", "--web-url=a.example"], "is no address for browsers"),
    "another scheme": (["--web=1PORT", "--web-url=ftp://a.example"], "is no address for"),
    "a user": (["--web=1PORT", "--web-url=https://u@a.example"], "is no address for browsers"),
    "nothing to control": (["--web-control"], "--web-control needs --web"),
    "nothing to encrypt": (["--web-certificate=no.pem"], "--web-certificate needs --web"),
}


@pytest.mark.parametrize(("options", "told"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("command", ["watch", "record"])
def test_what_cannot_be_served_is_refused_in_one_line(
    tmp_path: Path, command: str, options: list[str], told: str
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines_now(1))
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = str(free.getsockname()[1])
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        options = [each.replace("1PORT", "127.0.0.1:PORT") for each in options]
        options = [each.replace("PORT", port).replace("FREE", other) for each in options]
        ended = subprocess.run(
            [sys.executable, "-m", "logmon_tui", command, *options, str(log)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
            timeout=120,
            cwd=tmp_path,
        )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told.replace("PORT", port) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("token", ["short", "with a blank in it", "ünïcode-and-long-enough"])
def test_a_weak_token_is_refused(tmp_path: Path, token: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "logmon_tui", "--web=8080", "--output=json", "/tmp/x.log"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "LOGMON_WEB_TOKEN": token},
        timeout=120,
    )
    assert ended.returncode == 2
    assert "LOGMON_WEB_TOKEN: a token has 16 ASCII characters or more" in ended.stderr
    assert token not in ended.stderr


def test_without_the_extra_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['starlette'] = None\n"
        "from logmon_tui.cli import main\n"
        f"sys.argv[1:] = ['--web=8080', '--output=json', {str(tmp_path / 'a.log')!r}]\n"
        "sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 2
    assert ended.stderr == (
        "logmon-tui: --web needs starlette and uvicorn, which are missing: "
        "pip install 'logmon-tui[web]'\n"
    )


def test_nothing_of_it_is_imported_unless_asked_for() -> None:
    program = (
        "import sys, logmon_tui.cli.headless, logmon_tui.cli.on_screen\n"
        "print({'starlette', 'uvicorn', 'anyio', 'h11'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout == b"set()\n"

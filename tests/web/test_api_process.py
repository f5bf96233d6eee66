"""The API of a real `watch --output json`: what it answers is what the very process printed."""

import http.client
import json
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, TextIO

import pytest

from tests.watching import DEADLINE, Watch, objects, wait_until
from tests.web.serving import BEARER, TOKEN

SHARED = ("time", "window", "hits", "bytes", "rate", "status", "sections", "hosts", "response_time")
WINDOWS = 3


def line(number: int) -> str:
    """Return a line of this second."""
    stamp = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    status = 503 if number % 4 == 0 else 200
    client, path = f"10.0.0.{number % 3}", f"/{'api' if number % 2 else 'shop'}/{number % 5}"
    return f'{client} - - [{stamp}] "GET {path} HTTP/1.1" {status} {100 + number} "-" "curl/8"\n'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class Api:
    """The API of a process on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port

    def __call__(self, path: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
        client = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            headers = {**BEARER, "Content-Type": "application/json"}
            client.request(method, f"/api/v1{path}", json.dumps(body), headers)
            answer = client.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            client.close()


def hits_of(told: dict[str, object]) -> int:
    return int(str(told["hits"]))


def same_windows(watch: Watch, api: Api) -> int:
    """Return of how many windows with hits the API tells what the process printed.

    On a machine that is very busy a hit may be read so late that it was printed with the window
    after its own; the windows of such hits differ.
    """
    same = 0
    for told in filter(hits_of, objects(watch.output)):
        status, found = api(f"/query?end={told['time']}&window={told['window']}")
        assert status == 200, found
        same += {key: found[key] for key in SHARED} == {key: told[key] for key in SHARED}
    return same


def write_until(file: TextIO, done: Callable[[], bool]) -> int:
    """Write lines, ten a second, until it is `done`; return how many."""
    deadline = time.monotonic() + DEADLINE
    for number in count(1):
        file.write(line(number))
        time.sleep(0.1)
        if number % 20 == 0 and done():
            return number
        assert time.monotonic() < deadline
    return 0


def test_the_api_answers_what_the_process_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGMON_WEB_TOKEN", TOKEN)
    log, port = tmp_path / "access.log", free_port()
    log.touch()
    options = ["--output", "json", "--stats-interval", "2", "--threshold", "0.01", "--web-control"]
    options += ["--web", str(port), "--state", str(tmp_path / "state")]
    watch = Watch(str(log), tmp_path, *options)
    api = Api(port)
    try:
        with log.open("a", buffering=1) as file:
            written = write_until(file, lambda: same_windows(watch, api) >= WINDOWS)
        watch.wait_for(lambda output: sum(map(hits_of, objects(output))) == written)
        assert api("/query?window=600")[1]["hits"] == written

        wait_until(lambda: api("/incidents")[1]["found"] > 0)
        known = api("/incidents")[1]["incidents"][0]["id"]
        status, found = api(f"/incidents/{known}/acknowledgement", "PUT")
        assert (status, found["acknowledged_at"] is None) == (200, False)
        assert api("/marks", "POST", {"text": "api 4.12"})[0] == 201
        wait_until(lambda: api("/marks")[1]["found"] == 1)
        code, error = watch.end(signal.SIGTERM)
    finally:
        watch.kill()
    assert code == 0
    assert TOKEN not in error

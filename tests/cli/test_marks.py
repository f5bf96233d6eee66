"""Marks in a running watch: by the command, by hand and by HTTP; kept from run to run."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_metrics_listen import lines_now, port, scraped
from tests.watching import Watch, objects, wait_until

__all__ = ["port"]  # a fixture
TOKEN = "0123456789abcdef-of-the-tests"


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    running: list[Watch] = []

    def start(log: Path, *options: str) -> Watch:
        options = ("--output=json", "--stats-interval=1", "--threshold=2", *options)
        state = f"--state={tmp_path / 'state.sqlite'}"
        running.append(Watch(str(log), tmp_path, "--alert-window=5", state, *options))
        return running[-1]

    yield start
    for each in running:
        each.kill()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_bytes(lines_now(5))
    return path


def mark(*arguments: str) -> None:
    command = [sys.executable, "-m", "logmon_tui", "mark", *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def told(output: str, key: str) -> list[dict[str, Any]]:
    """Return what the lines of JSON have under a key."""
    return [each for line in objects(output) for each in line.get(key, [])]  # type: ignore[attr-defined]


def texts(output: str) -> list[str]:
    return [each["text"] for each in told(output, "marks")]


def has_a_window(output: str) -> bool:
    """Tell whether a line has a window: from then on, new marks are listed whenever they are."""
    return any(line["time"] for line in objects(output))


def append(path: Path, content: bytes) -> None:
    with path.open("ab") as opened:
        opened.write(content)


def test_a_watch_says_what_was_marked_and_what_fired_after_it(
    watch: Callable[..., Watch], log: Path, tmp_path: Path
) -> None:
    file, state = tmp_path / "state.sqlite.marks", f"--state={tmp_path / 'state.sqlite'}"
    running = watch(log)
    running.wait_for(has_a_window)
    mark("api 4.12", state, str(log))
    running.wait_for(lambda output: texts(output) == ["api 4.12"])
    file.write_text(f"{file.read_text()}no mark\n")  # by hand, and wrong
    append(file, f"{time.strftime('%FT%TZ', time.gmtime())} web 7\n".encode())
    running.wait_for(lambda output: texts(output) == ["api 4.12", "web 7"])
    append(log, lines_now(100))
    running.wait_for(lambda output: bool(told(output, "alerts")))
    first = told(running.output, "alerts")[0]
    assert first["mark"]["text"] == "web 7"
    assert 0 <= first["mark"]["seconds"] < 120
    file.unlink()
    _, error = running.end(signal.SIGTERM)
    assert "line 2 is no mark such as" in error

    # The next run, without the file, says the same of it; so does the list of alerts.
    again = watch(log)
    again.wait_for(
        lambda output: any(
            not each["message"] or each["recovered_at"] for each in told(output, "alerts")
        )
    )
    recovered = [each for each in told(again.output, "alerts") if each["id"] == first["id"]]
    assert recovered[0]["mark"] == first["mark"]
    command = [sys.executable, "-m", "logmon_tui", "alerts", state]
    for options, wanted in (
        (["--output", "json"], '"text": "web 7"'),
        (["--id", first["id"]], "after mark web 7, at "),
        (["--output", "csv"], ",web 7,"),
    ):
        done = subprocess.run(
            [*command, *options], check=True, capture_output=True, text=True, timeout=60
        )
        assert wanted in done.stdout


def test_marks_by_http_are_lines_of_the_same_file(
    watch: Callable[..., Watch],
    log: Path,
    tmp_path: Path,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOGMON_MARKS_TOKEN", TOKEN)
    file = tmp_path / "deploys.txt"
    running = watch(log, f"--metrics-listen=127.0.0.1:{port}", f"--marks={file}")
    wait_until(lambda: bool(scraped(port)))
    running.wait_for(has_a_window)

    def post(body: bytes, token: str = TOKEN, kind: str = "application/json") -> int:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/marks", body, headers)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    second = int(time.time()) - 7
    at = time.strftime("%FT%TZ", time.gmtime(second))
    assert post(json.dumps({"text": "api 4.12", "at": at}).encode()) == 201
    assert post(b"x", token="wrong" * 9) == 401
    assert file.read_text() == f"{at} api 4.12\n"
    assert file.stat().st_mode & 0o777 == 0o600
    running.wait_for(lambda output: texts(output) == ["api 4.12"])
    wait_until(lambda: scraped(port).get(("logmon_last_mark_timestamp_seconds",)) == second)
    file.unlink()
    file.symlink_to("/dev/null")
    assert post(b"web 7", kind="text/plain") == 500
    code, error = running.end(signal.SIGTERM)
    assert code == 0
    assert "LOGMON_MARKS_TOKEN" not in error
    assert TOKEN not in error + running.output

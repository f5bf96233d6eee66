"""A real nginx that writes its log in blocks: a watch tells what a report of the log tells."""

import http.client
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.servers import NGINX, nginx
from tests.watching import Watch, objects, of_kind, wait_until

pytestmark = pytest.mark.slow

needs_nginx = pytest.mark.skipif(not NGINX, reason="nginx is not installed")

LIMITS = ("--threshold", "12", "--alert-window", "4", "--ddos-threshold", "1e9")
TRICKLE, BURST = 5, 40
"""Requests a second, below and above the limit."""


def ask(address: str, rate: int, seconds: float) -> None:
    """Ask for pages, so many a second."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    try:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            connection.request("GET", "/")
            connection.getresponse().read()
            time.sleep(1 / rate)
    finally:
        connection.close()


def reported(log: Path) -> list[dict[str, object]]:
    command = [sys.executable, "-m", "logmon_tui", "report", "--output", "json", *LIMITS, str(log)]
    done = subprocess.run(command, check=True, capture_output=True)
    found: list[dict[str, object]] = json.loads(done.stdout)["alerts"]
    return found


def told(output: str) -> dict[object, dict[str, object]]:
    """Return each incident by its id, as the last line that tells of it has it."""
    alerts = [line["alert"] for line in of_kind("alert", output)]
    return {alert["id"]: alert for alert in alerts if isinstance(alert, dict)}


def times(alert: dict[str, object]) -> tuple[object, ...]:
    return alert["rule"], alert["triggered_at"], alert["recovered_at"]


@needs_nginx
def test_a_watch_of_a_log_flushed_every_3_s_tells_what_its_report_tells(tmp_path: Path) -> None:
    log = tmp_path / "buffered.log"
    buffered = f"access_log {log} combined buffer=64k flush=3s;"
    with nginx(tmp_path, buffered) as address:
        wait_until(log.exists)
        running = Watch(str(log), tmp_path, "--output", "json", "--stats-interval", "1", *LIMITS)
        try:
            running.wait_for(lambda output: bool(objects(output)))
            for _ in range(3):
                ask(address, TRICKLE, 7.3)
                ask(address, BURST, 5.1)
            ask(address, TRICKLE, 12)
            wait_until(lambda: _written(log) == _written(tmp_path / "access.log"))
            running.wait_for(lambda output: objects(output)[-1]["total_hits"] == _written(log))
            true = reported(log)
            running.wait_for(lambda output: len(told(output)) >= len(true))
            running.wait_for(
                lambda output: all(each["recovered_at"] for each in told(output).values())
            )
            code, error = running.end(signal.SIGINT)
        finally:
            running.kill()
    assert (code, error) == (0, "")
    assert len(true) >= 3
    assert [*map(times, told(running.output).values())] == [*map(times, true)]
    ingest = objects(running.output)[-1]["ingest"]
    assert isinstance(ingest, dict)
    assert 1 <= ingest["evaluation_delay"] <= 6
    assert ingest["late_for_alerts"] == 0


def _written(log: Path) -> int:
    return log.read_bytes().count(b"\n")

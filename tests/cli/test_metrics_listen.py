"""`watch --metrics-listen`: what Prometheus reads is what the watch counts."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from logmon_tui.config.settings import Settings
from logmon_tui.formats.format_selector import FormatSelector
from logmon_tui.pipeline.thread import PipelineThread
from logmon_tui.snapshot import Snapshot
from tests.watching import Watch, wait_until


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    running: list[Watch] = []

    def start(log: Path, *options: str) -> Watch:
        running.append(Watch(str(log), tmp_path, *options))
        return running[-1]

    yield start
    for each in running:
        each.kill()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found: int = server.getsockname()[1]
        return found


def lines_now(count: int, status: int = 200) -> bytes:
    stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
    return (f'10.0.0.1 - - [{stamp}] "GET /api/user HTTP/1.1" {status} 10\n' * count).encode()


def scraped(port: int) -> dict[tuple[str, ...], float]:
    """Return samples by name and values of labels; none while nothing answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            page = answer.read().decode()
    except OSError:
        return {}
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_a_running_watch_tells_its_totals_and_goes_on_with_them_after_a_restart(
    watch: Callable[..., Watch], tmp_path: Path, port: int
) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines_now(30) + lines_now(5, 503) + b"no hit\n")
    options = (
        f"--metrics-listen=127.0.0.1:{port}",
        "--output=json",
        "--stats-interval=1",
        f"--state={tmp_path / 'state'}",
    )
    running = watch(log, *options)
    wait_until(lambda: scraped(port).get(("logmon_hits_total",)) == 35)
    found = scraped(port)
    assert found["logmon_hits_by_status_total", "2xx", "200"] == 30
    assert found["logmon_hits_by_status_total", "5xx", "503"] == 5
    assert found["logmon_unparsed_lines_total",] == 1
    assert found["logmon_response_bytes_total",] == 350
    assert found["logmon_source_state", str(log), "live"] == 1
    running.process.terminate()
    running.process.wait(30)
    assert json.loads(running.output.splitlines()[-1])["total_hits"] == 35
    assert scraped(port) == {}
    with log.open("ab") as file:
        file.write(lines_now(1, 503))
    watch(log, *options)
    wait_until(lambda: scraped(port).get(("logmon_hits_total",)) == 36)
    found = scraped(port)
    assert found["logmon_hits_by_status_total", "5xx", "503"] == 6
    assert found["logmon_unparsed_lines_total",] == 1


def run(log: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "logmon_tui", "watch", "--output=json", *options, str(log)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=60,
    )


def test_a_port_in_use_ends_it_at_once_with_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ended = run(tmp_path / "access.log", LOGMON_METRICS_LISTEN=f"{port}")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"logmon-tui: --metrics-listen 127.0.0.1:{port}: address already in use;"
        " name another address\n"
    )


@pytest.mark.parametrize("given", ["option", "environment", "file"])
def test_an_address_that_is_none_is_refused_wherever_it_stands(tmp_path: Path, given: str) -> None:
    log, settings = tmp_path / "access.log", tmp_path / "settings.toml"
    settings.write_text('metrics-listen = "a:0"\n')
    ended = {
        "option": lambda: run(log, "--metrics-listen=a:0"),
        "environment": lambda: run(log, LOGMON_METRICS_LISTEN="a:0"),
        "file": lambda: run(log, f"--config={settings}"),
    }[given]()
    where = {
        "option": "--metrics-listen",
        "environment": "LOGMON_METRICS_LISTEN in the environment",
        "file": f"{settings}:1: metrics_listen",
    }[given]
    assert ended.returncode == 2
    assert ended.stderr.startswith(
        f"logmon-tui: {where}: 'a:0' is no address such as 127.0.0.1:9100; the port is 1 to 65535"
    )
    assert len(ended.stderr.splitlines()) == 1


def test_nothing_listens_unless_asked_for(watch: Callable[..., Watch], tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines_now(1))
    running = watch(log, "--output=json", "--stats-interval=1")
    running.wait_for(lambda output: '"total_hits": 1' in output)
    assert not listening(running.process.pid)


def test_the_library_is_imported_only_when_asked_for() -> None:
    program = "import logmon_tui.cli.headless, sys; print('prometheus_client' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout == b"False\n"


def test_the_screen_and_prometheus_get_the_same_pictures(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(lines_now(3))
    exported: list[Snapshot] = []
    shown: list[Snapshot] = []
    engine = PipelineThread([str(log)], Settings(), FormatSelector(), export=exported.append)
    engine.start(shown.append)
    wait_until(lambda: any(picture.ingest.hits == 3 for picture in shown))
    engine.stop()
    assert [*map(id, exported)] == [*map(id, shown)]


def listening(process: int) -> set[str]:
    """Return the inodes of the TCP sockets at which a process listens."""
    sockets = set()
    for table in ("tcp", "tcp6"):
        rows = Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]
        sockets |= {row.split()[9] for row in rows if row.split()[3] == "0A"}
    owned = set()
    for each in Path(f"/proc/{process}/fd").iterdir():
        try:
            owned.add(str(each.readlink()))
        except OSError:  # closed meanwhile
            continue
    return {inode for inode in sockets if f"socket:[{inode}]" in owned}

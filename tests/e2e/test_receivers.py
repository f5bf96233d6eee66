"""Real senders: nginx by syslog, rsyslog by counted TCP, curl by HTTP; `watch` counts each line."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.e2e.servers import CURL, NGINX, RSYSLOG, nginx
from tests.sources.receivers.lines import LINE, free_port
from tests.sources.receivers.posting import post
from tests.watching import Watch, objects

pytestmark = pytest.mark.slow

OPTIONS = ("--output", "json", "--stats-interval", "1", "--top", "0")


@contextmanager
def watching(log: str, folder: Path) -> Iterator[Watch]:
    """Run a watch of an address; it must end well."""
    running = Watch(log, folder, *OPTIONS)
    try:
        running.wait_for(lambda output: bool(objects(output)))
        yield running
        assert running.end(signal.SIGINT) == (0, "")
    finally:
        running.kill()


def hits(running: Watch) -> int:
    last = objects(running.output)[-1]
    assert last["total_unparsed"] == 0, last
    return int(str(last["total_hits"]))


def wait_for_hits(running: Watch, count: int) -> None:
    running.wait_for(lambda _output: hits(running) >= count)
    assert hits(running) == count


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_nginx_by_syslog(tmp_path: Path) -> None:
    port = free_port()
    to = f"syslog:server=127.0.0.1:{port}"
    logging = f"access_log {to},tag=web combined; access_log {to},nohostname combined;"
    with watching(f"syslog+udp://127.0.0.1:{port}", tmp_path) as running:
        with nginx(tmp_path, logging) as address:
            for number in range(300):  # at full speed nginx itself leaves messages out
                urlopen(f"{address}/api/{number}").close()
        assert (tmp_path / "access.log").read_bytes().count(b"\n") == 300
        wait_for_hits(running, 600)


RSYSLOG_CONFIGURATION = """
module(load="imfile" PollingInterval="1")
global(workDirectory="{folder}" localHostname="web1.example.com")
input(type="imfile" File="{log}" Tag="nginx:")
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" {options}
       action.resumeRetryCount="-1" action.resumeInterval="1")
"""


@pytest.mark.skipif(not RSYSLOG, reason="rsyslogd is not installed")
@pytest.mark.parametrize(
    "options",
    [
        'TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"',
        'TCP_Framing="octet-counted" template="RSYSLOG_ForwardFormat"',
        'TCP_Framing="traditional" template="RSYSLOG_TraditionalForwardFormat"',
    ],
)
def test_rsyslog_by_tcp(tmp_path: Path, options: str) -> None:
    port = free_port()
    log, settings = tmp_path / "access.log", tmp_path / "rsyslog.conf"
    log.write_bytes((LINE + b"\n") * 500)
    settings.write_text(
        RSYSLOG_CONFIGURATION.format(folder=tmp_path, log=log, port=port, options=options)
    )
    command = [str(RSYSLOG), "-n", "-f", str(settings), "-i", str(tmp_path / "rsyslog.pid")]
    with watching(f"syslog+tcp://127.0.0.1:{port}", tmp_path) as running:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_hits(running, 500)
            with log.open("ab") as more:
                more.write((LINE + b"\n") * 500)
            wait_for_hits(running, 1_000)
        finally:
            server.terminate()
            server.wait()


@pytest.mark.skipif(not CURL, reason="curl is not installed")
def test_curl(tmp_path: Path) -> None:
    port = free_port()
    body = tmp_path / "access.log"
    body.write_bytes((LINE + b"\n") * 30_000)
    subprocess.run([str(shutil.which("gzip")), "-k", str(body)], check=True)
    curl = [str(CURL), "--silent", "--show-error", "--fail-with-body", "-o", f"{tmp_path}/answer"]
    to = f"http://127.0.0.1:{port}/lines?server=web1&site=eu"
    ways = (
        ["--data-binary", f"@{body}"],  # asks first, as it is large
        ["--data-binary", f"@{body}.gz", "-H", "Content-Encoding: gzip"],
        ["-X", "POST", "-T", str(body), "-H", "Transfer-Encoding: chunked"],
    )
    with watching(f"http://127.0.0.1:{port}", tmp_path) as running:
        for number, way in enumerate(ways, 1):
            subprocess.run([*curl, *way, to], check=True)
            wait_for_hits(running, number * 30_000)
        refused = subprocess.run([*curl, "-d", "x", f"{to}&server=a/b"], check=False)
        assert refused.returncode == 22
        assert "letters, digits" in (tmp_path / "answer").read_text()


def test_servers_with_other_formats_are_told_apart(tmp_path: Path) -> None:
    port = free_port()
    record = {"time": "2026-11-29T18:00:00Z", "method": "GET", "path": "/api", "status": 500}
    lines = {"web1": LINE, "web2": json.dumps(record).encode(), "web3": b"www.example.org " + LINE}
    only = ("--where", "server:eu/web2 site:eu")
    running = Watch(f"http://127.0.0.1:{port}", tmp_path, *OPTIONS, *only)
    try:
        running.wait_for(lambda output: bool(objects(output)))
        for number in range(1, 4):  # in turns, and several to a chunk
            for server, line in lines.items():
                body = (line + b"\n") * 100
                assert post(port, body, f"/lines?server={server}&site=eu").status == 204
            wait_for_hits(running, number * 300)
        assert running.end(signal.SIGINT) == (0, "")
    finally:
        running.kill()
    shown = [each for each in objects(running.output) if each["hits"]]
    assert sum(int(str(each["hits"])) for each in shown) == 300
    assert {status for each in shown for status in dict(each["status"])} == {"500"}


@pytest.mark.skipif(not CURL, reason="curl is not installed")
def test_opentelemetry_by_curl(tmp_path: Path) -> None:
    port = free_port()
    values = {"http.request.method": "GET", "url.path": "/api", "client.address": "203.0.113.5"}
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]
    attributes += [{"key": "http.response.status_code", "value": {"intValue": "200"}}]
    record = {"timeUnixNano": "1795975200000000000", "attributes": attributes}
    sent = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record] * 100}]}]}
    body = tmp_path / "logs.json"
    body.write_text(json.dumps(sent))
    command = [str(CURL), "--silent", "--fail", "--data-binary", f"@{body}"]
    command += ["-H", "Content-Type: application/json", f"http://127.0.0.1:{port}/v1/logs"]
    with watching(f"http://127.0.0.1:{port}", tmp_path) as running:
        assert subprocess.run(command, check=True, capture_output=True).stdout == b"{}"
        wait_for_hits(running, 100)

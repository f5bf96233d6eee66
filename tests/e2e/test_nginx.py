"""The main job on real input: nginx under load writes its log, `watch` and `report` read it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.servers import CURL, GOACCESS, NGINX, SECTIONS, WRK, nginx, wrk
from tests.watching import Watch, objects, wait_until

pytestmark = pytest.mark.slow

REAL_LOGS = os.environ.get("LOGMON_REAL_LOGS")

needs_servers = pytest.mark.skipif(not (NGINX and WRK), reason="nginx or wrk is not installed")
needs_goaccess = pytest.mark.skipif(not GOACCESS, reason="goaccess is not installed")


@needs_servers
def test_watch_counts_each_line_and_the_alert_fires_and_recovers(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    options = ("--output", "json", "--stats-interval", "1", "--top", "0")
    limits = ("--threshold", "50", "--alert-window", "3", "--ddos-threshold", "1e9")
    with nginx(tmp_path) as address:
        running = Watch(str(log), tmp_path, *options, *limits)
        try:
            running.wait_for(lambda output: bool(objects(output)))
            wrk(address, tmp_path, seconds=4)
            written = log.read_bytes().count(b"\n")
            running.wait_for(lambda output: objects(output)[-1]["total_hits"] == written)
            running.wait_for(lambda output: "High traffic recovered - hits = " in output)
            code, error = running.end(signal.SIGINT)
        finally:
            running.kill()
    assert (code, error) == (0, "")
    lines = objects(running.output)
    assert (lines[-1]["total_hits"], lines[-1]["total_unparsed"]) == (written, 0)
    assert {row["section"] for line in lines for row in line["sections"]} == set(SECTIONS)
    assert sum(line["hits"] for line in lines) == written
    alerts = [alert for line in lines for alert in line["alerts"]]
    assert [alert["rule"] for alert in alerts] == ["traffic", "traffic"]
    assert alerts[0]["id"] == alerts[1]["id"]
    fired = r"High traffic generated an alert - hits = \d+, triggered at \d{4}-\d\d-\d\dT[\d:]+Z"
    assert re.fullmatch(fired, alerts[0]["message"])


HIDING = (
    ("--user", "x -:"),
    ("--user", "a [b:"),
    ("--user", "[22/Nov/2026:08:26:39 +0000] :"),
    ("--header", "X-Forwarded-For: a=b"),
    ("--header", 'X-Forwarded-For: 1.1.1.1" 200 5 "'),
    ("--user-agent", 'x" "y'),
    ("--referer", "\\"),
    ("--header", "Host: a=b,c"),
)
"""Options of curl by which a client might make lines that fit no format."""


@pytest.mark.skipif(not (NGINX and CURL), reason="nginx or curl is not installed")
@pytest.mark.parametrize("behind", ["", ' "$http_x_forwarded_for"', ' "$host"'])
def test_no_client_of_nginx_hides_its_requests(tmp_path: Path, behind: str) -> None:
    log = tmp_path / "main.log"
    usual = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent'
    usual += f' "$http_referer" "$http_user_agent"{behind}'
    with nginx(tmp_path, f"log_format main '{usual}'; access_log {log} main;") as address:
        plain = [["--next", "--silent", f"{address}/api"]] * 20
        hiding = [["--next", "--silent", *option, f"{address}/hiding"] for option in HIDING]
        asked = [word for each in (*plain, *hiding) for word in each][1:]
        subprocess.run([str(CURL), *asked], check=True, stdout=subprocess.DEVNULL)
        wait_until(lambda: log.read_bytes().count(b"\n") == len(plain) + len(hiding))
    found = report(log)
    assert (found["hits"], found["unparsed"]) == (len(plain) + len(hiding), 0)
    sections = {row["section"]: row["hits"] for row in found["sections"]}
    assert sections == {"/api": len(plain), "/hiding": len(hiding)}


@needs_servers
@needs_goaccess
def test_report_equals_what_goaccess_counts_of_nginx(tmp_path: Path) -> None:
    with nginx(tmp_path) as address:
        wrk(address, tmp_path, seconds=1)
    assert_equal_counts(tmp_path / "access.log")


@needs_goaccess
@pytest.mark.skipif(not REAL_LOGS, reason="LOGMON_REAL_LOGS names no folder of real logs")
def test_report_equals_what_goaccess_counts_of_a_real_log() -> None:
    assert_equal_counts(Path(REAL_LOGS or "", "apache_combined_10k.log"))


def assert_equal_counts(log: Path) -> None:
    """Compare with GoAccess, and with the plain splitting of each line."""
    ours = report(log)
    theirs = goaccess(log)
    assert ours["hits"] == theirs["general"]["valid_requests"]
    assert ours["bytes"] == theirs["general"]["bandwidth"]
    codes = [item for group in theirs["status_codes"]["data"] for item in group["items"]]
    assert ours["status"] == {item["data"][:3]: item["hits"]["count"] for item in codes}
    fields = [line.split(b'"') for line in log.read_bytes().splitlines()]
    assert ours["status"] == Counter(parts[2].split()[0].decode() for parts in fields)
    hosts = Counter(parts[0].split()[0].decode() for parts in fields)
    assert ours["unique_hosts"] == len(hosts)
    top = [(row["host"], row["hits"]) for row in ours["hosts"][:10]]
    assert top == sorted(hosts.items(), key=lambda row: (-row[1], row[0]))[:10]
    their_hosts = {row["data"]: row["hits"]["count"] for row in theirs["hosts"]["data"]}
    assert all(their_hosts[host] == hits for host, hits in top)


def report(log: Path) -> dict:
    command = [sys.executable, "-m", "logmon_tui", "report", "--output", "json", "--top", "0"]
    done = subprocess.run([*command, str(log)], capture_output=True, check=True)
    return json.loads(done.stdout)


def goaccess(log: Path) -> dict:
    """Return GoAccess's JSON, with static files counted like others."""
    command = [str(GOACCESS), str(log), "--log-format=COMBINED", "--no-global-config", "-o", "json"]
    done = subprocess.run(command, capture_output=True, check=True)
    return json.loads(done.stdout)

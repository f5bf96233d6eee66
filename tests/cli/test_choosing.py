"""Which format each log gets: from --format, --nginx-conf, and the tables of the settings file."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.servers import NGINX, nginx
from tests.watching import Watch, objects

TIME = "22/Nov/2026:08:26:40 +0000"
COMMON = f'10.0.0.1 - - [{TIME}] "GET /pages HTTP/1.1" 200 5\n'
OWN = f"{TIME}|GET|/api/users|404|0.250\n"
LINES = '{"ts": "2026-11-22T08:26:40Z", "req": {"m": "GET", "u": "/shop/1"}, "st": 503}\n'
OWN_FORMAT = "$time_local|$request_method|$request_uri|$status|$request_time"
SETTINGS = f"""
[formats.own]
format = "{OWN_FORMAT}"

[formats.lines]
type = "json"
time = "ts"
method = "req.m"
target = "req.u"
status = "st"
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logmon_tui", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def sections(folder: Path, *arguments: str) -> dict[str, int]:
    done = run(folder, "report", "--output", "json", *arguments)
    found = {row["section"]: row["hits"] for row in json.loads(done.stdout)["sections"]}
    assert done.returncode == (0 if found else 2), done.stderr
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, line in (("common.log", COMMON), ("own.log", OWN), ("lines.json", LINES)):
        (tmp_path / name).write_text(line * 3)
    (tmp_path / "settings.toml").write_text(SETTINGS)
    return tmp_path


def test_an_own_format_is_named_and_recognised(folder: Path) -> None:
    logs = ("common.log", "own.log", "lines.json")
    config = ("--config", "settings.toml")
    assert sections(folder, "own.log") == {}
    assert sections(folder, "--format", OWN_FORMAT, "own.log") == {"/api": 3}
    assert sections(folder, *config, "--format", "own", *logs) == {"/api": 3}
    assert sections(folder, *config, *logs) == {"/api": 3, "/pages": 3, "/shop": 3}


def test_a_log_of_the_settings_file_has_its_format_unless_an_option_says_otherwise(
    folder: Path,
) -> None:
    tables = f'[logs."{folder}/*.log"]\nformat = "own"\n[logs."common.log"]\nformat = "common"\n'
    (folder / "settings.toml").write_text(SETTINGS + tables)
    config = ("--config", "settings.toml")
    assert sections(folder, *config, "common.log", "own.log") == {"/api": 3}
    (folder / "settings.toml").write_text('format = "common"\n' + SETTINGS + tables)
    assert sections(folder, *config, "own.log", "lines.json") == {"/api": 3}
    assert sections(folder, *config, "--format", "common", "common.log", "own.log") == {"/pages": 3}


CONF = f"""
http {{
  log_format own '{OWN_FORMAT}';
  log_format bad '$status';
  server {{ access_log logs/own.log own; access_log logs/plain.log; }}
  server {{ access_log logs/$host.site.log own; access_log logs/z.log.gz own gzip; }}
}}
"""


@pytest.fixture
def server(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    (tmp_path / "nginx.conf").write_text(CONF)
    (logs / "own.log").write_text(OWN)
    (logs / "plain.log").write_text(COMMON.replace("\n", ' "-" "curl"\n') * 2)
    (logs / "a.site.log").write_text(OWN.replace("/api", "/a"))
    (logs / "b.site.log").write_text(OWN.replace("/api", "/b"))
    (logs / "z.log.gz").write_text("")
    (logs / "other.log").write_text(COMMON)
    return tmp_path


def test_nginx_names_the_logs_and_their_formats(server: Path) -> None:
    conf = ("--nginx-conf", "nginx.conf")
    assert sections(server, *conf) == {"/api": 1, "/pages": 2, "/a": 1, "/b": 1}
    assert sections(server, *conf, "logs/own.log", "logs/other.log") == {"/api": 1, "/pages": 1}
    assert sections(server, *conf, "logs/a.site.log") == {"/a": 1}
    (server / "link.log").symlink_to("logs/own.log")
    (server / "logs" / "c.site.log").symlink_to("c.site.log")
    assert sections(server, *conf, "link.log") == {"/api": 1}
    assert run(server, "report", *conf, "logs/c.site.log").stderr.count("\n") == 1
    (server / "logs" / "c.site.log").unlink()
    told = run(server, "formats", *conf, "logs/own.log").stdout
    assert "own, $time_local|" in told


@pytest.mark.parametrize(
    ("conf", "why"),
    [
        ("http { access_log off; }", "nginx.conf: no access_log that can be read; name a LOG"),
        (CONF.replace("plain.log", "plain.log bad"), "nginx.conf:4: log_format bad: "),
        ("http {\n", "nginx.conf:1: the file ends before"),
    ],
)
def test_a_configuration_that_does_not_help_is_told_in_one_line(
    server: Path, conf: str, why: str
) -> None:
    (server / "nginx.conf").write_text(conf)
    for command in ("report", "watch"):
        done = run(server, command, "--output", "text", "--nginx-conf", "nginx.conf")
        wanted = why if command == "report" else why.replace("can be read", "can be watched")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert wanted in done.stderr


def test_a_bad_configuration_is_no_matter_of_logs_that_it_does_not_name(server: Path) -> None:
    (server / "nginx.conf").write_text(CONF.replace("plain.log", "plain.log bad"))
    assert sections(server, "--nginx-conf", "nginx.conf", "logs/own.log") == {"/api": 1}


def test_hits_without_a_client_host_are_no_noisy_client(folder: Path) -> None:
    (folder / "own.log").write_text(OWN * 2_000)
    done = run(folder, "report", "--output", "json", "--format", OWN_FORMAT, "own.log")
    told = json.loads(done.stdout)
    assert (told["hits"], told["hosts"], told["response_time"]["max"]) == (2_000, [], 0.25)
    assert [alert["rule"] for alert in told["alerts"]] == ["traffic"]


def test_logs_that_nginx_names_are_watched_each_in_its_own_format(server: Path) -> None:
    options = ("--output", "json", "--stats-interval", "1", "--from-start", "--no-state", "--top=0")
    running = Watch(f"--nginx-conf={server}/nginx.conf", server, *options)
    try:
        running.wait_for(lambda output: total_of(output) == 5)
        with (server / "logs" / "own.log").open("a") as log:
            log.write(OWN * 2)
        (server / "logs" / "new.site.log").write_text(OWN)
        running.wait_for(lambda output: total_of(output) == 8)
    finally:
        running.end(signal.SIGTERM)
        running.kill()
    assert objects(running.output)[-1]["total_unparsed"] == 0


def total_of(output: str) -> object:
    lines = objects(output)
    return lines[-1]["total_hits"] if lines else None


@pytest.mark.slow
@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_the_log_of_a_real_nginx_is_read_by_its_own_configuration(tmp_path: Path) -> None:
    """With two formats of our own, one of them JSON, which recognition would not find."""
    from urllib.request import Request, urlopen

    formats = (
        "log_format pipes '$msec|$request_method $request_uri|$status|$body_bytes_sent|"
        "$request_time|$http_user_agent';\n"
        'log_format lines escape=json \'{"when":"$time_iso8601","what":"$request",\'\n'
        '\'"code":$status,"who":{"agent":"$http_user_agent","addr":"$remote_addr"}}\';\n'
        f"access_log {tmp_path}/pipes.log pipes buffer=4k flush=1s;\n"
        f"access_log {tmp_path}/lines.log lines;\n"
    )
    agent = 'An "odd" \\ agent/1.0 é'.encode().decode("latin-1")
    with nginx(tmp_path, formats) as address:
        for path in ("/", "/api/user?id=%22x", "/api/list"):
            with urlopen(Request(address + path, headers={"User-Agent": agent})) as answer:
                answer.read()
    conf = ("--nginx-conf", "nginx.conf")
    for log in ("pipes.log", "lines.log"):
        done = run(tmp_path, "report", "--output", "json", *conf, log)
        told = json.loads(done.stdout)
        assert (told["hits"], told["unparsed"]) == (3, 0), log
        assert {row["section"] for row in told["sections"]} == {"/", "/api"}
        assert told["status"] == {"200": 3}
    whole = json.loads(run(tmp_path, "report", "--output", "json", *conf).stdout)
    assert whole["hits"] == 9  # with the access.log that the configuration names first

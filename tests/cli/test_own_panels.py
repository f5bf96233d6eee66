"""Own panels on the command line: reports, text of a watch, `formats` and `doctor` tell of them."""

import csv
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from tests.watching import Watch

FORMAT = '$remote_addr [$time_iso8601] "$request" $status $upstream_cache_status "$http_x_tenant"'
SETTINGS = """
[panels.cache]
field = "upstream_cache_status"

[panels.tenant]
field = "$http_x_tenant"
title = "Tenants"

[panels.zone]
field = "zone"
"""
VALUES = (("HIT", "acme corp"), ("MISS", "=cmd"), ("HIT", "\x1b[31mred"))
LINES = "".join(
    f'10.0.0.1 [2026-11-22T08:26:40+00:00] "GET /a HTTP/1.1" 200 {cache} "{tenant}"\n'
    for cache, tenant in VALUES
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(SETTINGS)
    (tmp_path / "access.log").write_text(LINES)
    return tmp_path


def run(folder: Path, command: str, *options: str) -> Result:
    given = ("--config", str(folder / "config.toml"), "--format", FORMAT)
    words = [command, *given, *options, str(folder / "access.log")]
    return CliRunner().invoke(cli, words, env={"COLUMNS": "100", "XDG_CONFIG_HOME": "/nonexistent"})


def test_a_report_has_a_table_of_each_panel_that_the_log_has_a_field_for(folder: Path) -> None:
    text = run(folder, "report").output
    assert "Cache" in text
    assert "Tenant" in text
    assert "Zone" not in text
    assert "\x1b" not in text


def test_json_has_the_rows_by_the_panels_names(folder: Path) -> None:
    document = json.loads(run(folder, "report", "--output", "json").output)
    assert document["cache"] == [
        {"cache": "HIT", "hits": 2, "bytes": 0},
        {"cache": "MISS", "hits": 1, "bytes": 0},
    ]
    assert len(document["tenant"]) == 3
    assert "zone" not in document


def test_csv_lets_no_value_be_a_formula(folder: Path) -> None:
    rows = list(csv.reader(run(folder, "report", "--output", "csv").output.splitlines()))
    assert ["cache", "HIT", "2", "0"] in [row[:4] for row in rows]
    assert {row[1] for row in rows if row[0] == "tenant"} == {
        *("acme corp", "'=cmd", r"\x1b[31mred"),
    }


@pytest.mark.parametrize(
    ("where", "hits"),
    [("cache:hit", 2), ("!cache:HIT", 1), ("tenant:acme*", 1), ("zone:-", 3), ("tenant=ACME", 0)],
)
def test_filters_choose_by_own_fields(folder: Path, where: str, hits: int) -> None:
    result = run(folder, "report", "--output", "json", "--where", where)
    assert json.loads(result.output)["hits"] == hits


def test_an_unknown_field_or_panel_is_refused_with_the_likely_one(folder: Path) -> None:
    result = run(folder, "report", "--where", "cach:HIT")
    assert result.exit_code == 2
    assert "did you mean cache?" in result.output
    result = run(folder, "watch", "--show", "traffic,cach")
    assert result.exit_code == 2
    assert "'cach' is no panel; known are traffic," in result.output
    assert "size, cache, tenant, zone" in result.output


def test_formats_and_doctor_name_the_further_fields(folder: Path) -> None:
    names = "upstream_cache_status, http_x_tenant"
    assert f"further fields, for panels of your own: {names}" in run(folder, "formats").output
    told = " ".join(run(folder, "doctor").output.split())
    assert f"further fields for panels of your own: {names}" in told


def test_further_members_of_json_are_named(folder: Path) -> None:
    line = {"time": 1795335960, "method": "GET", "path": "/a", "status": 200}
    more = {"cache": "HIT", "up": {"name": "a", "n": 5}, "a.b": "no name leads here", "list": [1]}
    (folder / "access.log").write_text(json.dumps(line | more) + "\n")
    words = ["formats", str(folder / "access.log")]
    result = CliRunner().invoke(cli, words, env={"XDG_CONFIG_HOME": "/nonexistent"})
    [told] = [each for each in result.output.splitlines() if each.startswith("  further")]
    assert told.endswith(": cache, up.name, up.n, list")


@pytest.fixture
def watch(folder: Path) -> Iterator[Callable[..., Watch]]:
    running: list[Watch] = []

    def start(log: str, *options: str) -> Watch:
        running.append(Watch(log, folder, *options))
        return running[-1]

    yield start
    for each in running:
        each.kill()


def test_the_text_of_a_watch_shows_a_panel_by_name(
    folder: Path, watch: Callable[..., Watch]
) -> None:
    log = folder / "access.log"
    log.write_text("")
    given = ("--config", str(folder / "config.toml"), "--format", FORMAT)
    options = ("--output", "text", "--stats-interval", "1", "--show", "traffic,cache")
    running = watch(str(log), *given, *options)
    running.wait_for(lambda output: "req/s" in output or "no hits" in output or output != "")
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    with log.open("a") as file:
        file.write(LINES.replace("2026-11-22T08:26:40+00:00", stamp))
    running.wait_for(lambda output: "HIT 2 (66.7 %)" in output)

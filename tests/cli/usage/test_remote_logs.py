"""What the command line says of logs on other machines that it cannot use."""

import json
from pathlib import Path

import pytest

from logmon_tui.sources.given import check_distinct
from tests.cli.usage.running import RunCommand, assert_one_line

WEB1 = "web1:/var/log/nginx/access.log"


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["report", WEB1], [f"{WEB1}: is on another machine; pass it on: ssh web1 'cat /var/log"]),
        (["formats", WEB1], [f"{WEB1}: is on another machine"]),
        (["report", "nats://broker"], ["nats://broker: is an address, no file; it can only be"]),
        (["report", "http://127.0.0.1:8080"], ["127.0.0.1:8080: is an address, no file"]),
        (["report", "--compare", WEB1, "-"], [f"{WEB1}: is on another machine"]),
        (["--from-start", "--with-rotated", WEB1], ["--with-rotated is for files of this machine"]),
        (
            ["watch", "--", "-oProxyCommand=id:/x"],
            ["-oProxyCommand=id:/x: a host cannot begin with -"],
        ),
        (["report", "--", "-oX=id:/x"], ["-oX=id:/x: a host cannot begin with -"]),
        (["web{1..3}:/x"], ["web{1..3}:/x: the shell did not expand the braces"]),
        (["web1:/logs/*.log"], ["web1:/logs/*.log: patterns are for files of this machine"]),
        (["web1:/x", "web1:/x"], ["web1:/x: is named twice"]),
        (["nats://b/eu/web1", "nats://b"], ["nats://b/eu/web1: is within nats://b; leave one"]),
        (["nats://b", "tls://B:4222/"], ["tls://B:4222/: is within nats://b; leave one"]),
        (["nats://b/eu", "x.log", "nats://b//eu/"], ["nats://b//eu/: is within nats://b/eu"]),
        (["wat://x"], ["wat://x: is no log that can be watched"]),
    ],
)
def test_one_line_says_what_and_how_to_mend_it(
    run: RunCommand, arguments: list[str], parts: list[str]
) -> None:
    assert_one_line(run(*arguments), *parts)


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ('logs = ["web{1..9999}:/x"]', ["fleet.logs[0]", "more than 1,000 logs"]),
        ('logs = ["-web1:/x"]', ["-web1:/x: a host cannot begin with -"]),
        ("ssh = []", ["fleet.ssh"]),
        ('ssh = "ssh -v"', ["fleet.ssh"]),
    ],
)
def test_settings(run: RunCommand, tmp_path: Path, table: str, parts: list[str]) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f"[fleet]\n{table}\n")
    assert_one_line(run("--config", str(config), "--output", "text"), *parts)


def test_parts_of_a_stream_that_share_nothing_may_be_watched_together() -> None:
    check_distinct(["nats://b/eu/web1", "nats://b/eu/web2", "nats://b/us", "nats://b:4223"])
    check_distinct(["nats://b/eu", "nats://b/eu2", "nats://c", "nats://b:x"])


def test_the_variable_must_be_quoted(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGMON_SSH", "ssh -F 'open")
    assert_one_line(run("--output", "text", "web1:/x"), "LOGMON_SSH: No closing quotation")


def test_config_show_has_the_fleet(
    run: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f"[fleet]\nlogs = {json.dumps([WEB1])}\n")
    monkeypatch.setenv("LOGMON_SSH", "ssh -F 'a b'")
    code, out, _ = run("config", "show", "--config", str(config))
    assert code == 0
    assert WEB1 in out

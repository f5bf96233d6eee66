"""`--geoip`: databases of places on the command line, in the settings, and in `doctor`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from tests.lookups.mmdb import ASNS, COUNTRIES, MADE, write_mmdb

HOSTS = ("192.0.2.1", "192.0.2.200", "198.51.100.1", "2001:db8::1", "host.example")
LOG = "".join(
    f'{host} - - [21/Nov/2026:12:04:31 +0000] "GET / HTTP/1.1" 200 10 "-" "curl/8"\n'
    for host in HOSTS
)


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "access.log"
    path.write_text(LOG)
    return str(path)


@pytest.fixture
def countries(tmp_path: Path) -> str:
    return write_mmdb(tmp_path / "country.mmdb", COUNTRIES)


@pytest.fixture
def asns(tmp_path: Path) -> str:
    return write_mmdb(tmp_path / "asn.mmdb", ASNS)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(cli, arguments, env=environment)


def test_a_report_counts_by_network_country_and_asn(log: str, countries: str, asns: str) -> None:
    done = run("report", "--output", "json", "--geoip", countries, "--geoip", asns, log)
    found = json.loads(done.stdout)
    assert {row["network"]: row["hits"] for row in found["networks"]} == {
        "192.0.2.0/24": 2,
        "198.51.100.0/24": 1,
        "2001:db8::/64": 1,
        "host.example": 1,
    }
    assert [(row["country"], row["hits"]) for row in found["countries"]] == [
        ("DE", 2),
        ("(unknown)", 1),
        ("FR", 1),
        ("US", 1),
    ]
    assert {row["asn"]: row["hits"] for row in found["asns"]} == {
        "(unknown)": 3,
        "AS3320 Deutsche Telekom AG": 1,
        "AS64496": 1,
    }
    csv = run("report", "--output", "csv", "--geoip", countries, "--geoip", asns, log).stdout
    assert "countries,DE,2,20,,,,,,,,\n" in csv
    assert "asns,AS3320 Deutsche Telekom AG,1,10,,,,,,,,\n" in csv
    text = run("report", "--geoip", countries, "--geoip", asns, log).stdout
    assert "Countries" in text
    assert "ASNs" in text


def test_without_a_database_there_are_no_places(log: str) -> None:
    found = json.loads(run("report", "--output", "json", log).stdout)
    assert "networks" in found
    assert "countries" not in found
    assert "asns" not in found


def test_the_settings_file_and_the_environment_name_databases(
    log: str, countries: str, asns: str, tmp_path: Path
) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text(f'geoip = ["{countries}", "{asns}"]\n')
    done = run("report", "--config", str(settings), "--output", "json", log)
    assert {"countries", "asns"} <= set(json.loads(done.stdout))
    done = run("report", "--output", "json", log, LOGMON_GEOIP=f"{countries}:{asns}")
    assert {"countries", "asns"} <= set(json.loads(done.stdout))
    shown = run("config", "show", "--config", str(settings)).stdout
    assert f'geoip = ["{countries}", "{asns}"]' in shown


@pytest.mark.parametrize("command", ["report", "watch"])
@pytest.mark.parametrize("content", [None, "no database\n"])
def test_a_file_that_is_no_database_is_told_in_one_line(
    command: str, content: str | None, log: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.mmdb"
    if content is not None:
        path.write_text(content)
    program = [sys.executable, "-m", "logmon_tui", command, "--geoip", str(path), log]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert f"{path}: " in line
    assert "give a database of countries, cities or ASNs (.mmdb)" in line


def test_doctor_checks_databases_and_their_age(
    log: str, countries: str, asns: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: MADE + 3.5 * 86_400)
    old = write_mmdb(tmp_path / "old.mmdb", COUNTRIES, built=MADE - 90 * 86_400)
    wrong = str(tmp_path / "missing.mmdb")
    names = [option for path in (countries, asns, old, wrong) for option in ("--geoip", path)]
    done = run("doctor", "--output", "json", "--no-state", *names, log)
    found = [each for each in json.loads(done.stdout)["checks"] if each["check"] == "geoip"]
    assert [each["state"] for each in found] == ["ok", "ok", "warning", "failed"]
    assert found[0]["text"] == f"{countries}: countries, Test-Country, 3 days old"
    assert found[1]["text"] == f"{asns}: ASNs, Test-Country, 3 days old"
    assert "93 days old" in found[2]["text"]
    assert found[3]["text"] == f"{wrong}: cannot be read: No such file or directory"
    assert not [
        each
        for each in json.loads(run("doctor", "--output", "json", log).stdout)["checks"]
        if each["check"] == "geoip"
    ]

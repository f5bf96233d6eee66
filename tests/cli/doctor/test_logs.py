"""`logmon-tui doctor` on logs: readable, in a known format, written to."""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.doctor.checked import line_at, lines_of, log_in, run
from tests.sources.receivers.lines import free_port

# Logs


@pytest.mark.parametrize(
    ("content", "sign", "text"),
    [
        ("", "!", "is empty; see whether the server writes it"),
        ("2026/11/22 08:26:40 [error] 7#7: x\n" * 5, "✗", "is an nginx error log, not an access"),
        ("what is this\n" * 5, "✗", "is in no format that is known; logmon-tui formats "),
        (line_at(0) + "what is this\n" * 3, "!", "1 of the first 4 lines are hits; logmon-tui"),
    ],
)
def test_what_is_odd_about_a_log_is_told(home: Path, content: str, sign: str, text: str) -> None:
    log = home / "access.log"
    log.write_text(content)
    result = run(log)
    assert result.exit_code == (1 if sign == "✗" else 0)
    assert any(told.startswith(sign) and text in told for told in lines_of(result)["logs"])


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (3 * 86_400, "! the newest hit of LOG is 3 d 00 h old; see whether the server still"),
        (-7_500, "! the newest hit of LOG is 2 h 0"),
        (60, "✓ the newest hit of LOG is 1 m 0"),
    ],
)
def test_the_age_of_the_newest_hit_is_told(home: Path, age: float, text: str) -> None:
    log = log_in(home, age=age)
    found = lines_of(run(log))["logs"]
    assert any(told.startswith(text.replace("LOG", str(log))) for told in found)


def test_headers_are_no_lines_that_should_be_hits(home: Path) -> None:
    log = home / "iis.log"
    fields = "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n"
    now = datetime.fromtimestamp(time.time() - 100, UTC).strftime("%Y-%m-%d %H:%M:%S")
    log.write_text(f"{fields}{now} 10.0.0.1 GET /x 200\n")
    found = lines_of(run(log))["logs"]
    assert found[1] == f"✓ {log} is w3c, recognised: 1 of the first 1 lines are hits"
    assert found[2].startswith(f"✓ the newest hit of {log} is 1 m 4")


def test_the_newest_hit_is_found_behind_lines_that_are_none(home: Path) -> None:
    log = log_in(home, age=100)
    with log.open("a") as file:
        file.write("no hit\n" * 20)
    assert any("newest hit" in told and "1 m 4" in told for told in lines_of(run(log))["logs"])


def test_rotated_files_patterns_and_compressed_logs_are_told(home: Path) -> None:
    log = log_in(home)
    for name in ("access.log.1", "access.log.2"):
        log_in(home, name)
    subprocess.run(["gzip", str(home / "access.log.2")], check=True)
    found = lines_of(run(log, home / "nothing*.log", home / "access.log.2.gz"))["logs"]
    assert any("2 rotated files" in told and "--with-rotated" in told for told in found)
    assert any("nothing*.log matches no file yet" in told for told in found)
    assert any("access.log.2.gz can be read" in told and "compressed" in told for told in found)


def test_logs_come_from_the_settings_where_none_is_named(home: Path) -> None:
    log = log_in(home, "edge.log")
    settings = home / "settings.toml"
    settings.write_text(f'[logs."{log}"]\nformat = "combined"\n')
    result = run("--config", settings)
    assert result.exit_code == 1
    (told,) = [told for told in lines_of(result)["logs"] if "combined" in told]
    assert told.startswith(f"✗ {log} is combined, as it was chosen: 0 of the first 3 lines are h")


def test_a_format_that_is_none_is_told(home: Path) -> None:
    result = run("--format", "combinedd", log_in(home))
    assert result.exit_code == 1
    assert any("'combinedd' is not known" in told for told in lines_of(result)["logs"])


@pytest.mark.parametrize(
    ("log", "text"),
    [
        ("syslog://127.0.0.1:{port}", "✓ LOG is an address that can be watched"),
        ("http://0.0.0.0:{port}", "✗ LOG: other machines must send a token"),
        ("smtp://127.0.0.1:{port}", "✗ LOG: is no log that can be watched"),
    ],
)
def test_an_address_is_tried(home: Path, log: str, text: str) -> None:
    log = log.format(port=free_port())
    assert any(told.startswith(text.replace("LOG", log)) for told in lines_of(run(log))["logs"])

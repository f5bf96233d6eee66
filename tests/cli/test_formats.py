"""`logmon-tui formats` lists formats, and tells how a log reads."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from logmon_tui.errors import FormatError, SourceError
from logmon_tui.formats.presets import PRESETS
from tests.formats import examples_data
from tests.formats.strategies import COMBINED, COMMON


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def run(*arguments: object, columns: int = 100) -> Result:
    words = ["formats", *map(str, arguments)]
    environment = {"COLUMNS": str(columns), "XDG_CONFIG_HOME": "/nonexistent"}
    return CliRunner().invoke(cli, words, env=environment)


@pytest.mark.parametrize("columns", [40, 80, 100, 120, 300])
def test_every_preset_is_listed_with_an_example_on_one_line(columns: int) -> None:
    lines = run(columns=columns).output.splitlines()
    for preset in PRESETS:
        [line] = [line for line in lines if line.startswith(f"  {preset.name} ")]
        assert len(line) > 60
    assert max(map(len, lines)) <= min(max(columns, 80), 120)


def test_a_log_is_told_with_evidence_fields_and_reasons(log: Path) -> None:
    other = COMBINED.replace(b"] ", b"]  ")
    log.write_bytes(b"\n".join([COMBINED, b"nothing", b"nothing else", other, COMBINED]) + b"\n")
    result = run(log)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].startswith(f"{log}: combined, %h %l %u %t")
    assert "  recognised: 2 of 5 sample lines are hits" in lines
    assert "  of the first 5 lines: 2 hits, 3 not parsed" in lines
    assert "line 1  127.0.0.1 - james" in result.output
    assert "  time        2018-05-09 16:00:39 UTC" in lines
    assert "  request     GET /report HTTP/1.0" in lines
    assert "  section     /report" in lines
    assert "  status      200" in lines
    place = lines.index("not parsed")
    assert [line.split()[0] for line in lines[place + 1 :: 2]] == ["1", "1", "1"]
    assert lines[place + 2] == "          line 2  nothing"
    assert lines[place + 6].startswith("          line 4  127.0.0.1")


def test_the_format_given_is_the_one_that_is_looked_at(log: Path) -> None:
    log.write_bytes(COMBINED + b"\n")
    result = run("--format", "common", log)
    assert "common, %h %l %u %t" in result.output
    assert "recognised" not in result.output
    assert "0 hits, 1 not parsed" in result.output


def test_wrappers_headers_and_messages_are_told(log: Path) -> None:
    example = examples_data.load("w3c")
    log.write_bytes(b"".join(b"web-1  | " + line + b"\n" for line in example.log.splitlines()))
    output = run(log).output
    assert output.startswith(f"{log}: w3c (docker-compose)")
    assert f"{len(example.lines)} hits, 11 directives or messages, 0 not parsed" in output
    assert "  response time" in output
    assert "1.41 s" in output or "1.40 s" in output


def test_lines_that_were_cut_are_told_as_one(log: Path) -> None:
    instant = b"2026-11-22T08:26:40.5Z stdout "
    parts = [instant + b"P " + COMBINED[:60], instant + b"F " + COMBINED[60:]]
    log.write_bytes(b"\n".join([*parts, instant + b"F nothing", *parts]) + b"\n")
    output = run(log).output
    assert output.startswith(f"{log}: combined (Kubernetes)")
    assert "recognised: 2 of 5 sample lines are hits" in output
    assert "of the first 5 lines: 2 hits, 2 directives or messages, 1 not parsed" in output
    assert "line 2  2026-11-22T08:26:40.5Z stdout F" in output
    assert "line 3  2026-11-22T08:26:40.5Z stdout F nothing" in output


def test_what_told_the_unit_is_told(log: Path) -> None:
    log.write_bytes(b"".join(COMBINED + b" %d\n" % time for time in (0, 5, 480)))
    output = run(log).output
    assert "told apart by its values: of 3 requests 1 took 0, the longest 480" in output
    assert "hits in other formats: combined_time_us 3, combined_time_s 3" in output


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\x1f\x8b\x08\x00damaged", "is cut or damaged"),
        (b"hello\x1b[2J\nworld\n", r"is in no format that is known; name one by --format. It be"),
        (b"2026/11/22 08:26:39 [error] 7#7: *1 open() failed\n" * 3, "is an nginx error log"),
    ],
)
def test_a_log_that_is_no_access_log_gets_one_line(log: Path, content: bytes, told: str) -> None:
    log.write_bytes(content)
    error = run(log).exception
    assert isinstance(error, SourceError)
    assert told in str(error)
    assert "\n" not in str(error)
    assert "\x1b" not in str(error)


def test_a_log_that_is_missing_and_a_format_that_is_not_known_are_errors(log: Path) -> None:
    assert isinstance(run(log).exception, SourceError)
    log.write_bytes(COMMON)
    assert isinstance(run("--format", "nope", log).exception, FormatError)


def test_nothing_of_a_log_commands_the_terminal(log: Path) -> None:
    hostile = COMBINED.replace(b"/report", b"/\x1b]0;x\x07\xe2\x80\xae").replace(b"james", b"\x9b")
    log.write_bytes(hostile + b"\n\x1b[2J\xc2\x9b no hit\n")
    output = run(log).output
    assert r"/\x1b]0;x\x07\u202e" in output
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(output)


def test_standard_input_is_looked_at_though_it_stays_open() -> None:
    command = [sys.executable, "-m", "logmon_tui", "formats", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(COMBINED + b"\n" + COMBINED[:40])
        process.stdin.flush()
        output = process.stdout.read().decode()
        process.stdin.close()
    assert output.startswith("standard input: combined,")
    assert "of the first 1 lines: 1 hits, 0 not parsed" in output


def test_what_never_ends_and_has_no_lines_is_told() -> None:
    error = run(Path("/dev/zero")).exception
    assert isinstance(error, SourceError)
    assert "/dev/zero is binary" in str(error)

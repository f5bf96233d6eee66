"""`logmon-tui report`: the logs that it takes, and what it is printed to."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.usage.running import LINE, RunCommand


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--output", "csv"]])
def test_a_full_disk_is_one_line(log: Path, arguments: list[str]) -> None:
    target = [str(log)] if "report" in arguments else []
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "logmon_tui", *arguments, *target],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "logmon-tui: output cannot be written: No space left on device\n"


def test_a_report_reads_a_pipe_to_its_end(log: Path) -> None:
    log.write_bytes(LINE * 5_000)
    command = f"{sys.executable} -m logmon_tui report --output csv <(cat {log}) < /dev/null"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "total,hits,5000," in done.stdout


def test_a_reader_that_goes_away_is_no_traceback(log: Path) -> None:
    log.write_bytes(LINE * 50_000)
    command = f"{sys.executable} -m logmon_tui report --output json --top 0 {log} | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.stderr == b""


@pytest.mark.parametrize("order", [["new.log", "old.log"], ["old.log", "new.log"]])
def test_a_report_reads_several_logs_oldest_first(
    run: RunCommand, tmp_path: Path, order: list[str]
) -> None:
    (tmp_path / "old.log").write_bytes(LINE * 2)
    (tmp_path / "new.log").write_bytes(LINE.replace(b"2018", b"2019"))
    code, out, _ = run("report", "--output", "csv", *(str(tmp_path / name) for name in order))
    assert code == 0
    assert "total,hits,3,369" in out


def test_a_report_takes_patterns_and_rotated_files(run: RunCommand, tmp_path: Path) -> None:
    for name in ("a.log", "a.log.1", "deep/b.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LINE * 2)
    pattern = str(tmp_path / "**" / "*.log")
    code, out, _ = run("report", "--output", "csv", pattern)
    assert code == 0
    assert "total,hits,4,492" in out
    assert "sources,a.log,2,246" in out
    assert "total,hits,6,738" in run("report", "--output", "csv", "--with-rotated", pattern)[1]


def test_a_report_says_in_one_line_what_is_no_access_log(run: RunCommand, tmp_path: Path) -> None:
    error, empty = tmp_path / "error.log", tmp_path / "empty.log"
    error.write_bytes(b"2026/11/22 12:00:00 [error] 123#0: *1 open() failed\n" * 3)
    empty.touch()
    code, out, _ = run("report", str(error), str(empty))
    assert code == 2
    assert f"{error} is an nginx error log, not an access log; give the access log\n" in out
    assert f"{empty} is empty\n" in out
    assert "--format" not in out


@pytest.mark.parametrize("output", ["text", "json", "csv"])
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "nothing was a hit: {log} is empty"),
        (
            b"no line\nof a log\n",
            (
                "nothing was a hit in 2 lines of {log}: no known log format; "
                "logmon-tui formats {log} tells how they read"
            ),
        ),
        (
            b"2026/11/22 12:00:00 [error] 123#0: *1 open() failed\n",
            (
                "nothing was a hit: {log} is an nginx error log, not an access log; "
                "give the access log"
            ),
        ),
    ],
)
def test_a_report_without_a_hit_is_printed_and_ends_with_code_2(
    run: RunCommand, log: Path, content: bytes, told: str, output: str
) -> None:
    log.write_bytes(content)
    code, out, error = run("report", "--output", output, str(log))
    assert (code, error) == (2, f"logmon-tui: {told.format(log=log)}\n")
    if output == "json":
        assert json.loads(out)["hits"] == 0
    else:
        assert "0 hits" in out or "total,hits,0," in out


def test_one_hit_among_several_logs_is_a_report(run: RunCommand, log: Path) -> None:
    empty = log.with_name("empty.log")
    empty.touch()
    code, out, error = run("report", str(empty), str(log))
    assert (code, error) == (0, "")
    assert f"{empty} is empty\n" in out


def test_several_logs_without_a_hit_are_counted(run: RunCommand, log: Path) -> None:
    other = log.with_name("it's other.log")
    log.write_bytes(b"no line\n")
    other.write_bytes(b"no line\n" * 1_233)
    code, _, error = run("report", str(other), str(log))
    assert code == 2
    assert error.startswith("logmon-tui: nothing was a hit in 1,234 lines of 2 logs: no known")
    other.write_bytes(b"")
    log.write_bytes(b"")
    error = run("report", str(other), str(log))[2]
    assert error == f"logmon-tui: nothing was a hit: {other} is empty; and 1 more without a hit\n"

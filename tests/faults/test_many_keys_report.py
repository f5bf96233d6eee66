"""Fault 9 in a report: logs in which clients, paths or both come once each."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.slow

LINES, PER_SECOND = 1_500_000, 1_000
BEGIN = 1_795_262_400
LIMIT_KIB = 50 * 1024
RUNS = 2
"""How threads meet moves the peak by some 10 MB, so the lower one counts."""

SHAPES = ("few", "clients", "paths", "both")
Figure = Callable[[str], None]


class Measured(NamedTuple):
    """The report of a log, and how much memory it took to make it, in KiB."""

    report: dict[str, Any]
    peak: int


def keys_of(number: int, shape: str) -> tuple[int, int]:
    """Return numbers for the client and the path of a line: below 10 for those that are loud.

    Of the loud ones one comes the more often the lower its number is.
    """
    loud = min((number // 10) % 64 // 6, 9)
    alone = number + 10 if number % 10 else loud
    return (
        alone if shape in {"clients", "both"} else loud,
        alone if shape in {"paths", "both"} else loud,
    )


def write_log(path: Path, shape: str) -> None:
    with path.open("w", encoding="ascii", buffering=1 << 20) as file:
        for number in range(LINES):
            if number % PER_SECOND == 0:
                stamp = datetime.fromtimestamp(BEGIN + number // PER_SECOND, UTC)
                time = f"{stamp:%d/%b/%Y:%H:%M:%S +0000}"
            client, page = keys_of(number, shape)
            host = f"10.{client >> 16}.{client >> 8 & 255}.{client & 255}"
            file.write(f'{host} - - [{time}] "GET /p/{page} HTTP/1.1" 200 99 "-" "curl/8.5"\n')


_MEASURING = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""
"""A small program between: a process begins with the peak of memory of the one that started it."""


def report_of(log: Path) -> Measured:
    report = [sys.executable, "-m", "logmon_tui", "report", "--output", "json", "--top", "10"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", _MEASURING, *report, str(log)]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    return Measured(json.loads(done.stdout), int(done.stderr))


def loudest() -> list[int]:
    """Return the hits of the ten loud keys, the loudest first."""
    counts = [0] * 10
    for number in range(0, LINES, 10):
        counts[keys_of(number, "both")[0]] += 1
    return sorted(counts, reverse=True)


def test_a_report_of_clients_or_paths_that_come_once(tmp_path: Path, figure: Figure) -> None:
    log = tmp_path / "access.log"
    found: dict[str, Measured] = {}
    for shape in SHAPES:
        write_log(log, shape)
        found[shape] = min((report_of(log) for _ in range(RUNS)), key=lambda each: each.peak)
    log.unlink()
    grown = {shape: found[shape].peak - found["few"].peak for shape in SHAPES[1:]}
    told = ", ".join(f"each {shape} + {kib / 1024:.0f} MB" for shape, kib in grown.items())
    figure(
        f"fault 9: report of {LINES:,} lines, few keys {found['few'].peak / 1024:.0f} MB: {told}"
    )
    for shape, (report, _) in found.items():
        assert report["hits"] == LINES
        if shape in {"clients", "both"}:
            once = LINES * 9 // 10 + 10
            assert abs(report["unique_hosts"] - once) <= 0.02 * once
            assert [row["hits"] for row in report["hosts"]] == loudest()
        if shape in {"paths", "both"}:
            assert [row["hits"] for row in report["paths"]] == loudest()
    assert max(grown.values()) <= LIMIT_KIB, told

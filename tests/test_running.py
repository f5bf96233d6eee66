"""How the tests run: with how many workers, and which of them first where the time is short."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import pytest_xdist_auto_num_workers

ORDERED = """
import pytest

@pytest.mark.parametrize("number", range(3))
async def test_of_a_screen(number):
    pass

@pytest.mark.parametrize("number", range(2))
def test_of_values(number):
    pass

def test_of_a_value():
    pass
"""


@pytest.mark.parametrize(("cores", "workers"), [(1, 2), (2, 4), (4, 8), (6, 8), (64, 64)])
def test_a_machine_of_few_cores_runs_two_workers_a_core(
    cores: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert pytest_xdist_auto_num_workers() == workers


def test_whoever_says_how_many_workers_there_are_gets_these(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "3")
    assert pytest_xdist_auto_num_workers() is None


@pytest.mark.parametrize(("seconds", "run"), [("0", 1), ("600", 6)])
def test_where_the_time_is_short_what_tells_most_runs_first(
    tmp_path: Path, seconds: str, run: int
) -> None:
    (tmp_path / "test_it.py").write_text(ORDERED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-v", "-ra"]
    done = subprocess.run(
        [*command, "--begin-within", seconds, "-c", str(tmp_path / "pytest.ini"), str(tmp_path)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    ends = [line.partition("::")[2].split()[:2] for line in done.stdout.splitlines()]
    order = [end for end in ends if len(end) == 2 and end[0].startswith("test_of")]
    assert [name for name, _ in order] == [
        "test_of_values[0]",
        "test_of_a_value",
        "test_of_values[1]",
        "test_of_a_screen[0]",
        "test_of_a_screen[1]",
        "test_of_a_screen[2]",
    ]
    assert [outcome for _, outcome in order] == ["PASSED"] * run + ["SKIPPED"] * (6 - run)
    assert (f"not begun within {seconds} s" in done.stdout) == (run < 6)

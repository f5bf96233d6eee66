"""Figures that tests measure are shown at the end of the run, also by several processes."""

import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_measures(figure, number):
    figure(f"{number} of something")
    figure(f"{number} of another thing")

def test_fails(figure):
    figure("so much of a failure")
    assert False

def test_is_silent():
    pass
"""


@pytest.mark.parametrize("processes", [0, 2])
def test_figures_are_shown_at_the_end(tmp_path: Path, processes: int) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", f"-n{processes}"]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-c", str(tmp_path / "pytest.ini"), str(tmp_path)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    shown = done.stdout.partition(" figures ===")[2].splitlines()[1:]
    of_each = [
        f"{number} of {what}" for number in range(4) for what in ("something", "another thing")
    ]
    assert shown[: len(of_each) + 1] == ["so much of a failure", *of_each]

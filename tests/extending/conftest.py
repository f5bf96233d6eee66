"""A copy of the program, to which a test adds what a newcomer would: a file, and a line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import logmon_tui

ROOT = Path(__file__).parents[2]
PACKAGE = Path(logmon_tui.__file__).parent


class ProgramCopy:
    """The copy in `folder`; it runs in processes of its own, which find it before the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(PACKAGE, folder / "logmon_tui")

    def add_file(self, name: str, text: str) -> None:
        file = self.folder / "logmon_tui" / name
        assert not file.exists()
        file.write_text(text)

    def add_line(self, name: str, line: str, *, behind: str) -> None:
        """Add a line to a file, behind the one line that is `behind`."""
        file = self.folder / "logmon_tui" / name
        lines = file.read_text().split("\n")
        assert lines.count(behind) == 1
        lines.insert(lines.index(behind) + 1, line)
        file.write_text("\n".join(lines))

    def run(self, *arguments: str, module: str = "logmon_tui", code: int = 0) -> str:
        """Run a command, which ends with exit code `code`; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": f"{self.folder}{os.pathsep}{ROOT}"},
        )
        assert done.returncode == code, done.stderr
        return done.stdout


@pytest.fixture
def program(tmp_path: Path) -> ProgramCopy:
    return ProgramCopy(tmp_path)

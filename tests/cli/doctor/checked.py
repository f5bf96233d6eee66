"""A log to check, and the lines of each check."""

import time
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from logmon_tui.cli import cli
from logmon_tui.cli.doctor.findings import SIGNS

Lines = dict[str, list[str]]


def line_at(second: float) -> str:
    moment = datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'10.0.0.1 - - [{moment}] "GET /pages HTTP/1.1" 200 5\n'


def log_in(folder: Path, name: str = "access.log", age: float = 5, lines: int = 3) -> Path:
    log = folder / name
    log.write_text("".join(line_at(time.time() - age) for _ in range(lines)))
    return log


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["doctor", *map(str, arguments)])


def lines_of(result: Result) -> Lines:
    """Return the lines of each check: its sign, and what stands behind the name."""
    found: Lines = {}
    for line in result.stdout.splitlines()[:-1]:
        sign, name, text = line.split(None, 2)
        assert sign in SIGNS.values()
        found.setdefault(name, []).append(f"{sign} {text}")
    return found

"""How wide the output is taken to be, and that a report fits a real terminal."""

import io
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from logmon_tui.cli.terminal import columns

LINE = (
    b'10.0.0.1 - - [09/May/2018:16:00:39 +0000] "GET /report HTTP/1.0" 200 123 "-" '
    b'"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0.3729"\n'
)


@pytest.mark.parametrize(("asked", "found"), [("60", 60), ("200", 200), ("39", 40), ("1", 40)])
def test_the_environment_tells_the_width(
    monkeypatch: pytest.MonkeyPatch, asked: str, found: int
) -> None:
    monkeypatch.setenv("COLUMNS", asked)
    assert columns() == found


@pytest.mark.parametrize("asked", [None, "", "0", "wide"])
def test_a_pipe_has_no_width(monkeypatch: pytest.MonkeyPatch, asked: str | None) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if asked is not None:
        monkeypatch.setenv("COLUMNS", asked)
    with io.TextIOWrapper(io.BytesIO()) as pipe:
        monkeypatch.setattr(sys, "__stdout__", None)
        monkeypatch.setattr(sys, "stdout", pipe)
        assert columns() is None


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_report_fits_the_terminal_that_it_is_printed_on(tmp_path: Path, width: int) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(LINE * 3)
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (24, width))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-m", "logmon_tui", "report", log.name]
    subprocess.run(
        command, stdout=far, cwd=tmp_path, env=environment | {"NO_COLOR": "1"}, check=True
    )
    printed = os.read(near, 100_000).decode()
    os.close(near)
    os.close(far)
    lines = printed.split("\r\n")
    assert lines[0] == "access.log"
    assert max(map(len, lines)) <= width
    assert any(line.endswith("…") and len(line) == width for line in lines)

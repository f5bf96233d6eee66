"""A terminal that goes away without a signal, as from a program that nohup or setsid started."""

import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.watching import DEADLINE, wait_until

pytestmark = pytest.mark.slow


def test_a_watch_ends_with_its_terminal_also_where_no_signal_tells_it(tmp_path: Path) -> None:
    terminal, far_end = os.openpty()
    termios.tcsetwinsize(far_end, (36, 120))
    os.set_blocking(terminal, False)
    log = tmp_path / "access.log"
    log.touch()
    # In a session of its own, whose terminal this is not: so the system sends no SIGHUP.
    process = subprocess.Popen(
        [sys.executable, "-m", "logmon_tui", "--no-state", str(log)],
        stdin=far_end,
        stdout=far_end,
        stderr=far_end,
        env={**os.environ, "TERM": "xterm-256color", "XDG_CONFIG_HOME": str(tmp_path)},
        start_new_session=True,
    )
    os.close(far_end)
    written = bytearray()

    def painted() -> bool:
        try:
            written.extend(os.read(terminal, 65_536))
        except BlockingIOError:
            return b"Sections" in written
        return False

    try:
        wait_until(painted)
        os.close(terminal)
        assert process.wait(DEADLINE) == 0
    finally:
        process.kill()
        process.wait()

"""The real logrotate against a log that is being written."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logmon_tui.sources.file_observer import FileObserver

LOGROTATE = shutil.which("logrotate", path="/usr/sbin:/usr/bin:/sbin:/bin")
pytestmark = pytest.mark.skipif(LOGROTATE is None, reason="logrotate is not installed")

Follow = Callable[..., FileObserver]
Drain = Callable[[FileObserver], bytes]


class Rotator:
    """Runs logrotate on one log with one more directive."""

    def __init__(self, log: Path, directives: str) -> None:
        self._configuration = log.parents[1] / "logrotate.conf"
        self._state = log.parents[1] / "state"
        self._configuration.write_text(f"{log} {{\n  rotate 5\n  {directives}\n}}\n")
        self._configuration.chmod(0o644)
        log.parent.chmod(0o755)

    def rotate(self) -> None:
        """Rotate now."""
        subprocess.run(
            [str(LOGROTATE), "--force", "--state", str(self._state), str(self._configuration)],
            check=True,
            capture_output=True,
        )


@pytest.mark.parametrize(
    "directives",
    ["create", "create\n  compress\n  delaycompress", "create\n  dateext\n  dateformat -%s"],
    ids=["create", "delayed compression", "date in the name"],
)
@pytest.mark.parametrize("reads_between", [1, 2], ids=["every rotation", "every second one"])
def test_rotation_by_renaming_loses_nothing(
    log: Path, follow: Follow, drain: Drain, directives: str, reads_between: int
) -> None:
    log.write_bytes(b"start\n")
    rotator = Rotator(log, directives)
    observer = follow(log)
    read = drain(observer)
    for number in range(4):
        with log.open("ab", buffering=0) as writer:
            writer.write(b"%d before\n" % number)
            rotator.rotate()
            if number % reads_between == 0:
                read += drain(observer)
            writer.write(b"%d late\n" % number)
        if "dateformat" in directives:
            time.sleep(1.1)  # else logrotate finds the name taken
    read += drain(observer)
    expected = b"start\n" + b"".join(b"%d before\n%d late\n" % (n, n) for n in range(4))
    assert read == expected
    assert observer.status().rotations == 4


def test_copytruncate_loses_nothing_that_was_read_before(
    log: Path, follow: Follow, drain: Drain
) -> None:
    log.write_bytes(b"start\n")
    rotator = Rotator(log, "copytruncate")
    observer = follow(log)
    read = drain(observer)
    with log.open("ab", buffering=0) as writer:
        for number in range(4):
            writer.write(b"%d before\n" % number)
            read += drain(observer)
            rotator.rotate()
            writer.write(b"%d after\n" % number)
            read += drain(observer)
    assert read == b"start\n" + b"".join(b"%d before\n%d after\n" % (n, n) for n in range(4))
    assert observer.status().truncations == 4
    assert observer.status().rotations == 0

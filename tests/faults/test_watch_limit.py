"""Fault 6: the system has no inotify watches left."""

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from watchdog.observers import inotify_c

from logmon_tui.sources.file_observer import FileObserver
from tests.faults.polling import LINES, longest_delay

SOON = 1.0
UNSHARE = shutil.which("unshare") or ""
Figure = Callable[[str], None]
Follow = Callable[..., FileObserver]


@pytest.mark.parametrize(
    ("refused", "error"),
    [("inotify_add_watch", errno.ENOSPC), ("inotify_init", errno.EMFILE)],
    ids=["no watches left", "no instances left"],
)
def test_without_watches_the_log_is_polled_and_the_badge_shows(
    *,
    log: Path,
    follow: Follow,
    figure: Figure,
    refused: str,
    error: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_arguments: object) -> int:
        ctypes.set_errno(error)
        return -1

    monkeypatch.setattr(inotify_c, refused, refuse)
    log.touch()
    longest = longest_delay(follow(log), log)
    figure(
        f"fault 6: {refused} fails with {errno.errorcode[error]}: polling at once, "
        f"{LINES} lines and 2 rotations, each line within {longest:.2f} s"
    )
    assert longest < SOON


def without_watches(*command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a user namespace in which the kernel allows no inotify watches."""
    script = 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"'
    return subprocess.run(
        [UNSHARE, "--user", "--map-root-user", "sh", "-c", script, "sh", *command],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


@pytest.mark.skipif(not UNSHARE, reason="there is no unshare here")
def test_where_the_kernel_allows_no_watch_the_log_is_polled(log: Path, figure: Figure) -> None:
    if without_watches("true").returncode:
        pytest.skip("inotify watches cannot be limited here")
    script = str(Path(__file__).with_name("polling.py"))
    run = without_watches(sys.executable, script, str(log))
    assert (run.returncode, run.stderr) == (0, b"")
    longest = float(run.stdout)
    figure(
        "fault 6: the kernel allows 0 watches: polling at once, "
        f"{LINES} lines and 2 rotations, each line within {longest:.2f} s"
    )
    assert longest < SOON

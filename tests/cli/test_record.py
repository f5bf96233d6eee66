"""`record` as a process: it keeps the past, and a watch beside it shows it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from logmon_tui.monitor.commands import ShowMoment
from logmon_tui.monitor.monitor import HTTPMonitor
from logmon_tui.snapshot import Known
from logmon_tui.state.checkpointer import Checkpointer
from logmon_tui.state.files import RefusedError, in_use
from logmon_tui.state.summary import summary_of
from tests.traffic import settings_of
from tests.watching import DEADLINE, wait_until

MINUTES = 10


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return a log of the last minutes, with a path of its own in each."""
    now, lines = int(time.time()), []
    for second in range(now - MINUTES * 60, now):
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))
        path = f"/minute/{second // 60}"
        lines.append(f'10.0.0.1 - - [{stamp}] "GET {path} HTTP/1.1" 200 10\n')
    path = tmp_path / "access.log"
    path.write_text("".join(lines))
    return path


@pytest.fixture
def recording(log: Path, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    options = ["--from-start", "--state", str(tmp_path / "a.sqlite")]
    process = subprocess.Popen(
        [sys.executable, "-m", "logmon_tui", "record", *options, str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
    )
    yield process
    process.kill()
    process.communicate()


def test_a_watch_beside_it_goes_back_in_what_it_recorded(
    recording: "subprocess.Popen[str]", log: Path, tmp_path: Path
) -> None:
    state = tmp_path / "a.sqlite"
    assert recording.stdout is not None
    assert recording.stdout.readline() == f"recording {log} in {state}\n"
    wait_until(lambda: in_use(state))
    minute = int(time.time()) // 60 - 5

    def beside() -> HTTPMonitor:
        saver = Checkpointer(state, [str(log)])
        monitor = HTTPMonitor(settings_of(), journal=True, archive=saver.archive)
        saver.restore(monitor, 0.0)
        assert saver.saving.problem.startswith("another logmon-tui")
        monitor.past.moment = ShowMoment(minute * 60 + 59, 60)
        return monitor

    def recorded() -> bool:
        return beside().snapshot(0.0, 0.0).now.hits == 60

    wait_until(recorded)
    picture = beside().snapshot(0.0, 0.0)
    assert picture.moment is not None
    assert picture.moment.known is Known.MINUTES
    assert [row.key for row in picture.now.paths.rows] == [b"/minute/%d" % minute]
    recording.send_signal(signal.SIGTERM)
    out, error = recording.communicate(timeout=DEADLINE)
    assert (recording.returncode, out, error) == (0, "", "")


def test_what_has_no_state_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "logmon_tui", "record", "-"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
        timeout=DEADLINE,
    )
    assert done.returncode == 2
    assert "which only plain files have" in done.stderr


def test_a_recording_with_sketches_ends_without_a_word(tmp_path: Path) -> None:
    """A sketch that lives on when Python has ended makes its library print 600 lines."""
    log, state = tmp_path / "many.log", tmp_path / "many.sqlite"
    stamp = time.strftime("%d/%b/%Y:%H:%M:00 +0000", time.gmtime())
    lines = (f'10.0.0.1 - - [{stamp}] "GET /{n} HTTP/1.1" 200 1\n' for n in range(3_000))
    text = "".join(lines)

    def saved() -> bool:
        size = log.stat().st_size
        with suppress(RefusedError):  # not created yet
            positions = summary_of(state).positions.values()
            return any(opened.place.offset == size for each in positions for opened in each.opened)
        return False

    for _ in range(2):  # the second one loads the sketches that the first one saved
        with log.open("a") as writer:
            writer.write(text)
        process = subprocess.Popen(
            [sys.executable, "-m", "logmon_tui", "record", "--state", str(state), str(log)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path)},
        )
        try:
            wait_until(saved)
            process.send_signal(signal.SIGTERM)
            _, error = process.communicate(timeout=DEADLINE)
        finally:
            process.kill()
        assert (process.returncode, error) == (0, "")

"""A log followed where file events do not work. Run as `python polling.py LOG`, it tells how."""

import contextlib
import sys
from pathlib import Path

from logmon_tui.sources.base import SourceState
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_START
from tests.faults.following import seconds_until_read
from tests.faults.writer import line_of, rotate

LINES = 8


def longest_delay(observer: FileObserver, log: Path) -> float:
    """Write lines, one by one, and two rotations; return the longest wait for a line."""
    assert observer.read() == b""
    longest = 0.0
    for number in range(LINES):
        if number % 3 == 2:
            rotate(log)
        with log.open("ab") as file:
            file.write(line_of(number))
        longest = max(longest, seconds_until_read(observer, line_of(number)))
        assert observer.status().polling
        assert observer.status().state is SourceState.LIVE
    assert observer.status().rotations == 2
    return longest


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.touch()
    with contextlib.closing(
        FileObserver(path, start=FROM_START, timestamp=lambda _line: None)
    ) as follower:
        print(longest_delay(follower, path))

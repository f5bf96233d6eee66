"""Follows a log as a user who is not root, for whom permissions hold.

Run as `python unprivileged_follower.py LOG`. Every line read goes to standard output, and so
does every change of the state, in brackets. It ends when standard input does.
"""

import contextlib
import os
import select
import sys
from pathlib import Path

# All that will be needed is imported as root, whose files nobody else may be allowed to read.
import logmon_tui.sources.hints  # noqa: F401
from logmon_tui.sources.file_observer import FileObserver
from logmon_tui.sources.seek import FROM_START
from tests.faults.following import POLL

NOBODY = 65534


def main(log: Path) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    observer = FileObserver(log, start=FROM_START, timestamp=lambda _line: None)
    state = ""
    with contextlib.closing(observer):
        while not select.select([sys.stdin], [], [], 0)[0]:
            sys.stdout.buffer.write(observer.read())
            if (new := observer.status().state) != state:
                state = new
                sys.stdout.buffer.write(b"[%s]\n" % state.encode())
            sys.stdout.buffer.flush()
            observer.wait(POLL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

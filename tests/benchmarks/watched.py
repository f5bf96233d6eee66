"""The full-screen program as it is, with a note taken of each picture that it puts on the screen.

    python -m tests.benchmarks.watched NOTES [OPTIONS] LOG

Appends to NOTES a line for each: the monotonic time, and how many lines it counts (hits, and what
were no hits).
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from logmon_tui import cli
from logmon_tui.snapshot import Snapshot
from logmon_tui.tui.app import LogmonApp


def noted(notes: Path) -> Callable[[LogmonApp, Snapshot], None]:
    """Return what hands a picture to the panels, as the app does, and then writes it down."""
    show = LogmonApp.watch_snapshot
    file = notes.open("a", encoding="ascii", buffering=1)

    def show_and_note(app: LogmonApp, snapshot: Snapshot) -> None:
        show(app, snapshot)
        ingest = snapshot.ingest
        file.write(f"{time.monotonic():.6f} {ingest.hits + ingest.unparsed}\n")

    return show_and_note


if __name__ == "__main__":
    LogmonApp.watch_snapshot = noted(Path(sys.argv.pop(1)))  # type: ignore[assignment,method-assign]
    cli.main()

"""What the screen asks of whatever collects the traffic. No implementation lives here."""

import threading
from collections.abc import Callable
from typing import Protocol

from logmon_tui.monitor.commands import Command
from logmon_tui.snapshot import Snapshot


class Engine(Protocol):
    """Reads the logs on a thread of its own and publishes Snapshots from it."""

    def start(self, publish: Callable[[Snapshot], None], idle: threading.Event) -> None:
        """Begin; `publish` is called from the engine's thread twice a second at most.

        While `idle` is not set, the engine does nothing for a moment: threads take turns with the
        interpreter, so what the user waits for would take several times as long.
        """

    def post(self, command: Command) -> None:
        """Have `command` applied soon; callable from any thread."""

    def stop(self) -> None:
        """End, and wait until the thread has ended."""

"""What the screen asks of whatever collects the traffic. No implementation lives here."""

from collections.abc import Callable
from typing import Protocol

from logmon_tui.snapshot import Snapshot


class Engine(Protocol):
    """Reads the logs on a thread of its own and publishes Snapshots from it."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin; `publish` is called from the engine's thread about twice a second."""

    def set_threshold(self, requests_per_second: float) -> None:
        """Judge the traffic by another threshold from now on; callable from any thread."""

    def set_source(self, name: bytes | None) -> None:
        """Show the hits of the log `name` only, of all logs if None; callable from any thread."""

    def stop(self) -> None:
        """End, and wait until the thread has ended."""

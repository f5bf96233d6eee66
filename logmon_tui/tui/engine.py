"""What the screen asks of whatever collects the traffic. No implementation lives here."""

from collections.abc import Callable
from typing import Protocol

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.snapshot import Snapshot


class Engine(Protocol):
    """Reads the logs on a thread of its own and publishes Snapshots from it."""

    def start(self, publish: Callable[[Snapshot], None]) -> None:
        """Begin; `publish` is called from the engine's thread twice a second at most."""

    def set_threshold(self, requests_per_second: float | None) -> None:
        """Judge the traffic by another threshold from now on; callable from any thread.

        With None it is the configured one again.
        """

    def set_source(self, name: bytes | None) -> None:
        """Show the hits of the log `name` only, of all logs if None; callable from any thread."""

    def acknowledge(self, incident: str, *, acknowledged: bool) -> None:
        """Note that a user has seen to the incident with this id, or has not; from any thread."""

    def set_note(self, incident: str, note: str) -> None:
        """Keep what a user wrote about the incident with this id; from any thread."""

    def silence(self, silence: Silence) -> None:
        """Notify nobody of what `silence` covers; from any thread."""

    def end_silence(self, silence: Silence) -> None:
        """End a silence before its time; from any thread."""

    def stop(self) -> None:
        """End, and wait until the thread has ended."""

"""DdosAlert: one client host alone sends too much."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.base import Alert, Reading, Subject
from logmon_tui.alerts.incident import Unit
from logmon_tui.alerts.turns import turns
from logmon_tui.escape import printable
from logmon_tui.formats.hit_batch import Dimension
from logmon_tui.metrics.log_window import Passage
from logmon_tui.metrics.window import SlidingWindow


class DdosAlert(Alert):
    """Fires for each client host whose hits in the window / window length > threshold."""

    rule = "ddos"
    title = "Noisy client"
    unit = Unit.RATE

    def __init__(self, threshold: float, window_seconds: int) -> None:
        super().__init__(threshold, window_seconds)
        self._over: set[bytes] = set()

    def breaches(self, window: SlidingWindow) -> Mapping[Subject, Reading]:
        """Return the readings of the hosts that are over the threshold.

        Only a host whose count rose can have come over it, so only those, and the hosts that
        were over it before, are looked at.
        """
        hosts = window.total.tallies[Dimension.HOST].hits
        suspects = self._over | window.risen
        window.risen.clear()
        self._over = {
            host for host in suspects if hosts.get(host, 0) / self.window_seconds > self.threshold
        }
        # Hosts with an incident come first, then the loudest, so that a flood of them keeps order.
        ranked = sorted(self._over, key=lambda host: (host not in self.open, -hosts[host], host))
        return {host: self.reading(window, host) for host in ranked}

    def reading(self, window: SlidingWindow, subject: Subject) -> Reading:
        """Return one host's average rate in hits per second."""
        hits = window.total.tallies[Dimension.HOST].hits.get(subject or b"", 0)
        return Reading(hits / self.window_seconds, hits)

    def turns(self, passage: Passage) -> NDArray[np.int64]:
        """Return where a host's rate crosses the threshold, and where it is highest.

        When more hosts are over it than have room, it depends on the others which one of them
        has an incident, so each change counts.
        """
        steps = passage.hosts(more_than=self.threshold * self.window_seconds - 1)
        rates = steps.hits / self.window_seconds
        over = rates > self.threshold
        if self.suppressed or len(self.open) + len(np.unique(steps.subjects[over])) > self.max_open:
            return np.unique(steps.slots)
        return turns(steps, over, rates)

    def trigger_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say that the alert fired, naming the host."""
        host = printable(subject or b"")
        found = f"High traffic from {host} generated an alert - hits = {reading.hits}"
        return f"{found}, triggered at {time}"

    def recovery_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say in the same manner that it recovered."""
        host = printable(subject or b"")
        return f"High traffic from {host} recovered - hits = {reading.hits}, recovered at {time}"

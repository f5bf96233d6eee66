"""TrafficAlert: the whole traffic is over its threshold on average."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.base import Alert, Reading, Subject
from logmon_tui.alerts.incident import Unit
from logmon_tui.alerts.turns import turns
from logmon_tui.metrics.log_window import Passage
from logmon_tui.metrics.window import SlidingWindow


class TrafficAlert(Alert):
    """Fires when hits in the window / window length > threshold, recovers when ≤ again.

    Seconds before the log began count as no traffic. The messages are the seeds', word for word.
    """

    rule = "traffic"
    title = "High traffic"
    unit = Unit.RATE

    def breaches(self, window: SlidingWindow) -> Mapping[Subject, Reading]:
        """Return the whole traffic's reading if it is over the threshold."""
        reading = self.reading(window, None)
        return {None: reading} if reading.value > self.threshold else {}

    def reading(self, window: SlidingWindow, subject: Subject) -> Reading:
        """Return the average rate in hits per second."""
        del subject  # there is only one
        return Reading(window.total.hits / self.window_seconds, window.total.hits)

    def turns(self, passage: Passage) -> NDArray[np.int64]:
        """Return where the rate crosses the threshold, and where it is highest."""
        steps = passage.traffic
        rates = steps.hits / self.window_seconds
        return turns(steps, rates > self.threshold, rates)

    def trigger_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say in the seeds' words that the alert fired."""
        del subject
        return f"High traffic generated an alert - hits = {reading.hits}, triggered at {time}"

    def recovery_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say in the same manner that it recovered."""
        del subject
        return f"High traffic recovered - hits = {reading.hits}, recovered at {time}"

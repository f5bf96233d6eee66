"""ErrorRateAlert: too large a share of the hits are server errors."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.base import Alert, Reading, Subject
from logmon_tui.alerts.incident import Unit
from logmon_tui.alerts.turns import turns
from logmon_tui.metrics.log_window import Passage
from logmon_tui.metrics.window import SlidingWindow

MINIMUM_HITS = 20
"""With fewer hits in the window, one error would say too much."""


class ErrorRateAlert(Alert):
    """Fires when 5xx / hits > threshold (a share, 0 to 1), given `MINIMUM_HITS` in the window."""

    rule = "error_rate"
    title = "High error rate"
    unit = Unit.SHARE

    def breaches(self, window: SlidingWindow) -> Mapping[Subject, Reading]:
        """Return the whole traffic's reading if too many hits are server errors."""
        reading = self.reading(window, None)
        judged = reading.hits >= MINIMUM_HITS and reading.value > self.threshold
        return {None: reading} if judged else {}

    def reading(self, window: SlidingWindow, subject: Subject) -> Reading:
        """Return the share of 5xx among all hits."""
        del subject  # there is only one
        hits = window.total.hits
        return Reading(window.total.class_hits(5) / hits if hits else 0.0, hits)

    def turns(self, passage: Passage) -> NDArray[np.int64]:
        """Return where the share crosses the threshold, and where it is highest."""
        steps = passage.traffic
        shares = passage.class_hits(5, steps.slots) / np.maximum(steps.hits, 1)
        return turns(steps, (steps.hits >= MINIMUM_HITS) & (shares > self.threshold), shares)

    def trigger_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say that the alert fired, with the share and the hits it is of."""
        del subject
        errors = f"errors = {reading.value:.1%} of {reading.hits} hits"
        return f"High error rate generated an alert - {errors}, triggered at {time}"

    def recovery_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say in the same manner that it recovered."""
        del subject
        errors = f"errors = {reading.value:.1%} of {reading.hits} hits"
        return f"High error rate recovered - {errors}, recovered at {time}"

"""Alert: a rule judged once a second over a window, and the incidents it has found.

A rule says which subjects breach it now; the state machine here does the rest:

    ok ──breach──→ firing: a new incident, its trigger message
    firing ──breach again──→ firing: its peak grows
    firing ──no breach──→ ok: the incident recovers, its recovery message

No rule has a delay of its own yet, so `pending` and `recovering` last no time. Rules are pure:
the window is given, and so is the second.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.alerts.incident import Incident, Severity, Unit, incident_id
from logmon_tui.metrics.log_window import Passage
from logmon_tui.metrics.window import SlidingWindow

Subject = bytes | None
"""What an incident is about: a client host …, or None for the whole traffic."""


class Reading(NamedTuple):
    """What a rule measures of one subject: the value it judges, and the hits behind it."""

    value: float
    hits: int


class Alert(ABC):
    """One rule with its threshold and its open incidents."""

    rule: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[Unit]
    severity: ClassVar[Severity] = Severity.CRITICAL
    max_open: ClassVar[int] = 100
    """At most so many incidents are open at once; further subjects are only counted."""

    def __init__(self, threshold: float, window_seconds: int) -> None:
        self.threshold = threshold
        self.window_seconds = window_seconds
        self.open: dict[Subject, Incident] = {}
        self.suppressed = 0

    @abstractmethod
    def breaches(self, window: SlidingWindow) -> Mapping[Subject, Reading]:
        """Return the readings of all subjects that breach the rule now."""

    @abstractmethod
    def reading(self, window: SlidingWindow, subject: Subject) -> Reading:
        """Return what the rule measures of one subject now."""

    @abstractmethod
    def turns(self, passage: Passage) -> NDArray[np.int64]:
        """Return the slots of `passage` in which the verdict on some subject may change.

        A peak may grow there too; in all other slots judging would change nothing.
        """

    @abstractmethod
    def trigger_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say in a sentence that the rule fired."""

    @abstractmethod
    def recovery_message(self, subject: Subject, reading: Reading, time: str) -> str:
        """Say in a sentence that it recovered."""

    def evaluate(self, second: int, window: SlidingWindow) -> list[Incident]:
        """Judge the window that ends with `second` (UTC epoch); return the incidents changed.

        Changed are those that fired and those that recovered; a peak that grew is noted too
        but is no change to tell.
        """
        breaches = self.breaches(window)
        changed = [
            self._recovered(subject, second, self.reading(window, subject))
            for subject in [subject for subject in self.open if subject not in breaches]
        ]
        self.suppressed = 0
        for subject, reading in breaches.items():
            incident = self.open.get(subject)
            if incident is not None:
                if reading.value > incident.peak:
                    self.open[subject] = replace(incident, peak=reading.value)
            elif len(self.open) >= self.max_open:
                self.suppressed += 1
            else:
                changed.append(self._triggered(subject, second, reading))
        return changed

    def _triggered(self, subject: Subject, second: int, reading: Reading) -> Incident:
        incident = self.open[subject] = Incident(
            id=incident_id(self.rule, subject, second),
            rule=self.rule,
            title=self.title,
            severity=self.severity,
            unit=self.unit,
            subject=subject,
            triggered_at=second,
            threshold=self.threshold,
            hits=reading.hits,
            value=reading.value,
            peak=reading.value,
            message=self.trigger_message(subject, reading, iso_time(second)),
        )
        return incident

    def _recovered(self, subject: Subject, second: int, reading: Reading) -> Incident:
        return replace(
            self.open.pop(subject),
            recovered_at=second,
            recovery=self.recovery_message(subject, reading, iso_time(second)),
        )


def iso_time(second: int) -> str:
    """Return a UTC epoch second as ISO 8601: `2026-11-22T08:26:40Z`."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

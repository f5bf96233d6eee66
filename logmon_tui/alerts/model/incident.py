"""The record of one alert's firing, from its trigger to its recovery."""

import uuid
from dataclasses import dataclass, replace
from typing import NamedTuple

from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.rule import Limit, Scope, Severity, Unit

_NAMESPACE = uuid.UUID("6f0d9a52-8f0e-5a53-9d7e-0f6f9f0b7a11")

Subject = bytes | None
"""What an incident is about: a section, a client host …, or None for the whole traffic."""


class SeverityChange(NamedTuple):
    """From this second on an incident has had this severity."""

    second: int
    severity: Severity


@dataclass(frozen=True, slots=True)
class Incident:
    """One crossing of one rule; immutable: whatever happens to it makes a new one.

    Times are UTC epoch seconds of the log's own clock. `subject` is the client, section …
    that the incident is about, as bytes of the log, or None for the whole traffic; `scope` says
    which of these. `hits` counts the window at the trigger; `value` is the measure that crossed
    `threshold` (the threshold itself, where no data was taken for an alert), `peak` the worst so
    far, first reached at `peak_at`. `severity` is the present one, the last one after the end;
    `changes` are all it had, the trigger's first. `pending_since` is when the threshold was first
    crossed, `recovering_since` since when a firing incident is no longer beyond it, and when a
    recovered one was so last, if it waited for its end. `recovery` is the message of the recovery,
    empty before.

    `acknowledged_at` is wall time in epoch seconds, `note` what a user wrote. `evidence` tells why
    it fired; None where that was not looked at, as in a backlog.
    """

    id: str
    rule: str
    title: str
    severity: Severity
    unit: Unit
    subject: Subject
    triggered_at: int
    threshold: float
    hits: int
    value: float
    peak: float
    message: str
    recovered_at: int | None = None
    recovery: str = ""
    scope: Scope = Scope.ALL
    window: int = 0  # seconds; 0 in states of old
    peak_at: int | None = None
    pending_since: int | None = None
    recovering_since: int | None = None
    changes: tuple[SeverityChange, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    acknowledged_at: float | None = None
    note: str = ""
    evidence: Evidence | None = None
    limits: tuple[Limit, ...] = ()  # of the rule; none in states of old

    @property
    def firing(self) -> bool:
        """Whether it has not recovered yet."""
        return self.recovered_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether a user has seen to it."""
        return self.acknowledged_at is not None

    @property
    def present_threshold(self) -> float:
        """The threshold of the present severity."""
        of_severity = (each.threshold for each in self.limits if each.severity is self.severity)
        return next(of_severity, self.threshold)

    @property
    def changed_at(self) -> int:
        """The second at which it last fired, changed its severity or recovered."""
        if self.recovered_at is not None:
            return self.recovered_at
        return self.changes[-1].second if self.changes else self.triggered_at

    @property
    def worst(self) -> Severity:
        """The worst severity it ever had."""
        had = {self.severity, *(change.severity for change in self.changes)}
        return Severity.CRITICAL if Severity.CRITICAL in had else Severity.WARNING

    def with_said_of(self, other: "Incident | None") -> "Incident":
        """Return it with what users said of `other`, where that is the same incident."""
        if other is None or other.id != self.id or not (other.acknowledged or other.note):
            return self
        return replace(self, acknowledged_at=other.acknowledged_at, note=other.note)


def trigger_order(incident: Incident) -> tuple[int, bytes]:
    """Return what sorts the incidents of a rule by their triggers, ties by subject."""
    return incident.triggered_at, incident.subject or b""


def incident_id(rule: str, subject: Subject, triggered_at: int) -> str:
    """Return the incident's UUID (version 5, RFC 9562).

    A rule can trigger at most once a second for one subject, so the id is unique, and the same
    log gives the same id every time.
    """
    name = f"{rule}\0{'' if subject is None else subject.hex()}\0{triggered_at}"
    return str(uuid.uuid5(_NAMESPACE, name))

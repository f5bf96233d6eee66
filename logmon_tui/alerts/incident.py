"""The record of one alert's firing, from its trigger to its recovery."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

_NAMESPACE = uuid.UUID("6f0d9a52-8f0e-5a53-9d7e-0f6f9f0b7a11")


class Severity(StrEnum):
    """How bad an incident is."""

    WARNING = "warning"
    CRITICAL = "critical"


class Unit(StrEnum):
    """What an incident's `value` and `peak` measure."""

    RATE = "req/s"
    SHARE = "share"  # 0 to 1


@dataclass(frozen=True, slots=True)
class Incident:
    """One crossing of one rule; immutable: peak and recovery make a new one.

    Times are UTC epoch seconds of the log's own clock. `subject` is the client, section …
    that the incident is about, as bytes of the log, or None for the whole traffic.
    `hits` counts the window at the trigger; `value` is the measure that crossed `threshold`,
    `peak` its largest value so far. `recovery` is the message of the recovery, empty before.
    """

    id: str
    rule: str
    title: str
    severity: Severity
    unit: Unit
    subject: bytes | None
    triggered_at: int
    threshold: float
    hits: int
    value: float
    peak: float
    message: str
    recovered_at: int | None = None
    recovery: str = ""

    @property
    def firing(self) -> bool:
        """Whether it has not recovered yet."""
        return self.recovered_at is None


def incident_id(rule: str, subject: bytes | None, triggered_at: int) -> str:
    """Return the incident's UUID (version 5, RFC 9562).

    A rule can trigger at most once a second for one subject, so the id is unique, and the same
    log gives the same id every time.
    """
    name = f"{rule}\0{'' if subject is None else subject.hex()}\0{triggered_at}"
    return str(uuid.uuid5(_NAMESPACE, name))

"""The record of one alert's firing, from its trigger to its recovery."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from logmon_tui.alerts.model.evidence import Evidence
from logmon_tui.alerts.model.mark import Mark, after_text
from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import SEPARATOR, Limit, Scope, Severity, scope_name

_NAMESPACE = uuid.UUID("6f0d9a52-8f0e-5a53-9d7e-0f6f9f0b7a11")

MAX_NOTE = 500
"""Maximum characters of a user's note."""

Subject = bytes | None
"""What an incident is about: a section, a client host …, or None for the whole traffic."""


class SeverityChange(NamedTuple):
    """The second from which on an incident had this severity."""

    second: int
    severity: Severity


class Part(NamedTuple):
    """One of the incidents that made a rule fire which combines others."""

    id: str
    rule: str
    subject: Subject


class Hosts(NamedTuple):
    """Of how many servers figures were known, and how many servers there were."""

    heard: int
    known: int

    @property
    def text(self) -> str:
        """The words for them: `of 37 of 40 hosts`."""
        return f"of {self.heard:,} of {self.known:,} hosts"


class Incident(msgspec.Struct, frozen=True):
    """One firing of one rule for one subject. Immutable: each change makes a new Incident.

    Times are UTC epoch seconds of the log's own clock. `subject` is what the incident is about
    (a client, a section …), as bytes of the log, or None for the whole traffic; `scope` says
    which of these. If it is about two things, `by` has both scopes, and `scope` is the first one.

    `hits` counts the window at the trigger. `value` is the value that crossed `threshold`, or the
    last one before values ceased; None if no data caused the alert. `peak` is the worst value so
    far, first reached at `peak_at`; both are None while no value was beyond the threshold.
    `severity` is the present one, after the end the last one; `changes` holds all that it had, the
    trigger's first. `pending_since` is when the threshold was first crossed. `recovering_since` is
    when the value last came back within it, if recovery waits for a delay. `recovery` is the
    message of the recovery, empty before it.

    `labels` and `runbook` are those of its rule. `acknowledged_at` is wall time in epoch seconds,
    `note` a user's text. `evidence` says why the rule fired; None if that was not examined, as in a
    backlog. `mark` is the mark that it follows: the newest one in the NEAR seconds before the
    trigger, None if there is none. `hosts` says of how many servers the trigger speaks, if not of
    all; None if of all, or of this machine's logs. `parts` are the incidents that fired at the
    trigger of a rule that combines others; of many the first ones.
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
    value: float | None
    peak: float | None
    message: str
    recovered_at: int | None = None
    recovery: str = ""
    scope: Scope = Scope.ALL
    window: int = 0  # seconds; 0 in states saved by old versions
    peak_at: int | None = None
    pending_since: int | None = None
    recovering_since: int | None = None
    changes: tuple[SeverityChange, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    acknowledged_at: float | None = None
    note: str = ""
    evidence: Evidence | None = None
    limits: tuple[Limit, ...] = ()  # of the rule; none in states saved by old versions
    mark: Mark | None = None
    hosts: Hosts | None = None
    by: tuple[Scope, ...] = ()
    runbook: str = ""
    parts: tuple[Part, ...] = ()

    @property
    def subjects(self) -> dict[Scope, bytes]:
        """What it is about, by scope: two for a rule of two scopes, none for all traffic."""
        return subjects_by_scope(self.subject, self.by or (self.scope,))

    @property
    def scope_name(self) -> str:
        """The name of its scope: `client`, of a rule of two scopes `client+path`."""
        return scope_name(self.scope, self.by)

    @property
    def firing(self) -> bool:
        """Whether the incident has not recovered yet."""
        return self.recovered_at is None

    @property
    def acknowledged(self) -> bool:
        """Whether a user has acknowledged the incident."""
        return self.acknowledged_at is not None

    @property
    def after_mark(self) -> str:
        """How long after its mark it fired, as printable text; empty without a mark."""
        return "" if self.mark is None else after_text(self.mark, self.triggered_at)

    @property
    def of_silence(self) -> bool:
        """Whether it is about what was not heard of a server, so that it is based on no hits."""
        return self.scope is Scope.SERVER and self.unit is Unit.SECONDS and not self.hits

    @property
    def counts_hits(self) -> bool:
        """Whether it is based on the hits of a window."""
        return self.unit is not Unit.RULES and not self.of_silence

    @property
    def remarks(self) -> str:
        """What follows the message of its trigger, as printable text: `; of 37 of 40 hosts`."""
        hosts = "" if self.hosts is None else f"; {self.hosts.text}"
        return f"{hosts}; {self.after_mark}" if self.mark else hosts

    @property
    def present_threshold(self) -> float:
        """The threshold of the present severity."""
        of_severity = (each.threshold for each in self.limits if each.severity is self.severity)
        return next(of_severity, self.threshold)

    @property
    def worse_than(self) -> float:
        """What a value must be beyond to become the peak."""
        return self.threshold if self.peak is None else self.peak

    @property
    def changed_at(self) -> int:
        """The second at which the incident last fired, changed its severity or recovered."""
        if self.recovered_at is not None:
            return self.recovered_at
        return self.changes[-1].second if self.changes else self.triggered_at

    @property
    def worst(self) -> Severity:
        """The worst severity that the incident ever had."""
        had = {self.severity, *(change.severity for change in self.changes)}
        return Severity.CRITICAL if Severity.CRITICAL in had else Severity.WARNING

    def with_said_of(self, other: "Incident | None") -> "Incident":
        """Return it with what was said of `other`, and its mark, if that is the same incident."""
        if other is None or other.id != self.id:
            return self
        if not (other.acknowledged or other.note or other.mark or other.hosts):
            return self
        return replace(
            self,
            acknowledged_at=other.acknowledged_at,
            note=other.note,
            mark=self.mark or other.mark,
            hosts=self.hosts or other.hosts,
        )


def trigger_order(incident: Incident) -> tuple[int, bytes]:
    """Return the sort key that orders a rule's incidents by trigger, then by subject."""
    return incident.triggered_at, incident.subject or b""


def subjects_by_scope(subject: Subject, scopes: Sequence[Scope]) -> dict[Scope, bytes]:
    """Return what a subject of a rule with these scopes is about, by scope."""
    if subject is None:
        return {}
    parts = subject.split(SEPARATOR.encode(), len(scopes) - 1)
    return dict(zip(scopes, parts, strict=False))


def incident_id(rule: str, subject: Subject, triggered_at: int) -> str:
    """Return the incident's UUID (version 5, RFC 9562).

    A rule can trigger at most once a second for one subject, so the id is unique, and the same
    log gives the same id every time.
    """
    name = f"{rule}\0{'' if subject is None else subject.hex()}\0{triggered_at}"
    return str(uuid.uuid5(_NAMESPACE, name))

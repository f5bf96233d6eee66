"""Answers about alerts: incidents, marks and silences."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from logmon_tui.alerts.model.metric import Unit
from logmon_tui.alerts.model.rule import Scope, Severity
from logmon_tui.web.api.documents.common import Count, Document, Mark, Time


class FollowedMark(Mark, frozen=True, kw_only=True):
    """The mark that an incident follows, after so many seconds."""

    seconds: Count


class Change(Document, frozen=True, kw_only=True):
    """The second from which on an incident had this severity."""

    at: Time
    severity: Severity


class Hosts(Document, frozen=True, kw_only=True):
    """Of how many servers an incident speaks."""

    heard: Count
    known: Count


class Part(Document, frozen=True, kw_only=True):
    """An incident that fired at the trigger of a rule that combines others."""

    id: str
    rule: str
    subject: str | None


class Alert(Document, frozen=True, kw_only=True):
    """An incident, as `--output json` tells it."""

    id: str
    firing: bool
    rule: str
    severity: Severity
    worst: Severity
    scope: Annotated[
        str, Meta(description="What it is about: `client`, `all`, or two such as `client+path`.")
    ]
    subject: str | None
    triggered_at: Time
    recovered_at: Time | None
    hits: Count
    value: float | None
    peak: float | None
    peak_at: Time | None
    message: str
    why: Annotated[str, Meta(description="One line that answers; empty if it is not known.")]
    changes: list[Change]
    labels: dict[str, str]
    runbook: Annotated[str, Meta(description="An address that tells what to do, or empty.")]
    mark: FollowedMark | None
    hosts: Hosts | UnsetType = UNSET
    parts: list[Part] | UnsetType = UNSET


class Limit(Document, frozen=True, kw_only=True):
    """A threshold of a rule."""

    severity: Severity
    threshold: float
    recovery: float


class Mover(Document, frozen=True, kw_only=True):
    """A key that rose, with its hits before and now, and its share of the whole rise."""

    key: str
    before: Count
    now: Count
    share: float


class Evidence(Document, frozen=True, kw_only=True):
    """Why a rule fired: the window at the trigger beside the one before it."""

    before: Count
    now: Count
    sampled: bool
    since: Time | None
    movers: Annotated[dict[str, list[Mover]], Meta(description="By kind of key.")]
    samples: list[str]
    start: Time
    step: Count
    values: list[float | None]


class Incident(Alert, frozen=True, kw_only=True):
    """An incident, as `logmon-tui alerts --output json` tells it, without its evidence."""

    state: Literal["firing", "recovering", "recovered"]
    silenced: bool
    watched: bool
    recovery: str
    title: str
    unit: Unit
    threshold: float
    limits: list[Limit]
    window: Count
    acknowledged_at: Time | None
    note: str


class FullIncident(Incident, frozen=True, kw_only=True):
    """An incident, as `logmon-tui alerts --output json` tells it."""

    evidence: Evidence | None


class Incidents(Document, frozen=True, kw_only=True):
    """The newest of the incidents that were asked for, and how many there are."""

    incidents: list[Incident]
    found: Count


class Marks(Document, frozen=True, kw_only=True):
    """The newest marks, in the order of time, and how many there are."""

    marks: list[Mark]
    found: Count


class Silence(Document, frozen=True, kw_only=True):
    """What nobody is notified of, and when; null is any rule, scope or subject.

    `where` is a filter of alerts, such as label.team:payments.
    """

    id: str
    since: Time
    until: Time
    rule: str | None
    scope: Scope | None
    subject: str | None
    where: str | None


class Silences(Document, frozen=True, kw_only=True):
    """The silences in force, the first to end first."""

    silences: list[Silence]

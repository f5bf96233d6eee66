"""The present picture, and whether the watch works."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from logmon_tui.snapshot import ServerState
from logmon_tui.sources.base import SourceState
from logmon_tui.web.api.documents.common import Amount, Count, Document, Mark, Time
from logmon_tui.web.api.documents.incidents import Alert
from logmon_tui.web.api.documents.traffic import Row, Traffic


class UnparsedLine(Document, frozen=True, kw_only=True):
    """A line that is no hit, and why."""

    line: str
    reason: str


class Source(Document, frozen=True, kw_only=True):
    """How the reading of a log goes."""

    name: str
    state: SourceState
    position: Count
    size: Count
    rotations: Count
    truncations: Count
    oversize: Count
    polling: bool
    message: str


class Target(Document, frozen=True, kw_only=True):
    """How notifying a target goes."""

    name: str
    kind: str
    sent: Count
    waiting: Count
    dropped: Count
    problem: str
    sent_at: Time | None


class SavedState(Document, frozen=True, kw_only=True):
    """Where the state is kept, why it is not saved, and what was done about the last one."""

    file: str
    problem: str
    note: str


class Ingest(Document, frozen=True, kw_only=True):
    """How the reading goes."""

    lag: Amount
    evaluation_delay: Amount
    lateness: Amount
    parsed: Annotated[float, Meta(ge=0, le=1)]
    unparsed: Count
    others: Count
    ignored: Count
    oversize: Count
    late: Count
    late_for_alerts: Count
    future: Count
    rotations: Count
    truncations: Count
    formats: list[str]
    sources: list[Source]
    last_unparsed: list[UnparsedLine]
    state: SavedState | None
    targets: list[Target]


class Objective(Document, frozen=True, kw_only=True):
    """How an objective stands over the last 30 days."""

    objective: str
    title: str
    target: float
    hits: Count
    bad: Count
    good_share: float | None
    budget_left: float
    since: Time | None


class Figures(Document, frozen=True, kw_only=True):
    """Figures of servers; null is unknown, which is not zero."""

    hits: Count | None
    rate: Amount | None
    error_share: Amount | None
    p95: Amount | None


class Server(Figures, frozen=True, kw_only=True):
    """A server that sends its lines."""

    server: str
    site: str | None
    state: ServerState
    quiet: float | None
    differs: list[str]
    lag: float | None
    backlog: Count
    lost: Count
    left_out: Count
    version: str
    message: str


class Site(Figures, frozen=True, kw_only=True):
    """A site of servers."""

    site: str | None
    servers: Count
    live: Count


class Fleet(Figures, frozen=True, kw_only=True):
    """Servers that send their lines."""

    known: Count
    live: Count
    servers: list[Server]
    sites: list[Site]


class LeftOut(Document, frozen=True, kw_only=True):
    """What a rule could not count."""

    rule: str
    subjects: Annotated[Count, Meta(description="The most of a second that found no room.")]
    lost: Annotated[Count, Meta(description="The most hits, or bytes, of a subject it can lack.")]
    forgotten: Annotated[Count, Meta(description="Known subjects forgotten in a day.")]


class Learning(Document, frozen=True, kw_only=True):
    """A rule of new subjects that only learns yet."""

    rule: str
    until: Time


class Interval(Traffic, frozen=True, kw_only=True):
    """The present picture, as a line of `watch --output json` tells it.

    `alerts` are the incidents that changed within the window, `marks` those within it.
    """

    kind: Literal["interval"]
    sections: list[Row]
    hosts: list[Row]
    total_hits: Count
    total_unparsed: Count
    alerts: list[Alert]
    marks: list[Mark]
    ingest: Ingest
    objectives: list[Objective] | UnsetType = UNSET
    left_out: list[LeftOut] | UnsetType = UNSET
    learning: list[Learning] | UnsetType = UNSET
    fleet: Fleet | UnsetType = UNSET


class Health(Document, frozen=True, kw_only=True):
    """Whether the watch works; if it fails, the answer is a problem instead."""

    status: Literal["ok", "catching up"]
    version: str
    time: Annotated[Time, Meta(description="The log clock; null before the first hit.")] | None
    lag: Annotated[Amount, Meta(description="Maximum age of the picture in seconds.")]
    control: Annotated[bool, Meta(description="Whether requests may change the watch.")]

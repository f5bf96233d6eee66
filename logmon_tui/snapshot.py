"""One frozen picture of everything that the screen and the reports show.

Built by `HTTPMonitor` on the thread that owns the state, then handed to any other thread.
Plain tuples and bytes only, so that the screen can be painted before numpy is imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple, TypeAlias

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Unit
from logmon_tui.alerts.model.state import State
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.sources.base import SourceStatus

CLASSES = 10
"""Status codes are classed by their first digit, 0 to 9; real servers use 1 to 5."""

ByClass: TypeAlias = tuple[int, ...]
"""Ten counts, one for each status class."""

NO_CLASSES: ByClass = (0,) * CLASSES


QUANTILES = ("p50", "p95", "p99", "max")
"""The names of the figures of `Times`."""


class Times(NamedTuple):
    """Response times in seconds; quantiles are right within 1 %, then rounded to `resolution`.

    That is how many seconds lie between two times as the log writes them, 0 if not known.
    """

    p50: float
    p95: float
    p99: float
    max: float
    resolution: float = 0.0

    @property
    def quantiles(self) -> dict[str, float]:
        """The figures by their names."""
        return {name: getattr(self, name) for name in QUANTILES}


class CountRow(NamedTuple):
    """One key of a ranking: a section, path, client host … with its hits and bytes."""

    key: bytes
    hits: int
    bytes: int
    status: ByClass = NO_CLASSES  # sections only
    trend: tuple[int, ...] = ()  # sections only: hits in each of the last intervals, oldest first
    times: Times | None = None  # sections, paths and routes, where the log tells response times


@dataclass(frozen=True, slots=True)
class Ranking:
    """The keys of one kind with the most hits first, ties by key.

    `other_hits` and `other_bytes` count what was not kept by key because there were too many
    keys; `distinct` is how many keys were seen (an estimate where keys were not kept).
    """

    rows: tuple[CountRow, ...] = ()
    distinct: int = 0
    other_hits: int = 0
    other_bytes: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Response sizes in bytes; quantiles are right within 1 %."""

    mean: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    max: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What happened in one stretch of log time: (end - seconds, end]."""

    end: int = 0
    seconds: int = 0
    hits: int = 0
    bytes: int = 0
    by_class: ByClass = NO_CLASSES
    status: tuple[tuple[int, int], ...] = ()  # (code, hits), by code
    sections: Ranking = field(default_factory=Ranking)
    paths: Ranking = field(default_factory=Ranking)
    hosts: Ranking = field(default_factory=Ranking)
    users: Ranking = field(default_factory=Ranking)
    methods: Ranking = field(default_factory=Ranking)
    user_agents: Ranking = field(default_factory=Ranking)
    referrers: Ranking = field(default_factory=Ranking)
    virtual_hosts: Ranking = field(default_factory=Ranking)
    tls: Ranking = field(default_factory=Ranking)
    routes: Ranking = field(default_factory=Ranking)
    sources: Ranking = field(default_factory=Ranking)
    browsers: Ranking = field(default_factory=Ranking)  # made of user agents, as are the next two
    systems: Ranking = field(default_factory=Ranking)
    bots: Ranking = field(default_factory=Ranking)
    sizes: Sizes = field(default_factory=Sizes)
    response_times: Times | None = None  # None where no hit told one; so are the next two
    upstream_times: Times | None = None
    bytes_in: int | None = None

    @property
    def rate(self) -> float:
        """Hits per second over the whole window."""
        return self.hits / self.seconds if self.seconds else 0.0

    def class_share(self, status_class: int) -> float:
        """Share of the hits whose status code begins with the digit `status_class`."""
        return self.by_class[status_class] / self.hits if self.hits else 0.0


@dataclass(frozen=True, slots=True)
class TrafficHistory:
    """Hits of each second by status class, oldest first; `start` is the first second."""

    start: int = 0
    seconds: tuple[ByClass, ...] = ()


class RuleStatus(NamedTuple):
    """How one rule stands: the worst state of its subjects, and how many are in which.

    `value` and `hits` are what it measures now of the whole traffic; None where it is measured
    of each subject, or undefined. `suppressed` subjects fire without an incident of their own.
    """

    rule: str
    title: str
    unit: Unit
    state: State
    pending: int = 0
    firing: int = 0
    suppressed: int = 0
    value: float | None = None
    hits: int | None = None


class WhatIf(NamedTuple):
    """How often the traffic alert would have fired in the kept history, with `threshold`.

    `since` is the first second of the history, `firing_seconds` how long it would have fired. Where
    the rule warns as well, `critical_only` tells that warnings are not counted.
    """

    threshold: float
    times: int
    firing_seconds: int
    since: int
    critical_only: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AlertState:
    """The alerts: what they judge by and what they have found."""

    window: int = 120  # seconds
    threshold: float = 10.0  # req/s, of TrafficAlert
    hits: int = 0  # in the alert window
    incidents: tuple[Incident, ...] = ()  # firing first, then newest first
    suppressed: int = 0  # subjects over a threshold that got no incident of their own
    rules: tuple[RuleStatus, ...] = ()
    silences: tuple[Silence, ...] = ()  # those in force, the first to end first
    what_if: WhatIf | None = None  # once the threshold was moved
    configured: float | None = None  # what the settings tell, where a key set another threshold
    messages_now: Mapping[str, str] = field(default_factory=dict)
    """By ids of firing incidents what their messages say now, where that is not what was said."""

    @property
    def rate(self) -> float:
        """Hits per second over the alert window, as TrafficAlert judges it."""
        return self.hits / self.window

    @property
    def firing(self) -> int:
        """How many incidents have not recovered."""
        return sum(1 for _ in takewhile(lambda incident: incident.firing, self.incidents))


class TargetStatus(NamedTuple):
    """How one target of notifications does; `problem` says in one line why it gets none now.

    `waiting` messages are yet to be sent, `dropped` were given up. Times are wall time.
    """

    name: str
    kind: str
    sent: int = 0
    waiting: int = 0
    dropped: int = 0
    problem: str = ""
    sent_at: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Ingest:
    """How the reading itself goes. `lag` is the age in seconds of the picture, at most.

    `unparsed` includes the `oversize` lines, those dropped for their length. `others` are lines
    that are no hits but in order: directives of a log, messages of the server beside its hits.
    `rotations` and `truncations` are sums over all sources, `status` is (code, hits) by code.
    """

    formats: tuple[str, ...] = ()  # names of the recognised formats
    hits: int = 0
    bytes: int = 0
    unparsed: int = 0
    late: int = 0
    future: int = 0
    oversize: int = 0
    rotations: int = 0
    truncations: int = 0
    others: int = 0
    status: tuple[tuple[int, int], ...] = ()  # a state of old has none of before
    resolution: int = 0  # microseconds between two times as the logs write them, 0 if not known
    first_unparsed: UnparsedLine | None = None
    unparsed_lines: tuple[UnparsedLine, ...] = ()  # the newest ones, newest last
    lag: float = 0.0
    lines_per_second: float = 0.0  # while catching up
    seconds_left: float | None = None  # while catching up, once it can be told
    failure: str = ""  # the reading thread met an error and tries again
    not_access_logs: tuple[str, ...] = ()  # a line for each log without hits: what it is instead
    targets: tuple[TargetStatus, ...] = ()  # of notifications

    @property
    def parsed_share(self) -> float:
        """Share of the lines that were hits, without the others; 1 when there were no lines."""
        lines = self.hits + self.unparsed
        return self.hits / lines if lines else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Saving:
    """How the saving of the state goes. `file` is empty where none was asked for.

    `problem` says in one line why nothing is saved now, and how to mend it; it is empty while
    saving works. `note` says once what was found at the start: a damaged file set aside, say.
    `saved_at` is wall time in epoch seconds, None before the first save of this run.
    """

    file: str = ""
    problem: str = ""
    note: str = ""
    saved_at: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything at one moment.

    `log_time` is the log clock in UTC epoch seconds, None before the first hit; `live` tells
    whether it runs with the wall clock. `rate` is hits per second right now (over the last
    few whole seconds), `now` the stats window.
    """

    log_time: float | None = None
    live: bool = True
    rate: float = 0.0
    now: Window = field(default_factory=Window)
    traffic: TrafficHistory = field(default_factory=TrafficHistory)
    alerts: AlertState = field(default_factory=AlertState)
    ingest: Ingest = field(default_factory=Ingest)
    sources: tuple[SourceStatus, ...] = ()
    logs: tuple[bytes, ...] = ()  # short names of the logs watched, where there are several
    tail: tuple[bytes, ...] = ()  # the newest raw lines, newest last
    saving: Saving = field(default_factory=Saving)
    filtered: str = ""  # name of the only log whose hits the windows count, empty for all
    no_filter: str = ""  # why no log can be shown alone, in one line; empty if one can

    @property
    def beginning(self) -> bool:
        """Whether hits were read but wait for others to tell what time it is in the log."""
        return self.log_time is None and self.ingest.hits > 0


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What whole logs held: the summary of all hits, and the incidents they would have caused.

    `first_hit` and `last_hit` are UTC epoch seconds, None when there was no hit. `incidents`
    are in the order of their trigger.
    """

    hits: Window = field(default_factory=Window)
    first_hit: int | None = None
    last_hit: int | None = None
    ingest: Ingest = field(default_factory=Ingest)
    incidents: tuple[Incident, ...] = ()

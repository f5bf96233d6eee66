"""Snapshot: one frozen picture of everything that the screen and the reports show.

`HTTPMonitor` builds it on the thread that owns the state; any other thread may read it. It holds
only plain tuples and bytes, so that the screen can paint before numpy is imported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple, TypeAlias

from logmon_tui.alerts.history.silence import Silence
from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.rule import Unit
from logmon_tui.alerts.model.state import State
from logmon_tui.formats.clients import Place
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.sources.base import SourceStatus

CLASSES = 10
"""Number of status classes, one for each first digit of a code; real servers use 1 to 5."""

ByClass: TypeAlias = tuple[int, ...]
"""Ten counts, one for each status class."""

NO_CLASSES: ByClass = (0,) * CLASSES


QUANTILES = ("p50", "p95", "p99", "max")
"""The names of the quantiles in `Times`."""


class Times(NamedTuple):
    """Response times in seconds; quantiles are accurate to 1 %.

    `resolution` is the precision of the times in the log, in seconds; 0 if not known.
    """

    p50: float
    p95: float
    p99: float
    max: float
    resolution: float = 0.0

    @property
    def quantiles(self) -> dict[str, float]:
        """The quantiles by name."""
        return {name: getattr(self, name) for name in QUANTILES}


class Errors(NamedTuple):
    """Hits answered with an error: of the client (4xx), and of the server (5xx)."""

    client: int = 0
    server: int = 0


class CountRow(NamedTuple):
    """One key of a ranking: a section, path, client host … with its hits and bytes.

    Only sections, paths, routes and client hosts have `errors`, and if the log has response times
    a `total_time`, their sum in seconds. Both are None for hits saved by a version that did not
    keep them by key.
    """

    key: bytes
    hits: int
    bytes: int
    status: ByClass = NO_CLASSES  # sections only
    trend: tuple[int, ...] = ()  # sections only: hits in each of the last intervals, oldest first
    times: Times | None = None  # sections, paths and routes, if the log has response times
    errors: Errors | None = None
    total_time: float | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """The keys of one dimension, most hits first, ties by key.

    What begins with `other_` belongs to keys that were not kept, because there were too many.
    `distinct` is the number of keys seen (an estimate if keys were not kept).
    """

    rows: tuple[CountRow, ...] = ()
    distinct: int = 0
    other_hits: int = 0
    other_bytes: int = 0
    other_errors: Errors | None = None
    other_time: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sizes:
    """Response sizes in bytes; quantiles are accurate to 1 %."""

    mean: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    max: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The traffic of one window of log time, (end - seconds, end]."""

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
    browsers: Ranking = field(
        default_factory=Ranking
    )  # derived from user agents, as are the next three
    systems: Ranking = field(default_factory=Ranking)
    bots: Ranking = field(default_factory=Ranking)
    agent_kinds: Ranking = field(default_factory=Ranking)
    networks: Ranking = field(default_factory=Ranking)  # derived from hosts, as are the next two
    countries: Ranking = field(default_factory=Ranking)
    asns: Ranking = field(default_factory=Ranking)
    own: Mapping[str, Ranking] = field(default_factory=dict)  # of own panels, by their names
    sizes: Sizes = field(default_factory=Sizes)
    response_times: Times | None = None  # None if no hit has one; the same for the next three
    total_time: float | None = None  # sum of the response times in seconds
    upstream_times: Times | None = None
    bytes_in: int | None = None

    @property
    def rate(self) -> float:
        """Hits per second over the whole window."""
        return self.hits / self.seconds if self.seconds else 0.0

    def class_share(self, status_class: int) -> float:
        """Return the share of hits whose status code begins with the digit `status_class`."""
        return self.by_class[status_class] / self.hits if self.hits else 0.0


@dataclass(frozen=True, slots=True)
class TrafficHistory:
    """The hits of each second by status class, oldest first; `start` is the first second."""

    start: int = 0
    seconds: tuple[ByClass, ...] = ()


class RuleStatus(NamedTuple):
    """The state of one rule: the worst state of its subjects, and how many are in which state.

    `value` and `hits` are its present measurement of the whole traffic; None if the rule measures
    each subject separately, or if the value is undefined. `suppressed` subjects fire without an
    incident of their own.
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
    """How often the traffic alert would have fired with another `threshold`, in the kept history.

    `since` is the first second of the history. `firing_seconds` is how long the alert would have
    fired. `critical_only` is set if the rule has a warning limit too, which is not counted.
    """

    threshold: float
    times: int
    firing_seconds: int
    since: int
    critical_only: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AlertState:
    """The alerts: their settings, the state of the rules, and the incidents."""

    window: int = 120  # seconds
    threshold: float = 10.0  # req/s, of TrafficAlert
    hits: int = 0  # in the alert window
    incidents: tuple[Incident, ...] = ()  # firing first, then newest first
    suppressed: int = 0  # subjects over a threshold that got no incident of their own
    rules: tuple[RuleStatus, ...] = ()
    silences: tuple[Silence, ...] = ()  # only active ones, the first to end first
    what_if: WhatIf | None = None  # after a key changed the threshold
    configured: float | None = None  # the threshold of the settings, if a key set another one
    messages_now: Mapping[str, str] = field(default_factory=dict)
    """Present messages of firing incidents, by id, where they differ from the original message."""

    @property
    def rate(self) -> float:
        """Hits per second over the alert window, as TrafficAlert judges it."""
        return self.hits / self.window

    @property
    def firing(self) -> int:
        """The number of incidents that have not recovered."""
        return sum(1 for _ in takewhile(lambda incident: incident.firing, self.incidents))


class TargetStatus(NamedTuple):
    """The state of one notification target; `problem` says in one line why sending fails now.

    `waiting` messages are queued, `dropped` ones were given up. `sent_at` is wall time in epoch
    seconds.
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
    """The state of reading and parsing. `lag` is the maximum age of the picture in seconds.

    `unparsed` includes the `oversize` lines, which were dropped for their length. `others` counts
    legitimate lines that are no hits, such as comments and error messages. `ignored` are those of
    the `hits` that the settings leave out of all figures. `rotations` and
    `truncations` are sums over all sources. `status` is (code, hits) by code.
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
    ignored: int = 0
    status: tuple[tuple[int, int], ...] = ()  # empty for the hits of states of earlier versions
    resolution: int = 0  # precision of times in the logs in microseconds, 0 if unknown
    first_unparsed: UnparsedLine | None = None
    unparsed_lines: tuple[UnparsedLine, ...] = ()  # the newest ones, newest last
    lag: float = 0.0
    lines_per_second: float = 0.0  # while catching up
    seconds_left: float | None = None  # while catching up, once it can be estimated
    failure: str = ""  # why the reading thread failed; it tries again
    not_access_logs: tuple[str, ...] = ()  # a line for each log without hits: what it is instead
    targets: tuple[TargetStatus, ...] = ()  # of notifications

    @property
    def parsed_share(self) -> float:
        """The share of hits among the lines, without the `others`; 1 if there are no lines."""
        lines = self.hits + self.unparsed
        return self.hits / lines if lines else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Saving:
    """Whether the state is saved. `file` is empty if the user asked for no state file.

    `problem` says in one line why nothing can be saved now and how to mend that; it is empty while
    saving works. `note` reports something found at the start, such as a damaged state file.
    `saved_at` is wall time in epoch seconds, None before the first save of this run.
    """

    file: str = ""
    problem: str = ""
    note: str = ""
    saved_at: float | None = None


class Order(StrEnum):
    """How the requests of a Snapshot are ordered."""

    NEWEST = "newest"
    SLOWEST = "slowest"
    LARGEST = "largest"


@dataclass(frozen=True, slots=True)
class Request:
    """One hit, with all that its format tells of it.

    `number` counts the hits in the order of their arrival. `second` is in UTC epoch seconds,
    `size` in bytes. `texts` are by Dimension and `measures` by Measure, as in a HitBatch, but
    without unknown ones.
    """

    number: int
    second: int
    status: int
    size: int
    texts: Mapping[str, bytes]
    measures: Mapping[str, int]


class Requests(NamedTuple):
    """The first of the requests in the window of the panels, in an order."""

    order: Order
    rows: tuple[Request, ...] = ()


class FoundLine(NamedTuple):
    """The raw line of the request with this number; None if it is no longer kept."""

    number: int
    line: bytes | None


class Scope(NamedTuple):
    """Which hits the panels show: those that `where` takes, of the last `seconds`.

    `where` is a filter, empty for all hits; `terms` are its parts. `seconds` is None for all that
    are kept. If not all hits of the window are known, `since` is the first second that is. If
    `sampled`, the figures are estimates.
    """

    where: str = ""
    terms: tuple[str, ...] = ()
    seconds: int | None = None
    since: int | None = None
    sampled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything that the screen shows at one moment.

    `log_time` is the log clock in UTC epoch seconds, None before the first hit. `live` is true if
    the log clock runs with the wall clock. `rate` is the present hits per second, over the last few
    whole seconds. `now` is the stats window.
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
    tail_hits: tuple[Request, ...] | None = None
    """The hits of `tail`, one for each line, if asked for; `tail` then has no other lines. Their
    numbers tell nothing."""
    saving: Saving = field(default_factory=Saving)
    scope: Scope = field(default_factory=Scope)
    requests: Requests | None = None  # None unless they were asked for
    line: FoundLine | None = None  # the raw line that was asked for last
    places: Mapping[bytes, Place] = field(default_factory=dict)
    """Where the clients that have a row are, if a database tells."""
    claims: Mapping[bytes, str] = field(default_factory=dict)
    """The crawlers that clients lately claimed to be by their agents, such as `Googlebot`."""

    @property
    def beginning(self) -> bool:
        """Whether the hits read so far do not yet suffice to set the log clock."""
        return self.log_time is None and self.ingest.hits > 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which hits a report is about: those that the filter `where` chooses, within a time.

    The time is from the second `since` to that before `until`; None means without bound.
    """

    where: str = ""
    since: int | None = None
    until: int | None = None

    def __bool__(self) -> bool:
        """Tell whether any hit may be left out."""
        return bool(self.where) or self.since is not None or self.until is not None

    def has(self, second: int) -> bool:
        """Tell whether a second lies within the time."""
        after = self.since is None or second >= self.since
        return after and (self.until is None or second < self.until)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """The summary of whole logs: the `chosen` hits, and the incidents that all hits caused then.

    `first_hit` and `last_hit` are UTC epoch seconds: of all hits within the time of `chosen`, None
    if there was none. `incidents` are in the order in which they fired.
    """

    hits: Window = field(default_factory=Window)
    first_hit: int | None = None
    last_hit: int | None = None
    ingest: Ingest = field(default_factory=Ingest)
    incidents: tuple[Incident, ...] = ()
    chosen: Chosen = field(default_factory=Chosen)

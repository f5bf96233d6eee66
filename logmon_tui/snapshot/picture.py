"""Snapshot and Report: everything that is shown of a watch or of whole logs. Frozen values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark, mark_before
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.seen import RuleSeen
from logmon_tui.formats.clients import Place
from logmon_tui.snapshot.alerts import AlertState
from logmon_tui.snapshot.baseline import Baseline
from logmon_tui.snapshot.fleet import Fleet
from logmon_tui.snapshot.ingest import Ingest, Saving
from logmon_tui.snapshot.marks import AroundMark
from logmon_tui.snapshot.past import Graph, Moment
from logmon_tui.snapshot.periods import PeriodTable, Timeline
from logmon_tui.snapshot.report_parts import NotFound, StaticFiles
from logmon_tui.snapshot.requests import FoundLine, Request, Requests, Scope
from logmon_tui.snapshot.traffic import TrafficHistory, Window
from logmon_tui.snapshot.verdicts import Verdict
from logmon_tui.sources.base import SourceStatus


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

    marks: tuple[Mark, ...] = ()  # what users marked, in the order of time
    around: AroundMark | None = None  # the traffic around the mark that was asked for last
    moment: Moment | None = None
    """The past moment that `now`, `rate` and `requests` are about; None for the present. Log time,
    alerts and everything else are of the present."""
    graph: Graph | None = None  # None unless it was asked for
    baseline: Baseline | None = None  # None unless it was asked for
    fleet: Fleet = field(default_factory=Fleet)

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
    if there was none. `extent` is the first and the last second of the hits of any time.
    `incidents` are in the order in which they fired. `objectives` stand as they do at the end of
    the logs. `limits` are those that a user set for the report. `marks` are those within the time
    of the hits, in the order of time; None if no marks were read. `hours` are the periods by hour,
    and `timeline` shorter ones of a log of a day at most, both if the report draws charts.
    `seen` is what each rule saw, by the rules' names; empty if that was not asked for.
    """

    hits: Window = field(default_factory=Window)
    first_hit: int | None = None
    last_hit: int | None = None
    extent: tuple[int, int] | None = None
    ingest: Ingest = field(default_factory=Ingest)
    incidents: tuple[Incident, ...] = ()
    chosen: Chosen = field(default_factory=Chosen)
    objectives: tuple[ObjectiveStatus, ...] = ()
    periods: PeriodTable = field(default_factory=PeriodTable)
    hours: PeriodTable = field(default_factory=PeriodTable)
    timeline: Timeline = field(default_factory=Timeline)
    static: StaticFiles = field(default_factory=StaticFiles)
    not_found: NotFound = field(default_factory=NotFound)
    limits: tuple[Verdict, ...] = ()
    marks: tuple[Mark, ...] | None = None
    seen: Mapping[str, RuleSeen] = field(default_factory=dict)

    def with_marks(self, marks: Sequence[Mark]) -> "Report":
        """Return it with those of `marks` that lie within it, and incidents that say theirs.

        `marks` are in the order of time.
        """
        first, last = self.first_hit, self.last_hit
        known = range(0) if first is None or last is None else range(first, last + 1)
        return replace(
            self,
            marks=tuple(mark for mark in marks if mark.second in known),
            incidents=tuple(
                replace(each, mark=mark_before(marks, each.triggered_at)) for each in self.incidents
            ),
        )

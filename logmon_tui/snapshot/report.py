"""Report: everything that is shown of whole logs. Frozen values."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from logmon_tui.alerts.model.incident import Incident
from logmon_tui.alerts.model.mark import Mark, mark_before
from logmon_tui.alerts.model.objective import ObjectiveStatus
from logmon_tui.alerts.model.seen import RuleSeen
from logmon_tui.snapshot.ingest import Ingest
from logmon_tui.snapshot.periods import PeriodTable, Timeline
from logmon_tui.snapshot.report_parts import NotFound, StaticFiles
from logmon_tui.snapshot.traffic import Window
from logmon_tui.snapshot.verdicts import Verdict


class Chosen(msgspec.Struct, frozen=True):
    """Which hits a report is about: those that the filter `where` chooses, within a time.

    The time is from the second `since` to that before `until`; None means without bound.
    """

    where: str = ""
    since: int | None = None
    until: int | None = None

    def __bool__(self) -> bool:
        """Tell whether any hit may be left out."""
        return bool(self.where) or not self.of_all_time

    @property
    def of_all_time(self) -> bool:
        """Whether the time has no bounds."""
        return self.since is None and self.until is None

    def has(self, second: int) -> bool:
        """Tell whether a second lies within the time."""
        after = self.since is None or second >= self.since
        return after and (self.until is None or second < self.until)


class Report(msgspec.Struct, frozen=True, eq=False):
    """The summary of whole logs: the `chosen` hits, and the incidents that all hits caused then.

    `first_hit` and `last_hit` are UTC epoch seconds: of all hits within the time of `chosen`, None
    if there was none. `extent` is the first and the last second of the hits of any time.
    `incidents` are in the order in which they fired. `objectives` stand as they do at the end of
    the logs. `limits` are those that a user set for the report. `marks` are those within the time
    of the hits, in the order of time; None if no marks were read. `hours` are the periods by hour,
    and `timeline` shorter ones of a log of a day at most, both if the report draws charts.
    `seen` is what each rule saw, by the rules' names; empty if that was not asked for.
    """

    hits: Window = Window()
    first_hit: int | None = None
    last_hit: int | None = None
    extent: tuple[int, int] | None = None
    ingest: Ingest = Ingest()
    incidents: tuple[Incident, ...] = ()
    chosen: Chosen = Chosen()
    objectives: tuple[ObjectiveStatus, ...] = ()
    periods: PeriodTable = PeriodTable()
    hours: PeriodTable = PeriodTable()
    timeline: Timeline = Timeline()
    static: StaticFiles = StaticFiles()
    not_found: NotFound = NotFound()
    limits: tuple[Verdict, ...] = ()
    marks: tuple[Mark, ...] | None = None
    seen: Mapping[str, RuleSeen] = {}

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

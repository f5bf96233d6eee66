"""Snapshot: everything that is shown of a watch. Frozen values."""

from collections.abc import Mapping

import msgspec

from logmon_tui.alerts.model.mark import Mark
from logmon_tui.formats.clients import Place
from logmon_tui.snapshot.alerts import AlertState
from logmon_tui.snapshot.baseline import Baseline
from logmon_tui.snapshot.fleet import Fleet
from logmon_tui.snapshot.ingest import Ingest, Saving
from logmon_tui.snapshot.marks import AroundMark
from logmon_tui.snapshot.past import Graph, Moment
from logmon_tui.snapshot.requests import FoundLine, Request, Requests, Scope
from logmon_tui.snapshot.traffic import TrafficHistory, Window
from logmon_tui.sources.base import SourceStatus


class Snapshot(msgspec.Struct, frozen=True, eq=False):
    """Everything that the screen shows at one moment.

    `log_time` is the log clock in UTC epoch seconds, None before the first hit. `live` is true if
    the log clock runs with the wall clock. `rate` is the present hits per second, over the last few
    whole seconds. `now` is the stats window.
    """

    log_time: float | None = None
    live: bool = True
    rate: float = 0.0
    now: Window = Window()
    traffic: TrafficHistory = TrafficHistory()
    alerts: AlertState = AlertState()
    ingest: Ingest = Ingest()
    sources: tuple[SourceStatus, ...] = ()
    logs: tuple[bytes, ...] = ()  # short names of the logs watched, where there are several
    tail: tuple[bytes, ...] = ()  # the newest raw lines, newest last
    tail_hits: tuple[Request, ...] | None = None
    """The hits of `tail`, one for each line, if asked for; `tail` then has no other lines. Their
    numbers tell nothing."""
    saving: Saving = Saving()
    scope: Scope = Scope()
    requests: Requests | None = None  # None unless they were asked for
    line: FoundLine | None = None  # the raw line that was asked for last
    places: Mapping[bytes, Place] = {}
    """Where the clients that have a row are, if a database tells."""
    claims: Mapping[bytes, str] = {}
    """The crawlers that clients lately claimed to be by their agents, such as `Googlebot`."""

    marks: tuple[Mark, ...] = ()  # what users marked, in the order of time
    around: AroundMark | None = None  # the traffic around the mark that was asked for last
    moment: Moment | None = None
    """The past moment that `now`, `rate` and `requests` are about; None for the present. Log time,
    alerts and everything else are of the present."""
    graph: Graph | None = None  # None unless it was asked for
    baseline: Baseline | None = None  # None unless it was asked for
    fleet: Fleet = Fleet()

    @property
    def beginning(self) -> bool:
        """Whether the hits read so far do not yet suffice to set the log clock."""
        return self.log_time is None and self.ingest.hits > 0

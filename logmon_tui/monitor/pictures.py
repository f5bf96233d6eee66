"""Pictures: makes the figures of a Snapshot from what a monitor has counted. Pure."""

from collections.abc import Collection

import msgspec
from msgspec.structs import replace

from logmon_tui.config.settings import Settings
from logmon_tui.formats.clients import Locate
from logmon_tui.history.archive import Archive
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.stats_window import StatsWindow
from logmon_tui.monitor.agent_families import AgentFamilies
from logmon_tui.monitor.around import MarkComparison
from logmon_tui.monitor.baselines import Baselines
from logmon_tui.monitor.client_groups import MAX_NEW_CLIENTS, ClientGroups
from logmon_tui.monitor.filtered_stats import FilteredStats
from logmon_tui.monitor.graph import GraphMaker
from logmon_tui.monitor.past import Past
from logmon_tui.monitor.past_filter import answered
from logmon_tui.monitor.shown import Figures, Shown
from logmon_tui.monitor.tables import AGENT_FAMILIES, CLIENT_GROUPS, Tables
from logmon_tui.monitor.window_view import (
    Keys,
    rate_before,
    traffic_before,
    window_view,
    with_trends,
)
from logmon_tui.recent.hit_store import HitStore
from logmon_tui.snapshot import Known, Moment, Snapshot, TrafficHistory, Window

SCREEN_ROWS = 100
EXTRA_ROWS = 25
"""Rows of the screen's tables for the keys with the most 4xx, as many for 5xx, and for times.

So a client that has few hits but only errors is there when a table is sorted by errors.
"""
MAX_UNSEEN_CLIENTS = 5 * MAX_NEW_CLIENTS
"""Maximum new clients worked out in a picture for which all rankings are made."""
LIVE_WITHIN = 90
"""Maximum seconds between log clock and wall clock for a log to be called live."""


class Counted(msgspec.Struct, frozen=True):
    """What a monitor has counted. One that shows whole intervals has no `recent` hits.

    `filtered` are the intervals of the hits that the settings' filter takes, None without one.
    """

    aggregator: MetricsAggregator
    stats: StatsWindow
    filtered: FilteredStats | None
    recent: HitStore | None


class LogMoment(msgspec.Struct, frozen=True):
    """When a picture is made: at `log_time`, at the monotonic time `now`, at `wall` epoch seconds.

    `first` is the log's first second, and `resolution` that of its times (µs).
    """

    log_time: float
    now: float
    wall: float
    first: int
    resolution: int


class Pictures:
    """Knows what is to be shown, and makes it.

    Public attributes, which commands set: `shown` says which hits the Snapshots show, `past` which
    past moment and which graph, `baselines` what they are compared with, `comparison` around which
    mark traffic is compared, `tables` which rankings somebody sees, `rows` how many keys a ranking
    has (None: all).
    """

    def __init__(
        self,
        settings: Settings,
        counted: Counted,
        past: Past,
        archive: Archive,
        locate: Locate | None,
    ) -> None:
        self._counted = counted
        live = counted.recent is not None
        self.rows = SCREEN_ROWS if live else settings.top or None
        self._extra_rows = EXTRA_ROWS if live else 0
        self._bucket_size = settings.bucket_size
        self._own = settings.own_dimensions
        store = counted.recent or HitStore()
        self.shown = Shown(store, settings.filter, settings.stats_interval)
        self.past = past
        self.baselines = Baselines(self.shown, past)
        self.comparison = MarkComparison(counted.aggregator, past)
        self.tables = Tables()
        self._graphs = GraphMaker(past, archive, counted.aggregator.ring, settings.bucket_size)
        self._families = AgentFamilies()
        self._former_families = AgentFamilies()
        self._client_groups = ClientGroups(locate)
        self._first = 0  # second of the log
        self._resolution = 0

    def with_traffic(self, picture: Snapshot, at: LogMoment) -> Snapshot:
        """Return `picture` with the traffic at a moment."""
        second, now = int(at.log_time), at.now
        self._first, self._resolution = at.first, at.resolution
        moment, figures = self._moment(second, now)
        frequent = self.baselines.prepare(figures.end, figures.seconds, now)
        made = self._to_make(moment, now)
        view = self._window(figures, self._families, frequent, made)
        view = self.tables.completed(view, made)
        return replace(
            picture,
            log_time=at.log_time,
            live=abs(at.log_time - at.wall) <= LIVE_WITHIN,
            rate=figures.rate,
            now=with_trends(view, figures.former),
            traffic=figures.traffic,
            requests=self.shown.requests(second if moment is None else moment.end),
            moment=moment,
            graph=self._graphs.graph_at(second, at.resolution, self.shown.where, self.shown.sums),
            baseline=self.baselines.baseline(view, self._own, self._former_window),
            around=self.comparison.at(second, at.first, at.resolution),
            places=self._client_groups.places_of(view.hosts),
        )

    def _to_make(self, moment: Moment | None, now: float) -> Collection[str] | None:
        """Return the names of the rankings to make, None for all.

        Those of a past moment, and of a comparison, need all keys of one time.
        """
        alone = moment is None and self.baselines.offset is None
        return self.tables.to_make(self.shown.asked if alone else None, now)

    def _window(
        self,
        figures: Figures,
        families: AgentFamilies,
        looked_up: Keys,
        made: Collection[str] | None = None,
    ) -> Window:
        """Return the Window of figures; keys that are `looked_up` have rows there, too.

        `made` are the names of the rankings to make, None for all.
        """
        view = window_view(
            figures.bucket,
            figures.largest,
            figures.distinct,
            end=figures.end,
            seconds=figures.seconds,
            rows=self.rows,
            extra_rows=self._extra_rows,
            resolution=self._resolution,
            own=self._own,
            looked_up=looked_up,
            made=made,
        )
        if made is None or not AGENT_FAMILIES.isdisjoint(made):
            view = families.with_rankings(view, figures.bucket, self.rows)
        if made is None or self._needs_groups(made):
            # When nobody looks, clients of several seconds are new at once.
            new = MAX_UNSEEN_CLIENTS if made is None else MAX_NEW_CLIENTS
            view = self._client_groups.with_rankings(view, figures.bucket, self.rows, new=new)
        return view

    def _needs_groups(self, made: Collection[str]) -> bool:
        """Tell whether clients must be grouped: their places are known from that."""
        places = self._client_groups.has_places and "hosts" in made
        return places or not CLIENT_GROUPS.isdisjoint(made)

    def _former_window(
        self, bucket: MetricsBucket, end: int, seconds: int, looked_up: Keys
    ) -> Window:
        """Return the Window of the traffic that is compared with."""
        figures = self._past_figures(bucket, end, seconds)
        return self._window(figures, self._former_families, looked_up)

    def _moment(self, second: int, now: float) -> tuple[Moment | None, Figures]:
        """Return the past moment that is shown, if any, and its figures or the present ones."""
        asked = self.past.moment
        if asked.end is None or asked.seconds is None or self._counted.recent is None:
            return None, self._figures(second, now)
        if self.shown.knows(asked.end, asked.seconds):
            figures = self.shown.at(asked.end, asked.seconds, self.rows, self._extra_rows)
            return Moment(asked.end, asked.seconds, Known.HITS), figures
        moment, bucket = self.past.bucket(asked.end, asked.seconds)
        moment = _so_far(moment, second)
        if self.shown.where:
            answer = answered(bucket, self.shown.where)
            moment, bucket = moment._replace(answered=answer.fields), answer.bucket
        traffic = traffic_before(second, self._counted.aggregator.ring, self._bucket_size)
        figures = self._past_figures(bucket, moment.end, moment.seconds)
        return moment, figures._replace(traffic=traffic)

    def _past_figures(self, bucket: MetricsBucket, end: int, seconds: int) -> Figures:
        """Return the figures of a bucket of the past, the `seconds` up to the second `end`.

        Rates are over the seconds since the log began.
        """
        since = max(self._first, end - seconds + 1)
        known = max(1, end - since + 1)
        return Figures(
            bucket,
            bucket.largest,
            lambda dimension: bucket.tallies[dimension].distinct,
            end=end,
            seconds=known,
            former=(),
            rate=bucket.hits / known,
            traffic=TrafficHistory(),
        )

    def _figures(self, end: int, now: float) -> Figures:
        """Return the figures that panels show at the second `end`."""
        counted_already = self.shown.is_default and not self._counted.stats.whole_intervals
        if self._counted.recent is not None and not counted_already:
            return self.shown.figures(end, now, self.rows, self._extra_rows)
        counts = self._counted.filtered or self._counted
        stats, ring = counts.stats, counts.aggregator.ring
        return Figures(
            stats.total,
            stats.largest,
            stats.distinct,
            end=end if stats.end is None else stats.end,
            seconds=stats.seconds,
            former=stats.former_sections(),
            rate=rate_before(end, ring, self._bucket_size),
            traffic=traffic_before(end, ring, self._bucket_size),
        )


def _so_far(moment: Moment, second: int) -> Moment:
    """Return the part of a moment up to the present `second`: a whole hour may not be over yet."""
    begin = moment.end - moment.seconds + 1
    end = max(begin, min(moment.end, second))
    return moment._replace(end=end, seconds=end - begin + 1)

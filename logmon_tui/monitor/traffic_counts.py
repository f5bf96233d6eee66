"""TrafficCounts: the hits that are shown, counted by time and in the stats window. Pure."""

from collections.abc import Iterator, Mapping

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit import OWN_DIMENSIONS
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.history.recorder import Recorder
from logmon_tui.metrics.aggregator import AggregatorState, MetricsAggregator
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.dirty_buckets import BucketKey, DirtyBuckets
from logmon_tui.metrics.stats_window import OVERDUE, StatsState, StatsWindow
from logmon_tui.monitor.filtered_stats import FilteredStats
from logmon_tui.recent.hit_store import HitStore


class TrafficCounts:
    """Counts hits for every figure of a Snapshot.

    Public attributes: the `aggregator` counts by time; `stats` is the window that slides, or with
    `whole_intervals` shows one interval after the other; `filtered` are the intervals of the hits
    that the settings' filter takes, None without one. `recent` keeps hits, so that any filter and
    window can be shown; it is None unless it `keeps_hits`. With a `journal` the buckets are noted
    that changed since `saved` was called. The `recorder` gets what the aggregator counts.
    """

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder | None,
        *,
        whole_intervals: bool,
        keeps_hits: bool,
        journal: bool,
    ) -> None:
        self._bucket_size = settings.bucket_size
        self._journal = DirtyBuckets() if journal else None
        self.aggregator = MetricsAggregator(
            settings.bucket_size, journal=self._journal, recorder=recorder
        )
        self.stats = StatsWindow(
            self.aggregator,
            settings.stats_interval,
            whole_intervals=whole_intervals,
            journal=self._journal,
        )
        self.recent = HitStore() if keeps_hits else None
        filtered = whole_intervals and settings.filter
        self.filtered = FilteredStats(settings) if filtered else None

    def take(self, hits: HitBatch) -> None:
        """Count hits."""
        self.aggregator.add(hits)
        self.stats.note(hits)
        if self.recent is not None:
            self.recent.take(hits)
        if self.filtered is not None:
            self.filtered.take(hits)

    def move_to(self, second: int, first: int) -> None:
        """Bring windows up to `second`; `first` is the log's first second."""
        self.stats.move_to(second, first)
        self.aggregator.settle(second // self._bucket_size)
        if self.filtered is not None:
            self.filtered.move_to(second, first)

    def close(self, second: int, first: int) -> None:
        """End the stats window with `second`, within an interval."""
        self.stats.close(second, first)
        if self.filtered is not None:
            self.filtered.stats.close(second, first)

    def begin_backlog(self, newest: int) -> int:
        """Prepare for an old log whose newest hit lies in the second `newest`.

        Return the first second whose hits are counted by all of their keys.
        """
        if self.recent is not None:
            self.recent.begin_at(newest)
        return (self.aggregator.begin_at(newest) + 1) * self._bucket_size

    def end_backlog(self, second: int) -> None:
        """End the backlog, of which all hits up to `second` were read."""
        self.aggregator.end_backlog((second + 1) // self._bucket_size - 1)

    def changed_buckets(self) -> set[BucketKey] | None:
        """Return the keys of the buckets changed since `saved`; None if all of them may be."""
        if self._journal is None or self._journal.everything:
            return None
        return self._journal.touched

    def bucket_keys(self) -> Iterator[BucketKey]:
        """Yield the key of every bucket."""
        yield from self.aggregator.bucket_keys()
        if self.stats.overdue is not None:
            yield OVERDUE, 0

    def bucket(self, key: BucketKey) -> MetricsBucket | None:
        """Return the bucket of a key; None if it no longer exists."""
        tier, start = key
        return self.stats.overdue if tier == OVERDUE else self.aggregator.bucket(tier, start)

    def saved(self) -> None:
        """Note that buckets are saved as they are."""
        if self._journal is not None:
            self._journal.clear()

    def forget_own(self, buckets: Mapping[BucketKey, MetricsBucket]) -> None:
        """Drop the keys of own panels from saved `buckets`: the panels counted other fields."""
        for key, bucket in buckets.items():
            if bucket.drop_keys(OWN_DIMENSIONS) and self._journal is not None:
                self._journal.note(*key)

    def restore(
        self,
        aggregator: AggregatorState,
        stats: StatsState,
        buckets: Mapping[BucketKey, MetricsBucket],
        second: int,
    ) -> None:
        """Go on from another run; `second` is the present one of log time."""
        kept = dict(buckets)
        overdue = kept.pop((OVERDUE, 0), None)
        self.aggregator.restore(aggregator, kept)
        self.stats.restore(stats, overdue, second)
        if self.filtered is not None:  # its hits are not saved, but when its intervals ended is
            self.filtered.stats.restore(stats, None, second)

"""FilteredStats: the windows of the hits that a filter takes, for output without a screen."""

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.metrics.stats_window import StatsWindow


class FilteredStats:
    """Counts the hits that the filter of the settings takes, in whole intervals.

    It is not saved: the first interval after a restart lacks the hits from before.
    """

    def __init__(self, settings: Settings) -> None:
        self._where = settings.filter
        self._bucket_size = settings.bucket_size
        self.aggregator = MetricsAggregator(settings.bucket_size)
        self.stats = StatsWindow(
            self.aggregator, settings.stats_interval, whole_intervals=True, journal=None
        )

    def take(self, hits: HitBatch) -> None:
        """Count hits."""
        mine = hits.select(self._where.mask(hits))
        if len(mine):
            self.aggregator.add(mine)
            self.stats.note(mine)

    def move_to(self, second: int, first: int) -> None:
        """Bring the window up to `second`; `first` is the log's first second."""
        self.stats.move_to(second, first)
        self.aggregator.settle(second // self._bucket_size)

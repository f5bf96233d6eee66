"""BySource: count the hits of each log on its own, so that the screen can show one log. Pure.

Alerts always cover all logs. Nothing here is saved: after a restart the counts begin at zero.
"""

import os
from collections import deque

from logmon_tui.config.settings import Settings
from logmon_tui.formats.model.hit_batch import TAIL_LINES, Dimension, HitBatch
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.metrics.stats_window import StatsWindow

MAX_SOURCES = 16
"""Maximum logs that are counted on their own, as each needs buckets. With more, none is."""


class SourceCounts:
    """The counts of one log that the panels show."""

    def __init__(self, settings: Settings) -> None:
        self.aggregator = MetricsAggregator(settings.bucket_size)
        self.stats = StatsWindow(
            self.aggregator, settings.stats_interval, whole_intervals=False, journal=None
        )
        self.tail: deque[bytes] = deque(maxlen=TAIL_LINES)


class BySource:
    """Counts hits by their source, if they have one. Does nothing unless it is `counting`."""

    def __init__(self, settings: Settings, *, counting: bool) -> None:
        self._settings = settings
        self._counting = counting
        self._counts: dict[bytes, SourceCounts] = {}
        self._chosen: bytes | None = None
        self._backlog_newest: int | None = None
        self._too_many = False

    @property
    def shown(self) -> SourceCounts | None:
        """The counts of the log that is shown alone; None while all logs are shown."""
        return None if self._chosen is None else self._counts_of(self._chosen)

    @property
    def name(self) -> str:
        """The name of the log that is shown alone; empty while all logs are shown."""
        return "" if self._chosen is None or self._too_many else os.fsdecode(self._chosen)

    @property
    def problem(self) -> str:
        """Why no log can be shown alone, in one line; empty if one can."""
        return f"of more than {MAX_SOURCES} logs none can be shown alone" if self._too_many else ""

    def choose(self, name: bytes | None) -> None:
        """Show only the log `name`, or all logs if it is None."""
        self._chosen = name if self._counting and not self._too_many else None

    def note_tail(self, batch: HitBatch) -> None:
        """Keep the newest lines of a batch, parsed or not."""
        source = batch.columns.get(Dimension.SOURCE)
        counts = self._counts_of(source.values[0]) if source is not None else None
        if counts is not None:
            counts.tail.extend(batch.tail)

    def take(self, hits: HitBatch) -> None:
        """Count hits that all have the same source."""
        source = hits.columns.get(Dimension.SOURCE)
        counts = self._counts_of(source.at(0)) if source is not None else None
        if counts is not None:
            counts.aggregator.add(hits)
            counts.stats.note(hits)

    def _counts_of(self, name: bytes) -> SourceCounts | None:
        """Return the counts of a source, made at its first hits; None if it may have none."""
        counts = self._counts.get(name)
        if counts is None and self._counting and not self._too_many:
            if len(self._counts) == MAX_SOURCES:
                self._too_many, self._chosen = True, None
                self._counts.clear()
                return None
            counts = self._counts[name] = SourceCounts(self._settings)
            if self._backlog_newest is not None:
                counts.aggregator.begin_at(self._backlog_newest)
        return counts

    def move_to(self, second: int, first: int) -> None:
        """Bring all windows up to `second`; `first` is the first second of all logs."""
        for counts in self._counts.values():
            counts.stats.move_to(second, first)
            counts.aggregator.settle(second // self._settings.bucket_size)

    def begin_backlog(self, newest: int) -> None:
        """Prepare for reading old logs whose newest hit lies in the second `newest`."""
        self._backlog_newest = newest

    def end_backlog(self, slot: int) -> None:
        """End the backlog: from now on only hits up to `slot` are too old for the ring."""
        self._backlog_newest = None
        for counts in self._counts.values():
            counts.aggregator.end_backlog(slot)

"""StatsWindow: the window that panels show, or the intervals that are printed. Pure."""

from collections.abc import Mapping, Sequence
from functools import reduce

import msgspec

from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.metrics.bucket import ALL_DIMENSIONS, MetricsBucket
from logmon_tui.metrics.dirty_buckets import DirtyBuckets
from logmon_tui.metrics.grouping import summary_of
from logmon_tui.metrics.measured import Largest
from logmon_tui.metrics.tally import distinct_keys
from logmon_tui.metrics.trends import Trends
from logmon_tui.metrics.window import SlidingWindow

OVERDUE = -1
"""The tier number under which overdue hits are saved; no tier of the aggregator has it."""


class StatsState(msgspec.Struct, frozen=True):
    """The saved state of a stats window: its mode, and the last second that it covered."""

    whole_intervals: bool
    end: int | None


class StatsWindow:
    """The last `interval` seconds of the aggregator, or one whole interval after the other.

    By default it slides, and ends with the present second of log time. With `whole_intervals` it
    ends with a whole interval since 1970, and begins where the last one ended. So windows that are
    printed one after the other hold every hit once: a hit that comes after its interval has ended
    is overdue, and counts in the next window.

    `end` is the last second covered, None before there is one. `seconds` is the length.
    `overdue` is the merge of the overdue hits so far, None if there are none.
    """

    def __init__(
        self,
        aggregator: MetricsAggregator,
        interval: int,
        *,
        whole_intervals: bool,
        journal: DirtyBuckets | None,
    ) -> None:
        self.interval = interval
        self.whole_intervals = whole_intervals
        self.end: int | None = None
        self.seconds = 0 if whole_intervals else interval
        self.overdue: MetricsBucket | None = None
        self._aggregator = aggregator
        self._size = aggregator.bucket_size
        self._journal = journal
        self._parts: list[MetricsBucket] = []
        self.sliding = aggregator.window(interval)
        self._trends = Trends(aggregator.ring, aggregator.kept)

    @property
    def total(self) -> MetricsBucket:
        """The merge of the buckets that the window covers."""
        return self.sliding.total

    @property
    def largest(self) -> Largest:
        """The maxima of sizes and times in the window."""
        if not self.whole_intervals:
            return self.sliding.largest
        return reduce(Largest.merged, (part.largest for part in self._parts), Largest())

    def distinct(self, dimension: Dimension) -> int:
        """Return how many distinct keys were seen; an estimate if some were not kept."""
        if not self.whole_intervals:
            return self.sliding.distinct(dimension)
        tally = self.total.tallies[dimension]
        if not tally.other_hits:
            return len(tally.hits)
        return distinct_keys(part.tallies[dimension] for part in self._parts)

    def former_sections(self) -> Sequence[Mapping[bytes, int]]:
        """Return the hits by section in the windows before this one, oldest first."""
        return self._trends.before(self.sliding)

    def note(self, hits: HitBatch) -> None:
        """Note new `hits`, and keep the overdue ones for the next interval."""
        self._trends.forget(int(hits.seconds.min()) // self._size)
        if self.whole_intervals and self.end is not None:
            late = hits.seconds <= self.end
            if late.any():
                found = summary_of(hits.select(late), ALL_DIMENSIONS)
                self._set_overdue(found if self.overdue is None else self.overdue + found)

    def _set_overdue(self, overdue: MetricsBucket | None) -> None:
        self.overdue = overdue
        if self._journal is not None:
            self._journal.note(OVERDUE, 0)

    def move_to(self, second: int, first: int) -> None:
        """Move the window to where it belongs when log time is in `second`.

        `first` is the log's first second. The first whole interval is the one that contains it.
        """
        if self.whole_intervals:
            self.end_interval(second // self.interval * self.interval - 1, first)
        else:
            # Rates are over whole buckets, so a longer bucket counts only once it is complete.
            self._slide((second + 1) // self._size - 1)

    def _slide(self, slot: int) -> None:
        if self.sliding.end is not None and slot < self.sliding.end:
            return  # another log is still being caught up with
        self.sliding.advance(slot)
        self.end = (slot + 1) * self._size - 1

    def end_interval(self, second: int, first: int) -> None:
        """End the window with `second`, and begin it where the last one ended.

        Before the first interval ends, the window is empty and 0 seconds long.
        """
        if self.end is None:
            self.end = first // self.interval * self.interval - 1
        begin, size = self.end + 1, self._size
        if second < begin:
            return
        slots = second // size - begin // size + 1
        self._show(self._aggregator.past_window(slots, second // size))
        self.end, self.seconds = second, second - begin + 1

    def _show(self, window: SlidingWindow) -> None:
        """Show `window` with the overdue hits merged in."""
        self.sliding = window
        self._parts = window.buckets()
        if self.overdue is not None:
            self.total.add(self.overdue)
            self._parts.append(self.overdue)
            self._set_overdue(None)

    def close(self, second: int, first: int) -> None:
        """End the last window with `second`.

        If an interval was printed up to just then, the window is empty: no hit is printed twice.
        """
        printed = self.end
        self.end_interval(second, first)
        if self.whole_intervals and printed is not None and self.end == printed:
            self._show(SlidingWindow({}, 1, ALL_DIMENSIONS, detail=True))
            self.seconds = 0

    def state(self) -> StatsState:
        """Return the state to save, without `overdue`."""
        return StatsState(self.whole_intervals, self.end)

    def restore(self, state: StatsState, overdue: MetricsBucket | None, log_second: int) -> None:
        """Continue from a saved state; the aggregator must be restored before.

        `log_second` is the present second of log time. Whole intervals continue after the last
        printed one; if none was, they begin with the one that contains `log_second`. No interval
        is shown twice.
        """
        if self.whole_intervals and state.whole_intervals:
            self.end, self.overdue = state.end, overdue
            return
        if overdue is not None:
            self._set_overdue(None)
        if state.end is None:
            return
        if self.whole_intervals:
            self.end = log_second // self.interval * self.interval - 1
        else:
            self._slide((state.end + 1) // self._size - 1)

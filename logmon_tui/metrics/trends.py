"""Trends: the hits by section in former windows of the same length. It reads no clock."""

from collections.abc import Mapping, Sequence

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.histogram import add_counts
from logmon_tui.metrics.window import SlidingWindow, filled

TREND_STEPS = 8
"""Windows in a trend, the present one included."""


class Trends:
    """Sums the hits by section of former windows over `ring`, which keeps the last `kept` slots.

    The sums are cached until the window moves, or hits come late for one of these slots.
    """

    def __init__(self, ring: Mapping[int, MetricsBucket], kept: int) -> None:
        self._ring = ring
        self._kept = kept
        self._known: tuple[int, int] | None = None
        self._former: list[dict[bytes, int]] = []

    def before(self, window: SlidingWindow) -> Sequence[Mapping[bytes, int]]:
        """Return the hits by section in each former window as long as `window`, oldest first.

        Windows older than the ring are left out: no data there does not mean no traffic.
        """
        if window.end is None:
            return ()
        if self._known != (window.end, window.slots):
            self._known = window.end, window.slots
            steps = max(1, min(TREND_STEPS, self._kept // window.slots))
            first = window.end - steps * window.slots + 1
            starts = range(first, window.end - window.slots + 1, window.slots)
            self._former = [self._sections(start, start + window.slots - 1) for start in starts]
        return self._former

    def forget(self, slot: int) -> None:
        """Drop cached sums that a late change of `slot` makes wrong."""
        if self._known is not None and slot <= self._known[0] - self._known[1]:
            self._known = None

    def _sections(self, first: int, last: int) -> dict[bytes, int]:
        sections: dict[bytes, int] = {}
        for slot in filled(self._ring, first, last):
            add_counts(sections, self._ring[slot].tallies[Dimension.SECTION].hits)
        return sections

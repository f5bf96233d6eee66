"""What the traffic was before and after a mark, from buckets or recorded minutes. Pure."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from logmon_tui.alerts.model.mark import AROUND, Mark
from logmon_tui.formats.model.hit import NO_RESOLUTION
from logmon_tui.history.archive import MINUTE
from logmon_tui.history.recorder import BEHIND_SLOTS
from logmon_tui.history.sums import Sums, merged, sums_of
from logmon_tui.metrics.aggregator import MetricsAggregator
from logmon_tui.metrics.histogram import Histogram
from logmon_tui.metrics.wide_buckets import HORIZON
from logmon_tui.monitor.past import Past
from logmon_tui.monitor.window_view import times_view
from logmon_tui.snapshot import AroundMark, MarkSide


class Interval(msgspec.Struct, frozen=True):
    """The totals of hits within the `seconds` from the second `start` on.

    `timed` says whether the response times of these hits are kept.
    """

    start: int
    seconds: int
    sums: Sums
    timed: bool = True


def around_mark(
    mark: Mark,
    intervals: Iterable[Interval],
    *,
    since: int,
    until: int,
    resolution: int = NO_RESOLUTION,
) -> AroundMark:
    """Return the traffic in the AROUND seconds before `mark` and in those from its second on.

    `intervals` have all hits of these seconds, each hit once. They may be of different widths and
    reach over the edges. One that reaches over an edge is left out with its seconds, as nobody
    knows on which side its hits were. Traffic is known in the seconds [`since`, `until`), where a
    second without an interval had no hits. Times are rounded to the log's `resolution` (µs).
    """
    known = list(intervals)
    begin, end = mark.second - AROUND, min(mark.second + AROUND, until)
    (_, begin), (before_end, after_start), (end, _) = (
        _around(edge, known) for edge in (begin, mark.second, end)
    )
    return AroundMark(
        mark,
        _side(known, begin, min(before_end, end), since, resolution),
        _side(known, after_start, end, since, resolution),
    )


def _around(edge: int, intervals: Sequence[Interval]) -> tuple[int, int]:
    """Return the seconds nearest to `edge`, before and after it, that no interval reaches over."""
    low = high = edge
    spans = sorted((each.start, each.start + each.seconds) for each in intervals)
    for start, end in spans:
        if start < high < end:
            high = end
    for start, end in sorted(spans, key=lambda span: -span[1]):
        if start < low < end:
            low = start
    return low, high


def _side(
    intervals: Sequence[Interval], start: int, end: int, since: int, resolution: int
) -> MarkSide:
    """Return the traffic of the seconds [start, end), of which those before `since` are unknown."""
    inside = [
        each for each in intervals if start <= each.start and each.start + each.seconds <= end
    ]
    sums = merged(each.sums for each in inside)
    kept = all(each.timed for each in inside if each.sums.hits)
    histogram = Histogram(sums.times)
    times = times_view(histogram, histogram.most(), resolution) if kept else None
    return MarkSide(max(start, since), end, sums.hits, tuple(sums.by_class), times, kept)


class MarkComparison:
    """The mark whose traffic before and after is asked for, summed up once a second at most.

    The figures are of the aggregator's seconds. Once these are folded, which loses times, they are
    of the recorded minutes if those reach as far back.
    """

    def __init__(self, aggregator: MetricsAggregator, past: Past) -> None:
        self._aggregator = aggregator
        self._past = past
        self._mark: Mark | None = None
        self._second: int | None = None
        self._around: AroundMark | None = None

    def choose(self, mark: Mark | None) -> None:
        """Compare the traffic around `mark` from now on, none if None."""
        self._mark, self._second, self._around = mark, None, None

    def at(self, second: int, first: int, resolution: int) -> AroundMark | None:
        """Return the traffic as of `second`; the log begins with `first` and has a `resolution`."""
        mark = self._mark
        if mark is not None and second != self._second:
            self._second = second
            intervals, until = self._intervals(mark, second, first)
            since = max(first, second - HORIZON)
            self._around = around_mark(
                mark, intervals, since=since, until=until, resolution=resolution
            )
        return self._around

    def _intervals(self, mark: Mark, second: int, first: int) -> tuple[list[Interval], int]:
        """Return the intervals around a mark, and the second up to which they have all hits."""
        begin, end = mark.second - AROUND, min(mark.second + AROUND, second)
        seconds = list(self._of_buckets(begin, end))
        if not all(each.timed for each in seconds):
            minute = max(begin, first) // MINUTE * MINUTE
            minutes = self._past.minutes(minute, end)
            if minutes is not None:
                intervals = [Interval(start, MINUTE, sums) for start, sums in minutes]
                return intervals, second - (BEHIND_SLOTS + 1) * self._aggregator.bucket_size
        return seconds, second

    def _of_buckets(self, begin: int, end: int) -> Iterator[Interval]:
        for start, seconds, bucket in self._aggregator.between(begin, end):
            yield Interval(start, seconds, sums_of(bucket), bucket.detail)

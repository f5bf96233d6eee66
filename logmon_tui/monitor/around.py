"""What the traffic was before and after a mark, from the buckets of any recorder. Pure."""

from collections.abc import Iterable, Sequence

from logmon_tui.alerts.model.mark import AROUND, Mark
from logmon_tui.formats.model.hit import NO_RESOLUTION
from logmon_tui.metrics.aggregator import HORIZON, MetricsAggregator, TimedBucket
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.monitor.window_view import times_view
from logmon_tui.snapshot import AroundMark, MarkSide


def around_mark(
    mark: Mark,
    buckets: Iterable[TimedBucket],
    *,
    since: int,
    until: int,
    resolution: int = NO_RESOLUTION,
) -> AroundMark:
    """Return the traffic in the AROUND before `mark` and in those from its second on.

    `buckets` have all hits of these seconds, each hit once, and may be of different widths and
    reach over the edges; one that reaches over an edge is left out with its seconds, as nobody
    knows on which side its hits were. Traffic is known in the seconds [`since`, `until`), where a
    second without a bucket had no hits. Times are rounded to the log's `resolution` (µs).
    """
    known = list(buckets)
    begin, end = mark.second - AROUND, min(mark.second + AROUND, until)
    (_, begin), (before_end, after_start), (end, _) = (
        _around(edge, known) for edge in (begin, mark.second, end)
    )
    return AroundMark(
        mark,
        _side(known, begin, min(before_end, end), since, resolution),
        _side(known, after_start, end, since, resolution),
    )


def _around(edge: int, buckets: Sequence[TimedBucket]) -> tuple[int, int]:
    """Return the seconds nearest to `edge`, before and after it, that no bucket reaches over."""
    low = high = edge
    spans = sorted((start, start + seconds) for start, seconds, _ in buckets)
    for start, end in spans:
        if start < high < end:
            high = end
    for start, end in sorted(spans, key=lambda span: -span[1]):
        if start < low < end:
            low = start
    return low, high


def _side(
    buckets: Sequence[TimedBucket], start: int, end: int, since: int, resolution: int
) -> MarkSide:
    """Return the traffic of the seconds [start, end), of which those before `since` are unknown."""
    inside = [
        each.bucket for each in buckets if start <= each.start and each.start + each.seconds <= end
    ]
    total = MetricsBucket(())
    for bucket in inside:
        total.add(bucket)
    times = total.measured.response_times if total.measured is not None else None
    kept = all(bucket.detail for bucket in inside if bucket.hits)
    return MarkSide(
        max(start, since),
        end,
        total.hits,
        total.by_class(),
        times_view(times, total.largest.response_time, resolution) if times and kept else None,
        kept,
    )


class Comparison:
    """The mark whose traffic before and after is asked for, summed up once a second at most."""

    def __init__(self, aggregator: MetricsAggregator) -> None:
        self._aggregator = aggregator
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
            begin, end = mark.second - AROUND, mark.second + AROUND
            self._around = around_mark(
                mark,
                self._aggregator.between(begin, min(end, second)),
                since=max(first, second - HORIZON),
                until=second,
                resolution=resolution,
            )
        return self._around

"""Backlog: counts the hits of a long log that is opened. Pure.

Counting all keys of every minute would take longer than reading the log. So of a backlog's minutes
only totals are counted, and keys by hour. Of a log so busy that a minute has thousands of hits,
minutes cost little beside, and keep their keys too.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.history.archive import HOUR, MINUTE, Slice
from logmon_tui.history.counting import top_buckets
from logmon_tui.history.trimming import add_bounded, trim
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.grouping import BatchCounter

DENSE_HITS = 5_000
"""Minimum hits a minute of a batch whose minutes keep their keys."""

OPEN_SLICES = 48
"""Slices of a width that are open at once: several logs, read in turn, stand at other times."""

LEFT_OPEN = OPEN_SLICES // 2
"""Slices left open when some are closed: many minutes cost less together, as they share hours."""

OPEN_TOTALS = 1_500
"""Minutes whose totals are held until they are taken."""


class Backlog:
    """Counts hits; those before the second `minutes_from` only by hour.

    A slice keeps `keys` keys of each dimension, an hour twice as many.
    """

    def __init__(self, keys: int, minutes_from: int) -> None:
        self._keys = {MINUTE: keys, HOUR: 2 * keys}
        self._minutes_from = minutes_from
        self._open: dict[int, dict[int, MetricsBucket]] = {MINUTE: {}, HOUR: {}}
        self._totals: dict[int, MetricsBucket] = {}

    def add(self, hits: HitBatch) -> None:
        """Count hits."""
        recent = hits.seconds >= self._minutes_from
        if recent.all():
            self._add_recent(hits)
        elif not recent.any():
            self._count(hits, HOUR)
        else:
            self._count(hits.select(~recent), HOUR)
            self._add_recent(hits.select(recent))

    def _add_recent(self, hits: HitBatch) -> None:
        minutes = (int(hits.seconds.max()) - int(hits.seconds.min())) / MINUTE
        if len(hits) >= DENSE_HITS * minutes:
            self._count(hits, MINUTE)
            return
        self._count(hits, HOUR)
        totals = BatchCounter(replace(hits, columns={}), MINUTE).buckets((), detail=True)
        for minute, bucket in totals.items():
            known = self._totals.get(minute * MINUTE)
            if known is None:
                self._totals[minute * MINUTE] = bucket
            else:
                known.add(bucket)

    def _count(self, hits: HitBatch, width: int) -> None:
        opened, keys = self._open[width], self._keys[width]
        for number, bucket in top_buckets(hits, width, keys).items():
            known = opened.pop(number * width, None)
            if known is None:
                known = bucket
            else:
                add_bounded(known, bucket, 4 * keys)
            opened[number * width] = known  # the last one, as it was touched last

    def take(self) -> list[Slice]:
        """Return the slices that are too many to stay open."""
        full = [width for width, opened in self._open.items() if len(opened) > OPEN_SLICES]
        found = [each for width in full for each in self._closed(width, LEFT_OPEN)]
        return [*found, *self._taken_totals(OPEN_TOTALS)]

    def finish(self) -> list[Slice]:
        """Return all slices."""
        found = [each for width in self._open for each in self._closed(width, 0)]
        return [*found, *self._taken_totals(0)]

    def _closed(self, width: int, left: int) -> Iterator[Slice]:
        opened = self._open[width]
        while len(opened) > left:
            start = next(iter(opened))
            bucket = opened.pop(start)
            trim(bucket, self._keys[width])
            yield Slice(width, start, bucket)

    def _taken_totals(self, left: int) -> Iterator[Slice]:
        if len(self._totals) > left:
            totals, self._totals = self._totals, {}
            for start, bucket in totals.items():
                yield Slice(MINUTE, start, bucket, keyed=False)

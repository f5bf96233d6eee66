"""Backlog: counts the hits of a long log that is opened. Pure.

Counting all keys of every minute would take longer than reading the log. So of a backlog's minutes
only totals are counted, and keys by hour. Of a log so busy that a minute has thousands of hits,
minutes cost little beside, and keep their keys too.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

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


MOST_AHEAD = 3
"""Maximum batches that others count meanwhile: each of them takes memory."""


class Counts(NamedTuple):
    """The buckets of a batch by their numbers: with keys, by width; and the totals of minutes."""

    keyed: tuple[tuple[int, dict[int, MetricsBucket]], ...]
    totals: dict[int, MetricsBucket]


Later: TypeAlias = Callable[[Callable[[], Counts]], Callable[[], Counts]]
"""Has a function called, perhaps by another thread meanwhile; returns what waits for its result."""


def at_once(count: Callable[[], Counts]) -> Callable[[], Counts]:
    """Call a function now; return what returns its result."""
    counts = count()
    return lambda: counts


class Backlog:
    """Counts hits; those before the second `minutes_from` only by hour.

    A slice keeps `keys` keys of each dimension, an hour twice as many. `later` may have batches
    counted while others are read; they are added up in their order.
    """

    def __init__(self, keys: int, minutes_from: int, later: Later = at_once) -> None:
        self._keys = {MINUTE: keys, HOUR: 2 * keys}
        self._later = later
        self._ahead: deque[Callable[[], Counts]] = deque()
        self._minutes_from = minutes_from
        self._open: dict[int, dict[int, MetricsBucket]] = {MINUTE: {}, HOUR: {}}
        self._totals: dict[int, MetricsBucket] = {}

    def add(self, hits: HitBatch) -> None:
        """Count hits."""
        self._ahead.append(self._later(partial(counts_of, hits, self._keys, self._minutes_from)))
        self._add_counted(MOST_AHEAD)

    def _add_counted(self, left: int) -> None:
        """Add up what was counted, but for the newest batches, of which so many are `left`."""
        while len(self._ahead) > left:
            counts = self._ahead.popleft()()
            for width, buckets in counts.keyed:
                self._add_keyed(width, buckets)
            for minute, bucket in counts.totals.items():
                known = self._totals.get(minute * MINUTE)
                if known is None:
                    self._totals[minute * MINUTE] = bucket
                else:
                    known.add(bucket)

    def _add_keyed(self, width: int, buckets: Mapping[int, MetricsBucket]) -> None:
        opened = self._open[width]
        for number, bucket in buckets.items():
            known = opened.pop(number * width, None)
            if known is None:
                known = bucket
            else:
                add_bounded(known, bucket, 4 * self._keys[width])
            opened[number * width] = known  # the last one, as it was touched last

    def take(self) -> list[Slice]:
        """Return the slices that are too many to stay open."""
        full = [width for width, opened in self._open.items() if len(opened) > OPEN_SLICES]
        found = [each for width in full for each in self._closed(width, LEFT_OPEN)]
        return [*found, *self._taken_totals(OPEN_TOTALS)]

    def finish(self) -> list[Slice]:
        """Return all slices."""
        self._add_counted(0)
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


def counts_of(hits: HitBatch, keys: Mapping[int, int], minutes_from: int) -> Counts:
    """Return the counts of a batch; any thread may call this. `keys` are by width."""
    recent = hits.seconds >= minutes_from
    if recent.all():
        return _recent_counts(hits, keys)
    old = hits if not recent.any() else hits.select(~recent)
    counted = (HOUR, top_buckets(old, HOUR, keys[HOUR]))
    if old is hits:
        return Counts((counted,), {})
    counts = _recent_counts(hits.select(recent), keys)
    return counts._replace(keyed=(counted, *counts.keyed))


def _recent_counts(hits: HitBatch, keys: Mapping[int, int]) -> Counts:
    minutes = (int(hits.seconds.max()) - int(hits.seconds.min())) / MINUTE
    if len(hits) >= DENSE_HITS * minutes:
        return Counts(((MINUTE, top_buckets(hits, MINUTE, keys[MINUTE])),), {})
    totals = BatchCounter(replace(hits, columns={}), MINUTE).buckets((), detail=True)
    return Counts(((HOUR, top_buckets(hits, HOUR, keys[HOUR])),), totals)

"""Past: which past moment and which graph Snapshots show, and what both are made of. Pure."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from logmon_tui.formats.model.hit import NO_RESOLUTION
from logmon_tui.history.archive import HOUR, MINUTE, WIDTHS, Archive
from logmon_tui.history.recorder import Recorder
from logmon_tui.history.sums import Sums, merged, sums_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.histogram import Histogram
from logmon_tui.monitor.commands import ShowGraph, ShowMoment
from logmon_tui.monitor.window_view import times_view
from logmon_tui.snapshot import Graph, GraphColumn, Known, Moment

_KNOWN = {MINUTE: Known.MINUTES, HOUR: Known.HOURS}


class PastBucket(NamedTuple):
    """What is known of a past moment, and the bucket of its hits."""

    moment: Moment
    bucket: MetricsBucket


class Past:
    """Answers questions about former minutes, from the recorder's open ones and the archive.

    Public attributes, which commands set: `moment`, and `graph` that Snapshots hold.
    """

    def __init__(self, recorder: Recorder, archive: Archive) -> None:
        self._recorder = recorder
        self._archive = archive
        self.moment = ShowMoment()
        self.graph = ShowGraph()
        self._bucket: tuple[object, PastBucket] | None = None
        self._made: tuple[object, Graph] | None = None

    @property
    def _version(self) -> tuple[int, int]:
        return self._archive.version, self._recorder.version

    def bucket(self, end: int, seconds: int) -> PastBucket:
        """Return what is known of the `seconds` up to `end`, in whole minutes or hours."""
        asked = end, seconds, self._archive.version, self._recorder.version
        if self._bucket is None or self._bucket[0] != asked:
            self._bucket = asked, self._bucket_of(end, seconds)
        return self._bucket[1]

    def _bucket_of(self, end: int, seconds: int) -> PastBucket:
        for width in WIDTHS:
            since = (end - seconds + 1) // width * width
            until = -(-(end + 1) // width) * width
            if (until - since) // width > HOUR // MINUTE and width == MINUTE:
                continue  # hours say the same in fewer rows
            bucket = self._archive.bucket(width, since, until)
            bucket = _sum(bucket, self._recorder.open_bucket(since, until))
            if bucket is not None:
                return PastBucket(Moment(until - 1, until - since, _KNOWN[width]), bucket)
        oldest = self._archive.since(HOUR)
        nothing = oldest is None or end < oldest
        known = Known.NOTHING if nothing else Known.MINUTES
        return PastBucket(Moment(end, seconds, known), MetricsBucket())

    def graph_at(
        self,
        second: int,
        ring: Mapping[int, MetricsBucket],
        size: int,
        resolution: int = NO_RESOLUTION,
    ) -> Graph | None:
        """Return the graph that was asked for, None if none was, when log time is `second`.

        Buckets in `ring` are `size` seconds long. Times are rounded to `resolution` (µs).
        """
        asked = self.graph
        if not asked.columns:
            return None
        end = second if asked.end is None else asked.end
        begin = (end // asked.step - asked.columns + 1) * asked.step
        key = asked, begin, (second if asked.step < MINUTE else self._version)
        if self._made is None or self._made[0] != key:
            columns = self._columns(begin, ring, size, resolution)
            before: tuple[GraphColumn | None, ...] = ()
            if asked.offset is not None:
                before = self._columns(begin - asked.offset, ring, size, resolution)
            since = self._archive.since(MINUTE if asked.step < HOUR else HOUR)
            graph = Graph(begin, asked.step, columns, before, asked.offset, since)
            self._made = key, graph
        return self._made[1]

    def _columns(
        self, begin: int, ring: Mapping[int, MetricsBucket], size: int, resolution: int
    ) -> tuple[GraphColumn | None, ...]:
        step, count = self.graph.step, self.graph.columns
        parts: dict[int, list[Sums]] = {}
        known = self._of_seconds(begin, ring, size) if step < MINUTE else self._of_slices(begin)
        for start, sums in known:
            parts.setdefault((start - begin) // step, []).append(sums)
        clients = step >= MINUTE
        return tuple(
            _column(merged(parts[place]), step, resolution, clients=clients)
            if place in parts
            else None
            for place in range(count)
        )

    def _of_seconds(
        self, begin: int, ring: Mapping[int, MetricsBucket], size: int
    ) -> Iterator[tuple[int, Sums]]:
        end = begin + self.graph.step * self.graph.columns
        for slot in range(begin // size, -(-end // size)):
            if slot in ring and begin <= slot * size < end:
                yield slot * size, sums_of(ring[slot], 0)

    def _of_slices(self, begin: int) -> Iterator[tuple[int, Sums]]:
        end = begin + self.graph.step * self.graph.columns
        width = HOUR if self.graph.step >= HOUR else MINUTE
        yield from self._archive.sums(width, begin, end)
        for start, sums in self._recorder.open_sums().items():
            if begin <= start < end:
                yield start, sums

    def minutes(self, begin: int, end: int) -> list[tuple[int, Sums]] | None:
        """Return start and totals of the minutes that begin in [begin, end).

        Minutes without hits are missing, and a minute may stand there twice, in parts. None if the
        archive does not reach back to `begin`, the first second of a minute.
        """
        oldest = self._archive.since(MINUTE)
        if oldest is None or oldest > begin:
            return None
        untaken = self._recorder.open_sums().items()
        found = (each for each in untaken if begin <= each[0] < end)
        return [*self._archive.sums(MINUTE, begin, end), *found]


def _sum(one: MetricsBucket | None, other: MetricsBucket | None) -> MetricsBucket | None:
    if one is None or other is None:
        return one if other is None else other
    one.add(other)
    return one


def _column(sums: Sums, step: int, resolution: int, *, clients: bool) -> GraphColumn:
    histogram = Histogram(sums.times)
    times = times_view(histogram, int(histogram.most()), resolution)
    return GraphColumn(
        step,
        sums.hits,
        sums.bytes,
        tuple(sums.by_class),
        times,
        sums.clients / (step / MINUTE) if clients else None,
    )

"""GraphMaker: the graph of a time in columns, from the ring, the recorder and the archive. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from logmon_tui.filters.language import Filter
from logmon_tui.history.archive import HOUR, MINUTE, WIDTHS, Archive
from logmon_tui.history.sums import Sums, merged, sums_of
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.histogram import Histogram
from logmon_tui.metrics.window import filled
from logmon_tui.monitor.commands import ShowGraph
from logmon_tui.monitor.past import Past
from logmon_tui.monitor.window_view import times_view
from logmon_tui.snapshot import Graph, GraphColumn

ALL_HITS = Filter()

_DRAWN = 20_000
"""Columns that are remembered."""

MAX_SPANS = 4
"""Maximum spans of which the totals are remembered: a graph, and what it is compared with."""

Filtered = Callable[[int, int, int], list[Sums] | None]
"""Returns the sums of `count` columns, `step` seconds long, from the second `begin` on."""


class _Span(NamedTuple):
    """The columns of a graph: the first second, their length, their number; the present second."""

    begin: int
    step: int
    columns: int
    second: int

    @property
    def end(self) -> int:
        """The first second behind it."""
        return self.begin + self.step * self.columns


class GraphMaker:
    """Makes the graphs that `past` is asked for.

    `ring` maps slots, `size` seconds long, to the newest buckets.
    """

    def __init__(
        self, past: Past, archive: Archive, ring: Mapping[int, MetricsBucket], size: int
    ) -> None:
        self._past = past
        self._archive = archive
        self._ring = ring
        self._size = size
        self._kept: dict[tuple[int, int], tuple[object, dict[int, Sums]]] = {}
        self._drawn: dict[tuple[int, int], tuple[Sums, GraphColumn]] = {}
        self._made: tuple[object, Graph] | None = None

    def graph_at(
        self,
        second: int,
        resolution: int,
        where: Filter,
        filtered: Filtered | None,
    ) -> Graph | None:
        """Return the graph that was asked for, None if none was, when log time is `second`.

        Times are rounded to `resolution` (µs). `filtered` counts the hits that the filter `where`
        takes, if all hits of such columns are known, and returns None if they are not.
        """
        asked = self._past.graph
        if not asked.columns:
            self._kept.clear()
            self._drawn.clear()
            self._made = None
            return None
        filtered = filtered if where else None
        key = asked, second, where, self._archive.version
        if self._made is None or self._made[0] != key:
            self._made = key, self._graph(asked, second, resolution, filtered)
        return self._made[1]

    def _graph(
        self, asked: ShowGraph, second: int, resolution: int, filtered: Filtered | None
    ) -> Graph:
        end = second if asked.end is None else asked.end
        begin = (end // asked.step - asked.columns + 1) * asked.step
        span = _Span(begin, asked.step, asked.columns, second)
        found = None if filtered is None else filtered(span.begin, span.step, span.columns)
        sums = self._sums(span) if found is None else dict(enumerate(found))
        before: tuple[GraphColumn | None, ...] = ()
        if asked.offset is not None:
            earlier = span._replace(begin=begin - asked.offset)
            before = self._earlier(earlier, resolution)
        since = self._archive.since(HOUR if asked.step >= HOUR else MINUTE)
        return Graph(
            begin,
            asked.step,
            self._columns(span, sums, resolution),
            before,
            asked.offset,
            since,
            filtered=found is not None,
        )

    def _earlier(self, span: _Span, resolution: int) -> tuple[GraphColumn | None, ...]:
        """Return the columns of an earlier time.

        Where it is known only by the minute or hour, a column is the whole one in which it begins.
        That in which the recording began is not known as a whole.
        """
        columns = list(self._columns(span, self._sums(span), resolution))
        slot = min(self._ring, default=None)
        since = None if slot is None else slot * self._size
        for width in WIDTHS:
            oldest = self._archive.since(width)
            if width > span.step and oldest is not None:
                first = span.begin // width * width
                wide = _Span(first, width, (span.end - first - 1) // width + 1, span.second)
                known = self._columns(wide, self._sums(wide), resolution)
                for place, start in enumerate(range(span.begin, span.end, span.step)):
                    finer = since is not None and start >= since
                    if columns[place] is None and not finer and start >= oldest + width:
                        columns[place] = known[(start - first) // width]
            since = oldest
        return tuple(columns)

    def _sums(self, span: _Span) -> dict[int, Sums]:
        """Return the totals by the number of their column; columns without hits are missing."""
        if span.step < MINUTE:
            return _by_column(span, self._of_seconds(span))
        width = HOUR if span.step >= HOUR else MINUTE
        known = self._of_archive(span, width)
        newest = _by_column(span, self._past.sums(width, span.begin, span.end))
        return known | {
            place: merged([known[place], sums]) if place in known else sums
            for place, sums in newest.items()
        }

    def _of_archive(self, span: _Span, width: int) -> dict[int, Sums]:
        key = span.begin, span.step
        version = span.columns, self._archive.version
        if key not in self._kept or self._kept[key][0] != version:
            if len(self._kept) > MAX_SPANS:
                self._kept.clear()
            found = self._archive.sums(width, span.begin, span.end)
            self._kept[key] = version, _by_column(span, found)
        return self._kept[key][1]

    def _of_seconds(self, span: _Span) -> Iterable[tuple[int, Sums]]:
        first, last = -(-span.begin // self._size), (span.end - 1) // self._size
        for slot in filled(self._ring, first, last):
            # The clients of a second say nothing of a minute.
            yield slot * self._size, sums_of(self._ring[slot], clients=False)

    def _columns(
        self, span: _Span, sums: Mapping[int, Sums], resolution: int
    ) -> tuple[GraphColumn | None, ...]:
        """Return all columns; those whose sums are the same object as before are not made anew."""
        if len(self._drawn) > _DRAWN:
            self._drawn.clear()
        columns: list[GraphColumn | None] = [None] * span.columns
        for place, each in sums.items():
            key = span.step, span.begin + place * span.step
            known = self._drawn.get(key)
            if known is None or known[0] is not each or key[1] + span.step > span.second:
                known = self._drawn[key] = each, _column(span, place, each, resolution)
            columns[place] = known[1]
        return tuple(columns)


def _by_column(span: _Span, parts: Iterable[tuple[int, Sums]]) -> dict[int, Sums]:
    """Sum up totals, by first second, in columns."""
    found: dict[int, list[Sums]] = {}
    for start, sums in parts:
        found.setdefault((start - span.begin) // span.step, []).append(sums)
    # What is alone is not copied: graphs of days have thousands of columns.
    return {
        place: each[0] if len(each) == 1 else merged(each)
        for place, each in found.items()
        if 0 <= place < span.columns
    }


def _column(span: _Span, place: int, sums: Sums, resolution: int) -> GraphColumn:
    """Return a column; of the newest one the seconds up to the present are known."""
    start = span.begin + place * span.step
    seconds = max(1, min(span.step, span.second + 1 - start))
    return GraphColumn(
        seconds,
        sums.hits,
        sums.bytes,
        tuple(sums.by_class),
        times_view(Histogram(sums.times), sums.longest, resolution),
        None if sums.clients is None else sums.clients / max(1.0, seconds / MINUTE),
    )

"""Make the frozen values of a Snapshot from the state of the metrics. Pure functions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import NO_RESOLUTION, finest
from logmon_tui.formats.model.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import (
    CLASSED,
    ERRORS,
    RANKED,
    TIME,
    UNCLASSED,
    UNTIMED,
    Figure,
    class_name,
    largest,
)
from logmon_tui.metrics.histogram import Bins, Histogram, to_resolution
from logmon_tui.metrics.measured import Largest, Measured
from logmon_tui.metrics.tally import Tally
from logmon_tui.snapshot import (
    NO_CLASSES,
    ByClass,
    CountRow,
    Errors,
    Ingest,
    Ranking,
    Sizes,
    Times,
    TrafficHistory,
    Window,
)

GRAPH_SECONDS = 600
"""Seconds of traffic in a Snapshot, for the graph."""

RATE_SECONDS = 3
"""Seconds over which the rate "now" is averaged, so that it does not flicker."""

_MICROSECONDS = 1_000_000  # a second

Keys: TypeAlias = Mapping[Dimension, Collection[bytes]]
"""Keys by dimension."""

NO_KEYS: Keys = MappingProxyType({})

Trends: TypeAlias = Sequence[Mapping[bytes, int]]
"""Hits by section in each former window of the same length, oldest first."""

FIELDS = {
    Dimension.SECTION: "sections",
    Dimension.PATH: "paths",
    Dimension.HOST: "hosts",
    Dimension.USER: "users",
    Dimension.METHOD: "methods",
    Dimension.USER_AGENT: "user_agents",
    Dimension.REFERRER: "referrers",
    Dimension.VIRTUAL_HOST: "virtual_hosts",
    Dimension.TLS: "tls",
    Dimension.ROUTE: "routes",
    Dimension.SOURCE: "sources",
    Dimension.SERVER: "servers",
    Dimension.SITE: "sites",
}
"""The ranking of a Window that each dimension makes."""


class HitSums(msgspec.Struct, frozen=True):
    """The hits of a batch by `status` code, shape (codes,), and the sum of their `bytes`."""

    status: NDArray[np.int64]
    bytes: int

    @classmethod
    def of(cls, batch: HitBatch) -> "HitSums":
        """Count the hits of a batch."""
        return cls(np.bincount(batch.status), int(batch.sizes.sum()))


def counted(ingest: Ingest, batch: HitBatch, sums: HitSums) -> Ingest:
    """Return `ingest` with the lines of one more batch added, of whose hits these are the sums."""
    name = batch.format_name
    known = not name or name in ingest.formats
    return replace(
        ingest,
        hits=ingest.hits + len(batch),
        bytes=ingest.bytes + sums.bytes,
        unparsed=ingest.unparsed + batch.unparsed,
        others=ingest.others + batch.others,
        status=_added_status(ingest.status, sums.status),
        first_unparsed=ingest.first_unparsed or batch.first_unparsed,
        resolution=finest(ingest.resolution, batch.resolution),
        formats=ingest.formats if known else (*ingest.formats, name),
    )


def _added_status(
    totals: tuple[tuple[int, int], ...], found: NDArray[np.int64]
) -> tuple[tuple[int, int], ...]:
    sums = dict(totals)
    for code in found.nonzero()[0].tolist():
        sums[code] = sums.get(code, 0) + int(found[code])
    return tuple(sorted(sums.items()))


def window_view(  # noqa: PLR0913 - two of them give what a bucket does not hold
    bucket: MetricsBucket,
    largest: Largest,
    distinct: Callable[[Dimension], int],
    *,
    end: int,
    seconds: int,
    rows: int | None,
    extra_rows: int = 0,
    resolution: int = NO_RESOLUTION,
    own: Mapping[str, Dimension] = MappingProxyType({}),
    looked_up: Keys = NO_KEYS,
    made: Collection[str] | None = None,
) -> Window:
    """Return the Window of `bucket`.

    `largest` holds its largest size and times. `distinct` returns how many keys of a dimension
    were seen. `rows` bounds each ranking; None keeps all rows. The `extra_rows` keys with the most
    4xx, those with the most 5xx, and those with the longest total time join it. Times are rounded
    to the log's `resolution` (µs) if that is known. `own` are the dimensions of own panels.
    `looked_up` are keys that get a row, too, if they had hits. `made` are the names of the rankings
    to make, `sections` among them; None for all. Of the others, only `distinct` is known.
    """

    def ranking(dimension: Dimension, tally: Tally) -> Ranking:
        keys = looked_up.get(dimension, ())
        return _ranking(tally, distinct(dimension), rows, extra_rows, keys)

    rankings = {
        FIELDS[dimension]: ranking(dimension, tally)
        if made is None or FIELDS[dimension] in made
        else Ranking(distinct=distinct(dimension))
        for dimension, tally in bucket.tallies.items()
        if dimension in FIELDS
    }
    measured = bucket.measured or Measured()
    timed = bool(measured.response_times.counts)
    for dimension in CLASSED:
        if dimension in bucket.tallies:
            name, tally = FIELDS[dimension], bucket.tallies[dimension]
            rankings[name] = _with_figures(rankings[name], tally, timed=timed)
    rankings["sections"] = _with_classes(rankings["sections"], bucket)
    for dimension, times in measured.by_key.items():
        name = FIELDS[dimension]
        rankings[name] = _with_times(rankings[name], times, largest.response_time, resolution)
    return Window(
        end=end,
        seconds=seconds,
        hits=bucket.hits,
        bytes=bucket.bytes,
        by_class=bucket.by_class(),
        status=tuple(sorted(bucket.status.items())),
        sizes=sizes_view(bucket, largest.size),
        response_times=times_view(measured.response_times, largest.response_time, resolution),
        total_time=measured.total_time / _MICROSECONDS if timed else None,
        upstream_times=times_view(measured.upstream_times, largest.upstream_time, resolution),
        bytes_in=measured.bytes_in if measured.receiving else None,
        own={
            name: ranking(dimension, bucket.tallies[dimension]) for name, dimension in own.items()
        },
        **rankings,
    )


def sizes_view(bucket: MetricsBucket, largest: int) -> Sizes:
    """Return the figures of the response sizes; the largest one is `largest` bytes."""
    median, p95 = bucket.sizes.quantiles(0.50, 0.95)
    mean = bucket.bytes / bucket.hits if bucket.hits else 0.0
    # A quantile is the middle of a bin, which may lie above the largest value.
    return Sizes(mean=mean, p50=min(median, largest), p95=min(p95, largest), max=largest)


def times_view(histogram: Histogram, longest: float, resolution: int) -> Times | None:
    """Return the figures of the times, the longest of which is `longest` (µs); None if none."""
    if not histogram.counts:
        return None
    figures = (*histogram.quantiles(0.50, 0.95, 0.99), longest)
    # A quantile is the middle of a bin. It may lie above the longest time, and between two times
    # that the log can express.
    p50, p95, p99, most = (
        to_resolution(min(figure, longest), resolution) / _MICROSECONDS for figure in figures
    )
    return Times(p50, p95, p99, most, resolution / _MICROSECONDS)


def with_trends(window: Window, former: Trends) -> Window:
    """Return `window` with a trend for each section: its hits in `former` windows and in this.

    Without former windows there is no trend.
    """
    if not former:
        return window
    rows = tuple(
        row._replace(trend=(*(hits.get(row.key, 0) for hits in former), row.hits))
        for row in window.sections.rows
    )
    return replace(window, sections=replace(window.sections, rows=rows))


def keys_of(window: Window, own: Mapping[str, Dimension]) -> dict[Dimension, frozenset[bytes]]:
    """Return the keys that have a row in `window`; `own` are the dimensions of own panels."""
    rankings = {dimension: getattr(window, name) for dimension, name in FIELDS.items()}
    rankings |= {dimension: window.own[name] for name, dimension in own.items()}
    return {
        dimension: frozenset(row.key for row in ranking.rows)
        for dimension, ranking in rankings.items()
        if ranking.rows
    }


def _ranking(
    tally: Tally, distinct: int, rows: int | None, extra: int, looked_up: Collection[bytes]
) -> Ranking:
    top = tally.top(rows)
    return Ranking(
        rows=tuple(CountRow(*row) for row in _with_more(top, tally, extra, looked_up)),
        distinct=distinct,
        other_hits=tally.other_hits,
        other_bytes=tally.other_bytes,
        other_most=_most_hidden(tally, top),
        absent=frozenset(looked_up).difference(tally.hits),
        absent_most=tally.most_hidden,
    )


def _most_hidden(tally: Tally, top: list[tuple[bytes, int, int]]) -> int | None:
    """Return how many hits a key that is not among the `top` can have; None if not known."""
    dropped = tally.most_hidden
    if dropped is None:
        return None
    return dropped + (top[-1][1] if top and len(top) < len(tally.hits) else 0)


def _with_more(
    top: list[tuple[bytes, int, int]], tally: Tally, extra: int, looked_up: Collection[bytes]
) -> list[tuple[bytes, int, int]]:
    """Return (key, hits, bytes) of the rows of a ranking, most hits first, ties by key."""
    shown = {key for key, _, _ in top}
    figures = [tally.figures[name] for name in RANKED if name in tally.figures] if extra else []
    more = {key for figure in figures for key, _ in largest(figure.by_key, extra)}
    more |= set(looked_up) & tally.hits.keys()
    more -= shown
    rest = ((key, tally.hits[key], tally.bytes.get(key, 0)) for key in more)
    return [*top, *sorted(rest, key=lambda row: (-row[1], row[0]))]


def _with_classes(sections: Ranking, bucket: MetricsBucket) -> Ranking:
    tally = bucket.tallies[Dimension.SECTION]
    rows = tuple(row._replace(status=tally.classes(row.key)) for row in sections.rows)
    return replace(sections, rows=rows)


def _with_figures(ranking: Ranking, tally: Tally, *, timed: bool) -> Ranking:
    """Return `ranking` with the errors of its keys, and if hits are `timed` their total times.

    What is not known of all hits is left out.
    """
    figures, nothing = tally.figures, Figure()
    client, server = (figures.get(class_name(digit), nothing) for digit in ERRORS)
    time = figures.get(TIME, nothing)
    if UNCLASSED not in figures:
        rows = tuple(
            row._replace(
                errors=Errors(client.by_key.get(row.key, 0), server.by_key.get(row.key, 0))
            )
            for row in ranking.rows
        )
        ranking = replace(ranking, rows=rows, other_errors=Errors(client.other, server.other))
    if timed and UNTIMED not in figures:
        rows = tuple(
            row._replace(total_time=time.by_key.get(row.key, 0) / _MICROSECONDS)
            for row in ranking.rows
        )
        ranking = replace(ranking, rows=rows, other_time=time.other / _MICROSECONDS)
    return ranking


def _with_times(
    ranking: Ranking, times: Mapping[bytes, Bins], longest: int, resolution: int
) -> Ranking:
    """Return `ranking` with the times of its keys; `longest` is the longest of all (µs).

    A key's longest time is the middle of its highest bin, which is right within 1 %.
    """
    histograms = (Histogram(times.get(row.key)) for row in ranking.rows)
    rows = tuple(
        row._replace(times=times_view(histogram, min(histogram.most(), longest), resolution))
        for row, histogram in zip(ranking.rows, histograms, strict=True)
    )
    return replace(ranking, rows=rows)


def rate_before(end: int, ring: Mapping[int, MetricsBucket], size: int) -> float:
    """Return hits per second over the last `RATE_SECONDS` before `end`.

    Buckets in `ring` are `size` seconds long.
    """
    slots = max(1, RATE_SECONDS // size)
    newest = end // size
    hits = sum(ring[slot].hits for slot in range(newest - slots, newest) if slot in ring)
    return hits / (slots * size)


def traffic_before(end: int, ring: Mapping[int, MetricsBucket], size: int) -> TrafficHistory:
    """Return the hits of each of the last `GRAPH_SECONDS` seconds before `end`, by status class."""
    start = end - GRAPH_SECONDS
    seconds: list[ByClass] = []
    for second in range(start, end):
        bucket = ring.get(second // size)
        seconds.append(_in_second(bucket.by_class(), second, size) if bucket else NO_CLASSES)
    return TrafficHistory(start, tuple(seconds))


def _in_second(counts: ByClass, second: int, size: int) -> ByClass:
    """Return a second's share of a bucket's counts; the first seconds get the remainder."""
    if size == 1:
        return counts
    place = second % size
    return tuple(count // size + (place < count % size) for count in counts)

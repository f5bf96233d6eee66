"""From the state of the metrics to the frozen values of a Snapshot. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from logmon_tui.formats.hit_batch import Dimension, HitBatch
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.tally import Tally, distinct_keys
from logmon_tui.metrics.window import SlidingWindow, filled
from logmon_tui.snapshot import CountRow, Ingest, Ranking, Sizes, Window

TREND_STEPS = 8

_FIELDS = {
    Dimension.SECTION: "sections",
    Dimension.PATH: "paths",
    Dimension.HOST: "hosts",
    Dimension.USER: "users",
    Dimension.METHOD: "methods",
    Dimension.USER_AGENT: "user_agents",
    Dimension.REFERRER: "referrers",
}


def counted(ingest: Ingest, batch: HitBatch) -> Ingest:
    """Return `ingest` with the lines of one more batch."""
    name = batch.format_name
    known = not name or name in ingest.formats
    return replace(
        ingest,
        hits=ingest.hits + len(batch),
        bytes=ingest.bytes + int(batch.sizes.sum()),
        unparsed=ingest.unparsed + batch.unparsed,
        first_unparsed=ingest.first_unparsed or batch.first_unparsed,
        formats=ingest.formats if known else (*ingest.formats, name),
    )


def window_view(
    bucket: MetricsBucket,
    buckets: Sequence[MetricsBucket],
    *,
    end: int,
    seconds: int,
    rows: int | None,
) -> Window:
    """Return the Window of `bucket`, which is the merge of `buckets`.

    `rows` bounds each ranking; None keeps all rows.
    """
    rankings = {
        _FIELDS[dimension]: _ranking(tally, [b.tallies[dimension] for b in buckets], rows)
        for dimension, tally in bucket.tallies.items()
    }
    rankings["sections"] = _with_classes(rankings["sections"], bucket)
    return Window(
        end=end,
        seconds=seconds,
        hits=bucket.hits,
        bytes=bucket.bytes,
        by_class=bucket.by_class(),
        status=tuple(sorted(bucket.status.items())),
        sizes=sizes_view(bucket, buckets),
        **rankings,
    )


def sizes_view(bucket: MetricsBucket, buckets: Iterable[MetricsBucket]) -> Sizes:
    """Return the response sizes; the largest is looked up, for it cannot be subtracted."""
    largest = max((part.largest for part in buckets), default=0)
    median, p95 = bucket.sizes.quantiles(0.50, 0.95)
    mean = bucket.bytes / bucket.hits if bucket.hits else 0.0
    # A bin's middle may lie above the largest value itself.
    return Sizes(mean=mean, p50=min(median, largest), p95=min(p95, largest), max=largest)


def with_trends(
    window: Window, sliding: SlidingWindow, ring: dict[int, MetricsBucket], kept: int
) -> Window:
    """Return `window` with each section's hits in its last `TREND_STEPS` windows' lengths.

    `ring` holds the last `kept` slots.
    """
    if sliding.end is None:
        return window
    # Further back than the ring keeps there is nothing to see, which is not no traffic.
    count = max(1, min(TREND_STEPS, kept // sliding.slots))
    first = sliding.end - count * sliding.slots + 1
    steps = [
        [
            ring[slot].tallies[Dimension.SECTION].hits
            for slot in filled(ring, start, start + sliding.slots - 1)
        ]
        for start in range(first, sliding.end + 1, sliding.slots)
    ]
    rows = tuple(
        row._replace(trend=tuple(sum(hits.get(row.key, 0) for hits in step) for step in steps))
        for row in window.sections.rows
    )
    return replace(window, sections=replace(window.sections, rows=rows))


def _ranking(tally: Tally, parts: Sequence[Tally], rows: int | None) -> Ranking:
    overflowed = any(part.sketch is not None for part in parts)
    return Ranking(
        rows=tuple(CountRow(*row) for row in tally.top(rows)),
        distinct=distinct_keys(parts) if overflowed else len(tally.hits),
        other_hits=tally.other_hits,
        other_bytes=tally.other_bytes,
    )


def _with_classes(sections: Ranking, bucket: MetricsBucket) -> Ranking:
    rows = tuple(row._replace(status=bucket.section_classes(row.key)) for row in sections.rows)
    return replace(sections, rows=rows)

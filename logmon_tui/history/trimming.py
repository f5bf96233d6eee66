"""What a slice of the past keeps of its keys. Pure."""

from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import RANKED, TIME, largest
from logmon_tui.metrics.histogram import BINS, Bins, add_counts
from logmon_tui.metrics.tally import Tally

EXTRA_SHARE = 5
"""A slice keeps a fifth as many keys again for the most 4xx, as many for 5xx, and for times.

So a client that has few hits but only errors is there.
"""

TIMED_SHARE = 3
"""A third of the keys with the most hits, and of those with the longest times, have quantiles."""

SKETCH_SIZE = 11
"""log2 of the registers of a slice's sketches: a standard error of 2.3 % in 1 KB."""

COARSE = 4
"""Bins of a key's response times that a slice merges to one: quantiles of keys within 5 %."""


def trim(bucket: MetricsBucket, keys: int) -> None:
    """Keep about `keys` keys in each dimension of `bucket`: most hits, most errors, most time."""
    measured = bucket.measured
    for dimension, tally in bucket.tallies.items():
        if not tally.hits and tally.sketch is None:  # as it is with most dimensions of a backlog
            continue
        tally.keep(_kept(tally, keys))
        tally.fold_sketch(SKETCH_SIZE)
        if measured is not None and dimension in measured.by_key:
            measured.keep(dimension, _timed(tally, keys))
            coarse = {
                key: _coarse(bins) for key, bins in measured.by_key.get(dimension, {}).items()
            }
            if coarse:
                measured.by_key[dimension] = coarse


def add_bounded(whole: MetricsBucket, newcomers: MetricsBucket, limit: int) -> None:
    """Add `newcomers` to `whole`, which then has about `limit` keys in each dimension.

    The keys beyond count as other; see `Tally.admitted`.
    """
    admitted = MetricsBucket(())
    for name in ("hits", "bytes", "largest", "status", "sizes", "measured"):
        setattr(admitted, name, getattr(newcomers, name))
    admitted.tallies = {
        dimension: tally.admitted(newcomers.tallies[dimension], limit, {})
        for dimension, tally in whole.tallies.items()
    }
    whole.add(admitted)
    if whole.measured is not None:
        for dimension, times in whole.measured.by_key.items():
            kept = whole.tallies[dimension].hits
            for key in times.keys() - kept.keys():
                del times[key]


def _kept(tally: Tally, keys: int) -> set[bytes]:
    kept = {key for key, _ in largest(tally.hits, keys)}
    extra = max(1, keys // EXTRA_SHARE)
    for name in RANKED:
        if name in tally.figures and len(tally.hits) > keys:
            kept |= {key for key, _ in largest(tally.figures[name].by_key, extra)}
    return kept


def _timed(tally: Tally, keys: int) -> set[bytes]:
    timed = max(1, keys // TIMED_SHARE)
    found = {key for key, _ in largest(tally.hits, timed)}
    if TIME in tally.figures:
        found |= {key for key, _ in largest(tally.figures[TIME].by_key, timed)}
    return found


def _coarse(bins: Bins) -> Bins:
    """Return the hits by bin with each `COARSE` bins in one; a second time it changes nothing."""
    coarse: Bins = {}
    for place, count in bins.items():
        middle = (place - 1) // COARSE * COARSE + COARSE // 2 if place else 0
        add_counts(coarse, {min(middle, BINS - 1): count})
    return coarse

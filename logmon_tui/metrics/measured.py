"""Measured: the sums of the measures of hits. `measuring` counts them."""

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.histogram import Bins, Histogram, add_counts, subtract_counts

TIMED = (Dimension.SECTION, Dimension.PATH, Dimension.ROUTE)
"""The dimensions that keep response times by key."""


class Largest(NamedTuple):
    """The largest response in bytes, and the longest times in microseconds; 0 if there are none.

    Maxima merge, but cannot be subtracted.
    """

    size: int = 0
    response_time: int = 0
    upstream_time: int = 0

    def merged(self, other: "Largest") -> "Largest":
        """Return the larger of each."""
        return Largest(*map(max, self, other))


class Measured:
    """Times in microseconds and bytes received, of the hits that have them.

    `receiving` is the number of hits that have bytes received. `total_time` is the sum of the
    response times. `by_key` holds the response times
    of the keys of `TIMED` dimensions, as hits by bin; a key without times is not there. A
    Measured is false if no hit has a measure.
    """

    __slots__ = (
        "by_key",
        "bytes_in",
        "receiving",
        "response_times",
        "total_time",
        "upstream_times",
    )

    def __init__(self) -> None:
        self.response_times = Histogram()
        self.upstream_times = Histogram()
        self.bytes_in = 0
        self.receiving = 0
        self.total_time = 0
        self.by_key: dict[Dimension, dict[bytes, Bins]] = {}

    def __bool__(self) -> bool:
        """Tell whether any hit had a measure."""
        return bool(self.response_times.counts or self.upstream_times.counts or self.receiving)

    def add(self, other: "Measured", dimensions: Container[Dimension]) -> None:
        """Add another's sums; those by key only for `dimensions`."""
        self.response_times.add(other.response_times)
        self.upstream_times.add(other.upstream_times)
        self.bytes_in += other.bytes_in
        self.receiving += other.receiving
        self.total_time += other.total_time
        for dimension, times in other.by_key.items():
            if dimension in dimensions:
                self._add_times(dimension, times)

    def _add_times(self, dimension: Dimension, times: Mapping[bytes, Bins]) -> None:
        mine = self.by_key.setdefault(dimension, {})
        for key, bins in times.items():
            known = mine.get(key)
            if known is None:
                mine[key] = dict(bins)
            else:
                add_counts(known, bins)

    def subtract(self, other: "Measured", dimensions: Container[Dimension]) -> None:
        """Subtract sums that were added before."""
        self.response_times.subtract(other.response_times)
        self.upstream_times.subtract(other.upstream_times)
        self.bytes_in -= other.bytes_in
        self.receiving -= other.receiving
        self.total_time -= other.total_time
        for dimension, times in other.by_key.items():
            if dimension in dimensions:
                self.subtract_times(dimension, times)

    def subtract_times(self, dimension: Dimension, times: Mapping[bytes, Bins]) -> None:
        """Subtract the times by key of a dimension."""
        if not times:
            return
        mine = self.by_key[dimension]
        for key, bins in times.items():
            subtract_counts(mine[key], bins)
            if not mine[key]:
                del mine[key]
        if not mine:
            del self.by_key[dimension]

    def keep(self, dimension: Dimension, keys: Iterable[bytes]) -> dict[bytes, Bins]:
        """Keep only the times of `keys`; return those of the dimension's other keys."""
        gone = self.by_key.pop(dimension, {})
        kept = {key: gone.pop(key) for key in keys if key in gone}
        if kept:
            self.by_key[dimension] = kept
        return gone

"""Sums: the totals of a minute or hour, without keys. They add. Pure."""

from collections.abc import Iterable

import msgspec

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import CLASSES
from logmon_tui.metrics.histogram import Bins, add_counts


class Sums(msgspec.Struct, array_like=True):
    """The totals of the hits of some minutes.

    `by_class` has shape (10,). `times` are the hits by bin of their response time, the longest of
    which is `longest` (µs). `clients` is the sum, over the minutes, of the distinct clients in
    each; None if they were not counted in one of them.
    """

    hits: int = 0
    bytes: int = 0
    by_class: list[int] = msgspec.field(default_factory=lambda: [0] * CLASSES)
    times: Bins = {}
    longest: int = 0
    clients: int | None = 0

    def add(self, other: "Sums") -> None:
        """Add another's totals."""
        self.hits += other.hits
        self.bytes += other.bytes
        self.by_class = [a + b for a, b in zip(self.by_class, other.by_class, strict=True)]
        self.longest = max(self.longest, other.longest)
        both = self.clients is not None and other.clients is not None
        self.clients = (self.clients or 0) + (other.clients or 0) if both else None
        add_counts(self.times, other.times)


def sums_of(bucket: MetricsBucket, *, clients: bool = True) -> Sums:
    """Return the totals of the bucket of a minute.

    Its clients are unknown if it has no keys. Not to count the `clients` saves most of the time.
    """
    times = {} if bucket.measured is None else dict(bucket.measured.response_times.counts)
    hosts = bucket.tallies.get(Dimension.HOST) if clients else None
    return Sums(
        bucket.hits,
        bucket.bytes,
        list(bucket.by_class()),
        times,
        bucket.largest.response_time,
        None if hosts is None else hosts.distinct,
    )


def merged(parts: Iterable[Sums]) -> Sums:
    """Return the sum of `parts`."""
    whole = Sums()
    for part in parts:
        whole.add(part)
    return whole

"""Sums: the totals of a minute or hour, without keys. They add. Pure."""

from collections.abc import Iterable

import msgspec

from logmon_tui.metrics.bucket import MetricsBucket
from logmon_tui.metrics.figures import CLASSES
from logmon_tui.metrics.histogram import Bins, add_counts


class Sums(msgspec.Struct, array_like=True):
    """The totals of the hits of some minutes.

    `by_class` has shape (10,). `times` are the hits by bin of their response time (µs). `clients`
    is the sum, over the minutes, of the distinct clients in each.
    """

    hits: int = 0
    bytes: int = 0
    by_class: list[int] = msgspec.field(default_factory=lambda: [0] * CLASSES)
    times: Bins = {}
    clients: int = 0

    def add(self, other: "Sums") -> None:
        """Add another's totals."""
        self.hits += other.hits
        self.bytes += other.bytes
        self.by_class = [a + b for a, b in zip(self.by_class, other.by_class, strict=True)]
        self.clients += other.clients
        add_counts(self.times, other.times)


def sums_of(bucket: MetricsBucket, clients: int) -> Sums:
    """Return the totals of a bucket, in whose minutes there were so many distinct `clients`."""
    times = {} if bucket.measured is None else dict(bucket.measured.response_times.counts)
    return Sums(bucket.hits, bucket.bytes, list(bucket.by_class()), times, clients)


def merged(parts: Iterable[Sums]) -> Sums:
    """Return the sum of `parts`."""
    whole = Sums()
    for part in parts:
        whole.add(part)
    return whole

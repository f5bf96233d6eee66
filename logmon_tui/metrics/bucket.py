"""MetricsBucket: the mergeable summary of one second (or of any longer stretch)."""

from collections.abc import Sequence

from logmon_tui.formats.hit_batch import Dimension
from logmon_tui.metrics.histogram import Histogram, subtract_counts
from logmon_tui.metrics.tally import Tally

CLASSES = 10
ALL_DIMENSIONS: tuple[Dimension, ...] = tuple(Dimension)


class MetricsBucket:
    """Hits, bytes, status codes, keys by dimension, status classes by section, response sizes.

    A bucket is a whole state, never a delta in a stream: buckets merge (`a + b`), and the
    summary of a window is the merge of its buckets. `detail` tells whether sections' status
    classes, response sizes and the bytes by key are kept beside the hits by `dimensions`.
    """

    __slots__ = (
        "_classes",
        "bytes",
        "detail",
        "hits",
        "largest",
        "section_status",
        "sizes",
        "status",
        "tallies",
    )

    def __init__(
        self, dimensions: Sequence[Dimension] = ALL_DIMENSIONS, *, detail: bool = True
    ) -> None:
        self.hits = 0
        self.bytes = 0
        self.largest = 0  # response, in bytes; only merges, cannot be subtracted
        self.status: dict[int, int] = {}
        self.tallies = {dimension: Tally(sized=detail) for dimension in dimensions}
        self.detail = detail
        self.section_status: dict[tuple[bytes, int], int] = {}
        self.sizes = Histogram()
        self._classes: tuple[int, ...] | None = None  # what `by_class` returned last

    def add(self, other: "MetricsBucket") -> None:
        """Merge another bucket into this one, as far as this one's dimensions go."""
        self._classes = None
        self.hits += other.hits
        self.bytes += other.bytes
        self.largest = max(self.largest, other.largest)
        for code, count in other.status.items():
            self.status[code] = self.status.get(code, 0) + count
        for dimension, tally in self.tallies.items():
            tally.add(other.tallies[dimension])
        if self.detail:
            for key, count in other.section_status.items():
                self.section_status[key] = self.section_status.get(key, 0) + count
            self.sizes.add(other.sizes)

    def subtract(self, other: "MetricsBucket") -> None:
        """Take away a bucket that was added before."""
        self._classes = None
        self.hits -= other.hits
        self.bytes -= other.bytes
        subtract_counts(self.status, other.status)
        for dimension, tally in self.tallies.items():
            tally.subtract(other.tallies[dimension])
        if self.detail:
            subtract_counts(self.section_status, other.section_status)
            self.sizes.subtract(other.sizes)

    def __add__(self, other: "MetricsBucket") -> "MetricsBucket":
        """Return the merge of both."""
        merged = MetricsBucket(tuple(self.tallies), detail=self.detail)
        merged.add(self)
        merged.add(other)
        return merged

    def thin(self, dimension: Dimension, limit: int, whole: "MetricsBucket") -> bool:
        """Keep the `limit` keys of a dimension with the most hits in `whole`; tell of any to go.

        `whole` has this bucket as a part; the rest is counted as other in both.
        """
        thinned = self.tallies[dimension].thin(limit, whole.tallies[dimension])
        if thinned and dimension is Dimension.SECTION:
            before = self.section_status
            self.forget_sections()
            kept = self.section_status
            gone = {key: count for key, count in before.items() if key not in kept}
            subtract_counts(whole.section_status, gone)
        return thinned

    def forget_sections(self) -> None:
        """Drop the status classes of sections that are not kept by key."""
        kept = self.tallies[Dimension.SECTION].hits
        self.section_status = {
            key: count for key, count in self.section_status.items() if key[0] in kept
        }

    def by_class(self) -> tuple[int, ...]:
        """Return the hits by the first digit of the status code, shape (10,)."""
        if self._classes is None:
            classes = [0] * CLASSES
            for code, count in self.status.items():
                classes[code // 100] += count
            self._classes = tuple(classes)
        return self._classes

    def class_hits(self, status_class: int) -> int:
        """Return the hits whose status code begins with the digit `status_class`."""
        return sum(count for code, count in self.status.items() if code // 100 == status_class)

    def section_classes(self, section: bytes) -> tuple[int, ...]:
        """Return one section's hits by status class, shape (10,)."""
        return tuple(self.section_status.get((section, number), 0) for number in range(CLASSES))

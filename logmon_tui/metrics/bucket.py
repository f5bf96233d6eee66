"""MetricsBucket: the mergeable summary of one second, or of any longer time."""

from collections.abc import Iterable, Sequence

from logmon_tui.formats.model.hit_batch import Dimension
from logmon_tui.metrics.figures import CLASSES, TIME, UNTIMED, Figure
from logmon_tui.metrics.histogram import Histogram, add_counts, subtract_counts
from logmon_tui.metrics.measured import Largest, Measured
from logmon_tui.metrics.tally import Tally

ALL_DIMENSIONS: tuple[Dimension, ...] = tuple(Dimension)


class MetricsBucket:
    """Hits, bytes, status codes, keys by dimension with their figures, sizes, measures.

    A bucket is a whole state, never a delta in a stream: buckets merge (`a + b`), and the
    summary of a window is the merge of its buckets. It keeps the hits by key of `dimensions`.
    With `detail` it also keeps the bytes and figures by key, the response sizes and the measures.
    `measured` is None if no hit had a measure.
    """

    __slots__ = (
        "_classes",
        "bytes",
        "detail",
        "hits",
        "largest",
        "measured",
        "sizes",
        "status",
        "tallies",
    )

    def __init__(
        self, dimensions: Sequence[Dimension] = ALL_DIMENSIONS, *, detail: bool = True
    ) -> None:
        self.hits = 0
        self.bytes = 0
        self.largest = Largest()
        self.status: dict[int, int] = {}
        self.tallies = {dimension: Tally(sized=detail) for dimension in dimensions}
        self.detail = detail
        self.sizes = Histogram()
        self.measured: Measured | None = None
        self._classes: tuple[int, ...] | None = None  # what `by_class` returned last

    def add(self, other: "MetricsBucket") -> None:
        """Merge another bucket into this one, but only the dimensions that this one keeps."""
        self._classes = None
        self.hits += other.hits
        self.bytes += other.bytes
        self.largest = self.largest.merged(other.largest)
        add_counts(self.status, other.status)
        for dimension, tally in self.tallies.items():
            tally.add(other.tallies[dimension])
        if self.detail:
            self.sizes.add(other.sizes)
            if other.measured is not None:
                self.measured = self.measured or Measured()
                self.measured.add(other.measured, self.tallies)

    def subtract(self, other: "MetricsBucket") -> None:
        """Subtract a bucket that was added before."""
        self._classes = None
        self.hits -= other.hits
        self.bytes -= other.bytes
        subtract_counts(self.status, other.status)
        for dimension, tally in self.tallies.items():
            tally.subtract(other.tallies[dimension])
        if self.detail:
            self.sizes.subtract(other.sizes)
            if self.measured is not None and other.measured is not None:
                self.measured.subtract(other.measured, self.tallies)
                self.measured = self.measured or None

    def __add__(self, other: "MetricsBucket") -> "MetricsBucket":
        """Return a new bucket that merges both."""
        merged = MetricsBucket(tuple(self.tallies), detail=self.detail)
        merged.add(self)
        merged.add(other)
        return merged

    def thin(self, dimension: Dimension, limit: int, whole: "MetricsBucket") -> bool:
        """Keep only the `limit` keys of a dimension with the most hits in `whole`.

        `whole` includes this bucket. The other keys count as other in both. Returns whether any
        key was dropped.
        """
        thinned = self.tallies[dimension].thin(limit, whole.tallies[dimension])
        if thinned:
            self.forget(dimension, whole)
        return thinned

    def forget(self, dimension: Dimension, whole: "MetricsBucket | None" = None) -> None:
        """Drop the quantiles' times of those keys that the tally no longer keeps.

        They are subtracted from `whole` too, if given, which must include this bucket.
        """
        if self.measured is not None:
            times = self.measured.keep(dimension, self.tallies[dimension].hits)
            if whole is not None and whole.measured is not None:
                whole.measured.subtract_times(dimension, times)

    def drop_keys(self, dimensions: Iterable[Dimension]) -> bool:
        """Forget the hits by key of some dimensions; tell whether there were any."""
        filled = [each for each in dimensions if each in self.tallies and self.tallies[each].filled]
        for dimension in filled:
            self.tallies[dimension] = Tally(sized=self.detail)
        return bool(filled)

    def drop_times(self, dimension: Dimension) -> bool:
        """Drop the response times by key of a dimension; tell whether there were any."""
        if self.measured is None:
            return False
        figures = self.tallies[dimension].figures
        summed = figures.pop(TIME, None)
        if summed is not None:
            figures[UNTIMED] = Figure(other=self.hits)
        return bool(self.measured.keep(dimension, ())) or summed is not None

    def by_class(self) -> tuple[int, ...]:
        """Return the hits by the first digit of the status code, shape (10,)."""
        if self._classes is None:
            classes = [0] * CLASSES
            for code, count in self.status.items():
                classes[code // 100] += count
            self._classes = tuple(classes)
        return self._classes

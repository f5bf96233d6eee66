"""HitBatch: many hits as columns. No parsing lives here.

A column holds the distinct values and, for each hit, the index of its value. So whatever is
expensive is done once for each distinct value, and counting is `numpy.bincount`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.model.column import Column
from logmon_tui.formats.model.hit import (
    NO_RESOLUTION,
    NONE,
    UNKNOWN,
    Dimension,
    Measure,
    finest,
)
from logmon_tui.formats.model.origin import Origin
from logmon_tui.formats.model.unparsed import KEPT_LINES, UnparsedLine

__all__ = [
    "TAIL_LINES",
    "Column",
    "Dimension",
    "HitBatch",
    "HitRecord",
    "batch_of_records",
    "record_of",
]

TAIL_LINES = 200
"""Maximum raw lines that a batch keeps for the screen."""


def _none() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


class HitBatch(msgspec.Struct, frozen=True, eq=False):
    """n hits of one chunk in the order of the log, and a summary of its other lines.

    Hits: `seconds` are UTC epoch seconds, `status` the status codes, `sizes` the bytes sent, all of
    shape (n,). `columns` has the dimensions and `measures` the measures that the format provides;
    a measure is int64 of shape (n,), `UNKNOWN` where a line lacks it. `resolution` is the precision
    of the times in microseconds, 0 if not known.

    Unparsed lines: `unparsed_after` has for each one how many hits of the chunk precede it,
    ascending, and `unparsed_at` its line number within the chunk. `first_unparsed` is the first
    one, and `unparsed_lines` the newest ones.

    `tolerated_at` are the numbers of the lines that are hits only because the format is tolerant.

    `lines` has the line number of each hit within the chunk, ascending; None where the hits do not
    stem from one chunk.

    `others` counts the lines that are neither hits nor unparsed, such as comments and error
    messages. `tail` holds the newest raw lines of the chunk.
    """

    seconds: NDArray[np.int64]
    status: NDArray[np.int64]
    sizes: NDArray[np.int64]
    columns: Mapping[Dimension, Column]
    unparsed_after: NDArray[np.int64] = msgspec.field(default_factory=_none)
    unparsed_lines: tuple[UnparsedLine, ...] = ()
    first_unparsed: UnparsedLine | None = None
    unparsed_at: NDArray[np.int64] = msgspec.field(default_factory=_none)
    tolerated_at: NDArray[np.int64] = msgspec.field(default_factory=_none)
    others: int = 0
    tail: tuple[bytes, ...] = ()
    format_name: str = ""
    measures: Mapping[Measure, NDArray[np.int64]] = {}
    resolution: int = NO_RESOLUTION
    lines: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """Return the number of hits."""
        return len(self.seconds)

    @property
    def unparsed(self) -> int:
        """The number of unparsed lines."""
        return len(self.unparsed_after)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "HitBatch":
        """Return only the hits of `rows` (a mask or indices); all other lines are dropped."""
        columns = {dimension: column.select(rows) for dimension, column in self.columns.items()}
        measures = {measure: values[rows] for measure, values in self.measures.items()}
        return HitBatch(
            self.seconds[rows],
            self.status[rows],
            self.sizes[rows],
            columns,
            measures=measures,
            resolution=self.resolution,
        )

    @classmethod
    def concat(cls, batches: Sequence["HitBatch"], line_counts: Sequence[int]) -> "HitBatch":
        """Return one batch of `batches` (one at least), which follow each other in the log.

        `line_counts` says how many lines each batch was parsed from. A dimension or measure that
        only some of the batches have is `NONE` or `UNKNOWN` in the hits of the others.
        """
        dimensions = dict.fromkeys(dimension for batch in batches for dimension in batch.columns)
        measures = dict.fromkeys(measure for batch in batches for measure in batch.measures)
        hits_before = accumulate(map(len, batches), initial=0)
        lines_before = list(accumulate(line_counts, initial=0))
        unparsed_after = [
            count + batch.unparsed_after for batch, count in zip(batches, hits_before, strict=False)
        ]
        counted = list(zip(batches, lines_before, strict=False))
        unparsed_at = [count + batch.unparsed_at for batch, count in counted]
        tolerated_at = [count + batch.tolerated_at for batch, count in counted]
        lines = [count + batch.lines for batch, count in counted if batch.lines is not None]
        kept = [line for batch in batches for line in batch.unparsed_lines]
        tail = [line for batch in batches for line in batch.tail]
        return cls(
            np.concatenate([batch.seconds for batch in batches]),
            np.concatenate([batch.status for batch in batches]),
            np.concatenate([batch.sizes for batch in batches]),
            {
                each: Column.concat([batch.texts_of(each) for batch in batches])
                for each in dimensions
            },
            unparsed_after=np.concatenate(unparsed_after),
            unparsed_lines=tuple(kept[-KEPT_LINES:]),
            first_unparsed=next((each.first_unparsed for each in batches if each.unparsed), None),
            unparsed_at=np.concatenate(unparsed_at),
            tolerated_at=np.concatenate(tolerated_at),
            others=sum(batch.others for batch in batches),
            tail=tuple(tail[-TAIL_LINES:]),
            format_name=batches[-1].format_name,
            measures={
                each: np.concatenate([batch.values_of(each) for batch in batches])
                for each in measures
            },
            resolution=finest(*(batch.resolution for batch in batches)),
            lines=np.concatenate(lines) if len(lines) == len(batches) else None,
        )

    def texts_of(self, dimension: Dimension) -> Column:
        """Return the column of a dimension, `NONE` for every hit where the batch has none."""
        return self.columns.get(dimension) or Column.constant(NONE, len(self))

    def values_of(self, measure: Measure) -> NDArray[np.int64]:
        """Return the values of a measure, `UNKNOWN` for every hit where the batch has none."""
        values = self.measures.get(measure)
        return np.full(len(self), UNKNOWN, dtype=np.int64) if values is None else values

    def with_source(self, name: bytes) -> "HitBatch":
        """Return the batch with the log called `name` as the source of all its hits."""
        source = Column.constant(name, len(self))
        return replace(self, columns={**self.columns, Dimension.SOURCE: source})

    def with_origins(self, origins: Sequence[Origin]) -> "HitBatch":
        """Return the batch with the servers and sites of its hits; it must have `lines`.

        The runs of `origins` follow each other and together are the chunk's lines.
        """
        if self.lines is None or not origins:
            return self
        ends = np.cumsum([each.lines for each in origins])
        runs = np.minimum(np.searchsorted(ends, self.lines, side="right"), len(origins) - 1)
        columns = {
            Dimension.SERVER: _named([each.server for each in origins], runs),
            Dimension.SITE: _named([each.site or NONE for each in origins], runs),
        }
        return replace(self, columns={**self.columns, **columns})

    def hits(self) -> Iterator[tuple[int, int, int, dict[str, bytes]]]:
        """Yield each hit as (second, status, size, values by dimension); for tests and tools."""
        for row in range(len(self)):
            values = {str(name): column.at(row) for name, column in self.columns.items()}
            yield int(self.seconds[row]), int(self.status[row]), int(self.sizes[row]), values


def _named(names: Sequence[bytes], runs: NDArray[np.intp]) -> Column:
    """Return the column of hits that belong to these `runs`, of which each has a name."""
    numbers = dict(zip(dict.fromkeys(names), range(len(names)), strict=False))
    codes = np.array([numbers[name] for name in names], dtype=np.int32)
    return Column(list(numbers), codes[runs])


class HitRecord(NamedTuple):
    """One hit as the saved state keeps it."""

    second: int
    status: int
    size: int
    values: dict[Dimension, bytes]
    measures: tuple[tuple[Measure, int], ...] = ()  # absent in the states of earlier versions

    def without(self, dimensions: Collection[Dimension]) -> "HitRecord":
        """Return the hit without its values of some `dimensions`."""
        return self._replace(
            values={name: each for name, each in self.values.items() if name not in dimensions}
        )


def record_of(batch: HitBatch, row: int) -> HitRecord:
    """Return the hit of `batch` in `row`."""
    values = {dimension: column.at(row) for dimension, column in batch.columns.items()}
    second, status, size = batch.seconds[row], batch.status[row], batch.sizes[row]
    measures = tuple((measure, int(each[row])) for measure, each in batch.measures.items())
    return HitRecord(int(second), int(status), int(size), values, measures)


def batch_of_records(records: Sequence[HitRecord]) -> HitBatch:
    """Return a batch of `records` (one at least) with the same dimensions and measures."""
    columns = {}
    for dimension in records[0].values:
        numbers: dict[bytes, int] = {}
        codes = [numbers.setdefault(each.values[dimension], len(numbers)) for each in records]
        columns[dimension] = Column(list(numbers), np.array(codes, dtype=np.int32))
    return HitBatch(
        np.array([each.second for each in records], dtype=np.int64),
        np.array([each.status for each in records], dtype=np.int64),
        np.array([each.size for each in records], dtype=np.int64),
        columns,
        measures={
            measure: np.array([each.measures[place][1] for each in records], dtype=np.int64)
            for place, (measure, _) in enumerate(records[0].measures)
        },
    )

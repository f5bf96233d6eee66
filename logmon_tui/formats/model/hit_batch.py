"""HitBatch: many hits as columns. No parsing lives here.

A column is the distinct values and, for each hit, the number of its value; so whatever is dear
is done once for each distinct value, and counting is `numpy.bincount`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import NO_RESOLUTION, Measure
from logmon_tui.formats.model.unparsed import UnparsedLine
from logmon_tui.native.texts import Texts

if TYPE_CHECKING:
    from logmon_tui.formats.model.vocabulary import Vocabulary


class Dimension(StrEnum):
    """By what hits are counted."""

    SECTION = "section"
    PATH = "path"
    HOST = "host"
    USER = "user"
    METHOD = "method"
    USER_AGENT = "user_agent"
    REFERRER = "referrer"
    VIRTUAL_HOST = "virtual_host"
    TLS = "tls"
    ROUTE = "route"
    SOURCE = "source"


class Column:
    """`texts` are distinct; `codes[i]` is the index among them of hit i, int32, shape (n,).

    `values` are the texts as a list, made when it is needed. Where there is a `vocabulary`, the
    codes are its numbers: it has far more texts than these hits do.
    """

    __slots__ = ("_values", "codes", "texts", "vocabulary")

    def __init__(
        self,
        texts: Texts | list[bytes],
        codes: NDArray[np.int32],
        vocabulary: "Vocabulary | None" = None,
    ) -> None:
        self.texts = texts if isinstance(texts, Texts) else Texts.of(texts)
        self.codes = codes
        self.vocabulary = vocabulary
        self._values = texts if isinstance(texts, list) else None

    @property
    def values(self) -> list[bytes]:
        """The distinct values."""
        if self._values is None:
            self._values = self.texts.tolist()
        return self._values

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Column":
        """Return the column of the hits of `rows` (a mask or indices)."""
        part = Column(self.texts, self.codes[rows], self.vocabulary)
        part._values = self._values
        return part

    def at(self, row: int) -> bytes:
        """Return the value of one hit."""
        return self.texts[int(self.codes[row])]


@dataclass(frozen=True, slots=True, eq=False)
class HitBatch:
    """n hits in the order of the log, and what of the same chunk were no hits.

    `seconds` are UTC epoch seconds, `status` the codes, `sizes` bytes sent, each of shape (n,).
    `columns` lacks the dimensions, `measures` the measures that the format does not bring;
    measures are int64, shape (n,), `UNKNOWN` where a line has none. Of each line that is no
    hit, `unparsed_after` has how many hits of the chunk precede it, ascending; `unparsed_lines`
    keeps the newest of them, `first_unparsed` the first, and `unparsed_at` the numbers of the first
    and the newest among the chunk's lines.
    `others` counts lines that are neither: directives of the log, messages that tell no hit.
    `tail` holds the chunk's newest lines as they stand in the log. `resolution` is how many
    microseconds lie between two times as the log writes them, 0 if that is not known.
    """

    seconds: NDArray[np.int64]
    status: NDArray[np.int64]
    sizes: NDArray[np.int64]
    columns: Mapping[Dimension, Column]
    unparsed_after: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    unparsed_lines: tuple[UnparsedLine, ...] = ()
    first_unparsed: UnparsedLine | None = None
    unparsed_at: tuple[int, ...] = ()
    others: int = 0
    tail: tuple[bytes, ...] = ()
    format_name: str = field(default="")
    measures: Mapping[Measure, NDArray[np.int64]] = field(default_factory=dict)
    resolution: int = NO_RESOLUTION

    def __len__(self) -> int:
        """Return the number of hits."""
        return len(self.seconds)

    @property
    def unparsed(self) -> int:
        """How many lines are no hits."""
        return len(self.unparsed_after)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "HitBatch":
        """Return the hits of `rows` (a mask or indices), without what were no hits."""
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

    def hits(self) -> Iterator[tuple[int, int, int, dict[str, bytes]]]:
        """Yield each hit as (second, status, size, values by dimension); for tests and tools."""
        for row in range(len(self)):
            values = {str(name): column.at(row) for name, column in self.columns.items()}
            yield int(self.seconds[row]), int(self.status[row]), int(self.sizes[row]), values


class HitRecord(NamedTuple):
    """One hit on its own, as it is kept on disk."""

    second: int
    status: int
    size: int
    values: dict[Dimension, bytes]
    measures: tuple[tuple[Measure, int], ...] = ()  # states of old have none


def record_of(batch: HitBatch, row: int) -> HitRecord:
    """Return one hit of `batch` on its own."""
    values = {dimension: column.at(row) for dimension, column in batch.columns.items()}
    second, status, size = batch.seconds[row], batch.status[row], batch.sizes[row]
    measures = tuple((measure, int(each[row])) for measure, each in batch.measures.items())
    return HitRecord(int(second), int(status), int(size), values, measures)


def batch_of_records(records: Sequence[HitRecord]) -> HitBatch:
    """Return a batch of these hits, one at least; all have the same dimensions and measures."""
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

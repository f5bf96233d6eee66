"""Builds HitBatches: the one place where texts become columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.columns import column_of, one_column, without_unused
from logmon_tui.formats.model.dimension_columns import columns_of
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import NO_RESOLUTION, Hit, Measure, finest
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.unparsed import KEPT_LINES, UnparsedLine

TAIL_LINES = 200
_TAIL_BYTES = 2_000

Ints: TypeAlias = NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """The fields of n hits of one format, by columns.

    `lines` are the numbers of their lines; all are of the shape (n,).
    """

    lines: NDArray[np.intp]
    seconds: Ints
    status: Ints
    sizes: Ints
    texts: Mapping[Field, Column]
    measures: Mapping[Measure, Ints]

    def where(self, good: NDArray[np.bool_]) -> "Fields":
        """Return the fields of the hits that are `good`."""
        return Fields(
            self.lines[good],
            self.seconds[good],
            self.status[good],
            self.sizes[good],
            {field: _chosen(column, good) for field, column in self.texts.items()},
            {measure: values[good] for measure, values in self.measures.items()},
        )


def _chosen(column: Column, good: NDArray[np.bool_]) -> Column:
    chosen = column.select(good)
    return without_unused(chosen) if column.vocabulary is None else chosen


@dataclass(frozen=True, slots=True)
class Decided:
    """What the line parser made of some lines: `hits`, with the numbers of their `lines`.

    `unparsed_at` are the numbers of the lines that are no hits, ascending, and `unparsed` those
    of them that are kept; `others` counts lines that are none either but are in order.
    """

    hits: Sequence[Hit] = ()
    lines: Sequence[int] = ()
    unparsed: Sequence[UnparsedLine] = ()
    unparsed_at: Sequence[int] = ()
    others: int = 0


def batch_of(
    parts: Sequence[Fields], decided: Decided, chunk: bytes, log_format: LogFormat
) -> HitBatch:
    """Return the batch of `chunk`: what was found by columns, and what the line parser decided.

    All `parts`, of which there is one at least, know the same texts and measures.
    """
    if decided.hits:
        parts = [*parts, fields_of_hits(decided.hits, decided.lines, log_format)]
    lines, order = parts[0].lines, None
    if len(parts) > 1:
        lines = np.concatenate([part.lines for part in parts])
        order = np.argsort(lines, kind="stable")
        lines = lines[order]

    def together(columns: Iterable[Ints]) -> Ints:
        return np.concatenate(list(columns))[order] if len(parts) > 1 else next(iter(columns))

    texts = {
        field: one_column([part.texts[field] for part in parts], order) for field in parts[0].texts
    }
    measures = {
        measure: together(part.measures[measure] for part in parts) for measure in parts[0].measures
    }
    return HitBatch(
        together(part.seconds for part in parts),
        together(part.status for part in parts),
        together(part.sizes for part in parts),
        columns_of(texts),
        unparsed_after=np.searchsorted(lines, decided.unparsed_at),
        unparsed_lines=tuple(decided.unparsed[-KEPT_LINES:]),
        first_unparsed=decided.unparsed[0] if decided.unparsed else None,
        unparsed_at=tuple(first_and_newest(decided.unparsed_at)),
        others=decided.others,
        tail=tail_of(chunk),
        format_name=log_format.name,
        measures=measures,
        resolution=finest(log_format.resolution, *map(_resolution, _times(measures))),
    )


def first_and_newest(unparsed: Sequence[T]) -> Sequence[T]:
    """Return what is kept of lines that are no hits.

    The very first is kept too, beside the newest: it is what a wrong format shows best.
    """
    if len(unparsed) <= KEPT_LINES:
        return unparsed
    return [unparsed[0], *unparsed[-KEPT_LINES:]]


def _times(measures: Mapping[Measure, Ints]) -> Iterator[Ints]:
    yield from (values for measure, values in measures.items() if measure is not Measure.BYTES_IN)


_SECOND, _MILLISECOND, _MICROSECOND = 1_000_000, 1_000, 1


def _resolution(times: Ints) -> int:
    """Return a second, millisecond or microsecond: what times in microseconds are multiples of."""
    times = times[times > 0]
    if not len(times):
        return NO_RESOLUTION
    if (times % _MILLISECOND).any():
        return _MICROSECOND
    return _MILLISECOND if (times % _SECOND).any() else _SECOND


def fields_of_hits(hits: Sequence[Hit], lines: Sequence[int], log_format: LogFormat) -> Fields:
    """Return the fields of line-parser `hits` on these `lines`."""
    numbers = np.array([hit[:3] for hit in hits], dtype=np.int64).reshape(-1, 3)
    return Fields(
        np.array(lines, dtype=np.intp),
        numbers[:, 0],
        numbers[:, 1],
        numbers[:, 2],
        texts={
            field: column_of(getattr(hit, name) for hit in hits)
            for field, name in TEXTS.items()
            if field in log_format.fields
        },
        measures={
            measure: np.array([getattr(hit, measure) for hit in hits], dtype=np.int64)
            for field, measure in MEASURES.items()
            if field in log_format.fields
        },
    )


def batch_of_hits(hits: Sequence[Hit], log_format: LogFormat) -> HitBatch:
    """Return the batch of line-parser `hits`, without what else their log has."""
    fields = fields_of_hits(hits, range(len(hits)), log_format)
    return HitBatch(
        fields.seconds,
        fields.status,
        fields.sizes,
        columns_of(fields.texts),
        measures=fields.measures,
    )


def tail_of(chunk: bytes) -> tuple[bytes, ...]:
    """Return the newest lines of a chunk, each cut to what a screen can show."""
    end = len(chunk) - chunk.endswith(b"\n")
    start = end
    for _ in range(TAIL_LINES):  # splitting the whole chunk would copy it
        start = chunk.rfind(b"\n", 0, start)
        if start < 0:
            break
    return tuple(line[:_TAIL_BYTES] for line in chunk[start + 1 : end].split(b"\n"))

"""Builds HitBatches from the columns of a scanner and the hits of a line parser."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.columns import column_of, without_unused
from logmon_tui.formats.model.dimension_columns import columns_of
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import NO_RESOLUTION, Hit, Measure, finest
from logmon_tui.formats.model.hit_batch import TAIL_LINES, Column, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.unparsed import KEPT_LINES, UnparsedLine

_TAIL_BYTES = 2_000
"""Maximum bytes of a raw line: no screen shows more."""

_NEAR_BYTES = 64 * 1024
"""Bytes at the end of a chunk in which the newest lines mostly are."""

Ints: TypeAlias = NDArray[np.int64]


class Fields(msgspec.Struct, frozen=True, eq=False):
    """The fields of n hits of one format, as columns of the shape (n,).

    `lines` are the numbers of the lines on which the hits stand. `tolerated` are those of them that
    are hits only because the format is tolerant.
    """

    lines: NDArray[np.intp]
    seconds: Ints
    status: Ints
    sizes: Ints
    texts: Mapping[Field, Column]
    measures: Mapping[Measure, Ints]
    tolerated: Ints = msgspec.field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def where(self, mask: NDArray[np.bool_]) -> "Fields":
        """Return the fields of the hits that `mask` selects."""
        return Fields(
            self.lines[mask],
            self.seconds[mask],
            self.status[mask],
            self.sizes[mask],
            {field: _selected(column, mask) for field, column in self.texts.items()},
            {measure: values[mask] for measure, values in self.measures.items()},
            self.tolerated[np.isin(self.tolerated, self.lines[mask])],
        )


def _selected(column: Column, mask: NDArray[np.bool_]) -> Column:
    selected = column.select(mask)
    return without_unused(selected) if column.vocabulary is None else selected


class LineResults(msgspec.Struct, frozen=True):
    """What the line parser found: `hits`, and the numbers of their `lines`.

    `unparsed_at` are the numbers of all unparsed lines, ascending; `unparsed` are the ones that are
    kept. `tolerated_at` are the numbers of the lines that are hits only because the format is
    tolerant. `others` counts legitimate lines that are no hits, such as comments.
    """

    hits: Sequence[Hit] = ()
    lines: Sequence[int] = ()
    unparsed: Sequence[UnparsedLine] = ()
    unparsed_at: Sequence[int] = ()
    tolerated_at: Sequence[int] = ()
    others: int = 0


def batch_of(
    parts: Sequence[Fields],
    by_lines: LineResults,
    tail: tuple[bytes, ...],
    log_format: LogFormat,
) -> HitBatch:
    """Return the batch of a chunk from what the scanner and the line parser found in it.

    `parts` (one at least) are what the scanner found; all have the same texts and measures.
    `by_lines` is what the line parser found in the lines that the scanner left, and `tail` has the
    newest lines.
    """
    if by_lines.hits:
        parts = [*parts, fields_of_hits(by_lines.hits, by_lines.lines, log_format)]
    lines, order = parts[0].lines, None
    if len(parts) > 1:
        lines = np.concatenate([part.lines for part in parts])
        order = np.argsort(lines, kind="stable")
        lines = lines[order]

    def merged(columns: Iterable[Ints]) -> Ints:
        return np.concatenate(list(columns))[order] if len(parts) > 1 else next(iter(columns))

    texts = {
        field: Column.concat([part.texts[field] for part in parts], order)
        for field in parts[0].texts
    }
    measures = {
        measure: merged(part.measures[measure] for part in parts) for measure in parts[0].measures
    }
    return HitBatch(
        merged(part.seconds for part in parts),
        merged(part.status for part in parts),
        merged(part.sizes for part in parts),
        columns_of(texts),
        unparsed_after=np.searchsorted(lines, by_lines.unparsed_at),
        unparsed_lines=tuple(by_lines.unparsed[-KEPT_LINES:]),
        first_unparsed=by_lines.unparsed[0] if by_lines.unparsed else None,
        unparsed_at=np.array(by_lines.unparsed_at, dtype=np.int64),
        tolerated_at=_sorted([by_lines.tolerated_at, *(part.tolerated for part in parts)]),
        others=by_lines.others,
        tail=tail,
        format_name=log_format.name,
        measures=measures,
        resolution=finest(log_format.resolution, *map(_resolution, _times(measures))),
        lines=lines,
    )


def _sorted(numbers: Iterable[Sequence[int] | Ints]) -> Ints:
    return np.sort(np.concatenate([np.asarray(each, dtype=np.int64) for each in numbers]))


def _times(measures: Mapping[Measure, Ints]) -> Iterator[Ints]:
    yield from (values for measure, values in measures.items() if measure is not Measure.BYTES_IN)


_SECOND, _MILLISECOND, _MICROSECOND = 1_000_000, 1_000, 1

_FIRST = 1_000
"""Times that are looked at before all others."""


def _resolution(times: Ints) -> int:
    """Return the precision of `times` (microseconds): a second, millisecond or microsecond."""
    times = np.maximum(times, 0)
    if not times.any():
        return NO_RESOLUTION
    if _are_finer(times, _MILLISECOND):
        return _MICROSECOND
    return _MILLISECOND if _are_finer(times, _SECOND) else _SECOND


def _are_finer(times: Ints, unit: int) -> bool:
    """Tell whether one of `times` is no multiple of `unit`; mostly one of the first tells."""
    parts = times[:_FIRST], times[_FIRST:]
    return any((part // unit * unit != part).any() for part in parts)


def fields_of_hits(hits: Sequence[Hit], lines: Sequence[int], log_format: LogFormat) -> Fields:
    """Return the fields of hits that the line parser found on these `lines`."""
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
    """Return a batch of hits that the line parser found, without any other lines."""
    fields = fields_of_hits(hits, range(len(hits)), log_format)
    return HitBatch(
        fields.seconds,
        fields.status,
        fields.sizes,
        columns_of(fields.texts),
        measures=fields.measures,
    )


def tail_of(chunk: bytes) -> tuple[bytes, ...]:
    """Return the newest `TAIL_LINES` lines of a chunk, each cut to `_TAIL_BYTES`."""
    end = len(chunk) - chunk.endswith(b"\n")
    near = chunk[max(0, end - _NEAR_BYTES) : end].split(b"\n")
    if len(near) > TAIL_LINES:  # as it mostly is, and splitting takes a tenth of the time
        return tuple(line[:_TAIL_BYTES] for line in near[-TAIL_LINES:])
    start = end
    for _ in range(TAIL_LINES):  # splitting the whole chunk would copy it
        start = chunk.rfind(b"\n", 0, start)
        if start < 0:
            break
    return tuple(line[:_TAIL_BYTES] for line in chunk[start + 1 : end].split(b"\n"))

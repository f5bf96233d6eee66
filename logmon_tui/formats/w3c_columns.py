"""The columnar parser of W3C extended logs: each part of a chunk is read by its own header."""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pyarrow as pa

from logmon_tui.formats.batching import tail_of
from logmon_tui.formats.columnar_parser import ColumnarParser
from logmon_tui.formats.hit import NONE, UNKNOWN
from logmon_tui.formats.hit_batch import TEXT, Column, Dimension, HitBatch
from logmon_tui.formats.unparsed import KEPT_LINES
from logmon_tui.formats.w3c import W3cFormat


class W3cParser(ColumnarParser):
    """Parses chunks that begin under a header, or under none."""

    def __init__(self, log_format: W3cFormat) -> None:
        super().__init__(log_format)
        self._format = log_format
        self._usual = _parser_under(log_format)

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        return self._by_parts(chunk, by_lines=False)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return what `parse` does, by the line parser alone: slowly, one line at a time."""
        return self._by_parts(chunk, by_lines=True)

    def _by_parts(self, chunk: bytes, *, by_lines: bool) -> HitBatch:
        parts = list(self._format.parts(chunk))
        batches = []
        for log_format, part in parts:
            parser = self._usual if log_format is self._format else _parser_under(log_format)
            batches.append(parser.parse_by_lines(part) if by_lines else parser.parse(part))
        if len(batches) == 1:
            return batches[0]
        return _one_after_the_other(batches, [part.count(b"\n") for _, part in parts], chunk)


def _parser_under(log_format: W3cFormat) -> ColumnarParser:
    """Return what parses lines under the one header of `log_format`."""
    lines = log_format.delimited
    return lines.columnar() if lines else _NoFieldsParser(log_format)


class _NoFieldsParser(ColumnarParser):
    """Parses chunks of which nobody said what is in them."""

    def parse(self, chunk: bytes) -> HitBatch:
        """Return a batch without hits."""
        return self.parse_by_lines(chunk)


def _one_after_the_other(
    batches: Sequence[HitBatch], lines: Sequence[int], chunk: bytes
) -> HitBatch:
    """Return the batch of a `chunk` whose parts, of so many `lines`, are `batches`.

    What only some of them bring, the others do not know.
    """
    before = [0, *accumulate(lines)]
    newest = [kept for batch in batches for kept in batch.unparsed_lines][-KEPT_LINES:]
    unparsed_at = [
        offset + place
        for batch, offset in zip(batches, before, strict=False)
        for place in batch.unparsed_at
    ]
    if len(unparsed_at) > KEPT_LINES:
        unparsed_at = unparsed_at[:1] + unparsed_at[-KEPT_LINES:]
    dimensions = dict.fromkeys(dimension for batch in batches for dimension in batch.columns)
    measures = dict.fromkeys(measure for batch in batches for measure in batch.measures)
    return HitBatch(
        np.concatenate([batch.seconds for batch in batches]),
        np.concatenate([batch.status for batch in batches]),
        np.concatenate([batch.sizes for batch in batches]),
        {dimension: _column(batches, dimension) for dimension in dimensions},
        unparsed=sum(batch.unparsed for batch in batches),
        unparsed_lines=tuple(newest),
        first_unparsed=next((each.first_unparsed for each in batches if each.unparsed), None),
        unparsed_at=tuple(unparsed_at),
        others=sum(batch.others for batch in batches),
        tail=tail_of(chunk),
        format_name=batches[-1].format_name,
        measures={
            measure: np.concatenate(
                [
                    batch.measures.get(measure, np.full(len(batch), UNKNOWN, dtype=np.int64))
                    for batch in batches
                ]
            )
            for measure in measures
        },
    )


def _column(batches: Sequence[HitBatch], dimension: Dimension) -> Column:
    parts = []
    for batch in batches:
        column = batch.columns.get(dimension)
        if column is None:
            parts.append(pa.repeat(pa.scalar(NONE, TEXT), len(batch)))
        else:
            parts.append(column.texts.take(pa.array(column.codes)))
    encoded = pa.concat_arrays(parts).dictionary_encode()
    return Column(encoded.dictionary, encoded.indices.to_numpy())

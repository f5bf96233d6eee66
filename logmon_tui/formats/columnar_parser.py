"""The columnar parser: a chunk of whole lines → HitBatch, all lines at once.

Where newlines and quotes stand is found for the whole chunk; from there it goes from field to
field in all lines at once (`FieldTable`), and the texts of a field are told apart by a hash of
the whole column. A line counts only if every field, quote and space stands where the format puts
it, so what is found is what the line parser would find; every line that is not so plain (with an
escaped quote, cut, or no hit at all) is left to the line parser itself. A stray quote costs
speed, never a hit.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from logmon_tui.formats.batching import (
    TEXT_FIELDS,
    batch_of_hits,
    columns_of,
    numbers_of,
    sliced,
    texts_of,
    with_remainder,
)
from logmon_tui.formats.fields import FieldTable
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.line_parser import Hit, LineParser
from logmon_tui.formats.lines import LineTable
from logmon_tui.formats.log_format import Field, LogFormat
from logmon_tui.formats.unparsed import KEPT_LINES, UnparsedLine

_PIECE = 2 * 1024 * 1024
"""About so many bytes are looked at together: more would leave the CPU's caches."""


class ColumnarParser:
    """Parses chunks of one format. It keeps nothing, so several threads may share one."""

    def __init__(self, log_format: LogFormat) -> None:
        self._format = log_format
        self._lines = LineParser(log_format)
        fields = (Field.REQUEST, *TEXT_FIELDS)
        self._texts = [field for field in fields if field in log_format.groups]

    @property
    def log_format(self) -> LogFormat:
        """The format of the lines."""
        return self._format

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        if b"\r" in chunk and chunk.count(b"\r") == chunk.count(b"\r\n"):
            chunk = chunk.replace(b"\r\n", b"\n")
        parts = [self._parse_piece(piece) for piece in _pieces(chunk)]
        texts = {
            field: [array for part in parts for array in part.texts[field]] for field in self._texts
        }
        seconds, status, sizes = map(
            np.concatenate, zip(*(part.numbers for part in parts), strict=True)
        )
        batch = HitBatch(seconds, status, sizes, columns_of(texts, _order(parts)))
        unparsed = [line for part in parts for line in part.unparsed]
        count = sum(part.unparsed_count for part in parts)
        return with_remainder(batch, chunk, self._format, unparsed, count)

    def _parse_piece(self, piece: memoryview) -> "_Part":
        table = LineTable(piece)
        fields = FieldTable(table, self._format.tokens)
        numbers = fields.numbers()
        texts = {field: [sliced(piece, *fields.spans[field])] for field in self._texts}
        if len(fields) == len(table):
            return _Part(numbers, texts, None, (), 0)
        others = np.ones(len(table), dtype=np.bool_)
        others[fields.lines] = False
        hits, lines, unparsed, count = self._decide(table, np.flatnonzero(others))
        order = np.argsort(np.concatenate([fields.lines, lines]), kind="stable")
        seconds, status, sizes = (
            np.concatenate(pair)[order] for pair in zip(numbers, numbers_of(hits), strict=True)
        )
        for field, more in texts_of(hits, self._format).items():
            texts[field].append(more)
        return _Part((seconds, status, sizes), texts, order, unparsed, count)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return what `parse` does, by the line parser alone: slowly, one line at a time."""
        table = LineTable(chunk)
        hits, _, unparsed, count = self._decide(table, np.arange(len(table)))
        return with_remainder(
            batch_of_hits(hits, self._format), chunk, self._format, unparsed, count
        )

    def _decide(
        self, table: LineTable, others: NDArray[np.intp]
    ) -> tuple[list[Hit], NDArray[np.intp], Sequence[UnparsedLine], int]:
        """Ask the line parser about the lines numbered `others`.

        Return the hits with the numbers of their lines, the lines that are none as far as they
        are kept, and how many of those there are.
        """
        hits, lines, strangers = [], [], []
        for number in others.tolist():
            hit = self._lines.parse(table.line(number))
            if hit is None:
                strangers.append(number)
            else:
                hits.append(hit)
                lines.append(number)
        # The very first is kept too, beside the newest: it is what a wrong format shows best.
        kept = (
            strangers if len(strangers) <= KEPT_LINES else strangers[:1] + strangers[-KEPT_LINES:]
        )
        unparsed = [self._lines.unparsed(table.line(number)) for number in kept]
        return hits, np.array(lines, dtype=np.intp), unparsed, len(strangers)


class _Part(NamedTuple):
    """What a piece of a chunk holds.

    `numbers` are the hits' seconds, status codes and sizes. Their texts come in `texts` first
    for the hits told by columns, then for those of the line parser; `order` tells which of them
    each hit has, None for the first the first.
    """

    numbers: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    texts: dict[Field, list[pa.Array]]
    order: NDArray[np.intp] | None
    unparsed: Sequence[UnparsedLine]
    unparsed_count: int


def _pieces(chunk: bytes) -> Iterator[memoryview]:
    """Cut a chunk into pieces of whole lines, one at least."""
    view = memoryview(chunk)
    start = 0
    while len(chunk) - start > _PIECE:
        end = chunk.find(b"\n", start + _PIECE) + 1
        yield view[start:end]
        start = end
    if start < len(chunk) or not chunk:
        yield view[start:]


def _order(parts: Sequence[_Part]) -> NDArray[np.intp] | None:
    """Return for each hit of all parts which text is its own; None for the first the first."""
    if all(part.order is None for part in parts):
        return None
    orders, before = [], 0
    for part in parts:
        hits = len(part.numbers[0])
        orders.append(before + (np.arange(hits) if part.order is None else part.order))
        before += hits
    return np.concatenate(orders)

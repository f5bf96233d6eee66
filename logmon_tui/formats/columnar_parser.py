"""The columnar parser: a chunk of whole lines → HitBatch, all lines at once.

Where newlines and quotes stand is found for the whole chunk; from there it goes from field to
field in all lines at once (`FieldTable`), and the texts of a field are told apart by a hash of
the whole column. A line counts only if every field, quote and space stands where the format puts
it, so what is found is what the line parser would find; every line that is not so plain (with an
escaped quote, cut, or no hit at all) is left to the line parser itself. A stray quote costs
speed, never a hit.
"""

from collections.abc import Sequence

import numpy as np
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
        if b"\r" in chunk and _ends_in_returns(chunk):
            chunk = chunk.replace(b"\r\n", b"\n")
        table = LineTable(chunk)
        fields = FieldTable(table, self._format.tokens)
        numbers = fields.numbers()
        texts = {field: [sliced(chunk, *fields.spans[field])] for field in self._texts}
        if len(fields) == len(table):
            return with_remainder(HitBatch(*numbers, columns_of(texts)), chunk, self._format)
        others = np.ones(len(table), dtype=np.bool_)
        others[fields.lines] = False
        hits, lines, unparsed, count = self._decide(table, np.flatnonzero(others))
        order = np.argsort(np.concatenate([fields.lines, lines]), kind="stable")
        seconds, status, sizes = (
            np.concatenate(pair)[order] for pair in zip(numbers, numbers_of(hits), strict=True)
        )
        for field, more in texts_of(hits, self._format).items():
            texts[field].append(more)
        batch = HitBatch(seconds, status, sizes, columns_of(texts, order))
        return with_remainder(batch, chunk, self._format, unparsed, count)

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


def _ends_in_returns(chunk: bytes) -> bool:
    """Tell whether every line ends in one carriage return before its newline."""
    return chunk.count(b"\r\n") == chunk.count(b"\n") and b"\r\r\n" not in chunk

"""The columnar parser of delimited formats.

Where the bytes stand that part the fields is found for the whole chunk; from there it goes from
field to field in all lines at once (`FieldTable`), and the texts of a field are told apart by a
hash of the whole column.
"""

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.batching import Fields, batch_of, sliced, transformed
from logmon_tui.formats.columnar_parser import ColumnarParser, without_returns
from logmon_tui.formats.columns import read_column
from logmon_tui.formats.delimited import DelimitedFormat
from logmon_tui.formats.field import MEASURES, TEXTS, Field
from logmon_tui.formats.fields import FieldTable, separators_of
from logmon_tui.formats.hit import UNKNOWN
from logmon_tui.formats.hit_batch import HitBatch
from logmon_tui.formats.lines import LineTable

Ints = NDArray[np.int64]


class DelimitedParser(ColumnarParser):
    """Parses chunks of one delimited format."""

    def __init__(self, log_format: DelimitedFormat) -> None:
        super().__init__(log_format)
        self._format = log_format
        self._separators = separators_of(log_format)

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        chunk = without_returns(chunk)
        table = LineTable(chunk, self._separators)
        found = FieldTable(table, self._format)
        values = self._numbers(table, found)
        tokens, texts = self._format.tokens, {}
        for field in TEXTS:
            if field in self._format.fields:
                at = self._format.places(field)[0]
                raw = sliced(chunk, found.starts[at], found.stops[at])
                texts[field] = transformed(raw, tokens[at].transform)
        sizes = values.get(Field.SIZE)
        fields = Fields(
            found.lines,
            values[Field.TIME]
            if Field.TIME in values
            else values[Field.DATE] + values[Field.CLOCK],
            values[Field.STATUS],
            np.zeros(len(found), dtype=np.int64) if sizes is None else sizes,
            texts,
            {measure: values[field] for field, measure in MEASURES.items() if field in values},
        )
        others = np.ones(len(table), dtype=np.bool_)
        others[found.lines] = False
        decided = self._decide(np.flatnonzero(others).tolist(), table.line)
        return batch_of(fields, decided, chunk, self._format)

    def _numbers(self, table: LineTable, found: FieldTable) -> dict[Field, Ints]:
        """Return what the fields that are times or numbers tell in each line.

        Lines in which one of them has not the right shape are dropped from `found`.
        """
        good = np.ones(len(found), dtype=np.bool_)
        values: dict[Field, Ints] = {}
        for at, token in enumerate(self._format.tokens):
            if token.reading is None:
                continue
            column, fine = read_column(table, token.reading, found.starts[at], found.stops[at])
            good &= fine
            before = values.get(token.field)
            if before is None:
                values[token.field] = column
            elif token.field is Field.RESPONSE_TIME and self._format.in_parts:
                values[token.field] = _sum(before, column)
        if self._format.in_parts:
            parts = values[Field.RESPONSE_TIME], values[Field.UPSTREAM_TIME]
            values[Field.RESPONSE_TIME] = _sum(*parts)
        if good.all():
            return values
        found.keep(good)
        return {field: column[good] for field, column in values.items()}


def _sum(one: Ints, other: Ints) -> Ints:
    """Return the sums of measures, unknown where one of both is."""
    return np.where((one == UNKNOWN) | (other == UNKNOWN), UNKNOWN, one + other)

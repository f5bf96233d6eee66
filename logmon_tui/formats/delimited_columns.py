"""The columnar parser of delimited formats.

Where the bytes stand that part the fields is found for the whole chunk; from there it goes from
field to field in all lines at once (`FieldTable`), and the texts of a field are told apart by a
hash of the whole column.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from logmon_tui.formats.batching import Fields, batch_of, sliced, transformed
from logmon_tui.formats.columnar_parser import ColumnarParser, without_returns
from logmon_tui.formats.columns import read_column
from logmon_tui.formats.delimited import DelimitedFormat
from logmon_tui.formats.delimited_lines import second_of
from logmon_tui.formats.field import MEASURES, TEXTS, Field
from logmon_tui.formats.fields import FieldTable, separators_of
from logmon_tui.formats.hit import NONE, UNKNOWN
from logmon_tui.formats.hit_batch import TEXT, HitBatch
from logmon_tui.formats.lines import LineTable, Offsets
from logmon_tui.formats.log_format import LogFormat
from logmon_tui.formats.transforms import PORT_DIGITS, Transform

Ints = NDArray[np.int64]


class DelimitedParser(ColumnarParser):
    """Parses chunks of a format whose lines have one form, or one of several."""

    def __init__(self, log_format: LogFormat, forms: Sequence[DelimitedFormat]) -> None:
        super().__init__(log_format)
        self._forms = forms

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        chunk = without_returns(chunk)
        parts: list[Fields] = []
        lines = table = LineTable(chunk, separators_of(self._forms[0]))
        left = np.arange(len(lines))  # the numbers of the lines that fit no form so far
        for form in self._forms:
            if parts:
                table = LineTable(_joined(lines, left), separators_of(form))
            found = FieldTable(table, form)
            fields = _fields(table, found, form, self.log_format.fields)
            parts.append(replace(fields, lines=left[found.lines]))
            left = np.delete(left, found.lines)
            if not len(left):
                break
        decided = self._decide(left.tolist(), lines.line)
        return batch_of(parts, decided, chunk, self.log_format)


def _joined(table: LineTable, numbers: Offsets) -> bytes:
    """Return the lines of these numbers, each with its newline."""
    bounds = zip(table.starts[numbers].tolist(), table.ends[numbers].tolist(), strict=True)
    return b"".join(table.chunk[start : end + 1] for start, end in bounds)


def _fields(
    table: LineTable, found: FieldTable, form: DelimitedFormat, present: frozenset[Field]
) -> Fields:
    """Return the fields that `found` has found, those of `present` that the form lacks as well."""
    values = _numbers(table, found, form)
    count = len(found)
    texts, measures = {}, {}
    for field in TEXTS:
        if field in form.fields:
            texts[field] = _texts(table, found, form.places(field)[0], form)
        elif field in present:
            texts[field] = pa.repeat(pa.scalar(NONE, TEXT), count)
    for field, measure in MEASURES.items():
        if field in present:
            measures[measure] = values.get(field, np.full(count, UNKNOWN, dtype=np.int64))
    return Fields(
        found.lines,
        second_of(values),
        values[Field.STATUS],
        values.get(Field.SIZE, np.zeros(count, dtype=np.int64)),
        texts,
        measures,
    )


def _numbers(table: LineTable, found: FieldTable, form: DelimitedFormat) -> dict[Field, Ints]:
    """Return what the fields that are times or numbers tell in each line.

    Lines in which one of them has not the right shape are dropped from `found`.
    """
    good = np.ones(len(found), dtype=np.bool_)
    values: dict[Field, Ints] = {}
    for at, token in enumerate(form.tokens):
        if token.reading is None:
            continue
        column, fine = read_column(table, token.reading, found.starts[at], found.stops[at])
        good &= fine
        before = values.get(token.field)
        if before is None:
            values[token.field] = column
        elif token.field is Field.RESPONSE_TIME and form.in_parts:
            values[token.field] = _sum(before, column)
    if form.in_parts:
        parts = values[Field.RESPONSE_TIME], values[Field.UPSTREAM_TIME]
        values[Field.RESPONSE_TIME] = _sum(*parts)
    if good.all():
        return values
    found.keep(good)
    return {field: column[good] for field, column in values.items()}


def _sum(one: Ints, other: Ints) -> Ints:
    """Return the sums of measures, unknown where one of both is."""
    return np.where((one == UNKNOWN) | (other == UNKNOWN), UNKNOWN, one + other)


def _texts(table: LineTable, found: FieldTable, at: int, form: DelimitedFormat) -> pa.Array:
    """Return the texts of the token with the number `at`."""
    start, stop = found.starts[at], found.stops[at]
    transform = form.tokens[at].transform
    if transform is Transform.PORT_CUT:
        # Cut by columns, for else there would be a text of its own for each connection.
        return sliced(table.chunk, *_without_ports(table, start, stop))
    return transformed(sliced(table.chunk, start, stop), transform)


def _without_ports(table: LineTable, start: Offsets, stop: Offsets) -> tuple[Offsets, Offsets]:
    """Return where hosts stand that have ports behind them, as `Transform.PORT_CUT` does."""
    data = table.bytes
    end = stop
    for digits in range(PORT_DIGITS, -1, -1):  # the last colon counts, so it is looked at last
        colon = stop - digits - 1
        cut = (data.take(colon, mode="clip") == _COLON) & (colon >= start)
        end = np.where(cut, colon, end)
    bracketed = (end < stop) & (end > start) & (data.take(start, mode="clip") == _OPEN)
    start = start + bracketed
    closed = bracketed & (end > start) & (data.take(end - 1, mode="clip") == _CLOSE)
    return start, end - closed


_COLON, _OPEN, _CLOSE = b":[]"

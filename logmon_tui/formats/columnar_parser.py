"""The columnar parser: a chunk of whole lines → HitBatch, by a CSV tokeniser and numpy.

The tokeniser (pyarrow.csv; space as delimiter, double quote as quote) is fast and forgiving: an
unbalanced quote makes it swallow the next line, and it takes a quoted host or an unquoted
request without a word. So it is trusted only where nothing can go wrong:

- Lines in which the tokeniser and the format could differ never reach it (`suspects`): lines
  with a backslash, a carriage return, a byte order mark, or other than the format's number of
  quotes, each pair opening after a space and closing before one.
- Of the rows that it returns, those count whose quotes stand in the line exactly where the
  lengths of its columns say, and whose time, status and size have the right shape.

All other lines are decided by the line parser. A stray quote costs speed, never a hit.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from logmon_tui.formats.batching import (
    TEXT_DIMENSIONS,
    batch_of_hits,
    interleaved,
    request_columns,
    with_remainder,
)
from logmon_tui.formats.hit_batch import Column, HitBatch
from logmon_tui.formats.line_parser import Hit, LineParser
from logmon_tui.formats.lines import LineTable, suspects
from logmon_tui.formats.log_format import Field, LogFormat
from logmon_tui.formats.unparsed import KEPT_LINES, UnparsedLine
from logmon_tui.formats.values import NONE, local_second, zone_offset

_NO_TIME = np.iinfo(np.int64).min
_NO_NUMBER = -1
_STATUS_DIGITS, _SIZE_DIGITS = 3, 15
_STAMP_BYTES, _ZONE_BYTES = len("[22/Nov/2026:08:26:40"), len("+0000]")
_DICTIONARY = pa.dictionary(pa.int32(), pa.binary())


class ColumnarParser:
    """Parses chunks of one format."""

    def __init__(self, log_format: LogFormat) -> None:
        self._format = log_format
        self._lines = LineParser(log_format)
        self._names: list[str] = []  # the tokeniser's columns: a time is two
        self._quoted: list[bool] = []
        self._place: dict[Field, int] = {}
        for token in log_format.tokens:
            self._place.setdefault(token.field, len(self._names))
            for _ in range(2 if token.field is Field.TIME else 1):
                self._names.append(str(len(self._names)))
                self._quoted.append(token.quoted)

    @property
    def log_format(self) -> LogFormat:
        """The format of the lines."""
        return self._format

    def parse(self, chunk: bytes) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        if b"\r\n" in chunk and chunk.count(b"\r") == chunk.count(b"\r\n"):
            chunk = chunk.replace(b"\r\n", b"\n")
        table = LineTable(chunk)
        quotes, suspect = suspects(table, self._quoted)
        rows = self._tokenise(table, quotes, np.flatnonzero(~suspect))
        suspect[:] = True
        suspect[rows.lines] = False
        others = np.flatnonzero(suspect)
        hits, lines, unparsed, count = self._decide(table, others)
        slow = batch_of_hits(hits, self._format)
        batch = interleaved(rows.batch, rows.lines, slow, np.array(lines, dtype=np.intp))
        return with_remainder(batch, chunk, self._format, unparsed, count)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return what `parse` does, by the line parser alone: slowly, without the tokeniser."""
        table = LineTable(chunk)
        hits, _, unparsed, count = self._decide(table, np.arange(len(table)))
        return with_remainder(
            batch_of_hits(hits, self._format), chunk, self._format, unparsed, count
        )

    def _decide(
        self, table: LineTable, others: NDArray[np.intp]
    ) -> tuple[list[Hit], list[int], Sequence[UnparsedLine], int]:
        """Ask the line parser about the lines numbered `others`."""
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
        return hits, lines, [self._lines.unparsed(table.line(n)) for n in kept], len(strangers)

    def _tokenise(
        self, table: LineTable, quotes: NDArray[np.intp], lines: NDArray[np.intp]
    ) -> "_Rows":
        """Return the rows that the tokeniser got right of the lines numbered `lines`."""
        if not len(lines):
            return _Rows(batch_of_hits([], self._format), lines)
        data = table.chunk if len(lines) == len(table) else table.joined(lines)
        columns, rejected = _read_columns(data, self._names)
        if rejected:
            keep = np.ones(len(lines), dtype=np.bool_)
            keep[np.array(rejected) - 1] = False
            lines, quotes = lines[keep], quotes[keep]
        if len(columns[0].codes) != len(lines):  # cannot be, by the checks before
            return _Rows(batch_of_hits([], self._format), lines[:0])
        good = self._in_place(table, columns, quotes, lines)
        seconds = self._seconds(columns)
        status = self._numbers(columns, Field.STATUS, _STATUS_DIGITS, _STATUS_DIGITS)
        sizes = self._numbers(columns, Field.SIZE, 1, _SIZE_DIGITS)
        good &= (seconds != _NO_TIME) & (status != _NO_NUMBER) & (sizes != _NO_NUMBER)
        dimensions = request_columns(columns[self._place[Field.REQUEST]])
        for field, dimension in TEXT_DIMENSIONS.items():
            if field in self._place:
                dimensions[dimension] = columns[self._place[field]]
        batch = HitBatch(seconds, status, sizes, dimensions)
        if good.all():
            return _Rows(batch, lines)
        return _Rows(batch.select(good), lines[good])

    def _in_place(
        self,
        table: LineTable,
        columns: Sequence[Column],
        quotes: NDArray[np.intp],
        lines: NDArray[np.intp],
    ) -> NDArray[np.bool_]:
        """Tell which rows have their quotes just where the lengths of the columns put them.

        A bare column must not be empty: two spaces on end are no field.
        """
        position = table.starts[lines]
        good = np.ones(len(lines), dtype=np.bool_)
        pair = 0
        for column, quoted in zip(columns, self._quoted, strict=True):
            length = _lengths(column)
            if quoted:
                good &= quotes[:, pair] == position
                pair += 2
                position = position + length + 3
            else:
                good &= length > 0
                position = position + length + 1
        good &= position == table.ends[lines] + 1
        return good

    def _seconds(self, columns: Sequence[Column]) -> NDArray[np.int64]:
        """Return the UTC second of each row, `_NO_TIME` where it has none."""
        place = self._place[Field.TIME]
        stamps, zones = columns[place], columns[place + 1]
        local = [
            local_second(stamp[1:]) if len(stamp) == _STAMP_BYTES and stamp[:1] == b"[" else None
            for stamp in stamps.values
        ]
        offsets = [
            zone_offset(zone[:-1]) if len(zone) == _ZONE_BYTES and zone[-1:] == b"]" else None
            for zone in zones.values
        ]
        stamped, zoned = _or_none(local)[stamps.codes], _or_none(offsets)[zones.codes]
        known = (stamped != _NO_TIME) & (zoned != _NO_TIME)
        return np.where(known, stamped - np.where(known, zoned, 0), _NO_TIME)

    def _numbers(
        self, columns: Sequence[Column], field: Field, least: int, most: int
    ) -> NDArray[np.int64]:
        """Return a field's number in each row: 0 for `-` as a size, `_NO_NUMBER` for no number."""
        if field not in self._place:
            return np.zeros(len(columns[0].codes), dtype=np.int64)
        column = columns[self._place[field]]
        numbers = [
            int(value)
            if value.isdigit() and least <= len(value) <= most
            else (0 if value == NONE and field is Field.SIZE else _NO_NUMBER)
            for value in column.values
        ]
        return np.array(numbers, dtype=np.int64)[column.codes]


class _Rows(NamedTuple):
    """What the tokeniser got right: the hits, and the number of the line of each."""

    batch: HitBatch
    lines: NDArray[np.intp]


def _read_columns(data: bytes, names: list[str]) -> tuple[list[Column], list[int]]:
    """Tokenise `data`; also return the numbers, from 1, of rows with another count of fields."""
    rejected: list[int] = []

    def reject(row: csv.InvalidRow) -> str:
        rejected.append(row.number)
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(data),
        read_options=csv.ReadOptions(
            column_names=names, use_threads=False, block_size=len(data) + 1
        ),
        parse_options=csv.ParseOptions(
            delimiter=" ",
            quote_char='"',
            double_quote=False,
            escape_char=False,
            newlines_in_values=False,
            ignore_empty_lines=False,
            invalid_row_handler=reject,
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, _DICTIONARY), null_values=[]
        ),
    )
    return [_column(table.column(name)) for name in names], rejected


def _column(chunks: pa.ChunkedArray) -> Column:
    if chunks.num_chunks == 0:
        return Column([], np.empty(0, dtype=np.int32))
    array = chunks.combine_chunks() if chunks.num_chunks > 1 else chunks.chunk(0)
    return Column(array.dictionary.to_pylist(), array.indices.to_numpy(zero_copy_only=False))


def _lengths(column: Column) -> NDArray[np.intp]:
    lengths = np.fromiter(map(len, column.values), dtype=np.intp, count=len(column.values))
    return lengths[column.codes]


def _or_none(values: Sequence[int | None]) -> NDArray[np.int64]:
    return np.array([_NO_TIME if value is None else value for value in values], dtype=np.int64)

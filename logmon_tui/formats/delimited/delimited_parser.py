"""The columnar parser of delimited formats: the native scanner takes lines apart.

What it finds are places and numbers; here they become the fields of a batch. Where no scanner was
compiled, and for the lines that it leaves, the line parser reads.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.delimited_lines import second_of
from logmon_tui.formats.delimited.token_specs import is_done, scan_reading, scanner_of
from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.model.batching import Fields, batch_of
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.columns import known, transformed
from logmon_tui.formats.model.converters import BEHIND_VIRTUAL_HOST, Clock, Reading, Shape
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import NONE, UNKNOWN
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.vocabulary import Vocabularies
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native
from logmon_tui.native.scanner import MOST_BYTES, Scanned, ScannedLines
from logmon_tui.native.specs import ScanReading

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class DelimitedParser(ColumnarParser):
    """Parses chunks of a format whose lines have one form, or one of several."""

    def __init__(self, log_format: LogFormat, forms: Sequence[DelimitedFormat]) -> None:
        super().__init__(log_format)
        self._forms = [_Form(form) for form in forms] if is_native() else []

    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        if not self._forms or len(chunk) > MOST_BYTES:
            return self.parse_by_lines(chunk)
        table = ScannedLines(chunk)
        left: Ints | None = None  # the numbers of the lines that fit no form so far; None: all
        parts: list[Fields] = []
        for form in self._forms:
            words = vocabularies or Vocabularies(kept=False)
            found, left = form.fields(table, left, self.log_format.fields, words)
            parts.append(found)
            if not len(left):
                break
        decided = self._decide(() if left is None else left.tolist(), table.line)
        return batch_of(parts, decided, chunk, self.log_format)


class _Form:
    """One form of line: its scanner, and what the scanner's columns mean."""

    def __init__(self, form: DelimitedFormat) -> None:
        self._form = form
        self._scanner = scanner_of(form)
        read = [(token, scan_reading(token)) for token in form.tokens]
        self._kinds = [
            (token, reading is ScanReading.TEXT)
            for token, reading in read
            if reading is not ScanReading.NOTHING
        ]
        self._texts = [token for token, is_text in self._kinds if is_text]
        first = {token.field: token for token in reversed(self._texts) if token.field in TEXTS}
        self._words = [first.get(each.field) is each and not _is_read(each) for each in self._texts]

    def fields(
        self,
        table: ScannedLines,
        among: Ints | None,
        present: frozenset[Field],
        words: Vocabularies,
    ) -> tuple[Fields, Ints]:
        """Return what the form's lines tell of the fields `present`, and which lines are left."""
        interners = [
            words.interner(token.field) if is_word else Interner()
            for token, is_word in zip(self._texts, self._words, strict=True)
        ]
        scanned = self._scanner.scan(table, interners, among)
        columns = [
            words.column(token.field, codes) if is_word else Column(interner.texts(), codes)
            for token, is_word, interner, codes in zip(
                self._texts, self._words, interners, scanned.codes, strict=True
            )
        ]
        values, good = self._numbers(scanned, columns)
        texts = self._told(columns, len(scanned.lines), present)
        count = len(scanned.lines)
        measures = {
            measure: values.get(field, np.full(count, UNKNOWN, dtype=np.int64))
            for field, measure in MEASURES.items()
            if field in present
        }
        found = Fields(
            scanned.lines,
            second_of(values),
            values[Field.STATUS],
            values.get(Field.SIZE, np.zeros(count, dtype=np.int64)),
            texts,
            measures,
        )
        if good.all():
            return found, scanned.left
        left = np.sort(np.concatenate([scanned.left, scanned.lines[~good]]))
        return found.where(good), left

    def _numbers(
        self, scanned: Scanned, columns: Sequence[Column]
    ) -> tuple[dict[Field, Ints], Mask]:
        """Return what the times and numbers tell, and in which lines all of them are right."""
        values: dict[Field, Ints] = {}
        good = np.ones(len(scanned.lines), dtype=np.bool_)
        numbers, texts = iter(scanned.numbers), iter(columns)
        for token, is_text in self._kinds:
            if not is_text:
                column = next(numbers)
            else:
                told = next(texts)
                if not isinstance(token.reading, Clock | Shape):
                    continue
                column, fine = _read_each(token.reading, told)
                good &= fine
            before = values.get(token.field)
            if before is None:
                values[token.field] = column
            elif token.field is Field.RESPONSE_TIME and self._form.in_parts:
                values[token.field] = _sum(before, column)
        if self._form.in_parts:
            parts = values[Field.RESPONSE_TIME], values[Field.UPSTREAM_TIME]
            values[Field.RESPONSE_TIME] = _sum(*parts)
        return values, good

    def _told(
        self, columns: Sequence[Column], count: int, present: frozenset[Field]
    ) -> dict[Field, Column]:
        """Return the texts of the fields `present`: `-` for those that this form lacks."""
        told: dict[Field, Column] = {}
        for token, column in zip(self._texts, columns, strict=True):
            if token.field in TEXTS and token.field not in told:
                told[token.field] = _transformed(token, column)
        return {
            field: known(told.get(field), count)
            for field in TEXTS
            if field in present or field in told
        }


def _is_read(token: Token) -> bool:
    """Tell whether the texts of a token are times or numbers, which are read here."""
    return isinstance(token.reading, Clock | Shape)


def _transformed(token: Token, column: Column) -> Column:
    if token.transform is None or is_done(token.transform):
        return column
    return transformed(column, token.transform)


def _read_each(reading: Reading, column: Column) -> tuple[Ints, Mask]:
    """Read each distinct text once; return the values of all lines, and which lines have one."""
    shape = re.compile(reading.pattern)
    found = []
    for text in column.texts.tolist():
        # Of a lone dash, what follows in the line tells.
        fits = shape.fullmatch(text) and not (reading == BEHIND_VIRTUAL_HOST and text == NONE)
        found.append(reading.read(text) if fits else None)
    values = np.array([value or 0 for value in found], dtype=np.int64)
    good = np.array([value is not None for value in found], dtype=np.bool_)
    return values[column.codes], good[column.codes]


def _sum(one: Ints, other: Ints) -> Ints:
    """Return the sums of measures, unknown where one of both is."""
    return np.where((one == UNKNOWN) | (other == UNKNOWN), UNKNOWN, one + other)

"""The columnar parser of delimited formats: the native scanner splits lines into fields.

The scanner returns offsets and numbers, and this module turns them into the columns of a batch. The
line parser reads the lines that the scanner leaves, and all lines where no scanner was compiled, or
where there are more fields than it takes.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.delimited.delimited_lines import second_of
from logmon_tui.formats.delimited.token_specs import is_done, scan_reading, scanner_of
from logmon_tui.formats.delimited.tokens import Token
from logmon_tui.formats.delimited.tolerance import has_client_shape
from logmon_tui.formats.model.batching import Fields, batch_of, tail_of
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.columns import transformed
from logmon_tui.formats.model.converters import BEHIND_VIRTUAL_HOST, Clock, Converter, Shape
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import NONE, UNKNOWN
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.vocabulary import Vocabularies
from logmon_tui.native.file_lines import FileLines
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native
from logmon_tui.native.scan_columns import Scanned
from logmon_tui.native.scanner import MAX_BYTES, ScannedLines
from logmon_tui.native.specs import ScanReading

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class DelimitedParser(ColumnarParser):
    """Parses chunks of a format; its lines have the form of one of `variants`."""

    def __init__(self, log_format: LogFormat, variants: Sequence[DelimitedFormat]) -> None:
        super().__init__(log_format)
        alone = len(variants) == 1  # else a line may fit another variant strictly
        self._variants: list[_VariantScanner] = []
        if is_native():
            with suppress(ValueError):  # they have too many fields
                self._variants = [
                    _VariantScanner(each, tolerates=alone and each.is_tolerant) for each in variants
                ]

    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        if not self._variants or len(chunk) > MAX_BYTES:
            return self.parse_by_lines(chunk)
        table = ScannedLines(chunk)
        parts, left = self._scan(self._variants, table, vocabularies)
        by_lines = self._parse_lines(left.tolist(), table.line)
        return batch_of(parts, by_lines, tail_of(chunk), self.log_format)

    @property
    def reads_files(self) -> bool:
        """Whether `parse_file` is of use."""
        # Where a line turns out not to fit, all are read again: so variants must be told at once.
        return len(self._variants) == 1 or (bool(self._variants) and self._variants[0].is_sure)

    def parse_file(
        self,
        lines: FileLines,
        vocabularies: Vocabularies | None = None,
        is_header: Callable[[bytes], bool] = lambda _: False,
    ) -> HitBatch | None:
        """Return the hits of lines of a file; None where they must be read as a chunk.

        That is so where `is_header` says so of one of the lines that the scanner leaves.
        """
        if not self.reads_files:
            return None
        words, present = _words(vocabularies), self.log_format.fields
        found = self._variants[0].fields_of_file(lines, present, words)
        if found is None:
            return None
        fields, numbers, left_lines = found
        if any(map(is_header, left_lines)):
            return None
        parts, left = [fields], np.arange(len(left_lines))
        if left_lines and len(self._variants) > 1:
            table = ScannedLines(b"\n".join([*left_lines, b""]))
            more, left = self._scan(self._variants[1:], table, vocabularies)
            parts += [replace(part, lines=numbers[part.lines]) for part in more]
        others = {int(numbers[place]): left_lines[place] for place in left.tolist()}
        by_lines = self._parse_lines(others, others.__getitem__)
        return batch_of(parts, by_lines, (), self.log_format)

    def _scan(
        self,
        variants: Sequence["_VariantScanner"],
        table: ScannedLines,
        vocabularies: Vocabularies | None,
    ) -> tuple[list[Fields], Ints]:
        """Return the fields of the lines that fit each variant, and the numbers of the others."""
        left: Ints | None = None  # numbers of the lines that fit no variant so far; None: all
        parts: list[Fields] = []
        for variant in variants:
            words = _words(vocabularies)
            found, left = variant.fields(table, left, self.log_format.fields, words)
            parts.append(found)
            if not len(left):
                break
        return parts, np.arange(len(table)) if left is None else left


def _words(vocabularies: Vocabularies | None) -> Vocabularies:
    return vocabularies or Vocabularies(kept=False)


class _VariantScanner:
    """The scanner of one variant, and what each of its columns means.

    If it `tolerates`, clients' texts may have any shape.
    """

    def __init__(self, variant: DelimitedFormat, *, tolerates: bool) -> None:
        self._variant = variant
        self._tolerates = tolerates
        self._scanner = scanner_of(variant)
        readings = [(token, scan_reading(token)) for token in variant.tokens]
        self._kinds = [
            (token, reading is ScanReading.TEXT)
            for token, reading in readings
            if reading is not ScanReading.NOTHING
        ]
        self._texts = [token for token, is_text in self._kinds if is_text]
        first = {token.field: token for token in reversed(self._texts) if token.field in TEXTS}
        self._words = [
            first.get(each.field) is each and not _needs_converter(each) for each in self._texts
        ]

    @property
    def is_sure(self) -> bool:
        """Whether all is known of a line as soon as it is scanned: no text has to be converted."""
        return not any(map(_needs_converter, self._texts))

    def fields(
        self,
        table: ScannedLines,
        among: Ints | None,
        present: frozenset[Field],
        words: Vocabularies,
    ) -> tuple[Fields, Ints]:
        """Return the fields of the lines that fit the variant, and the numbers of the others.

        `among` limits the scan to the lines with these numbers. `present` are the fields that every
        part of the batch must have.
        """
        interners = self._interners(words)
        scanned = self._scanner.scan(table, interners, among)
        found, valid_rows = self._fields(scanned, interners, present, words)
        if valid_rows.all():
            return found, scanned.left
        left = np.sort(np.concatenate([scanned.left, scanned.lines[~valid_rows]]))
        return found.where(valid_rows), left

    def fields_of_file(
        self, lines: FileLines, present: frozenset[Field], words: Vocabularies
    ) -> tuple[Fields, Ints, list[bytes]] | None:
        """Return the same of lines of a file, with the other lines; None if that cannot be told."""
        interners = self._interners(words)
        found = self._scanner.scan_file(lines, interners)
        if found is None:
            return None
        fields, valid_rows = self._fields(found.scanned, interners, present, words)
        if not valid_rows.all():  # the text of a line that turns out not to fit is gone
            return None
        return fields, found.scanned.left, found.left_lines

    def _interners(self, words: Vocabularies) -> list[Interner]:
        """Return an interner for each column of texts; those of words are kept."""
        return [
            words.interner(token.field) if is_word else Interner()
            for token, is_word in zip(self._texts, self._words, strict=True)
        ]

    def _fields(
        self,
        scanned: Scanned,
        interners: Sequence[Interner],
        present: frozenset[Field],
        words: Vocabularies,
    ) -> tuple[Fields, Mask]:
        """Return the fields of what was scanned, and a mask of the lines in which all are valid."""
        columns = [
            words.column(token.field, codes) if is_word else Column(interner.texts(), codes)
            for token, is_word, interner, codes in zip(
                self._texts, self._words, interners, scanned.codes, strict=True
            )
        ]
        values, valid_rows, tolerated_rows = self._numbers(scanned, columns)
        texts = self._text_columns(columns, len(scanned.lines), present)
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
            scanned.lines[tolerated_rows & valid_rows],
        )
        return found, valid_rows

    def _numbers(
        self, scanned: Scanned, columns: Sequence[Column]
    ) -> tuple[dict[Field, Ints], Mask, Mask]:
        """Return times and numbers by field, and masks of the valid lines and those tolerated."""
        values: dict[Field, Ints] = {}
        valid_rows = np.ones(len(scanned.lines), dtype=np.bool_)
        tolerated_rows = np.zeros(len(scanned.lines), dtype=np.bool_)
        numbers, texts = iter(scanned.numbers), iter(columns)
        for token, is_text in self._kinds:
            if not is_text:
                column = next(numbers)
            else:
                text_column = next(texts)
                if not isinstance(token.converter, Clock | Shape):
                    continue
                column, valid = _convert(token.converter, text_column)
                if valid is not None and self._tolerates and has_client_shape(token):
                    tolerated_rows |= ~valid
                elif valid is not None:
                    valid_rows &= valid
            before = values.get(token.field)
            if before is None:
                values[token.field] = column
            elif token.field is Field.RESPONSE_TIME and self._variant.times_are_parts:
                values[token.field] = _sum(before, column)
        if self._variant.times_are_parts:
            parts = values[Field.RESPONSE_TIME], values[Field.UPSTREAM_TIME]
            values[Field.RESPONSE_TIME] = _sum(*parts)
        return values, valid_rows, tolerated_rows

    def _text_columns(
        self, columns: Sequence[Column], count: int, present: frozenset[Field]
    ) -> dict[Field, Column]:
        """Return the columns of texts; a field of `present` that the variant lacks gets `-`."""
        found: dict[Field, Column] = {}
        for token, column in zip(self._texts, columns, strict=True):
            if token.field in TEXTS and token.field not in found:
                found[token.field] = _transformed(token, column)
        return {
            field: found.get(field) or Column.constant(NONE, count)
            for field in TEXTS
            if field in present or field in found
        }


def _needs_converter(token: Token) -> bool:
    """Tell whether the scanner returns a token as text that still has to be converted."""
    return isinstance(token.converter, Clock | Shape)


def _transformed(token: Token, column: Column) -> Column:
    if token.transform is None or is_done(token.transform):
        return column
    return transformed(column, token.transform)


def _convert(converter: Converter, column: Column) -> tuple[Ints, Mask | None]:
    """Convert each distinct text once; return the values of all lines, and a mask of the valid.

    The mask is None where all are valid.
    """
    shape = re.compile(converter.pattern)
    found = []
    for text in column.texts.tolist():
        # Whether a lone dash is a host depends on the rest of the line, which is not known here.
        fits = shape.fullmatch(text) and not (converter == BEHIND_VIRTUAL_HOST and text == NONE)
        found.append(converter.read(text) if fits else None)
    values = np.array([value or 0 for value in found], dtype=np.int64)[column.codes]
    if None not in found:
        return values, None
    valid_rows = np.array([value is not None for value in found], dtype=np.bool_)
    return values, valid_rows[column.codes]


def _sum(one: Ints, other: Ints) -> Ints:
    """Add two measures; the sum is unknown where either of them is."""
    return np.where((one == UNKNOWN) | (other == UNKNOWN), UNKNOWN, one + other)

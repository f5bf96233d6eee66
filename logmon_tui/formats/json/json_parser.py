"""The columnar parser of JSON formats: the native scanner finds the members of each line.

The scanner returns offsets and numbers, and this module turns them into the columns of a batch. The
line parser reads the lines that the scanner leaves, and all lines where no scanner was compiled.
"""

import numpy as np

from logmon_tui.formats.json.json_converters import text_of
from logmon_tui.formats.json.json_decoding import decoded
from logmon_tui.formats.json.json_format import JsonFormat, Member, Path
from logmon_tui.formats.model.batching import Fields, batch_of, tail_of
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.columns import renamed
from logmon_tui.formats.model.field import MEASURES, TEXTS, Field
from logmon_tui.formats.model.hit import NONE, UNKNOWN
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.transforms import MARKS, Transform
from logmon_tui.formats.model.vocabulary import Vocabularies, mapped
from logmon_tui.native.file_lines import FileLines
from logmon_tui.native.interner import Interner
from logmon_tui.native.library import is_native
from logmon_tui.native.scan_columns import Scanned
from logmon_tui.native.scanner import MAX_BYTES, JsonScanner, ScannedLines
from logmon_tui.native.specs import MemberSpec, ScanFlag, ScanReading


class JsonParser(ColumnarParser):
    """Parses chunks of one JSON format."""

    def __init__(self, log_format: JsonFormat) -> None:
        super().__init__(log_format)
        members = list(log_format.by_field.values())
        self._texts = [each for each in members if each.field in TEXTS]
        self._numbers = [each for each in members if each.field not in TEXTS]
        self._scanner = scanner_of(log_format) if is_native() else None

    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        if self._scanner is None or len(chunk) > MAX_BYTES:
            return self.parse_by_lines(chunk)
        table = ScannedLines(chunk)
        words = vocabularies or Vocabularies(kept=False)
        scanned = self._scanner.scan(table, self._interners(words))
        by_lines = self._parse_lines(scanned.left.tolist(), table.line)
        return batch_of([self._fields(scanned, words)], by_lines, tail_of(chunk), self.log_format)

    @property
    def reads_files(self) -> bool:
        """Whether `parse_file` is of use."""
        return self._scanner is not None

    def parse_file(
        self, lines: FileLines, vocabularies: Vocabularies | None = None
    ) -> HitBatch | None:
        """Return the hits of lines of a file; None where they must be read as a chunk."""
        words = vocabularies or Vocabularies(kept=False)
        found = self._scanner and self._scanner.scan_file(lines, self._interners(words))
        if not found:
            return None
        others = dict(zip(found.scanned.left.tolist(), found.left_lines, strict=True))
        by_lines = self._parse_lines(others, others.__getitem__)
        return batch_of([self._fields(found.scanned, words)], by_lines, (), self.log_format)

    def _interners(self, words: Vocabularies) -> list[Interner]:
        return [words.interner(each.field) for each in self._texts]

    def _fields(self, scanned: Scanned, words: Vocabularies) -> Fields:
        pairs = zip(self._numbers, scanned.numbers, strict=True)
        numbers = {each.field: values for each, values in pairs}
        return Fields(
            scanned.lines,
            numbers[Field.TIME],
            numbers[Field.STATUS],
            numbers.get(Field.SIZE, np.zeros(len(scanned.lines), dtype=np.int64)),
            {
                each.field: _text_column(each, words.column(each.field, codes))
                for each, codes in zip(self._texts, scanned.codes, strict=True)
            },
            {measure: numbers[field] for field, measure in MEASURES.items() if field in numbers},
        )


_SCAN_READINGS = {
    Field.TIME: ScanReading.TIME,
    Field.STATUS: ScanReading.STATUS,
    Field.SIZE: ScanReading.AMOUNT,
    Field.BYTES_IN: ScanReading.AMOUNT,
    Field.RESPONSE_TIME: ScanReading.SPAN,
    Field.UPSTREAM_TIME: ScanReading.SPAN,
}


def scanner_of(log_format: JsonFormat) -> JsonScanner:
    """Return the scanner of a format. Raises ValueError when it has too many members."""
    mark = log_format.mark
    return JsonScanner(
        [_spec_of(each, log_format) for each in log_format.by_field.values()],
        None if mark is None else (_encoded(mark.path), mark.text.encode()),
    )


def _spec_of(each: Member, log_format: JsonFormat) -> MemberSpec:
    """Return the specification of a member for the scanner."""
    paths = tuple(map(_encoded, each.paths))
    if each.field in TEXTS:
        flags = ScanFlag.NEEDED if each is log_format.request_member else ScanFlag.NONE
        if each.transform is Transform.WITHOUT_PORT:
            flags |= ScanFlag.WITHOUT_PORT
        return MemberSpec(paths, ScanReading.TEXT, flags=flags)
    reading = _SCAN_READINGS[each.field]
    if reading is ScanReading.STATUS and log_format.status_optional:
        reading = ScanReading.STATUS_OR_NONE
    parameter = each.unit.value if reading is ScanReading.SPAN else 0
    return MemberSpec(paths, reading, UNKNOWN if each.field is Field.BYTES_IN else parameter)


def _encoded(path: Path) -> tuple[bytes, ...]:
    return tuple(name.encode() for name in path)


def _text_column(each: Member, column: Column) -> Column:
    """Return the decoded texts of a member: `-` where a line has none."""
    return mapped(column, "decoded", lambda part: [_decoded_column(each, part)])[0]


def _decoded_column(each: Member, column: Column) -> Column:
    texts, transform = column.texts, each.transform
    rows = texts.having(b"\\") | (texts.starts == texts.ends)
    if transform is not None and transform is not Transform.WITHOUT_PORT:
        rows |= texts.having(MARKS[transform]) if transform in MARKS else True
    return renamed(column, rows, [_text(each, raw) for raw in texts.take(rows).tolist()])


def _text(each: Member, raw: bytes) -> bytes:
    """Decode the raw text between two quotes; the scanner has already checked its escapes."""
    escaped = b"\\" in raw
    text = (text_of(decoded(b'"' + raw + b'"')) if escaped else raw) or NONE
    if each.transform is None or (each.transform is Transform.WITHOUT_PORT and not escaped):
        return text
    return each.transform(text)

"""The columnar parser of W3C extended logs: it parses each part of a chunk under its header."""

from logmon_tui.formats.delimited.delimited_parser import DelimitedParser
from logmon_tui.formats.model.columnar_parser import ColumnarParser
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.formats.model.vocabulary import Vocabularies
from logmon_tui.formats.w3c.w3c_format import W3cFormat
from logmon_tui.native.file_lines import FileLines


class W3cParser(ColumnarParser):
    """Parses chunks of a W3C log; the format holds the last header before the chunk."""

    def __init__(self, log_format: W3cFormat) -> None:
        super().__init__(log_format)
        self._format = log_format
        self._usual = _parser_under(log_format)
        self._in_place = _parser_in_place(log_format)

    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:
        """Return the hits of `chunk`, whole lines each ended by a newline."""
        return self._by_parts(chunk, vocabularies, by_lines=False)

    def parse_by_lines(self, chunk: bytes) -> HitBatch:
        """Return the same batch as `parse`, by the line parser alone: slow, line by line."""
        return self._by_parts(chunk, None, by_lines=True)

    @property
    def reads_files(self) -> bool:
        """Whether `parse_file` is of use."""
        return self._in_place is not None and self._in_place.reads_files

    def parse_file(
        self, lines: FileLines, vocabularies: Vocabularies | None = None
    ) -> HitBatch | None:
        """Return the hits of lines of a file; None where they must be read as a chunk.

        That is so where a header of other fields stands among them.
        """
        if self._in_place is None:
            return None
        return self._in_place.parse_file(lines, vocabularies, self._changes_fields)

    def _changes_fields(self, line: bytes) -> bool:
        """Tell whether a line is a header of other fields than those known so far."""
        return self._format.following(line) is not self._format

    def _by_parts(
        self, chunk: bytes, vocabularies: Vocabularies | None, *, by_lines: bool
    ) -> HitBatch:
        parts = list(self._format.parts(chunk))
        words = vocabularies if len(parts) == 1 else None
        batches = []
        for log_format, part in parts:
            parser = self._usual if log_format is self._format else _parser_under(log_format)
            batches.append(parser.parse_by_lines(part) if by_lines else parser.parse(part, words))
        if len(batches) == 1:
            return batches[0]
        return HitBatch.concat(batches, [part.count(b"\n") for _, part in parts])


def _parser_under(log_format: W3cFormat) -> ColumnarParser:
    """Return the parser of lines under the header of `log_format`."""
    lines = log_format.delimited
    return lines.columnar() if lines else _NoFieldsParser(log_format)


def _parser_in_place(log_format: W3cFormat) -> DelimitedParser | None:
    """Return the parser of lines in a file under the header of `log_format`.

    None where lines begin with a text, as then a header might be taken for a line.
    """
    lines = log_format.delimited
    if lines is None or lines.variants[0].tokens[0].field not in (Field.DATE, Field.TIME):
        return None
    return DelimitedParser(lines, lines.variants)


class _NoFieldsParser(ColumnarParser):
    """Parses chunks without a usable header: they have no hits."""

    def parse(self, chunk: bytes, vocabularies: Vocabularies | None = None) -> HitBatch:  # noqa: ARG002
        """Return a batch without hits."""
        return self.parse_by_lines(chunk)

"""FormsFormat: a format whose lines have one of several delimited forms."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from logmon_tui.formats.delimited import DelimitedFormat
from logmon_tui.formats.field import Field
from logmon_tui.formats.hit import Hit
from logmon_tui.formats.log_format import LineParser, LogFormat

if TYPE_CHECKING:
    from logmon_tui.formats.columnar_parser import ColumnarParser


@dataclass(frozen=True)
class FormsFormat(LogFormat):
    """A format whose lines have one of several forms: the first that a line fits counts."""

    name: str
    definition: str
    example: str
    forms: tuple[DelimitedFormat, ...]

    @classmethod
    def of(cls, name: str, *forms: DelimitedFormat) -> "FormsFormat":
        """Make a format of its forms, the most frequent first."""
        return cls(name, name, forms[0].example, forms)

    @cached_property
    def fields(self) -> frozenset[Field]:
        """What a line of one of the forms tells."""
        return frozenset().union(*(form.fields for form in self.forms))

    def line_parser(self) -> "FormsLineParser":
        """Return a parser of single lines."""
        return FormsLineParser(self)

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks."""
        from logmon_tui.formats.delimited_columns import DelimitedParser

        return DelimitedParser(self, self.forms)


class FormsLineParser(LineParser):
    """Parses single lines of one of several forms."""

    def __init__(self, log_format: FormsFormat) -> None:
        self._parsers = [form.line_parser() for form in log_format.forms]

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        hits = (parser.parse(line) for parser in self._parsers)
        return next((hit for hit in hits if hit is not None), None)

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is a message of the server."""
        return self._parsers[0].is_other(line)

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` does not have the first form."""
        return self._parsers[0].reason(line)

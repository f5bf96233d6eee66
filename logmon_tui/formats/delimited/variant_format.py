"""VariantFormat: a format whose lines have one of several delimited forms."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit, finest
from logmon_tui.formats.model.log_format import LineParser, LogFormat
from logmon_tui.formats.wrapped.wrapped_format import WrappedFormat

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser


@dataclass(frozen=True)
class VariantFormat(LogFormat):
    """A format whose lines have one of several forms: the first that a line fits counts."""

    name: str
    definition: str
    example: str
    forms: tuple[DelimitedFormat, ...]

    @classmethod
    def of(cls, name: str, *forms: DelimitedFormat) -> "VariantFormat":
        """Make a format of its forms, the most frequent first."""
        return cls(name, name, forms[0].example, forms)

    @classmethod
    def mixed(cls, *forms: DelimitedFormat) -> "VariantFormat":
        """Make the format of a log that has lines of several formats, the most frequent first."""
        return cls.of(" + ".join(form.name for form in forms), *forms)

    @cached_property
    def fields(self) -> frozenset[Field]:
        """What a line of one of the forms tells."""
        return frozenset().union(*(form.fields for form in self.forms))

    @cached_property
    def resolution(self) -> int:
        """The finest of the forms, in microseconds; 0 if not known."""
        return finest(*(form.resolution for form in self.forms))

    def line_parser(self) -> "FormsLineParser":
        """Return a parser of single lines."""
        return FormsLineParser(self)

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks."""
        from logmon_tui.formats.delimited.delimited_parser import DelimitedParser

        return DelimitedParser(self, self.forms)


MOST_MIXED = 4
"""A log with lines of more formats is no log of one server."""


def mixable(log_format: LogFormat) -> bool:
    """Tell whether lines of `log_format` can be told from those of others in the same log.

    Columns have the request line whole or in parts, so formats that part it do not go with others.
    """
    return isinstance(log_format, DelimitedFormat) and Field.REQUEST in log_format.fields


def is_mixture(log_format: LogFormat) -> bool:
    """Tell whether a log has lines of several formats, each with a name of its own."""
    if isinstance(log_format, WrappedFormat):
        return is_mixture(log_format.inner)
    return isinstance(log_format, VariantFormat) and log_format.name != log_format.forms[0].name


def mixed(one: LogFormat, other: LogFormat) -> LogFormat:
    """Return the format of a log with lines of `one` and the `other`; `other` if that is none."""
    if isinstance(one, WrappedFormat) and isinstance(other, WrappedFormat):
        same = one.wrapper is other.wrapper
        return WrappedFormat.of(one.wrapper, mixed(one.inner, other.inner)) if same else other
    forms = list(dict.fromkeys((*_forms_of(one), *_forms_of(other))))
    if not forms or len(forms) > MOST_MIXED or not all(map(mixable, forms)):
        return other
    return forms[0] if len(forms) == 1 else VariantFormat.mixed(*forms)


def _forms_of(log_format: LogFormat) -> tuple[DelimitedFormat, ...]:
    if isinstance(log_format, VariantFormat):
        return log_format.forms
    return (log_format,) if isinstance(log_format, DelimitedFormat) else ()


class FormsLineParser(LineParser):
    """Parses single lines of one of several forms."""

    def __init__(self, log_format: VariantFormat) -> None:
        self._parsers = [form.line_parser() for form in log_format.forms]

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        hits = (parser.parse(line) for parser in self._parsers)
        return next((hit for hit in hits if hit is not None), None)

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is a message of the server."""
        return any(parser.is_other(line) for parser in self._parsers)

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` does not have the first form."""
        return self._parsers[0].reason(line)

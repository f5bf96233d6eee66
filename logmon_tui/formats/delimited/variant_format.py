"""VariantFormat: a format whose lines have one of several delimited formats."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logmon_tui.formats.delimited.delimited_format import DelimitedFormat
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import Hit, finest
from logmon_tui.formats.model.log_format import LineParser, LogFormat
from logmon_tui.formats.wrapped.wrapped_format import WrappedFormat

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser


class VariantFormat(LogFormat, frozen=True):
    """A format of several `variants`: a line is read by the first one that it fits."""

    variants: tuple[DelimitedFormat, ...]

    @classmethod
    def of(cls, name: str, *variants: DelimitedFormat) -> "VariantFormat":
        """Build a format from its variants, the most frequent first."""
        return cls(name, name, variants[0].example, variants)

    @classmethod
    def mixed(cls, *formats: DelimitedFormat) -> "VariantFormat":
        """Build the format of a log that mixes lines of several formats, most frequent first."""
        return cls.of(" + ".join(each.name for each in formats), *formats)

    @cached_property
    def fields(self) -> frozenset[Field]:
        """The fields that a line of any variant has."""
        return frozenset().union(*(each.fields for each in self.variants))

    @property
    def extra(self) -> tuple[str, ...]:
        """The names of the fields that any variant skips."""
        return tuple(dict.fromkeys(name for each in self.variants for name in each.extra))

    def capturing(self, names: Sequence[str]) -> "VariantFormat":
        """Return the format that reads the skipped fields called `names` as `OWN_FIELDS`."""
        variants = tuple(each.capturing(names) for each in self.variants)
        return self if variants == self.variants else replace(self, variants=variants)

    def tolerant(self) -> "VariantFormat":
        """Return the format whose variants are tolerant: any strict one comes before them."""
        variants = tuple(each.tolerant() for each in self.variants)
        return self if variants == self.variants else replace(self, variants=variants)

    def strict(self) -> "VariantFormat":
        """Return the format whose variants are strict."""
        variants = tuple(each.strict() for each in self.variants)
        return self if variants == self.variants else replace(self, variants=variants)

    @cached_property
    def resolution(self) -> int:
        """The finest precision of response times, in microseconds; 0 if not known."""
        return finest(*(each.resolution for each in self.variants))

    def line_parser(self) -> "VariantLineParser":
        """Return a parser of single lines."""
        return VariantLineParser(self)

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks."""
        from logmon_tui.formats.delimited.delimited_parser import DelimitedParser

        return DelimitedParser(self, self.variants)


MAX_MIXED_FORMATS = 4
"""Maximum formats mixed in one log: no single server writes more."""


def mixable(log_format: LogFormat) -> bool:
    """Tell whether lines of `log_format` may be mixed with lines of others in the same log.

    All lines of a batch must have the request line as one field. So a format that splits it into
    method and target cannot be mixed.
    """
    return isinstance(log_format, DelimitedFormat) and Field.REQUEST in log_format.fields


def is_mixture(log_format: LogFormat) -> bool:
    """Tell whether `log_format` is a mixture of formats with different names."""
    if isinstance(log_format, WrappedFormat):
        return is_mixture(log_format.inner)
    return isinstance(log_format, VariantFormat) and log_format.name != log_format.variants[0].name


def mixed(one: LogFormat, other: LogFormat) -> LogFormat:
    """Return the mixture of two formats, or just `other` if they cannot be mixed."""
    if isinstance(one, WrappedFormat) and isinstance(other, WrappedFormat):
        same = one.wrapper is other.wrapper
        return WrappedFormat.of(one.wrapper, mixed(one.inner, other.inner)) if same else other
    formats = list(dict.fromkeys((*_variants_of(one), *_variants_of(other))))
    if not formats or len(formats) > MAX_MIXED_FORMATS or not all(map(mixable, formats)):
        return other
    return formats[0] if len(formats) == 1 else VariantFormat.mixed(*formats)


def _variants_of(log_format: LogFormat) -> tuple[DelimitedFormat, ...]:
    if isinstance(log_format, VariantFormat):
        return log_format.variants
    return (log_format,) if isinstance(log_format, DelimitedFormat) else ()


class VariantLineParser(LineParser):
    """Parses single lines by the first variant that they fit, or else that tolerates them."""

    def __init__(self, log_format: VariantFormat) -> None:
        self._parsers = [each.line_parser() for each in log_format.strict().variants]
        tolerant = [each for each in log_format.variants if each.is_tolerant]
        # A client's odd name may look as if its address were a virtual host.
        tolerant.sort(key=lambda each: each.tokens[0].field is Field.VIRTUAL_HOST)
        self._tolerant = [each.line_parser() for each in tolerant]

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        hits = (parser.parse(line) for parser in (*self._parsers, *self._tolerant))
        return next((hit for hit in hits if hit is not None), None)

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is a message of the server."""
        return any(parser.is_other(line) for parser in self._parsers)

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` does not fit the first variant."""
        return self._parsers[0].reason(line)

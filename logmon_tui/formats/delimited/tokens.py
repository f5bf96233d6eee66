"""Tokens: the fields of a delimited format, each as it is written. Data, and its expressions."""

import re
from dataclasses import dataclass

from logmon_tui.formats.model.converters import Amount, Clock, Code, Reading, Span, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import UNKNOWN
from logmon_tui.formats.model.transforms import Transform

# Quoted text ends at the first quote that no backslash precedes. Each part is possessive, so
# that a line is never tried twice: matching is linear in the line's length.
QUOTED = rb'([^"\\]*+(?:\\.[^"\\]*+)*+)'
_DOUBLED = rb'([^"]*+(?:""[^"]*+)*+)'

_ADDRESS = rb"[0-9A-Fa-f]*+[.:][0-9A-Fa-f.:]*+,?"
_WORD = rb"(?!-? |\[|" + _ADDRESS + rb' )[^ "]++'
WORDS = rb"(?<= - )" + _WORD + rb"(?: " + _WORD + rb")++"
"""Several words behind a lone dash: a user's name, but no dash, address or bracket among them."""

_READINGS: dict[Field, Reading] = {
    Field.TIME: Clock.CLF,
    Field.DATE: Clock.DATE,
    Field.CLOCK: Clock.TIME_OF_DAY,
    Field.STATUS: Code.STRICT,
    Field.SIZE: Amount(),
    Field.RESPONSE_TIME: Span(Unit.SECONDS),
    Field.UPSTREAM_TIME: Span(Unit.SECONDS, several=True),
    Field.BYTES_IN: Amount(UNKNOWN),
}
"""How a field is read if nothing else is said."""


@dataclass(frozen=True, slots=True)
class Token:
    """One field of a line as it is written.

    `before` is the text that parts it from the field before; if it is `padded`, more spaces may
    follow that. A field that is not `quoted` ends at the first of the bytes `stops`; `rest` takes
    all up to the end of the line. An `optional` one may be empty. In quotes, a quote may be escaped
    by a backslash, or `doubled`. A `listed` one may be several, as nginx tells of one upstream
    server after the other: `a, b : c`. One of `words` may have spaces in it.
    """

    field: Field
    reading: Reading | None = None
    transform: Transform | None = None
    optional: bool = False
    padded: bool = False
    rest: bool = False
    doubled: bool = False
    listed: bool = False
    words: bool = False
    before: bytes = b""
    quoted: bool = False
    stops: bytes = b" "

    @property
    def pattern(self) -> bytes:
        """Return the expression for this token, with one group, without what stands before it."""
        if self.rest:
            return b"(.*)"
        if self.reading is not None:
            return b"(" + self.reading.pattern + (b"|" if self.optional else b"") + b")"
        if self.quoted:
            return _DOUBLED if self.doubled else QUOTED
        one = b"[^" + re.escape(self.stops) + b"]" + (b"*+" if self.optional else b"++")
        if self.listed and self.stops.startswith(b" "):
            return b"(" + one + rb"(?:(?:(?<=,) | : )" + one + rb")*+)"
        return b"(" + one + (b"|" + WORDS if self.words else b"") + b")"


def token(  # noqa: PLR0913 - the ways in which fields differ
    field: Field,
    reading: Reading | None = None,
    transform: Transform | None = None,
    *,
    optional: bool = False,
    padded: bool = False,
    rest: bool = False,
    doubled: bool = False,
    listed: bool = False,
) -> Token:
    """Return a token for `DelimitedFormat.of`, which knows what stands around it."""
    reading = reading or _READINGS.get(field)
    return Token(
        field,
        reading,
        transform,
        optional=optional,
        padded=padded,
        rest=rest,
        doubled=doubled,
        listed=listed or (isinstance(reading, Span) and reading.several),
    )

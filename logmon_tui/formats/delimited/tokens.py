"""Tokens: the fields of a delimited format, and the regular expressions that match them."""

import re
from typing import Any, Self

import msgspec

from logmon_tui.formats.model.converters import Amount, Clock, Code, Converter, Duration, Unit
from logmon_tui.formats.model.field import Field
from logmon_tui.formats.model.hit import UNKNOWN
from logmon_tui.formats.model.transforms import Transform
from logmon_tui.late_patterns import late_pattern

# Quoted text ends at the first quote that no backslash precedes. Every quantifier is possessive:
# the match never backtracks, so its time is linear in the length of the line.
QUOTED = rb'([^"\\]*+(?:\\.[^"\\]*+)*+)'
_DOUBLED = rb'([^"]*+(?:""[^"]*+)*+)'

_ADDRESS = rb"[0-9A-Fa-f]*+[.:][0-9A-Fa-f.:]*+,?"
_WORD = rb"(?!-? |\[|" + _ADDRESS + rb' )[^ "]++'
WORDS = rb"(?<= - )" + _WORD + rb"(?: " + _WORD + rb")++"
"""A user's name of several words after a lone dash; no word is a dash, address or bracket."""

_MARKS = late_pattern(r"\$\{(\w+)\}|\$(\w+)|%[!<>\d,]*(.+)", re.DOTALL)


def bare_name(text: str) -> str:
    """Return a field's name in lower case, without nginx's `$` and `${}`, and Apache's `%`."""
    found = _MARKS().fullmatch(text)
    return (next(filter(None, found.groups())) if found else text).lower()


_DEFAULT_CONVERTERS: dict[Field, Converter] = {
    Field.TIME: Clock.CLF,
    Field.DATE: Clock.DATE,
    Field.CLOCK: Clock.TIME_OF_DAY,
    Field.STATUS: Code.STRICT,
    Field.SIZE: Amount(),
    Field.RESPONSE_TIME: Duration(Unit.SECONDS),
    Field.UPSTREAM_TIME: Duration(Unit.SECONDS, several=True),
    Field.BYTES_IN: Amount(UNKNOWN),
}
"""The converter of a field whose token names none."""


class Token(msgspec.Struct, frozen=True):
    """One field of a line, and how it is written.

    `before` is the text between the previous field and this one; further spaces may follow it if
    the token is `padded`. A `quoted` token ends at its closing quote; a quote inside is escaped by
    a backslash, or `doubled`. A `rest` token ends with the line. Any other token ends at the first
    of the bytes `stops`. An `optional` token may be empty. A `listed` token may hold several values
    such as `a, b : c`, which nginx writes for several upstream servers. A token of `words` may
    contain spaces. A `free` token is as a client wrote it, which only a tolerant format reads in
    any form. `name` is that of the server's variable or column, as `bare_name` returns it.
    """

    field: Field
    converter: Converter | None = None
    transform: Transform | None = None
    optional: bool = False
    padded: bool = False
    rest: bool = False
    doubled: bool = False
    listed: bool = False
    words: bool = False
    free: bool = False
    name: str = ""
    before: bytes = b""
    quoted: bool = False
    stops: bytes = b" "

    def changed(self, **changes: Any) -> Self:
        """Return a token with other values of some fields."""
        return msgspec.structs.replace(self, **changes)

    @property
    def is_extra(self) -> bool:
        """Whether the token is a text that has a name but no meaning here."""
        return self.field is Field.OTHER and self.converter is None and self.name != ""

    @property
    def pattern(self) -> bytes:
        """The expression of this token, with one group; the text `before` is not part of it."""
        if self.rest:
            return b"(.*)"
        if self.converter is not None:
            return b"(" + self.converter.pattern + (b"|" if self.optional else b"") + b")"
        if self.quoted:
            return _DOUBLED if self.doubled else QUOTED
        one = b"[^" + re.escape(self.stops) + b"]" + (b"*+" if self.optional else b"++")
        if self.listed and self.stops.startswith(b" "):
            return b"(" + one + rb"(?:(?:(?<=,) | : )" + one + rb")*+)"
        return b"(" + one + (b"|" + WORDS if self.words else b"") + b")"


def token(  # noqa: PLR0913 - the ways in which fields differ
    field: Field,
    converter: Converter | None = None,
    transform: Transform | None = None,
    *,
    optional: bool = False,
    padded: bool = False,
    rest: bool = False,
    doubled: bool = False,
    listed: bool = False,
    free: bool = False,
    name: str = "",
) -> Token:
    """Return a token for `DelimitedFormat.of`, which adds the text around it."""
    converter = converter or _DEFAULT_CONVERTERS.get(field)
    return Token(
        field,
        converter,
        transform,
        optional=optional,
        padded=padded,
        rest=rest,
        doubled=doubled,
        listed=listed or (isinstance(converter, Duration) and converter.several),
        free=free,
        name=name.lower(),
    )

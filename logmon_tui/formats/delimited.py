r"""DelimitedFormat: fields one after the other, with fixed text between them, as data.

A field is quoted if quotes stand around it: it ends at the first quote that no backslash precedes.
The others end at the first byte of the text that follows them. That is all that a reader must
know, so one expression and one walk over columns serve every such format.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from logmon_tui.errors import FormatError
from logmon_tui.formats.field import MEASURES, TEXTS, Field
from logmon_tui.formats.hit import UNKNOWN, Hit
from logmon_tui.formats.log_format import LineParser, LogFormat, bare
from logmon_tui.formats.readings import Amount, Clock, Code, Reading, Span, Unit
from logmon_tui.formats.transforms import Transform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from logmon_tui.formats.columnar_parser import ColumnarParser

T = TypeVar("T", int, "NDArray[np.int64]")

# Quoted text ends at the first quote that no backslash precedes. Each part is possessive, so
# that a line is never tried twice: matching is linear in the line's length.
_QUOTED = rb'([^"\\]*+(?:\\.[^"\\]*+)*+)'
_DOUBLED = rb'([^"]*+(?:""[^"]*+)*+)'

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


MESSAGES = (
    rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\] "  # nginx's error log
    rb"|\[\w{3} \w{3} \d\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}\] \["  # Apache's
    rb"|[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ "  # klog, of Kubernetes' programs
)
"""How messages begin that servers write beside hits when both go to one place."""


@dataclass(frozen=True, slots=True)
class Token:
    """One field of a line as it is written.

    `before` is the text that parts it from the field before; if it is `padded`, more spaces may
    follow that. A field that is not `quoted` ends at the first of the bytes `stops`; `rest` takes
    all up to the end of the line. An `optional` one may be empty. In quotes, a quote may be escaped
    by a backslash, or `doubled`. A `listed` one may be several, as nginx tells of one upstream
    server after the other: `a, b : c`.
    """

    field: Field
    reading: Reading | None = None
    transform: Transform | None = None
    optional: bool = False
    padded: bool = False
    rest: bool = False
    doubled: bool = False
    listed: bool = False
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
            return _DOUBLED if self.doubled else _QUOTED
        one = b"[^" + re.escape(self.stops) + b"]" + (b"*+" if self.optional else b"++")
        if self.listed and self.stops.startswith(b" "):
            return b"(" + one + rb"(?:(?:(?<=,) | : )" + one + rb")*+)"
        return b"(" + one + b")"


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


@dataclass(frozen=True)
class DelimitedFormat(LogFormat):
    """A line's fields in order; `tail` is the text behind the last.

    `in_parts`: the response time is the sum of the tokens of `RESPONSE_TIME` and `UPSTREAM_TIME`.
    `messages` is an expression for the beginnings of lines that are no hits but in order.
    """

    name: str
    definition: str
    tokens: tuple[Token, ...]
    tail: bytes = b""
    in_parts: bool = field(default=False, kw_only=True)
    messages: bytes = field(default=MESSAGES, kw_only=True)
    example: str = field(default="", kw_only=True)

    @classmethod
    def of(
        cls,
        name: str,
        *items: bytes | Token | Field,
        definition: str = "",
        in_parts: bool = False,
        messages: bytes = MESSAGES,
        example: str = "",
    ) -> "DelimitedFormat":
        """Make a format of tokens (or fields, read as usual) and the texts that part them.

        Raises FormatError when the time, the request or the status is missing, which hits
        cannot do without, or when fields stand beside each other with nothing between.
        """
        texts, tokens = _parted(items, definition or name)
        _check(tokens, definition or name)
        placed = []
        for number, each in enumerate(tokens):
            before, behind = texts[number], texts[number + 1]
            quoted = before.endswith(b'"') and behind.startswith(b'"') and not each.rest
            # The last field must not swallow what the format does not know.
            stops = behind[:1] or _parting(before)
            if each.field is Field.REQUEST and not quoted and stops == b" ":
                message = f"format {definition or name!r}: the request has spaces in it"
                raise FormatError(f"{message}; put it in quotes, in the server's configuration too")
            placed.append(replace(each, before=before, quoted=quoted, stops=stops))
        return cls(
            name,
            definition or name,
            tuple(placed),
            texts[-1],
            in_parts=in_parts,
            messages=messages,
            example=example,
        )

    @cached_property
    def fields(self) -> frozenset[Field]:
        """What a line of this format tells."""
        return frozenset(token.field for token in self.tokens) - {Field.OTHER}

    def line_parser(self) -> "DelimitedLineParser":
        """Return a parser of single lines."""
        return DelimitedLineParser(self)

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks."""
        from logmon_tui.formats.delimited_columns import DelimitedParser

        return DelimitedParser(self, [self])

    @cached_property
    def patterns(self) -> tuple[tuple[bytes, bytes], ...]:
        """The expressions of what stands before each token, and of the token; last of the tail."""
        pairs = [
            (re.escape(token.before) + (b" *+" if token.padded else b""), token.pattern)
            for token in self.tokens
        ]
        tail = re.escape(self.tail)
        # Servers and syslog cut long lines; one cut in its last field is a hit all the same.
        if self.tokens[-1].pattern == _QUOTED and self.tail == b'"':
            tail = rb'(?:"|\Z)'
        return (*pairs, (tail, b""))

    @cached_property
    def line_pattern(self) -> re.Pattern[bytes]:
        """The anchored expression that a whole line must match, without its newline."""
        return re.compile(b"".join(a + b for a, b in self.patterns) + rb"\Z", re.DOTALL)

    def places(self, field: Field) -> list[int]:
        """Return the numbers of the tokens of a field."""
        return [number for number, token in enumerate(self.tokens) if token.field is field]

    def explain(self, line: bytes) -> str:
        """Say where `line` departs from the format: the first field that is not as it should be."""
        position = 0
        for number, (before, pattern) in enumerate(self.patterns):
            found = re.compile(before, re.DOTALL).match(line, position)
            if found is None:
                text = self._before(number).decode("latin-1")
                where = (
                    f"after field {number} ({self.tokens[number - 1].field}), " if number else "at "
                )
                return f"{text!r} expected {where}column {position + 1}"
            position = found.end()
            if number == len(self.tokens):
                break
            found = re.compile(pattern, re.DOTALL).match(line, position)
            if found is None:
                name = self.tokens[number].field
                return f"field {number + 1} ({name}) expected at column {position + 1}"
            position = found.end()
        return "" if position == len(line) else f"more than {self.name} has, from column {position}"

    def _before(self, number: int) -> bytes:
        return self.tokens[number].before if number < len(self.tokens) else self.tail


_PARTING = re.compile(rb"[ \t|,;]")


def _parting(before: bytes) -> bytes:
    """Return the byte that parts the last field from the one before, of the text between."""
    found = _PARTING.findall(before)
    return found[-1] if found else before[-1:] or b" "


def _parted(
    items: Sequence[bytes | Token | Field], definition: str
) -> tuple[list[bytes], list[Token]]:
    """Return the texts around the tokens, one more than there are tokens, and the tokens."""
    texts = [b""]
    tokens: list[Token] = []
    for item in items:
        if isinstance(item, bytes):
            texts[-1] += item
            continue
        if tokens and not texts[-1]:
            message = f"format {definition!r}: two fields follow each other with nothing between"
            raise FormatError(f"{message}; put a space there, in the server's configuration too")
        tokens.append(token(item) if isinstance(item, Field) else item)
        texts.append(b"")
    return texts, tokens


_NEEDED: tuple[tuple[str, tuple[tuple[Field, ...], ...]], ...] = (
    ("time (%t, $time_local)", ((Field.TIME,), (Field.DATE, Field.CLOCK))),
    ("request (%r, $request)", ((Field.REQUEST,), (Field.METHOD, Field.TARGET))),
    ("status (%>s, $status)", ((Field.STATUS,),)),
)
"""What a hit cannot do without, each with the fields that tell it."""


def _check(tokens: Sequence[Token], definition: str) -> None:
    fields = [token.field for token in tokens]
    for name, ways in _NEEDED:
        if not any(set(way) <= set(fields) for way in ways):
            message = f"format {definition!r} has no {name}"
            raise FormatError(f"{message}; give it one, or name a preset")
        more = next((each for way in ways for each in way if fields.count(each) > 1), None)
        if more is not None:
            message = f"format {definition!r} has more than one {more}"
            raise FormatError(f"{message}; leave one of them out")


class DelimitedLineParser(LineParser):
    """Parses single lines of one format, by one expression."""

    def __init__(self, log_format: DelimitedFormat) -> None:
        self._format = log_format
        self._match = log_format.line_pattern.match
        self._is_message = re.compile(log_format.messages).match
        numbered = list(enumerate(log_format.tokens))
        self._numbers = [(at, each) for at, each in numbered if each.reading is not None]
        self._texts: dict[str, tuple[int, Token]] = {}
        for at, each in numbered:
            if each.field in TEXTS:
                self._texts.setdefault(TEXTS[each.field], (at, each))

    def parse(self, line: bytes) -> Hit | None:
        """Return the hit that `line` (without its newline) is, or None."""
        found = self._match(bare(line))
        if found is None:
            return None
        values: dict[Field, int] = {}
        for at, each in self._numbers:
            value = _read(each, found[at + 1])
            if value is None:
                return None
            values[each.field] = self._together(each.field, values.get(each.field), value)
        if self._format.in_parts:
            parts = values[Field.RESPONSE_TIME], values[Field.UPSTREAM_TIME]
            values[Field.RESPONSE_TIME] = UNKNOWN if UNKNOWN in parts else sum(parts)
        told: dict[str, Any] = {
            name: _transformed(each, found[at + 1]) for name, (at, each) in self._texts.items()
        }
        for kind, measure in MEASURES.items():
            if kind in values:
                told[measure.value] = values[kind]
        return Hit(second_of(values), values[Field.STATUS], values.get(Field.SIZE, 0), **told)

    def _together(self, field: Field, before: int | None, value: int) -> int:
        """Return the value of a field that is there once more: the first, or the sum of parts."""
        if before is None:
            return value
        if field is Field.RESPONSE_TIME and self._format.in_parts:
            return UNKNOWN if UNKNOWN in (before, value) else before + value
        return before

    def is_other(self, line: bytes) -> bool:
        """Tell whether `line` is a message of the server."""
        return self._is_message(bare(line)) is not None

    def reason(self, line: bytes) -> str:
        """Say in a few words why `line` is no hit."""
        line = bare(line)
        if not line:
            return "empty line"
        return self._format.explain(line) or "no such time"


def _read(each: Token, text: bytes) -> int | None:
    if each.reading is None:
        return None
    if not text:  # of an optional one
        return UNKNOWN if each.field in MEASURES else 0
    return each.reading.read(text)


def _transformed(each: Token, text: bytes) -> bytes:
    return text if each.transform is None else each.transform(text)


def second_of(values: Mapping[Field, T]) -> T:
    """Return the second that the fields of a line, or of many, tell by their `values`."""
    time = values.get(Field.TIME)
    return values[Field.DATE] + values[Field.CLOCK] if time is None else time

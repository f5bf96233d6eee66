r"""DelimitedFormat: a format whose fields follow each other with fixed text between them.

A quoted field ends at the first quote that no backslash precedes. Any other field ends at the first
byte of the text that follows it. A parser needs to know no more than that, so one regular
expression and one scanner serve every such format.
"""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from logmon_tui.errors import FormatError
from logmon_tui.formats.delimited.delimited_lines import DelimitedLineParser
from logmon_tui.formats.delimited.tokens import QUOTED, Token, bare_name, token
from logmon_tui.formats.delimited.tolerance import (
    has_clients_texts,
    tolerant_pattern,
    without_client_shape,
)
from logmon_tui.formats.model.converters import Duration
from logmon_tui.formats.model.field import OWN_FIELDS, Field
from logmon_tui.formats.model.hit import finest
from logmon_tui.formats.model.log_format import LogFormat
from logmon_tui.formats.model.transforms import Transform

if TYPE_CHECKING:
    from logmon_tui.formats.model.columnar_parser import ColumnarParser

MESSAGES = (
    rb"#"  # comments
    rb"|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[\w+\] "  # nginx's error log
    rb"|\[\w{3} \w{3} \d\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}\] \["  # Apache's
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \[[A-Z]+\] \["  # LiteSpeed's
    rb"|[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ "  # klog, of Kubernetes' programs
)
"""Beginnings of error-log messages, which servers mix with hits when both go to one file."""


class DelimitedFormat(LogFormat, frozen=True):
    """The tokens of a line in order; `tail` is the text after the last one.

    With `times_are_parts`, the log splits the response time into parts: it is the sum of all tokens
    of `RESPONSE_TIME` and `UPSTREAM_TIME`. `messages` matches the beginning of lines that are
    legitimate without being hits. A format that `is_tolerant` reads clients' texts of any form.
    """

    tokens: tuple[Token, ...]
    tail: bytes = b""
    times_are_parts: bool = False
    messages: bytes = MESSAGES
    is_tolerant: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        *items: bytes | Token | Field,
        definition: str = "",
        times_are_parts: bool = False,
        messages: bytes = MESSAGES,
        example: str = "",
    ) -> "DelimitedFormat":
        """Build a format from tokens and the texts between them.

        A bare field stands for its usual token. Raises FormatError when the time, the request or
        the status is missing, because every hit needs them, or when two fields have no text
        between them.
        """
        texts, tokens = _split(items, definition or name)
        _check(tokens, definition or name)
        placed = []
        for number, each in enumerate(tokens):
            before, behind = texts[number], texts[number + 1]
            quoted = before.endswith(b'"') and behind.startswith(b'"') and not each.rest
            # The last field must not swallow further fields that the format does not name.
            stops = behind[:1] or _separator(before)
            if each.field is Field.REQUEST and not quoted and stops == b" ":
                message = f"format {definition or name!r}: the request has spaces in it"
                raise FormatError(f"{message}; put it in quotes, in the server's configuration too")
            # Servers do not escape the spaces in a user's name, so the bracket marks its end.
            words = each.field is Field.USER and not quoted and behind.startswith(b" [")
            placed.append(each.changed(before=before, quoted=quoted, stops=stops, words=words))
        return cls(
            name,
            definition or name,
            example,
            tuple(placed),
            texts[-1],
            times_are_parts=times_are_parts,
            messages=messages,
        )

    @cached_property
    def fields(self) -> frozenset[Field]:
        """The fields that a line of this format has."""
        return frozenset(token.field for token in self.tokens) - {Field.OTHER}

    @property
    def extra(self) -> tuple[str, ...]:
        """The names of the fields that are skipped."""
        return tuple(dict.fromkeys(each.name for each in self.tokens if each.is_extra))

    def capturing(self, names: Sequence[str]) -> "DelimitedFormat":
        """Return the format that reads the skipped fields called `names` as `OWN_FIELDS`."""
        tokens = list(self.tokens)
        for field_, name in zip(OWN_FIELDS, map(bare_name, names), strict=False):
            for place, each in enumerate(tokens):
                if each.is_extra and each.name == name:
                    transform = Transform.NONE_IF_EMPTY
                    tokens[place] = each.changed(field=field_, transform=transform)
                    break
        return self if tokens == list(self.tokens) else replace(self, tokens=tuple(tokens))

    def tolerant(self) -> "DelimitedFormat":
        """Return the format that reads clients' texts of any form."""
        needed = not self.is_tolerant and has_clients_texts(self.tokens)
        return replace(self, is_tolerant=True) if needed else self

    def strict(self) -> "DelimitedFormat":
        """Return the format that recognition uses."""
        return replace(self, is_tolerant=False) if self.is_tolerant else self

    @cached_property
    def resolution(self) -> int:
        """The precision of response times in microseconds, 0 if not known."""
        times = (each.converter for each in self.tokens if each.field in _TIMES)
        return finest(*(each.resolution for each in times if isinstance(each, Duration)))

    def line_parser(self) -> "DelimitedLineParser":
        """Return a parser of single lines."""
        return DelimitedLineParser(self)

    def columnar(self) -> "ColumnarParser":
        """Return a parser of chunks."""
        from logmon_tui.formats.delimited.delimited_parser import DelimitedParser

        return DelimitedParser(self, [self])

    @cached_property
    def patterns(self) -> tuple[tuple[bytes, bytes], ...]:
        """Two expressions for each token: the text before it, and the token. The tail is last."""
        pairs = [
            (re.escape(token.before) + (b" *+" if token.padded else b""), token.pattern)
            for token in self.tokens
        ]
        tail = re.escape(self.tail)
        # Servers and syslog cut long lines. A line cut within its last field is still a hit.
        if self.tokens[-1].pattern == QUOTED and self.tail == b'"':
            tail = rb'(?:"|\Z)'
        return (*pairs, (tail, b""))

    @cached_property
    def line_pattern(self) -> re.Pattern[bytes]:
        """The anchored expression that a whole line must match, without its newline."""
        return re.compile(b"".join(a + b for a, b in self.patterns) + rb"\Z", re.DOTALL)

    def match(self, line: bytes) -> re.Match[bytes] | None:
        """Match a whole line, without its newline, as strictly as this format is."""
        if not (self.is_tolerant or "line_pattern" in vars(self) or self._has_texts(line)):
            return None  # recognition tries many formats: to compile one takes a millisecond
        found = self.line_pattern.match(line)
        for more in self._more_patterns if found is None and self.is_tolerant else ():
            found = found or more.match(line)
        return found

    def _has_texts(self, line: bytes) -> bool:
        """Tell whether the texts before the fields stand in `line`, in their order."""
        place = 0
        for each in self.tokens:
            found = line.find(each.before, place)
            if found < 0:
                return False
            place = found + len(each.before)
        return True

    @cached_property
    def _more_patterns(self) -> tuple[re.Pattern[bytes], ...]:
        """What a tolerant format tries after `line_pattern`: each tolerates more."""
        tokens = tuple(map(without_client_shape, self.tokens))
        shapeless = () if tokens == self.tokens else (replace(self, tokens=tokens).line_pattern,)
        return (*shapeless, tolerant_pattern(self.tokens, self.patterns))

    def indices(self, field: Field) -> list[int]:
        """Return the indices of the tokens of a field."""
        return [number for number, token in enumerate(self.tokens) if token.field is field]

    def explain(self, line: bytes) -> str:
        """Name the first place where `line` departs from the format."""
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


_TIMES = (Field.RESPONSE_TIME, Field.UPSTREAM_TIME)

_SEPARATOR = re.compile(rb"[ \t|,;]")


def _separator(before: bytes) -> bytes:
    """Return the byte that separates the last field from the one before it.

    `before` is the text between the two.
    """
    found = _SEPARATOR.findall(before)
    return found[-1] if found else before[-1:] or b" "


def _split(
    items: Sequence[bytes | Token | Field], definition: str
) -> tuple[list[bytes], list[Token]]:
    """Split `items` into the tokens and the texts around them: one text more than tokens."""
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


_REQUIRED: tuple[tuple[str, tuple[tuple[Field, ...], ...]], ...] = (
    ("time (%t, $time_local)", ((Field.TIME,), (Field.DATE, Field.CLOCK))),
    ("request (%r, $request)", ((Field.REQUEST,), (Field.METHOD, Field.TARGET))),
    ("status (%>s, $status)", ((Field.STATUS,),)),
)
"""What every hit needs, with the alternative sets of fields that provide it."""


def _check(tokens: Sequence[Token], definition: str) -> None:
    fields = [token.field for token in tokens]
    for name, ways in _REQUIRED:
        if not any(set(way) <= set(fields) for way in ways):
            message = f"format {definition!r} has no {name}"
            raise FormatError(f"{message}; give it one, or name a preset")
        more = next((each for way in ways for each in way if fields.count(each) > 1), None)
        if more is not None:
            message = f"format {definition!r} has more than one {more}"
            raise FormatError(f"{message}; leave one of them out")

r"""LogFormat: what the fields of a line are, in order, as data.

A format is told the way Apache's mod_log_config tells it (`%h %l %u %t "%r" %>s %b`): fields
separated by one space, some in double quotes, the time in brackets. From that come the columns
of the columnar parser, the expression of the line parser, and the reason why a line did not fit.
"""

import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from logmon_tui.errors import FormatError


class Field(StrEnum):
    """What a field of a line means; `OTHER` is passed over."""

    HOST = "host"
    USER = "user"
    TIME = "time"
    REQUEST = "request"
    STATUS = "status"
    SIZE = "size"
    REFERRER = "referrer"
    USER_AGENT = "user agent"
    OTHER = "other"


# mod_log_config and mod_logio: modifiers, a name in braces, a letter.
_DIRECTIVE = re.compile(
    r"%(?:[!<>]|\d{3},?)*(?:\{[^}]+\}(?:[aCeinopPtTxc]|\^t[io])|[aABbDfhHIklLmOpPqrRsSTtuUvVX%])"
)

_DIRECTIVES = {
    "%h": Field.HOST,
    "%a": Field.HOST,
    "%u": Field.USER,
    "%t": Field.TIME,
    "%r": Field.REQUEST,
    "%s": Field.STATUS,
    "%>s": Field.STATUS,
    "%b": Field.SIZE,
    "%B": Field.SIZE,
    "%O": Field.SIZE,
    "%{referer}i": Field.REFERRER,
    "%{user-agent}i": Field.USER_AGENT,
}

# Quoted text ends at the first quote that no backslash precedes. Each part is possessive, so
# that a line is never tried twice: matching is linear in the line's length.
_QUOTED_TEXT = rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)'
_QUOTED = _QUOTED_TEXT + rb'"'
# Servers and syslog cut long lines; one that is cut in its last field is a hit all the same.
_QUOTED_OR_CUT = _QUOTED_TEXT + rb'(?:"|\Z)'
_BARE = rb"([^ ]++)"
_NUMBERS = {Field.STATUS: rb"(\d{3})", Field.SIZE: rb"(\d{1,15}|-)"}
TIME_PATTERN = rb"\[(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2}) ([+-]\d{4})\]"


@dataclass(frozen=True, slots=True)
class Token:
    """One field of a line as it is written: its meaning and whether quotes stand around it."""

    field: Field
    quoted: bool = False

    @property
    def pattern(self) -> bytes:
        """Return the expression for this token; a time has two groups, all others one."""
        if self.field is Field.TIME:
            return TIME_PATTERN
        number = _NUMBERS.get(self.field)
        if self.quoted:
            return b'"' + number + b'"' if number else _QUOTED
        return number or _BARE


@dataclass(frozen=True)
class LogFormat:
    """A line's fields in order. `definition` is the Apache LogFormat string it was made from."""

    name: str
    definition: str
    tokens: tuple[Token, ...]

    @classmethod
    def from_apache(cls, name: str, definition: str) -> "LogFormat":
        """Make a format of an Apache LogFormat string.

        Raises FormatError when the time, the request or the status is missing, which hits
        cannot do without, or when the string has a form the parsers do not know.
        """
        tokens = tuple(_token(word) for word in definition.replace('\\"', '"').split(" "))
        fields = [token.field for token in tokens]
        for field, directive in ((Field.TIME, "%t"), (Field.REQUEST, "%r"), (Field.STATUS, "%>s")):
            if fields.count(field) != 1:
                problem = "has no" if field not in fields else "has more than one"
                message = f"format {definition!r} {problem} {field} ({directive})"
                raise FormatError(f"{message}; give it one, or name a preset")
        if not tokens[fields.index(Field.REQUEST)].quoted:
            raise FormatError(f'format {definition!r}: the request must be quoted: "%r"')
        return cls(name, definition, tokens)

    @cached_property
    def line_pattern(self) -> re.Pattern[bytes]:
        """The anchored expression that a whole line must match, without its newline."""
        return re.compile(b" ".join(self.patterns) + rb"\Z", re.DOTALL)

    @cached_property
    def patterns(self) -> tuple[bytes, ...]:
        """The expression of each token."""
        *others, last = self.tokens
        end = _QUOTED_OR_CUT if last.pattern == _QUOTED else last.pattern
        return (*(token.pattern for token in others), end)

    @cached_property
    def groups(self) -> dict[Field, int]:
        """The group of `line_pattern` that holds each field; for the time its first group."""
        places: dict[Field, int] = {}
        group = 1
        for token in self.tokens:
            places.setdefault(token.field, group)
            group += 2 if token.field is Field.TIME else 1
        return places

    def explain(self, line: bytes) -> str:
        """Say where `line` departs from the format: the first field that is not as it should be."""
        position = 0
        pairs = zip(self.tokens, self.patterns, strict=True)
        for number, (token, pattern) in enumerate(pairs, start=1):
            found = re.compile(pattern, re.DOTALL).match(line, position)
            if found is None:
                return f"field {number} ({token.field}) expected at column {position + 1}"
            position = found.end()
            last = number == len(self.tokens)
            if not last and line[position : position + 1] != b" ":
                return f"space expected after field {number} ({token.field}), column {position + 1}"
            position += not last
        return "" if position == len(line) else f"more than {self.name} has, from column {position}"


def _token(word: str) -> Token:
    quoted = len(word) > 1 and word[0] == word[-1] == '"'
    directive = word[1:-1] if quoted else word
    if not re.fullmatch(r"[^\"\\\[\]]+", directive):
        message = f"format field {word!r} is not understood"
        raise FormatError(f"{message}: fields are separated by one space, optionally quoted")
    field = _DIRECTIVES.get(directive.lower() if "{" in directive else directive, Field.OTHER)
    if field is Field.TIME and quoted:
        raise FormatError(f"format field {word!r}: the time stands in brackets, not in quotes")
    return Token(field, quoted)


COMMON = LogFormat.from_apache("common", '%h %l %u %t "%r" %>s %b')
COMBINED = LogFormat.from_apache(
    "combined", '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'
)
VHOST_COMBINED = LogFormat.from_apache(
    "vhost_combined", '%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'
)

PRESETS: tuple[LogFormat, ...] = (COMBINED, COMMON, VHOST_COMBINED)
"""The formats known by name, in the order in which recognition prefers them."""


def named_format(text: str) -> LogFormat | None:
    """Return the format that `--format TEXT` means; None for `auto`.

    TEXT is a preset's name or an Apache LogFormat string. Raises FormatError for others.
    """
    if text == "auto":
        return None
    for preset in PRESETS:
        if preset.name == text:
            return preset
    if "%" not in text:
        if "$" in text:
            message = f"format {text!r}: nginx's log_format strings are not understood yet"
            raise FormatError(f"{message}; use auto, or an Apache LogFormat string")
        names = ", ".join(preset.name for preset in PRESETS)
        message = f"format {text!r} is not known; use auto, {names}"
        raise FormatError(f"{message}, or an Apache LogFormat string")
    log_format = LogFormat.from_apache("custom", text)
    _check_directives(text)
    return log_format


def _check_directives(definition: str) -> None:
    """Refuse what is no directive of Apache's, and what apache-log-parser cannot make sense of."""
    for found in re.finditer(r"%\S*", definition):
        if not _DIRECTIVE.match(found[0]):
            message = f"format {definition!r}: {found[0]!r} is no directive of Apache's LogFormat"
            raise FormatError(f"{message}; see its mod_log_config")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn of
        import apache_log_parser  # 0.2 s, and only for a format given as a string

    try:
        apache_log_parser.Parser(definition)
    except Exception as error:  # the library raises bare exceptions of several kinds
        raise FormatError(f"format {definition!r} is not understood: {error}") from error

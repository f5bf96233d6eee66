"""Parses the text of an nginx configuration into directives. Reads no file.

It follows ngx_conf_read_token in nginx's src/core/ngx_conf_file.c.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from logmon_tui.errors import FormatError

_WORD = re.compile(
    r"""
    (?P<nothing> \s++ | \#[^\n]*+ )
    | (?P<mark> [;{}] )
    | "(?P<double> [^"\\]*+(?:\\.[^"\\]*+)*+ )"
    | '(?P<single> [^'\\]*+(?:\\.[^'\\]*+)*+ )'
    | (?P<bare> (?!["']) (?:\$\{|\\.|[^\s;{\\])++ )
    """,
    re.DOTALL | re.VERBOSE,
)
_BEHIND_QUOTES = re.compile(r"[\s;{)]|\Z")
_ESCAPE = re.compile(r"""\\(["'\\trn])""")
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}

_LUA = re.compile(
    r"""
    --\[(=*)\[.*?\]\1\]             # comments of several lines, and of one
    | --[^\n]*+
    | \[(=*)\[.*?\]\2\]             # texts
    | "[^"\\]*+(?:\\.[^"\\]*+)*+"
    | '[^'\\]*+(?:\\.[^'\\]*+)*+'
    | (?P<brace>[{}])
    """,
    re.DOTALL | re.VERBOSE,
)


class NginxSyntaxError(FormatError):
    """A text that nginx would reject; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Directive(NamedTuple):
    """The words of a directive, beginning with its name, and the line of the first word.

    `end` is `;`, or `{` if a block begins. The `}` at the end of a block is a directive without
    words.
    """

    words: tuple[str, ...]
    line: int
    end: str


def directives(text: str) -> Iterator[Directive]:
    """Yield the directives of a configuration in order, including those in blocks.

    Raises NginxSyntaxError where nginx would reject the text as well.
    """
    words: list[str] = []
    place, line, first, depth = 0, 1, 1, 0
    while place < len(text):
        found = _WORD.match(text, place)
        if found is None:
            quoted = text[place] in "\"'"
            what = "a quote has no end" if quoted else f"unexpected {text[place]!r}"
            raise NginxSyntaxError(what, line)
        if found["mark"] is None:
            first = first if words else line
            words += _word(found, text, line)
        else:
            _check_end(words, found[0], depth, line)
            yield Directive(tuple(words), first if words else line, found[0])
            depth += {";": 0, "{": 1, "}": -1}[found[0]]
        place, line = found.end(), line + found[0].count("\n")
        if found["mark"] is not None:
            if found[0] == "{" and words[0].endswith("_by_lua_block"):
                end = _end_of_lua(text, place, line)
                place, line = end, line + text.count("\n", place, end)
            words = []
    if words or depth:
        raise NginxSyntaxError("the file ends before its last directive does", first)


def _word(found: re.Match[str], text: str, line: int) -> list[str]:
    """Return the word that was found; nothing for blanks and comments."""
    if found["nothing"] is not None:
        return []
    if found["bare"] is None and not _BEHIND_QUOTES.match(text, found.end()):
        raise NginxSyntaxError(f"unexpected {text[found.end()]!r} behind a quote", line)
    raw = found[found.lastgroup or 0]
    return [_ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), raw)]


def _check_end(words: Sequence[str], mark: str, depth: int, line: int) -> None:
    missing = mark != "}" and not words
    unfinished = mark == "}" and bool(words)
    if missing or unfinished or (mark == "}" and not depth):
        raise NginxSyntaxError(f"unexpected {mark!r}", line)


def _end_of_lua(text: str, place: int, line: int) -> int:
    """Return the offset of the `}` that ends a block of Lua, which has its own syntax."""
    depth = 0
    for found in _LUA.finditer(text, place):
        if found["brace"] == "}" and not depth:
            return found.start()
        depth += {"{": 1, "}": -1}.get(found["brace"] or "", 0)
    raise NginxSyntaxError("a block of Lua has no end", line)


def log_format_of(directive: Directive) -> tuple[str, str]:
    """Return the name and the string of a `log_format` directive.

    Raises NginxSyntaxError when either is missing.
    """
    _, *words = directive.words
    parts = words[1:]
    if parts and parts[0].startswith("escape="):
        del parts[0]
    if not parts:
        raise NginxSyntaxError("log_format needs a name and a string", directive.line)
    return words[0], "".join(parts)

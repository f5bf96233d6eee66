"""What may stand at the cursor of a filter: fields, operators, values, saved names."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from logmon_tui.filters.expression import FIELD, quoted
from logmon_tui.filters.fields import (
    FIELDS,
    NO_OWN,
    NUMBERS,
    FilterField,
    Kind,
    Own,
    named,
    own_field,
)
from logmon_tui.filters.values import WHO

MAX_COMPLETIONS = 50

Fields: TypeAlias = Mapping[str, FilterField]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|re:/(?:[^\\/]|\\.)*(?:/|\Z)|[\s,(]|.', re.DOTALL)
_OPERATOR = re.compile(r":(?=[<>])|[:=]|(?=[<>])")
_EXAMPLES = {
    Kind.STATUS: ("2xx", "3xx", "4xx", "5xx"),
    Kind.WHO: WHO,
}
_COMPARISONS = (">", ">=", "<", "<=")


class Completion(NamedTuple):
    """A `text` to put in place of the characters from `start` to `end`; `about` explains it."""

    start: int
    end: int
    text: str
    about: str = ""


class _Word(NamedTuple):
    """The word that is being written, from `start` on; `field` is that of the term it goes on."""

    start: int
    text: str
    field: FilterField | None


def completions(
    text: str,
    cursor: int,
    values: Callable[[str], Iterable[str]],
    saved: Iterable[str],
    own: Own = NO_OWN,
) -> list[Completion]:
    """Return what may complete the word of `text` before the `cursor`, the likeliest first.

    `values` returns the known values of the field with a name, most frequent first; `saved` are the
    names of the saved filters, `own` the fields of own panels.
    """
    fields = FIELDS | {name: own_field(name, each) for name, each in own.items()}
    word = _word(text[:cursor], fields)
    found = dict.fromkeys(
        Completion(word.start, cursor, *each) for each in _proposals(word, values, saved, fields)
    )
    return [each for each in found if each.text != word.text][:MAX_COMPLETIONS]


def _word(before: str, fields: Fields) -> _Word:
    start, field = 0, None
    for found in _TOKEN.finditer(before):
        if found[0].isspace() or found[0] == "(":
            start, field = found.end(), None
        elif found[0] == ",":
            term = FIELD.match(before, start + before.startswith("!", start))
            field = (_named(term[1], fields) if term else None) or field
            start = found.end()
    start += before.startswith("!", start)
    return _Word(start, before[start:], field)


def _proposals(
    word: _Word,
    values: Callable[[str], Iterable[str]],
    saved: Iterable[str],
    fields: Fields,
) -> Iterator[tuple[str, str]]:
    if word.text.startswith("@"):
        yield from ((f"@{name}", "saved filter") for name in saved if _begins(name, word.text[1:]))
        return
    name = FIELD.match(word.text)
    field = _named(name[1], fields) if name else None
    if name and field:
        operator = _OPERATOR.match(word.text, name.end())
        end = operator.end() if operator else name.end()
        for value in _values(field, word.text[end:], values):
            yield word.text[:end] + value, field.about
        return
    if word.field:
        for value in _values(word.field, word.text, values):
            yield value, word.field.about
    for each in fields.values():
        if each.name == word.text:
            yield from ((f"{each.name}{operator}", each.about) for operator in _operators(each))
        elif _begins(each.name, word.text) or (each.alias and _begins(each.alias, word.text)):
            yield f"{each.name}:", f"{each.about}, {each.example}"
    if not word.text:
        yield from ((f"@{name}", "saved filter") for name in saved)


def _named(name: str, fields: Fields) -> FilterField | None:
    return named(name) or fields.get(name.lower())


def _operators(field: FilterField) -> tuple[str, ...]:
    if field.kind in NUMBERS:
        return (":", *_COMPARISONS)
    return (":",) if field.kind in {Kind.WHO, Kind.ANYWHERE} else (":", "=")


def _values(
    field: FilterField, typed: str, values: Callable[[str], Iterable[str]]
) -> Iterator[str]:
    """Yield the values of `field` that begin with what is `typed`, then those that contain it."""
    part = typed.strip('"').lower()
    known = [*_EXAMPLES.get(field.kind, ()), *values(field.name)]
    matching = [each for each in known if part in each.lower()]
    for each in sorted(matching, key=lambda value: not _begins(value, part)):
        yield each if field.kind in NUMBERS else quoted(field, each)


def _begins(word: str, part: str) -> bool:
    return word.lower().startswith(part.lower())

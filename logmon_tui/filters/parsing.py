"""The grammar of filters: a recursive descent over the text, with the place of each error.

::

    expression   group …                      all must fit
    group        alternative , …              one must fit
    alternative  [!] term | ( expression ) | @name
    term         field:value , …              one value must fit
                 field=value , …              … exactly
                 field>value                  and >=, <, <=, for numbers
                 value                        as q:value
    value        bare | "quoted" | re:/regular expression/

A value after a comma belongs to the term before it, unless it has a field of its own.
"""

import re
from collections.abc import Mapping

from msgspec.structs import replace

from logmon_tui.errors import FilterError, meant
from logmon_tui.escape import printable
from logmon_tui.filters.expression import (
    BARE,
    FIELD,
    Alternative,
    Group,
    Groups,
    Nested,
    Term,
    Value,
)
from logmon_tui.filters.fields import NUMBERS, OF_HITS, Fields, FilterField, Kind
from logmon_tui.filters.values import problem_of
from logmon_tui.late_patterns import late_pattern

MAX_TEXT = 20_000
"""Maximum characters of an expression: a path of a log may take 4,000 of them."""

MAX_DEPTH = 20
"""Maximum parentheses and saved filters within each other."""

_TOO_DEEP = f"more than {MAX_DEPTH} parentheses and saved filters within each other"

MAX_SIZE = 1_000
"""Maximum values that an expression compares, saved filters included."""

_BLANKS = re.compile(r"\s*")
_COMMA = re.compile(r"\s*,\s*")
_OPERATOR = re.compile(r":(?=[<>])|:|=|(?=[<>])")
_QUOTED = late_pattern(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_REGULAR = late_pattern(r"re:/((?:[^\\/]|\\.)*)/", re.DOTALL)
_ESCAPE = late_pattern(r'\\(?:(["\\])|x([0-9A-Fa-f]{2})|(.))', re.DOTALL)
_NAME = "[A-Za-z0-9_-]+"
_SAVED = re.compile(f"@({_NAME})?")
_AFTER_VALUE = re.compile(r"[\s,)]|\Z")


def parse(text: str, saved: Mapping[str, str], fields: Fields = OF_HITS) -> Groups:
    """Return the expression in `text`, in which `@name` is one of the `saved` ones.

    It may have these `fields`. Raises FilterError.
    """
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise FilterError("is no text", text, error.start) from None
    if len(text) > MAX_TEXT:
        raise FilterError(f"is longer than {MAX_TEXT:,} characters", text, MAX_TEXT)
    return _Parser(text, saved, fields).parsed()


def is_name(text: str) -> bool:
    """Tell whether a saved filter may be called so."""
    return re.fullmatch(_NAME, text) is not None


class _Parser:
    """Reads one text.

    `within` are the names of the saved filters that it is part of. `depth` counts them and the
    parentheses around them.
    """

    def __init__(
        self,
        text: str,
        saved: Mapping[str, str],
        fields: Fields,
        within: tuple[str, ...] = (),
        depth: int = 0,
    ) -> None:
        self._text = text
        self._saved = saved
        self._fields = fields
        self._within = within
        self._at = 0
        self._depth = depth
        self._size = 0

    def parsed(self) -> Groups:
        groups = self._groups()
        if self._at < len(self._text):
            raise self._error("this parenthesis closes none", self._at)
        return groups

    def _error(self, problem: str, position: int) -> FilterError:
        return FilterError(problem, self._text, position)

    def _next(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return what `pattern` finds here, if anything, and move behind it."""
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
        return found

    def _groups(self) -> Groups:
        groups: list[Group] = []
        while self._next(_BLANKS) and self._at < len(self._text) and not self._is(")"):
            group = self._group()
            only = group[0] if len(group) == 1 else None
            if isinstance(only, Nested) and not only.name and not only.negated:
                groups += only.groups
            else:
                groups.append(group)
        return tuple(dict.fromkeys(groups))

    def _is(self, mark: str) -> bool:
        return self._text.startswith(mark, self._at)

    def _group(self) -> Group:
        group: list[Alternative] = []
        while True:
            group += self._alternatives()
            if not self._next(_COMMA):
                return _merged(group)

    def _alternatives(self) -> Group:
        """Return what stands up to the next comma that does not belong to a term."""
        start = self._at
        negated = self._is("!")
        self._at += negated
        if self._is("("):
            found = self._in_parentheses()
        elif self._is("@"):
            found = (self._by_name(),)
        elif negated and self._is("!"):
            raise self._error("one ! is enough", self._at)
        else:
            found = (self._term(),)
        self._count(found, start)
        if not negated:
            return found
        if len(found) > 1:
            found = (Nested((found,)),)
        return _spliced(replace(found[0], negated=not found[0].negated))

    def _count(self, found: Group, position: int) -> None:
        self._size += sum(each.size for each in found)
        if self._size > MAX_SIZE:
            raise self._error(f"compares more than {MAX_SIZE:,} values", position)

    def _in_parentheses(self) -> Group:
        start, before = self._at, self._size
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error(_TOO_DEEP, start)
        self._at += 1
        groups = self._groups()
        if not self._is(")"):
            raise self._error("this parenthesis is not closed", start)
        if not groups:
            raise self._error("nothing stands in the parentheses", start)
        self._at += 1
        self._depth -= 1
        self._after_value()
        self._size = before  # the caller counts what is returned
        return groups[0] if len(groups) == 1 else (Nested(groups),)

    def _by_name(self) -> Nested:
        start = self._at
        found = self._next(_SAVED)
        name = (found and found[1]) or ""
        if not name:
            raise self._error("needs the name of a saved filter, such as @office", start)
        if name not in self._saved:
            known = ", ".join(map(printable, self._saved)) or "none is saved"
            problem = f"@{name} is no saved filter{meant(name, self._saved)}; known: {known}"
            raise self._error(problem, start)
        if name in self._within:
            raise self._error(f"@{name} stands for itself", start)
        if self._depth >= MAX_DEPTH:
            raise self._error(_TOO_DEEP, start)
        self._after_value()
        try:
            within = (*self._within, name)
            text, depth = self._saved[name], self._depth + 1
            groups = _Parser(text, self._saved, self._fields, within, depth).parsed()
        except FilterError as error:
            raise self._error(f"in @{name}: {error.problem}", start) from error
        return Nested(groups, name)

    def _term(self) -> Term:
        start = self._at
        name = None if self._is("re:/") else FIELD.match(self._text, start)
        field, exact = self._fields.anywhere, False
        if name:
            field = self._field(name)
            self._at = name.end()
            operator = self._next(_OPERATOR)
            exact = operator is not None and operator[0] == "=" and field.kind not in NUMBERS
            if exact and field.kind in {Kind.WHO, Kind.ANYWHERE}:
                raise self._error(f"{field.name} has no =; write {field.name}:", start)
            if self._text[self._at : self._at + 1] in {"<", ">"} and field.kind not in NUMBERS:
                problem = f"{field.name} is text, which has no < or >; put quotes around these"
                raise self._error(problem, self._at)
        values = [self._value(field, exact=exact)]
        while (found := _COMMA.match(self._text, self._at)) and self._continues(field, found.end()):
            self._at = found.end()
            values.append(self._value(field, exact=exact))
        own = self._fields.own.get(field.name)
        return Term(field.name, tuple(dict.fromkeys(values)), exact, own=own)

    def _field(self, found: re.Match[str]) -> FilterField:
        field = self._fields.named(found[1])
        if field is None:
            name, known = found[1], self._fields.names()
            quotes = f"; a text with a colon needs quotes; fields are {', '.join(known)}"
            near = meant(name.lower(), known) or quotes
            raise self._error(f"{name} is no field{near}", found.start())
        return field

    def _continues(self, field: FilterField, at: int) -> bool:
        """Tell whether one more value of `field` stands at a place after a comma."""
        if self._text[at : at + 1] in {"!", "@", "("}:
            return False
        if self._text.startswith("re:/", at):
            return True
        found = FIELD.match(self._text, at)
        return found is None or (field.kind is Kind.CLIENT and self._fields.named(found[1]) is None)

    def _value(self, field: FilterField, *, exact: bool) -> Value:
        start = self._at
        value = self._read()
        if value is None:
            raise self._error(f"a value of {field.name} is missing", start)
        if value.regular and (exact or field.kind in {*NUMBERS, Kind.WHO}):
            where = f"{field.name}=" if exact else field.name
            raise self._error(f"{where} takes no regular expression", start)
        if field.kind is Kind.STATUS or field.kind is Kind.WHO:
            value = Value(value.text.lower())
        problem = problem_of(field, value.text, exact=exact, regular=value.regular)
        if problem:
            raise self._error(problem, start)
        return value

    def _read(self) -> Value | None:
        """Return the value that stands here, None if there is none."""
        start = self._at
        if self._is("re:/"):
            found = self._next(_REGULAR())
            if not found:
                raise self._error("this regular expression does not end with /", start)
            value = Value(_normal(found[1]), regular=True)
            if printable(value.text) != value.text:
                raise self._error(r"write unprintable characters as \xNN", start)
        elif self._is('"'):
            found = self._next(_QUOTED())
            if not found:
                raise self._error("this quote is not closed", start)
            value = Value(self._unescaped(found[1], start + 1))
        else:
            found = self._next(BARE)
            if not found:
                return None
            value = Value(_normal(found[0]))
        self._after_value()
        return value

    def _after_value(self) -> None:
        if not _AFTER_VALUE.match(self._text, self._at):
            problem = "a blank or a comma must follow; put quotes around the whole value"
            raise self._error(problem, self._at)

    def _unescaped(self, text: str, position: int) -> str:
        data, end = b"", 0
        for found in _ESCAPE().finditer(text):
            if found[3] is not None:
                problem = r'a backslash in quotes needs ", \ or xNN behind it: \", \\, \xff'
                raise self._error(problem, position + found.start())
            data += _bytes(text[end : found.start()])
            data += _bytes(found[1]) if found[1] else bytes.fromhex(found[2])
            end = found.end()
        return (data + _bytes(text[end:])).decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _normal(text: str) -> str:
    """Return the text that the bytes of `text` decode to."""
    return _bytes(text).decode("utf-8", "surrogateescape")


def _spliced(each: Alternative) -> Group:
    """Return `each`, or the alternatives in its parentheses if these change nothing."""
    if isinstance(each, Nested) and not (each.name or each.negated) and len(each.groups) == 1:
        return each.groups[0]
    return (each,)


def _merged(group: list[Alternative]) -> Group:
    """Return `group` with neighbours of the same field as one term."""
    merged: list[Alternative] = []
    for each in group:
        last = merged[-1] if merged else None
        if (
            isinstance(each, Term)
            and isinstance(last, Term)
            and (each.field, each.exact) == (last.field, last.exact)
            and not (each.negated or last.negated)
        ):
            merged[-1] = replace(last, values=tuple(dict.fromkeys((*last.values, *each.values))))
        else:
            merged.append(each)
    return tuple(merged)

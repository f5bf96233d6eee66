r"""A filter as data, and its normal form as text.

An expression is a conjunction of groups; a group is a disjunction of alternatives; an alternative
is a term, or an expression in parentheses or with a name. In text, groups stand apart by blanks,
alternatives and the values of a term by commas. `!` negates a term with all its values.

Texts are decoded with "surrogateescape", so that they stand for any bytes. In quotes, `\"` and `\\`
stand for themselves, and `\xNN` for a byte.
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import TypeAlias

import msgspec

from logmon_tui.escape import printable
from logmon_tui.filters.fields import FIELDS, NUMBERS, FilterField, Kind, named, own_field
from logmon_tui.formats.model.hit import Dimension

FIELD = re.compile(r"((?:label\.[A-Za-z_]|[A-Za-z])[A-Za-z0-9_-]*)(?=[:=<>])")
"""What looks like a field in front of its operator; `label.NAME` is one of alerts."""

BARE = re.compile(r'[^\s,"()]+')
"""A value without quotes."""


class Value(msgspec.Struct, frozen=True):
    """A value of a term; a `regular` one is the source of a regular expression."""

    text: str
    regular: bool = False


class Term(msgspec.Struct, frozen=True):
    """A field with values, of which one must fit.

    An `exact` text fits only the very same text: case counts, and nothing is a pattern. `own` is
    what the field of an own panel looks at; None for a field of `FIELDS`. Only terms of hits have
    a normal form.
    """

    field: str
    values: tuple[Value, ...]
    exact: bool = False
    negated: bool = False
    own: Dimension | None = None

    @property
    def known(self) -> FilterField:
        """The field."""
        return FIELDS[self.field] if self.own is None else own_field(self.field, self.own)

    @property
    def size(self) -> int:
        """How many values are compared."""
        return len(self.values)

    def __str__(self) -> str:
        field = self.known
        texts = [_value_text(field, each) for each in self.values]
        operator = "=" if self.exact else "" if texts[0][0] in "<>" else ":"
        return f"{'!' * self.negated}{self.field}{operator}{','.join(texts)}"


class Nested(msgspec.Struct, frozen=True):
    """An expression in parentheses, or the saved one with a `name`."""

    groups: "Groups"
    name: str = ""
    negated: bool = False

    @property
    def size(self) -> int:
        """How many values are compared, 1 at least."""
        return max(1, sum(each.size for group in self.groups for each in group))

    def __str__(self) -> str:
        text = f"@{self.name}" if self.name else f"({text_of(self.groups)})"
        return f"{'!' * self.negated}{text}"


Alternative: TypeAlias = Term | Nested
Group: TypeAlias = tuple[Alternative, ...]
Groups: TypeAlias = tuple[Group, ...]


def group_text(group: Group) -> str:
    """Return the normal form of one group."""
    return ",".join(map(str, group))


def text_of(groups: Groups) -> str:
    """Return the normal form of an expression."""
    return " ".join(map(group_text, groups))


def terms_of(groups: Groups) -> Iterator[Term]:
    """Yield all terms of an expression, those in parentheses and of saved filters included."""
    for each in chain.from_iterable(groups):
        if isinstance(each, Nested):
            yield from terms_of(each.groups)
        else:
            yield each


def without_names(groups: Groups) -> Groups:
    """Return an expression that means the same, in which no saved filter is named."""
    return tuple(tuple(map(_without_name, group)) for group in groups)


def _without_name(each: Alternative) -> Alternative:
    if isinstance(each, Term):
        return each
    # A saved filter may be empty; parentheses may not.
    return Nested(without_names(each.groups) or _ALL, negated=each.negated)


_ALL: Groups = ((Term("status", (Value(">=0"),)),),)
"""Chooses all hits: even one without a response has the status 0."""


def _value_text(field: FilterField, value: Value) -> str:
    if value.regular:
        return f"re:/{value.text}/"
    return value.text if field.kind in NUMBERS else quoted(field, value.text)


def quoted(field: FilterField, text: str) -> str:
    """Return a value as it is written behind `field`: in quotes if it needs them."""
    special = text[:1] in {"!", "@", "<", ">", "=", ""} or text.startswith("re:/")
    if special or not BARE.fullmatch(text) or printable(text) != text or _like_field(field, text):
        return f'"{"".join(map(_escaped, text))}"'
    return text


def _like_field(field: FilterField, text: str) -> bool:
    """Tell whether `text` looks like a term; an IPv6 address does, but is none."""
    found = FIELD.match(text)
    return found is not None and (field.kind is not Kind.CLIENT or named(found[1]) is not None)


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == " " or printable(character) == character:
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))

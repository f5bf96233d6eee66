"""Filter: which hits are meant. `parsed` makes one of an expression; thread-safe."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from logmon_tui.errors import FilterError
from logmon_tui.filters import values
from logmon_tui.filters.expression import (
    Groups,
    Term,
    Value,
    group_text,
    quoted,
    terms_of,
    text_of,
    without_names,
)
from logmon_tui.filters.fields import (
    FIELDS,
    NO_OWN,
    NUMBERS,
    OF_HITS,
    SEARCHED,
    Kind,
    Own,
    own_field,
)
from logmon_tui.filters.parsing import is_name, parse
from logmon_tui.filters.shipped import SHIPPED
from logmon_tui.formats.model.hit import Dimension

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from logmon_tui.formats.model.hit_batch import HitBatch

__all__ = ["Filter", "FilterError", "is_name", "parsed", "term_of"]

_NONE_SAVED: Mapping[str, str] = {}


class Filter(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Chooses hits; a false one chooses all. Filters with the same meaning and text are equal.

    `groups` are what must fit, and `saved` the expressions that `@name` may name. `own` are the
    fields of own panels.
    """

    groups: Groups = ()
    saved: Mapping[str, str] = {}
    own: Own = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and self.groups == other.groups

    def __ne__(self, other: object) -> bool:
        return not self == other  # a Struct does not derive it from __eq__

    def __hash__(self) -> int:
        return hash(self.groups)

    def __bool__(self) -> bool:
        return bool(self.groups)

    @cached_property
    def text(self) -> str:
        """The expression in its normal form; empty if all hits are chosen."""
        return text_of(self.groups)

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The texts of the conditions that all must hold."""
        return tuple(map(group_text, self.groups))

    @cached_property
    def dimensions(self) -> frozenset[Dimension]:
        """The dimensions that are looked at."""
        fields = [each.known for each in terms_of(self.groups)]
        found = {each.column for each in fields if isinstance(each.column, Dimension)}
        searches = any(each.kind is Kind.ANYWHERE for each in fields)
        return frozenset(found.union(SEARCHED) if searches else found)

    @cached_property
    def only_paths(self) -> bool:
        """Whether nothing but paths is looked at."""
        return all(each.known.column is Dimension.PATH for each in terms_of(self.groups))

    def without_names(self) -> "Filter":
        """Return the filter with what each `@name` stands for in its place.

        So its text means the same whatever is saved later. Raises FilterError if that text is
        longer or deeper than an expression may be.
        """
        return parsed(text_of(without_names(self.groups)), own=self.own)

    def with_term(self, text: str) -> "Filter":
        """Return the filter with one more condition, once. Raises FilterError."""
        more = parse(text, {**SHIPPED, **self.saved}, OF_HITS.with_own(self.own))
        return replace(self, groups=tuple(dict.fromkeys((*self.groups, *more))))

    def without_last(self) -> "Filter":
        """Return the filter without its last condition."""
        return replace(self, groups=self.groups[:-1])

    def without(self, place: int) -> "Filter":
        """Return the filter without the condition number `place` of `terms`, from 0 on."""
        return replace(self, groups=(*self.groups[:place], *self.groups[place + 1 :]))

    def mask(self, batch: "HitBatch") -> "NDArray[np.bool_]":
        """Return which hits of `batch` are chosen, shape (hits,)."""
        from logmon_tui.filters.masks import mask_of

        return mask_of(self.groups, batch)


def parsed(text: str, *, saved: Mapping[str, str] = _NONE_SAVED, own: Own = NO_OWN) -> Filter:
    """Return the filter that `text` describes, in which `@name` is one of the `saved` ones.

    Those that are shipped may be named too, unless one of the same name is saved. `own` are the
    fields of own panels: what each looks at, by its name. Raises FilterError with the place of the
    mistake.
    """
    return Filter(parse(text, {**SHIPPED, **saved}, OF_HITS.with_own(own)), saved, own)


def term_of(name: str, value: bytes, *, negated: bool = False) -> str:
    """Return a term that fits exactly the hits with this `value` of the field called `name`.

    The value may be any bytes. A name that is no field is that of an own one. Raises FilterError
    for a value that the field cannot have.
    """
    own = None if name in FIELDS else Dimension.OWN_1  # which one does not matter for the text
    known = FIELDS[name] if own is None else own_field(name, own)
    text = value.decode("utf-8", "surrogateescape")
    if known.kind in NUMBERS or known.kind is Kind.WHO:
        problem = values.problem_of(known, text, exact=False, regular=False)
        if problem:
            raise FilterError(problem, f"{name}:{quoted(known, text)}", len(name) + 1)
    exact = known.kind not in {*NUMBERS, Kind.WHO} and not values.exactly(known, text)
    return str(Term(name, (Value(text),), exact=exact, negated=negated, own=own))

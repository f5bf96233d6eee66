"""Apply a filter to a HitBatch. Each distinct text is judged once, then hits by their codes."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from logmon_tui.filters import values
from logmon_tui.filters.expression import Alternative, Group, Groups, Nested, Term, Value
from logmon_tui.filters.fields import NUMBERS, SEARCHED, FilterField, Kind
from logmon_tui.filters.text_tests import TextTest, encoded, text_tests
from logmon_tui.formats.model.hit import Dimension, Measure
from logmon_tui.formats.model.hit_batch import Column, HitBatch
from logmon_tui.formats.model.vocabulary import mapped
from logmon_tui.formats.user_agents import families_of
from logmon_tui.native.texts import Texts

Mask = NDArray[np.bool_]

_NO_YES = Texts.of([b"", b"y"])


def mask_of(groups: Groups, batch: HitBatch) -> Mask:
    """Return which hits of `batch` fit all groups, shape (hits,)."""
    chosen = np.ones(len(batch), dtype=np.bool_)
    for group in groups:
        chosen &= _of_group(group, batch)
    return chosen


def _of_group(group: Group, batch: HitBatch) -> Mask:
    chosen = _of_alternative(group[0], batch)
    for each in group[1:]:
        chosen |= _of_alternative(each, batch)
    return chosen


def _of_alternative(each: Alternative, batch: HitBatch) -> Mask:
    chosen = mask_of(each.groups, batch) if isinstance(each, Nested) else _of_term(each, batch)
    return ~chosen if each.negated else chosen


def _of_term(term: Term, batch: HitBatch) -> Mask:
    field = term.known
    if field.kind in NUMBERS:
        return _of_numbers(term, _numbers(field, batch))
    judge = _judge_of(field, term.values, term.exact)
    if isinstance(field.column, Dimension):
        return _of_texts(batch.texts_of(field.column), judge)
    chosen = np.zeros(len(batch), dtype=np.bool_)
    for dimension in SEARCHED:
        if dimension in batch.columns:
            chosen |= _of_texts(batch.columns[dimension], judge)
    return chosen


def _numbers(field: FilterField, batch: HitBatch) -> NDArray[np.int64]:
    if field.kind is Kind.STATUS:
        return batch.status
    return batch.values_of(field.column) if isinstance(field.column, Measure) else batch.sizes


def _of_numbers(term: Term, numbers: NDArray[np.int64]) -> Mask:
    """Return which numbers lie within the bounds of a value; these exclude unknown ones."""
    chosen = np.zeros(len(numbers), dtype=np.bool_)
    for value in term.values:
        bounds = values.bounds_of(term.known, value.text)
        chosen |= (numbers >= bounds.low) & (numbers <= bounds.high)
    return chosen


class _Judge:
    """Judges texts by a condition; as a key of a vocabulary it identifies that work."""

    def __init__(
        self, tests: Sequence[TextTest], names: Callable[[list[bytes]], list[bytes]]
    ) -> None:
        self._tests = tests
        self._names = names

    def column(self, column: Column) -> list[Column]:
        """Return a column whose text is not empty where that of `column` fits."""
        texts = self._names(column.values)
        first, *others = self._tests
        fit = np.fromiter(map(first, texts), np.bool_, len(texts))
        for test in others:
            fit |= np.fromiter(map(test, texts), np.bool_, len(texts))
        return [Column(_NO_YES, fit.astype(np.int32)[column.codes])]


def _of_texts(column: Column, judge: _Judge) -> Mask:
    found = mapped(column, judge, judge.column)[0]
    fits = found.texts.ends > found.texts.starts
    return fits[found.codes]


@lru_cache(maxsize=1_024)
def _judge_of(field: FilterField, wanted: tuple[Value, ...], exact: bool) -> _Judge:  # noqa: FBT001 - a key
    tests = (
        [frozenset(encoded(each.text) for each in wanted).__contains__]
        if exact
        else text_tests(field, wanted)
    )
    return _Judge(tests, _FAMILIES.get(field.family, list))


def _family_names(part: str) -> Callable[[list[bytes]], list[bytes]]:
    return lambda agents: [getattr(family.names, part) for family in families_of(agents)]


_FAMILIES = {part: _family_names(part) for part in ("browser", "system", "bot")}
"""What makes of agents the texts that are judged, by the `family` of the field."""

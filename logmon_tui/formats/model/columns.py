"""Functions that make a column of another one: other texts, fewer texts, texts transformed."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.formats.model.transforms import MARKS, Transform
from logmon_tui.formats.model.vocabulary import mapped
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts


def column_of(texts: Iterable[bytes]) -> Column:
    """Return a column in which hit i has text i."""
    interner = Interner()
    codes = interner.numbers(Texts.of(texts))
    return Column(interner.texts(), codes)


def coded(texts: Iterable[bytes], codes: NDArray[np.int32]) -> Column:
    """Return a column in which hit i has the text `codes[i]`; `texts` may repeat."""
    interner = Interner()
    places = interner.numbers(Texts.of(texts))
    return Column(interner.texts(), places[codes])


def renamed(column: Column, rows: NDArray[np.bool_], texts: Iterable[bytes]) -> Column:
    """Return `column` with the distinct texts that `rows` selects replaced by `texts`, in order."""
    if not rows.any():
        return column
    interner = Interner()
    places = np.empty(len(rows), dtype=np.int32)
    places[~rows] = interner.numbers(column.texts.take(~rows))
    places[rows] = interner.numbers(Texts.of(texts))
    return Column(interner.texts(), places[column.codes])


def transformed(column: Column, transform: Transform) -> Column:
    """Return `column` with `transform` applied to its texts, once to each distinct one."""
    return mapped(column, transform, lambda part: [_transformed(part, transform)])[0]


def _transformed(column: Column, transform: Transform) -> Column:
    texts, marks = column.texts, MARKS.get(transform)
    rows = np.ones(len(texts), dtype=np.bool_)
    if marks is not None:
        rows = texts.having(marks) | (texts.starts == texts.ends)
    return renamed(column, rows, map(transform, texts.take(rows).tolist()))


def without_unused(column: Column) -> Column:
    """Return `column` without the texts that no hit has, copied into memory of its own."""
    used = np.bincount(column.codes, minlength=len(column.texts)) > 0
    if used.all() and column.vocabulary is None:
        return column
    numbers = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Column(column.texts.take(used).compact(), numbers[column.codes])


def local(column: Column) -> Column:
    """Return `column` without a vocabulary, so that it holds only the texts of its hits."""
    return column if column.vocabulary is None else without_unused(column)

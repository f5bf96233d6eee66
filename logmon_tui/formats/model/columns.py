"""What is done to whole columns: put together, renamed, made smaller."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit import NONE
from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.formats.model.transforms import MARKS, Transform
from logmon_tui.formats.model.vocabulary import mapped
from logmon_tui.native.interner import Interner
from logmon_tui.native.texts import Texts


def column_of(texts: Iterable[bytes]) -> Column:
    """Return the column of hits that have these texts, one each."""
    interner = Interner()
    codes = interner.numbers(Texts.of(texts))
    return Column(interner.texts(), codes)


def coded(texts: Iterable[bytes], codes: NDArray[np.int32]) -> Column:
    """Return the column of hits of which hit i has the text `codes[i]`; texts may be alike."""
    interner = Interner()
    places = interner.numbers(Texts.of(texts))
    return Column(interner.texts(), places[codes])


def one_column(columns: Sequence[Column], order: NDArray[np.intp] | None = None) -> Column:
    """Return the column of all hits of `columns`, one of which there is at least.

    They come one after the other, or in the `order` in which it takes them. If the first has a
    vocabulary, the texts of the others are added to that.
    """
    first = columns[0]
    if len(columns) == 1:
        return first if order is None else first.select(order)
    interner = Interner() if first.vocabulary is None else first.vocabulary.interner
    codes = np.concatenate(
        [
            each.codes
            if each.vocabulary is first.vocabulary is not None
            else interner.numbers(each.texts)[each.codes]
            for each in columns
        ]
    )
    return Column(interner.texts(), codes if order is None else codes[order], first.vocabulary)


def renamed(column: Column, rows: NDArray[np.bool_], texts: Iterable[bytes]) -> Column:
    """Return `column` with those of its texts that `rows` tells replaced by `texts`, in order."""
    if not rows.any():
        return column
    interner = Interner()
    places = np.empty(len(rows), dtype=np.int32)
    places[~rows] = interner.numbers(column.texts.take(~rows))
    places[rows] = interner.numbers(Texts.of(texts))
    return Column(interner.texts(), places[column.codes])


def transformed(column: Column, transform: Transform) -> Column:
    """Return `column` with what its texts stand for."""
    return mapped(column, transform, lambda part: [_transformed(part, transform)])[0]


def _transformed(column: Column, transform: Transform) -> Column:
    texts, marks = column.texts, MARKS.get(transform)
    rows = np.ones(len(texts), dtype=np.bool_)
    if marks is not None:
        rows = texts.having(marks) | (texts.starts == texts.ends)
    return renamed(column, rows, map(transform, texts.take(rows).tolist()))


def without_unused(column: Column) -> Column:
    """Return `column` without the texts that no hit has, and with bytes of its own."""
    used = np.bincount(column.codes, minlength=len(column.texts)) > 0
    if used.all() and column.vocabulary is None:
        return column
    numbers = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return Column(column.texts.take(used).compact(), numbers[column.codes])


def local(column: Column) -> Column:
    """Return `column` on its own, without a vocabulary."""
    return column if column.vocabulary is None else without_unused(column)


def known(column: Column | None, count: int) -> Column:
    """Return `column`, or `-` for each of `count` hits where there is none."""
    return Column([NONE], np.zeros(count, dtype=np.int32)) if column is None else column

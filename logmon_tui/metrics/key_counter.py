"""KeyCounter: count the hits of batches by key, as long as these share the numbers of their keys.

Columns that are mapped from one column, as paths and methods are from requests, are not counted one
by one: the numbers of that column are counted, once for all.
"""

from collections.abc import Callable, Collection, Hashable, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from logmon_tui.formats.model.hit_batch import Column, Dimension
from logmon_tui.formats.model.vocabulary import LANES, Vocabulary
from logmon_tui.metrics.cells import Cells, CellTotals, cells_of
from logmon_tui.metrics.figures import CLASSED, MAX_SUM, TIME, class_name
from logmon_tui.metrics.key_sums import BYTES, HITS
from logmon_tui.metrics.measuring import HALF, LOW_HALF, HitValues
from logmon_tui.native.sums import MAX_ROWS, Classes, CodeSums
from logmon_tui.native.texts import Texts

Ints = NDArray[np.int64]

_NONE = range(0)

USUAL = range(1, 6)
"""Status classes counted for several dimensions at once: all ten would take too much memory."""


class KeyRows(msgspec.Struct, frozen=True):
    """The hits of a batch to be counted by key.

    `sizes` and `classes`, those of their status codes, have the shape (hits,). `times` are the
    response times to be counted, `bins` the bins of these; it may be empty, if only their sum
    counts.
    """

    column: Column
    sizes: Ints
    classes: Classes
    times: HitValues
    bins: Ints


class KeyCounts(msgspec.Struct, frozen=True):
    """Sums by distinct text, each of shape (texts,), and bins of response times by text number.

    Sums that are not in `counts` are zero.
    """

    texts: Texts
    counts: Mapping[str, Ints]
    bins: Cells


class KeyCounter:
    """Counts the hits of several batches, for dimensions whose keys have the numbers of one column.

    That column is the one that they are `mapped` from, or else their own.
    """

    def __init__(self, dimensions: Collection[Dimension], *, mapped: bool = False) -> None:
        classed = [CLASSED[each] for each in dimensions if each in CLASSED]
        self._classed = (USUAL if mapped else classed[0]) if classed else _NONE
        self._mapped = mapped
        self._sums = CodeSums(self._classed)
        self._keys = {each: _Keys() for each in dimensions}

    def add(self, rows: Mapping[Dimension, KeyRows]) -> None:
        """Count hits. Their keys must begin with the present ones, and may add new ones."""
        for dimension, each in rows.items():
            self._keys[dimension].add(each)
        first = next(iter(rows.values()))
        source = source_of(first.column) if self._mapped else first.column
        self._sums.add(source.codes, first.sizes, len(source.texts), first.classes)

    def has_room(self, rows: Mapping[Dimension, KeyRows]) -> bool:
        """Tell whether it can count these hits as well."""
        return self._sums.rows + len(next(iter(rows.values())).sizes) <= MAX_ROWS

    def counts(self) -> dict[Dimension, KeyCounts]:
        """Return the counts of the keys that have hits."""
        (hits, sizes), by_class = self._sums.sums()
        sums = {HITS: hits, BYTES: sizes}
        sums |= zip(map(class_name, self._classed), by_class, strict=True)
        found: dict[Dimension, KeyCounts] = {}
        for dimension, keys in self._keys.items():
            wanted = {HITS, BYTES, *map(class_name, CLASSED.get(dimension, _NONE))}
            mine = {name: column for name, column in sums.items() if name in wanted}
            found[dimension] = keys.counts(mine, mapped=self._mapped)
        return found


def source_of(column: Column) -> Column:
    """Return the column that `column` is mapped from, itself if it is not mapped."""
    return column if column.mapped is None else column.mapped.source


class _Keys:
    """The keys of one dimension, and their response times."""

    def __init__(self) -> None:
        self._texts = Texts.of(())
        self._numbers: NDArray[np.int32] | None = None  # of the column that they are mapped from
        # Sums of the lower halves of times, and of the higher ones: those of whole times overflow.
        self._times = np.zeros(0, dtype=np.int64)
        self._large = np.zeros(0, dtype=np.int64)
        self._bins = CellTotals()

    def add(self, rows: KeyRows) -> None:
        column = rows.column
        self._texts = column.texts
        self._numbers = None if column.mapped is None else column.mapped.numbers
        if not len(rows.times.values):
            return
        owners, keys = column.codes[rows.times.rows], len(column.texts)
        if len(self._times) < keys:
            self._times = longer(self._times, max(2 * len(self._times), keys))
        np.add.at(self._times, owners, rows.times.values & LOW_HALF)
        large = rows.times.values >> HALF
        if large.any():
            self._large = longer(self._large, len(self._times))
            np.add.at(self._large, owners, large)
        if len(rows.bins):
            self._bins.add(cells_of(owners, rows.bins))

    def counts(self, sums: Mapping[str, Ints], *, mapped: bool) -> KeyCounts:
        """Return the counts of the keys that have hits, given the sums by number."""
        keys = len(self._texts)
        if mapped and self._numbers is not None:
            counts = {name: _summed(each, self._numbers, keys) for name, each in sums.items()}
        else:
            counts = {name: each[:keys] for name, each in sums.items()}
        if len(self._times):
            counts[TIME] = self._summed_times(keys)
        used = np.flatnonzero(counts[HITS])
        if len(used) == keys:
            return KeyCounts(self._texts, counts, self._bins.total())
        self._bins.keep(used)
        some = {name: values[used] for name, values in counts.items()}
        return KeyCounts(self._texts.take(used), some, self._bins.total())

    def _summed_times(self, keys: int) -> Ints:
        times, large = (longer(each, keys)[:keys] for each in (self._times, self._large))
        large = large + (times >> HALF)
        return np.where(
            large < MAX_SUM >> HALF, (large << HALF) + (times & LOW_HALF), np.int64(MAX_SUM)
        )


def _summed(sums: Ints, numbers: NDArray[np.int32], keys: int) -> Ints:
    """Sum up `sums`, of which the first ones have the `numbers` of keys."""
    found = np.zeros(keys, dtype=np.int64)
    np.add.at(found, numbers[: len(sums)], sums[: len(numbers)])
    return found


def longer(array: Ints, length: int) -> Ints:
    """Return `array` filled up with zeros to `length` rows at least."""
    if len(array) >= length:
        return array
    filled = np.zeros((length, *array.shape[1:]), dtype=array.dtype)
    filled[: len(array)] = array
    return filled


class KeyCounters:
    """Counts the hits of batches whose columns have vocabularies, with a KeyCounter for each.

    What a counter has counted is `done` with when its vocabularies are no longer in use.
    """

    def __init__(self, done: Callable[[Mapping[Dimension, KeyCounts]], None]) -> None:
        self._done = done
        self._counters: dict[tuple[Hashable, ...], dict[Hashable, KeyCounter]] = {}

    def count(self, rows: Mapping[Dimension, KeyRows], *, usual: bool) -> None:
        """Count hits; `usual` tells that the status classes of all are USUAL ones.

        Raises ValueError where a column has no vocabulary.
        """
        together: dict[Vocabulary, dict[Dimension, KeyRows]] = {}
        for dimension, each in rows.items():
            if each.column.vocabulary is None:
                raise ValueError("the numbers of these keys are good for one batch only")
            source = source_of(each.column).vocabulary
            if usual and each.column.mapped is not None and source is not None:
                together.setdefault(source, {})[dimension] = each
            else:
                self._counter({dimension: each}).add({dimension: each})
        for source, some in together.items():
            self._counter(some, source).add(some)

    def _counter(
        self, rows: Mapping[Dimension, KeyRows], source: Vocabulary | None = None
    ) -> KeyCounter:
        """Return the counter of these dimensions' vocabularies, all mapped from `source` if any."""
        words = source, *(each.column.vocabulary for each in rows.values())
        counters = self._counters.setdefault((source is None, *rows), {})
        if words in counters and not counters[words].has_room(rows):
            self._done(counters.pop(words).counts())
        if words not in counters:
            if len(counters) >= LANES:  # the oldest is no longer in use
                self._done(counters.pop(next(iter(counters))).counts())
            counters[words] = KeyCounter(rows, mapped=source is not None)
        return counters[words]

    def finish(self) -> None:
        """Be done with all that was counted."""
        for counters in self._counters.values():
            while counters:
                self._done(counters.popitem()[1].counts())

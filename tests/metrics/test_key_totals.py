"""KeyTotals: hits counted by the numbers of a vocabulary are those counted by its texts."""

import numpy as np
import pytest

from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.formats.model.vocabulary import LANES, Vocabulary
from logmon_tui.metrics.figures import CLASSES
from logmon_tui.metrics.key_totals import KeyRows, KeyTotals
from logmon_tui.metrics.measuring import HitValues
from logmon_tui.native.texts import Texts


def rows_of(column: Column, sizes: list[int], bins: list[int]) -> KeyRows:
    """Return hits answered with 2xx, each with a response time that is its bin's number."""
    rows, values = np.arange(len(sizes)), np.array(bins, dtype=np.int64)
    return KeyRows(
        column,
        np.array(sizes, dtype=np.int64),
        np.full(len(sizes), 200, dtype=np.int64),
        HitValues(rows, values),
        values,
    )


def numbered(vocabulary: Vocabulary, *texts: bytes) -> Column:
    """Return the column of hits that have these texts."""
    return vocabulary.column(vocabulary.interner.numbers(Texts.of(texts)))


def test_keys_without_hits_are_left_out_and_the_others_keep_their_times() -> None:
    vocabulary = Vocabulary()
    numbered(vocabulary, b"/rejected")  # known of a line that turned out to be no hit
    totals = KeyTotals(None, range(CLASSES))
    totals.count(rows_of(numbered(vocabulary, b"/a", b"/b", b"/a"), [1, 2, 3], [5, 7, 5]))
    totals.count(rows_of(numbered(vocabulary, b"/c", b"/a"), [4, 5], [9, 6]))
    tally = totals.tally()
    assert tally.hits == {b"/a": 3, b"/b": 1, b"/c": 1}
    assert tally.bytes == {b"/a": 9, b"/b": 2, b"/c": 4}
    assert totals.times(tally.hits) == {b"/a": {5: 2, 6: 1}, b"/b": {7: 1}, b"/c": {9: 1}}
    assert totals.sums["2xx"].tolist() == [3, 1, 1]
    assert totals.sums["time"].tolist() == [16, 7, 9]


def test_no_hit_is_lost_when_more_vocabularies_come_than_are_in_use() -> None:
    totals = KeyTotals(None, range(CLASSES))
    for _ in range(3 * LANES):
        totals.count(rows_of(numbered(Vocabulary(), b"/a", b"/b"), [1, 2], [1, 1]))
    assert totals.tally().hits == {b"/a": 3 * LANES, b"/b": 3 * LANES}


def test_numbers_of_one_batch_are_not_counted_with_those_of_others() -> None:
    column = Column([b"/a"], np.zeros(1, dtype=np.int32))
    with pytest.raises(ValueError, match="one batch only"):
        KeyTotals(None, range(CLASSES)).count(rows_of(column, [1], [1]))

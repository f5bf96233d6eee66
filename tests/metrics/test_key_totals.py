"""KeyTotals: hits counted by the numbers of a vocabulary are those counted by its texts."""

import numpy as np
import pytest

from logmon_tui.formats.model.hit_batch import Column
from logmon_tui.formats.model.vocabulary import LANES, Vocabulary
from logmon_tui.metrics.figures import CLASSES, MAX_SUM
from logmon_tui.metrics.key_sums import KeySums
from logmon_tui.metrics.key_totals import KeyRows, KeyTotals
from logmon_tui.metrics.measuring import MAX_MEASURE, HitValues
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
    tally = totals.result().tally()
    assert tally.hits == {b"/a": 3, b"/b": 1, b"/c": 1}
    assert tally.bytes == {b"/a": 9, b"/b": 2, b"/c": 4}
    assert totals.times(tally.hits) == {b"/a": {5: 2, 6: 1}, b"/b": {7: 1}, b"/c": {9: 1}}
    assert totals.sums["2xx"].tolist() == [3, 1, 1]
    assert totals.sums["time"].tolist() == [16, 7, 9]


def test_large_times_are_summed_exactly_up_to_the_maximum_however_batches_are_cut() -> None:
    values = [MAX_MEASURE - n for n in range(300)]
    for size in (1, 7, 300):
        vocabulary, totals = Vocabulary(), KeyTotals(None, range(CLASSES))
        column = numbered(vocabulary, b"/a", b"/b")
        for start in range(0, len(values), size):
            some = values[start : start + size]
            rows = rows_of(
                Column(column.texts, np.zeros(len(some), np.int32), vocabulary), some, []
            )
            times = HitValues(np.arange(len(some)), np.array(some))
            totals.count(rows._replace(times=times))
        totals.count(rows_of(column, [1, 1], [5, 7]))
        totals.result()
        assert totals.sums["time"].tolist() == [sum(values) + 5, 7]
    for _ in range(9):
        totals.count(rows._replace(times=times))
    totals.result()
    assert totals.sums["time"].tolist() == [MAX_SUM, 7]


def test_no_hit_is_lost_when_more_vocabularies_come_than_are_in_use() -> None:
    totals = KeyTotals(None, range(CLASSES))
    for _ in range(3 * LANES):
        totals.count(rows_of(numbered(Vocabulary(), b"/a", b"/b"), [1, 2], [1, 1]))
    assert totals.result().tally().hits == {b"/a": 3 * LANES, b"/b": 3 * LANES}


def test_numbers_of_one_batch_are_not_counted_with_those_of_others() -> None:
    column = Column([b"/a"], np.zeros(1, dtype=np.int32))
    with pytest.raises(ValueError, match="one batch only"):
        KeyTotals(None, range(CLASSES)).count(rows_of(column, [1], [1]))


def sums_of(hits: list[int], errors: list[int], dropped: int = 0) -> KeySums:
    """Return sums of the keys `/0`, `/1` and so on."""
    sums = {"hits": hits, "bytes": [0] * len(hits), "4xx": errors}
    columns = {name: np.array(each, dtype=np.int64) for name, each in sums.items()}
    keys = Texts.of(b"/%d" % number for number in range(len(hits)))
    return KeySums(keys, columns, {"hits": dropped, "bytes": 0, "4xx": 0}, dropped)


def test_a_tally_for_a_ranking_has_its_keys_ties_included_and_those_with_most_errors() -> None:
    sums = sums_of([5, 1, 3, 3, 2, 1], [0, 0, 1, 0, 0, 1])
    assert sums.tally(1).hits == {b"/0": 5, b"/2": 3, b"/3": 3}
    assert sums.tally(1).top(1) == sums.tally().top(1)
    assert sums.tally(1, extra=2).hits == {b"/0": 5, b"/2": 3, b"/3": 3, b"/5": 1}
    assert sums.tally(1, extra=2).figures["4xx"].by_key == {b"/2": 1, b"/5": 1}
    assert len(sums.tally().hits) == sums.distinct == 6


def test_sums_by_group_hide_how_many_hits_a_group_lost_with_the_keys_dropped() -> None:
    groups, names = np.array([0, 1, 0]), [b"/:id", b"/b"]
    grouped = sums_of([5, 1, 3], [0, 1, 1], dropped=2).grouped(groups, names).tally()
    assert grouped.hits == {b"/:id": 8, b"/b": 1}
    assert (grouped.other_hits, grouped.most_dropped) == (2, None)
    assert sums_of([5], [0]).grouped(np.array([0]), [b"/"]).tally().most_dropped == 0


def test_sums_by_group_stop_at_a_maximum() -> None:
    sums = sums_of([MAX_SUM] * 5, [2**60, 2**60, 3, 0, 0])
    grouped = sums.grouped(np.array([0, 0, 1, 0, 0]), [b"/a", b"/b"]).tally()
    assert grouped.hits == {b"/a": MAX_SUM, b"/b": MAX_SUM}
    assert grouped.figures["4xx"].by_key == {b"/a": MAX_SUM, b"/b": 3}

"""KeyTotals: hits counted by the numbers of a vocabulary are those counted by its texts."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.formats.model.hit_batch import Column, Dimension
from logmon_tui.formats.model.vocabulary import LANES, Vocabulary, mapped
from logmon_tui.metrics import key_counter
from logmon_tui.metrics.figures import CLASSES, MAX_SUM
from logmon_tui.metrics.key_counter import USUAL, KeyCounters, KeyCounts, KeyRows
from logmon_tui.metrics.key_sums import KeySums
from logmon_tui.metrics.key_totals import KeyTotals
from logmon_tui.metrics.measuring import MAX_MEASURE, HitValues
from logmon_tui.native.texts import Texts


class Counted:
    """The totals of some dimensions, counted by the numbers of vocabularies."""

    def __init__(self, *dimensions: Dimension) -> None:
        self.totals = {each: KeyTotals(None, range(CLASSES)) for each in dimensions}
        self._counters = KeyCounters(self._add)

    def _add(self, counts: Mapping[Dimension, KeyCounts]) -> None:
        for dimension, each in counts.items():
            self.totals[dimension].add(each)

    def count(self, *rows: KeyRows, usual: bool = True) -> None:
        """Count hits; there are rows for each dimension."""
        self._counters.count(dict(zip(self.totals, rows, strict=True)), usual=usual)

    def results(self) -> list[KeySums]:
        """Return the sums of each dimension."""
        self._counters.finish()
        return [each.result() for each in self.totals.values()]


def rows_of(column: Column, sizes: list[int], bins: list[int]) -> KeyRows:
    """Return hits answered with 2xx, each with a response time that is its bin's number."""
    rows, values = np.arange(len(sizes)), np.array(bins, dtype=np.int64)
    return KeyRows(
        column,
        np.array(sizes, dtype=np.int64),
        np.full(len(sizes), 2, dtype=np.uint8),
        HitValues(rows, values),
        values,
    )


def numbered(vocabulary: Vocabulary, *texts: bytes) -> Column:
    """Return the column of hits that have these texts."""
    return vocabulary.column(vocabulary.interner.numbers(Texts.of(texts)))


def test_keys_without_hits_are_left_out_and_the_others_keep_their_times() -> None:
    vocabulary = Vocabulary()
    numbered(vocabulary, b"/rejected")  # known of a line that turned out to be no hit
    counted = Counted(Dimension.SECTION)
    counted.count(rows_of(numbered(vocabulary, b"/a", b"/b", b"/a"), [1, 2, 3], [5, 7, 5]))
    counted.count(rows_of(numbered(vocabulary, b"/c", b"/a"), [4, 5], [9, 6]))
    tally, totals = counted.results()[0].tally(), counted.totals[Dimension.SECTION]
    assert tally.hits == {b"/a": 3, b"/b": 1, b"/c": 1}
    assert tally.bytes == {b"/a": 9, b"/b": 2, b"/c": 4}
    assert totals.times(tally.hits) == {b"/a": {5: 2, 6: 1}, b"/b": {7: 1}, b"/c": {9: 1}}
    assert totals.sums["2xx"].tolist() == [3, 1, 1]
    assert totals.sums["time"].tolist() == [16, 7, 9]


def test_large_times_are_summed_exactly_up_to_the_maximum_however_batches_are_cut() -> None:
    values = [MAX_MEASURE - n for n in range(300)]
    for size in (1, 7, 300):
        vocabulary, counted = Vocabulary(), Counted(Dimension.SECTION)
        column = numbered(vocabulary, b"/a", b"/b")
        for start in range(0, len(values), size):
            some = values[start : start + size]
            rows = rows_of(
                Column(column.texts, np.zeros(len(some), np.int32), vocabulary), some, []
            )
            times = HitValues(np.arange(len(some)), np.array(some))
            counted.count(replace(rows, times=times))
        counted.count(rows_of(column, [1, 1], [5, 7]))
        assert counted.results()[0].sums["time"].tolist() == [sum(values) + 5, 7]
    for _ in range(9):
        counted.count(replace(rows, times=times))
    assert counted.results()[0].sums["time"].tolist() == [MAX_SUM, 7]


def test_no_hit_is_lost_when_more_vocabularies_come_than_are_in_use() -> None:
    counted = Counted(Dimension.SECTION)
    for _ in range(3 * LANES):
        counted.count(rows_of(numbered(Vocabulary(), b"/a", b"/b"), [1, 2], [1, 1]))
    assert counted.results()[0].tally().hits == {b"/a": 3 * LANES, b"/b": 3 * LANES}


def test_no_hit_is_lost_when_a_counter_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_counter, "MAX_ROWS", 5)
    counted, vocabulary = Counted(Dimension.SECTION), Vocabulary()
    for _ in range(7):
        counted.count(rows_of(numbered(vocabulary, b"/a", b"/b"), [1, 2], [1, 1]))
    assert counted.results()[0].tally().hits == {b"/a": 7, b"/b": 7}


def test_numbers_of_one_batch_are_not_counted_with_those_of_others() -> None:
    column = Column([b"/a"], np.zeros(1, dtype=np.int32))
    with pytest.raises(ValueError, match="one batch only"):
        Counted(Dimension.SECTION).count(rows_of(column, [1], [1]))


def split(column: Column) -> list[Column]:
    """Return the texts in lower case, and their first letters."""
    return [
        column_of_texts([text.lower() for text in column.values], column),
        column_of_texts([text[:1].lower() for text in column.values], column),
    ]


def column_of_texts(texts: list[bytes], column: Column) -> Column:
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    of_text = np.array([numbers[text] for text in texts], dtype=np.int32)
    return Column(list(numbers), of_text[column.codes])


HITS_OF = st.lists(
    st.tuples(st.sampled_from([b"A", b"a", b"Ab", b"AB", b"b", b"B"]), st.integers(0, CLASSES - 1)),
    min_size=1,
)


@given(batches=st.lists(HITS_OF, max_size=6), renewed=st.sets(st.integers(0, 5)))
def test_hits_of_mapped_columns_are_those_counted_one_by_one(
    batches: list[list[tuple[bytes, int]]], renewed: set[int]
) -> None:
    dimensions = Dimension.PATH, Dimension.SECTION
    together, apart, vocabulary = Counted(*dimensions), Counted(*dimensions), Vocabulary()
    for number, batch in enumerate(batches):
        vocabulary = Vocabulary() if number in renewed else vocabulary
        column = numbered(vocabulary, *(text for text, _ in batch))
        classes = np.array([digit for _, digit in batch], dtype=np.uint8)
        usual = set(classes.tolist()) <= set(USUAL)
        for counted in (together, apart):
            parts = [
                replace(rows_of(each, [*range(len(batch))], [3] * len(batch)), classes=classes)
                for each in mapped(column, "split", split)
            ]
            counted.count(*parts, usual=usual and counted is together)
    for one, other in zip(together.results(), apart.results(), strict=True):
        assert told(one) == told(other)


def told(sums: KeySums) -> dict[bytes, list[int]]:
    columns = (each.tolist() for _, each in sorted(sums.sums.items()))
    return dict(zip(sums.keys.tolist(), map(list, zip(*columns, strict=True)), strict=True))


def test_times_of_mapped_columns_are_kept_by_key() -> None:
    counted, vocabulary = Counted(Dimension.PATH, Dimension.SECTION), Vocabulary()
    for texts in ([b"A", b"ab"], [b"a", b"b", b"AB"]):
        columns = mapped(numbered(vocabulary, *texts), "split", split)
        counted.count(*(rows_of(each, [1] * len(texts), [*range(len(texts))]) for each in columns))
    counted.results()
    assert counted.totals[Dimension.PATH].times([b"ab"]) == {b"ab": {1: 1, 2: 1}}
    assert counted.totals[Dimension.SECTION].times([b"a"]) == {b"a": {0: 2, 1: 1, 2: 1}}


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

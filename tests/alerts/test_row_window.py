"""Rows of a report's rule: they take little memory, and stay what they were."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation.row_window import RowWindow, split
from logmon_tui.alerts.evaluation.slotted import WHOLE_TRAFFIC, Names, NamesCache, Rows
from logmon_tui.formats.model.column import Column
from logmon_tui.formats.model.vocabulary import Vocabulary
from logmon_tui.native.texts import Texts
from tests.effort import examples
from tests.traffic import START

CLIENTS = Names(Texts.of([b"10.0.%d.%d" % divmod(number, 256) for number in range(5_000)]))
NUMBERS = st.one_of(st.integers(-3, 300), st.sampled_from([2**16, 2**32 - 1, 2**32, 2**60]))


def rows_of(slots: list[int], amounts: list[int], names: Names = CLIENTS) -> Rows:
    numbers = np.arange(len(slots), dtype=np.int64) % len(names)
    hits = np.broadcast_to(np.int64(1), (len(slots),))
    return Rows(names, np.array(slots, np.int64), numbers, hits, np.array(amounts, np.int64))


@settings(max_examples=examples(300))
@given(rows=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20), slot=NUMBERS)
def test_packed_rows_are_the_same_and_split_at_the_same_place(
    rows: list[tuple[int, int]], slot: int
) -> None:
    slots = sorted(slot for slot, _ in rows)
    plain = rows_of(slots, [amount for _, amount in rows])
    packed = plain.packed()
    for before, after in zip(plain[1:], packed[1:], strict=True):
        assert before.tolist() == after.tolist()
    before, behind = split([packed], slot)
    assert [int(each) for part in before for each in part.slots] == [x for x in slots if x <= slot]
    assert [int(each) for part in behind for each in part.slots] == [x for x in slots if x > slot]


@pytest.mark.parametrize(("amount", "most"), [(0, 9), (70_000, 13)])
def test_a_long_window_takes_little_memory_for_each_hit(amount: int, most: int) -> None:
    window, a_second = RowWindow(600), 400
    for second in range(0, 600, 50):
        slots = [START + second + number // a_second for number in range(50 * a_second)]
        amounts = [amount + (number % 9 if amount else 0) for number in range(len(slots))]
        window.take(rows_of(slots, amounts))
        window.move(START + second - 1, START + second + 49, 10**9, ())
    kept = {id(column): column for rows in window._inside for column in rows[1:]}
    own = sum(each.nbytes for each in kept.values() if each.strides != (0,))
    assert own <= most * 600 * a_second
    passage = window.move(START + 599, START + 600, 10**9, [b"10.0.0.7"])
    of_client = passage.old.numbers == 0
    assert np.count_nonzero(of_client) == 600 // 50 * (50 * a_second // len(CLIENTS))
    assert passage.old.amounts.dtype == passage.old.slots.dtype == np.int64


def test_the_whole_traffic_is_joined_in_blocks() -> None:
    window = RowWindow(10_000)
    for second in range(300):
        window.take(rows_of([START + second] * 500, list(range(500)), WHOLE_TRAFFIC))
        window.move(START + second - 1, START + second, 1, [None])
    blocks = [len(rows.slots) for rows in window._inside]
    assert sum(blocks) == 300 * 500
    assert len(blocks) <= 4
    passage = window.move(START + 299, START + 300, 1, [None])
    assert sorted(passage.old.amounts.tolist()) == sorted(list(range(500)) * 300)


def test_a_log_whose_time_jumps_back_for_hours_keeps_no_rows_that_come_too_late() -> None:
    window = RowWindow(60)
    window.take(rows_of([START], [0]))
    window.move(START - 1, START, 1, ())
    for second in range(-3_000, 30):
        window.take(rows_of([START + second] * 100, [0] * 100))
    kept = [slot for rows in window._ahead for slot in rows.slots.tolist()]
    assert sorted(set(kept)) == list(range(START - 59, START + 30))
    passage = window.move(START, START + 29, 1, [b"10.0.0.7"])
    assert len(passage.new.slots) == 100 * (60 + 29)


HITS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 60)), max_size=80)
FEW = Names(Texts.of([b"a", b"b", b"c", b"d", b"e"]))


def counted(hits: list[tuple[int, int]]) -> Rows:
    ordered = sorted(hits, key=lambda hit: hit[1])
    codes, slots = (np.array(each, np.int64) for each in zip(*ordered, strict=True))
    ones = np.broadcast_to(np.int64(1), slots.shape)
    return Rows(FEW, slots, codes.astype(np.int32), ones, ones - 1)


@settings(max_examples=examples(300))
@given(
    blocks=st.lists(HITS.filter(bool), min_size=1, max_size=3),
    reach=st.integers(1, 20),
    least=st.integers(1, 6),
    wanted=st.sampled_from([(), (b"c",), (b"x", b"a")]),
)
def test_who_has_enough_hits_within_a_window_is_passed_on(
    blocks: list[list[tuple[int, int]]], reach: int, least: int, wanted: tuple[bytes, ...]
) -> None:
    window = RowWindow(reach)
    for block in blocks:
        window.take(counted(block))
    found = [window.move(-1, 30, least, wanted), window.move(30, 60, least, wanted)]
    hits = [hit for block in blocks for hit in block]
    for begin, end, passage in zip((-1, 30), (30, 60), found, strict=True):
        assert passage.subjects[: len(wanted)] == list(wanted)
        for code, name in enumerate(b"abcde"):
            slots = [slot for mine, slot in hits if mine == code and begin - reach < slot <= end]
            ends = range(begin + 1, end + 1)
            most = max(sum(last - reach < slot <= last for slot in slots) for last in ends)
            assert most < least or bytes([name]) in passage.subjects
            if bytes([name]) in passage.subjects:
                number = passage.subjects.index(bytes([name]))
                rows = (passage.old, passage.new)
                assert sum(int((each.numbers == number).sum()) for each in rows) == len(slots)


def test_who_never_has_enough_hits_within_a_window_is_left_out() -> None:
    window = RowWindow(10)
    seldom, often = [(0, 20 * turn) for turn in range(10)], [(1, 20) for _ in range(5)]
    window.take(counted([*seldom, *often]))
    passage = window.move(-1, 200, 5, ())
    assert passage.subjects == [b"b"]
    assert passage.new.numbers.tolist() == [0] * 5


def test_rows_do_not_keep_the_memory_of_their_batch() -> None:
    window = RowWindow(10)
    shared = np.arange(3_000, dtype=np.int64).reshape(3, 1_000)
    ones = np.broadcast_to(np.int64(1), (1_000,))
    window.take(Rows(CLIENTS, shared[0], shared[1].astype(np.int32), ones, ones))
    for column in window._ahead[0][1:3]:
        assert column.base is None


def test_names_that_only_one_batch_has_wait_as_rows_do() -> None:
    hits = rows_of([START] * 10, [0] * 10)
    shared = hits._replace(names=Names(Texts.of([b"10.0.0.1"] * 5_000), shared=True))
    assert shared.weight == 10
    assert hits.weight > 10 + len(CLIENTS)


def test_a_batch_that_waited_leaves_the_names_of_later_ones_known() -> None:
    texts, codes, cache = [b"a", b"b", b"c"], np.arange(2, dtype=np.int32), NamesCache()
    vocabulary = Vocabulary()
    later, waited = (Column(Texts.of(texts[:count]), codes, vocabulary) for count in (3, 2))
    names = cache.of(later)
    assert cache.of(waited) is names
    assert names.of(np.array([0, 2])) == [b"a", b"c"]
    assert len(names) == len(names.groups) == 3

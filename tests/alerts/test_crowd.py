"""The crowd is a bounded list of rows: exact up to its bound, and beyond it knows what it lost."""

from collections import Counter
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation import crowd
from logmon_tui.alerts.evaluation.counter_keys import PARTED, SUMMED, Kind
from logmon_tui.alerts.evaluation.counts import Counts
from logmon_tui.alerts.evaluation.crowd import Crowd, CrowdRows
from logmon_tui.alerts.evaluation.rule_evaluator import RuleEvaluator
from logmon_tui.alerts.model.metric import Metric
from logmon_tui.alerts.model.rule import Rule, Scope
from logmon_tui.native.sketches import Hashes, stable_hashes
from logmon_tui.native.texts import Texts
from logmon_tui.state.records import DamagedError
from logmon_tui.state.rule_slots import _counts, _CountsRecord, _CrowdRecord, _record
from tests.effort import examples

NAMES = range(12)
HASHES = stable_hashes(Texts.of([b"%d" % name for name in NAMES]))
NAME_OF = {int(each): name for name, each in zip(NAMES, HASHES, strict=True)}

Row = tuple[int, int, int, int]  # slot, name, hits, value


def rows_of(rows: list[Row]) -> CrowdRows:
    slots, names, hits, values = np.array(sorted(rows), dtype=np.int64).reshape(-1, 4).T
    return CrowdRows(slots, HASHES[names], hits.astype(np.int32), values)


def listed(rows: CrowdRows) -> list[Row]:
    slots, hashes, hits, values = (column.tolist() for column in rows)
    names = [NAME_OF[each] for each in hashes]
    return sorted(zip(slots, names, hits, values, strict=True))


def some(names: set[int]) -> Hashes:
    return HASHES[sorted(names)]


ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(NAMES), st.integers(1, 4), st.integers(0, 9)),
    max_size=9,
)
STEPS = st.lists(
    st.tuples(
        st.integers(0, 3), ROWS, st.sets(st.sampled_from(NAMES), max_size=3), st.integers(0, 12)
    ),
    min_size=1,
    max_size=15,
)


@pytest.mark.parametrize("by_value", [False, True])
@settings(max_examples=examples(300), deadline=None)
@given(steps=STEPS)
def test_it_is_a_list_of_rows(
    steps: list[tuple[int, list[Row], set[int], int]], *, by_value: bool
) -> None:
    """Rows come in order and late; some subjects are taken out, and old slots are forgotten."""
    here: list[Row] = []
    it = Crowd(valued=True, by_value=by_value, keeps_hits=True)
    now = 100
    with mock.patch.object(crowd, "_BLOCK_ROWS", 8), mock.patch.object(crowd, "_MAX_BLOCKS", 2):
        for step, rows, taken, back in steps:
            now += step
            new = [(now - slot, *rest) for slot, *rest in rows]
            it.add(rows_of(new) if new else crowd.NO_ROWS)
            here += new
            out = [row for row in here if row[1] in taken]
            assert listed(it.take_out(some(taken))) == sorted(out)
            here = [row for row in here if row[1] not in taken and row[0] >= now - back]
            it.forget(now - back)
            scores = Counter[int]()
            for _, name, hits, value in here:
                scores[name] += value if by_value else hits
            assert it.scores(HASHES).tolist() == [scores[name] for name in NAMES]
            assert (it.at_most(HASHES) >= it.scores(HASHES)).all()
            slot = now - back // 2
            assert listed(it.of_slot(slot)) == sorted(row for row in here if row[0] == slot)
    assert not it.losses


@settings(max_examples=examples(300), deadline=None)
@given(steps=st.lists(st.tuples(st.integers(0, 2), ROWS), min_size=1, max_size=30))
def test_nobody_lost_more_than_it_says(steps: list[tuple[int, list[Row]]]) -> None:
    here: list[Row] = []
    it = Crowd(valued=True, by_value=False, keeps_hits=True)
    now = 100
    with mock.patch.object(crowd, "MAX_ROWS", 20):
        for step, rows in steps:
            now += step
            new = [(now - slot, *rest) for slot, *rest in rows]
            it.add(rows_of(new) if new else crowd.NO_ROWS)
            here += new
            assert len(it) <= 20
    for first, last in ((0, now), (now - 3, now), (100, 110)):
        kept, true = Counter[int](), Counter[int]()
        for slot in range(first, last + 1) if first else range(80, now + 1):
            for _, name, hits, _ in listed(it.of_slot(slot)):
                kept[name] += hits
        for slot, name, hits, _ in here:
            true[name] += hits if first <= slot <= last else 0
        lost = it.lost(first, last)
        assert all(true[name] - lost <= kept[name] <= true[name] for name in NAMES)


def test_who_is_louder_than_the_crowd_loses_nothing() -> None:
    it = Crowd(valued=False, by_value=False, keeps_hits=True)
    loud, once = HASHES[:1], stable_hashes(Texts.of(b"%d" % each for each in range(100, 200_100)))
    for second in range(20):
        mine = np.concatenate([loud, once[second * 10_000 : (second + 1) * 10_000]])
        ones = np.ones(len(mine), dtype=np.int32)
        with mock.patch.object(crowd, "MAX_ROWS", 30_000):
            it.add(CrowdRows(np.full(len(mine), second), mine, ones, ones.astype(np.int64)))
    assert it.scores(loud).tolist() == [20]
    assert 0 < it.lost(0, 19) < 20


KEY = RuleEvaluator(
    [Rule(name="r", title="R", metric=Metric.RATE, scope=Scope.CLIENT, critical=1)], 1
).ring.counter_keys()[0]


@pytest.mark.parametrize("values", [[0, 0], [-(2**63), 2**63 - 1]])
def test_rows_are_saved_and_read_as_they_were(values: list[int]) -> None:
    rows = CrowdRows(
        np.zeros(2, dtype=np.int64),
        np.array([1, 2**64 - 1], dtype=np.uint64),
        np.array([1, 2**31 - 1], dtype=np.int32),
        np.array(values, dtype=np.int64),
    )
    again = _counts(_record(KEY, Counts().with_crowd(rows))).crowd
    assert again is not None
    assert [column.tolist() for column in again] == [column.tolist() for column in rows]


@pytest.mark.parametrize(
    "record",
    [
        _CrowdRecord(bytes(9), bytes(4)),
        _CrowdRecord(bytes(8), b"\1\0\0"),
        _CrowdRecord(bytes(8), bytes(4)),
        _CrowdRecord(bytes(8), b"\1\0\0\0", bytes(9)),
    ],
)
def test_damaged_rows_are_refused(record: _CrowdRecord) -> None:
    with pytest.raises(DamagedError):
        _counts(_CountsRecord(KEY, [], [], [], [], [], record))


def test_all_kinds_that_sum_or_part_keep_values() -> None:
    assert {*Kind} - PARTED - SUMMED == {Kind.NOTHING, Kind.UNPARSED, Kind.WAITING}

"""An unparsed line counts in the second of the hit before it, however lines are batched."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.future_gate import PATIENCE, FutureGate, GateState
from tests.effort import examples
from tests.metrics.test_clock import FAR, STEPS
from tests.traffic import START, batch_at, pieces

Line = int | None
"""The second of a hit, or None for an unparsed line."""


def batch_of_lines(lines: Sequence[Line]) -> HitBatch:
    before = accumulate(line is not None for line in lines)
    after = [at for at, line in zip(before, lines, strict=True) if line is None]
    hits = batch_at(*(line for line in lines if line is not None))
    return replace(hits, unparsed_after=np.array(after, dtype=np.int64))


def placed(batches: Sequence[Sequence[Line]], chance: random.Random | None = None) -> Counter[int]:
    """Return the unparsed lines of each second; now and then the gate is saved and restored."""
    gate, found = FutureGate(), Counter[int]()
    for lines in batches:
        gate.sift(batch_of_lines(lines), 0.0)
        found.update(dict(gate.unparsed()))
        if chance is not None and chance.random() < 0.3:
            state = msgspec.msgpack.encode(gate.state(0.0))
            gate = FutureGate()
            gate.restore(msgspec.msgpack.decode(state, type=GateState), 0.0)
    gate.finish()
    return found + Counter(dict(gate.unparsed()))


def mixed(seconds: Sequence[int], chance: random.Random) -> list[Line]:
    """Return hits of these seconds with unparsed lines among them."""
    lines: list[Line] = [None] * chance.choice((0, 0, 3))
    for second in seconds:
        lines += [second, *[None] * chance.choice((0, 0, 0, 1, 2, 30))]
    return lines


@settings(max_examples=examples(100), deadline=None)
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_lines_keep_their_seconds_however_they_are_cut_into_batches(
    steps: list[int], seed: int
) -> None:
    chance = random.Random(seed)
    lines = mixed([START + sum(steps[: end + 1]) for end in range(len(steps))], chance)
    whole = placed([lines])
    assert whole.total() == lines.count(None)
    assert placed([[line] for line in lines]) == whole
    assert placed(list(pieces(lines, chance))) == whole
    assert placed(list(pieces(lines, chance)), chance) == whole


@settings(max_examples=examples(100), deadline=None)
@given(
    gaps=st.lists(st.sampled_from((0, 0, 1, 30, 61, 120, 9_000)), max_size=60),
    seed=st.integers(0, 2**32),
)
def test_a_line_is_of_the_second_of_the_hit_before_it_however_sparse_the_log(
    gaps: list[int], seed: int
) -> None:
    chance = random.Random(seed)
    lines = mixed([START, *(START + sum(gaps[: end + 1]) for end in range(len(gaps)))], chance)
    expected, second = Counter[int](), START
    for line in lines:
        second = second if line is None else line
        expected[second] += line is None
    assert placed(list(pieces(lines, chance))) == +expected


def test_a_late_hit_takes_the_lines_behind_it_not_back() -> None:
    assert placed([[START + 30] * 10, [START], [None]]) == {START + 30: 1}


def test_lines_behind_a_hit_of_the_far_future_are_of_the_time_without_it() -> None:
    lines: list[Line] = [*range(START, START + 20), FAR, None, None, *[START + 20] * 20]
    assert placed([lines]) == placed([[line] for line in lines]) == {START + 20: 2}
    assert placed([lines[:23]]) == {START + 19: 2}  # the log ends there


@pytest.mark.parametrize("wrong", [[], [FAR]])
def test_lines_before_the_first_credible_hit_are_of_its_second(wrong: list[Line]) -> None:
    lines: list[Line] = [None, *wrong, *range(START, START + 12)]
    assert placed([[None], lines]) == {START: 2}


def test_while_no_hit_comes_the_clock_tells() -> None:
    gate = FutureGate()
    gate.sift(batch_at(*[START] * 10, FAR), 0.0)
    gate.sift(batch_of_lines([None] * 3), 60.0, START + 60.5)
    assert gate.unparsed() == [(START + 60, 3)]
    # Lines between two hits count in the second of the first.
    gate.sift(batch_of_lines([None, START + 80, None, START + 90, None]), 99.0, START + 99.0)
    assert gate.unparsed() == [(START + 80, 2), (START + 90, 1)]


def test_lines_before_a_few_first_hits_are_told_once_those_are_believed() -> None:
    gate = FutureGate()
    gate.sift(batch_of_lines([None, START, None]), 0.0)
    gate.sift(batch_of_lines([None]), 0.0)
    assert gate.unparsed() == []
    gate.release(PATIENCE, START)
    assert gate.unparsed() == [(START, 3)]

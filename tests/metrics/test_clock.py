"""The log clock never goes back. The gate lets gaps pass, but no lone line from the future."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.formats.model.hit_batch import HitBatch
from logmon_tui.metrics.clock import LogClock
from logmon_tui.metrics.future_gate import JUMP, PATIENCE, RECENT_LINES, FutureGate
from tests.effort import examples
from tests.traffic import START, batch_at, traffic_of

DAY = 86_400
FAR = START + 400 * DAY

# Steps from line to line: forwards, a little late, gaps, and the far future.
STEPS = st.lists(
    st.sampled_from((0, 0, 0, 1, 1, 5, -1, -7, -60, 59, 60, 61, 120, 3_600, 40 * DAY, -40 * DAY)),
    min_size=1,
    max_size=60,
)


def passed(batches: Iterable[HitBatch]) -> list[int]:
    return [int(second) for batch in batches for second in batch.seconds]


def sifted(seconds: Sequence[int], cuts: Sequence[int]) -> tuple[Counter[int], int | None, int]:
    """Return the accepted seconds, the newest, and how many were not believed."""
    gate = FutureGate()
    accepted: list[int] = []
    bounds = [0, *sorted({cut % len(seconds) for cut in cuts}), len(seconds)]
    for start, end in pairwise(bounds):
        accepted += passed(gate.sift(batch_at(*seconds[start:end]), 0.0))
    accepted += passed(gate.finish())
    return Counter(accepted), gate.newest, gate.future


@settings(max_examples=examples(300), deadline=None)
@given(steps=STEPS, cuts=st.lists(st.integers(0, 1_000), max_size=20))
@example(steps=[40 * DAY, -40 * DAY, 1, 1], cuts=[1])  # the first line is the wrong one
@example(steps=[0, 61, 61, 61, 61, 61, 61, 61], cuts=[1, 2, 3, 4, 5, 6, 7])
def test_how_lines_are_cut_into_batches_does_not_matter(steps: list[int], cuts: list[int]) -> None:
    seconds = [START + sum(steps[: end + 1]) for end in range(len(steps))]
    whole = sifted(seconds, [])
    assert sifted(seconds, cuts) == whole
    assert sifted(seconds, range(len(seconds))) == whole
    accepted, _, future = whole
    assert accepted.total() + future == len(seconds)
    assert accepted <= Counter(seconds)


@pytest.mark.parametrize("cut", range(1, 20))
def test_hits_that_waited_come_where_they_are_believed_in_any_cut(cut: int) -> None:
    seconds = [*[START] * 10, *[START + 1_000] * 5, START, *[START + 1_000] * 4]
    gate = FutureGate()
    batches = gate.sift(batch_at(*seconds[:cut]), 0.0) + gate.sift(batch_at(*seconds[cut:]), 0.0)
    assert passed(batches) == sorted(seconds)


@pytest.mark.parametrize("cut", [1, 3, 1_000])
@pytest.mark.parametrize("position", [0, 1, 5, 9, 50])
def test_one_line_from_the_far_future_is_left_out_wherever_it_stands(
    position: int, cut: int
) -> None:
    seconds = [START + number // 3 for number in range(100)]
    seconds.insert(position, FAR)
    accepted, newest, future = sifted(seconds, range(0, 101, cut))
    assert accepted == Counter(seconds) - Counter([FAR])
    assert newest == START + 33
    assert future == 1


def test_a_line_from_the_future_is_counted_at_once_and_moves_nothing() -> None:
    gate = FutureGate()
    gate.sift(batch_at(*[START] * 20), 0.0)
    assert passed(gate.sift(batch_at(FAR), 1.0)) == []
    assert (gate.future, gate.newest) == (1, START)
    assert passed(gate.sift(batch_at(START + 1), 1.5)) == [START + 1]
    assert passed(gate.release(100.0, START + 100)) == []
    assert (gate.future, gate.newest) == (1, START + 1)


def test_wrong_lines_now_and_then_never_add_up_to_company() -> None:
    seconds = [FAR if number % 3 == 2 else START + number for number in range(600)]
    accepted, newest, future = sifted(seconds, range(0, 600, 7))
    assert future == 200
    assert newest == START + 598 - (598 % 3 == 2)
    assert accepted == Counter(second for second in seconds if second != FAR)


@pytest.mark.parametrize("gap", [JUMP + 1, 3_600, 5 * DAY, 900 * DAY])
def test_a_log_goes_on_after_a_gap_and_loses_no_line(gap: int) -> None:
    gate = FutureGate()
    before = [START + number for number in range(30)]
    after = [START + 30 + gap + number for number in range(RECENT_LINES)]
    accepted = passed(gate.sift(batch_at(*before), 0.0))
    for second in after:
        accepted += passed(gate.sift(batch_at(second), 1.0))
    assert accepted == before + after
    assert gate.newest == after[-1]
    assert gate.future == 0


def test_after_a_gap_many_lines_are_believed_at_once() -> None:
    gate = FutureGate()
    gate.sift(batch_at(*[START] * 30), 0.0)
    assert len(passed(gate.sift(batch_at(*[START + 7_200] * 25), 5.0))) == 25


@settings(max_examples=examples(60), deadline=None)
@given(
    gaps=st.lists(st.sampled_from((0, 1, 30, 60, 61, 120, 121, 900, 3_600, 9_000)), max_size=80),
    cuts=st.lists(st.integers(0, 1_000), max_size=10),
)
def test_lines_in_order_are_never_lost_however_sparse(gaps: list[int], cuts: list[int]) -> None:
    seconds = [START, *(START + sum(gaps[: end + 1]) for end in range(len(gaps)))]
    accepted, newest, future = sifted(seconds, cuts)
    assert accepted == Counter(seconds)
    assert (newest, future) == (seconds[-1], 0)


def test_a_log_of_a_line_every_two_minutes_is_followed_live_without_delay() -> None:
    gate, clock = FutureGate(), LogClock()
    for number in range(30):
        second, now = START + 120 * number, 500.0 + 120 * number
        found = passed(gate.sift(batch_at(second), now, clock.now(now)))
        if number == 0:
            found += passed(gate.release(now + PATIENCE, second + PATIENCE))
        assert found == [second]
        assert gate.newest is not None
        clock.observe(gate.newest, now)


def test_a_lone_line_after_a_long_gap_waits_for_the_wall_clock_to_vouch_for_it() -> None:
    gate = FutureGate()
    gate.sift(batch_at(*[START] * 20), 0.0)
    later = START + 7_200
    assert passed(gate.sift(batch_at(later), 10.0)) == []
    assert passed(gate.release(10.0 + PATIENCE / 2, later)) == []
    assert passed(gate.release(10.0 + PATIENCE, later - 3_600)) == []
    assert passed(gate.release(10.0 + PATIENCE, later)) == [later]
    assert (gate.newest, gate.future) == (later, 0)


def test_the_first_lines_wait_for_each_other_but_not_for_long() -> None:
    gate = FutureGate()
    assert passed(gate.sift(batch_at(START, START + 1), 100.0)) == []
    assert gate.newest is None
    assert passed(gate.sift(batch_at(START + 1), 101.5)) == []
    assert passed(gate.release(100.0 + PATIENCE / 2, START)) == []
    assert passed(gate.release(100.0 + PATIENCE, START)) == [START, START + 1, START + 1]
    assert gate.newest == START + 1
    assert passed(gate.sift(batch_at(START + 2), 103.0)) == [START + 2]


def test_late_lines_pass_in_their_own_second() -> None:
    gate = FutureGate()
    gate.sift(batch_at(*[START] * 10), 0.0)
    assert passed(gate.sift(batch_at(START - 60, START + 1, START - 59), 0.0)) == [
        START - 60,
        START + 1,
        START - 59,
    ]
    assert gate.newest == START + 1


def test_a_real_log_in_any_cut_is_accepted_whole() -> None:
    chance = random.Random(11)
    hits = traffic_of([(0, 20, 5, 0, 0), (3_600, 3, 1, 0, 0), (61, 20, 12, 0, 0)], seed=2)
    seconds = [each.second for each in hits]
    for _ in range(10):
        cuts = chance.sample(range(len(seconds)), 20)
        assert sifted(seconds, cuts)[0] == Counter(seconds)


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 50), st.one_of(st.none(), st.integers(-100, 100))), max_size=40)
)
def test_the_clock_never_goes_back(steps: list[tuple[float, int | None]]) -> None:
    clock, now, second, before = LogClock(), 1_000.0, START, 0.0
    for wait, change in steps:
        now += wait
        if change is not None:
            second += change
            clock.observe(second, now)
        assert clock.now(now) >= before
        if clock.newest is not None:
            assert clock.now(now) >= clock.newest
        before = clock.now(now)


def test_the_clock_goes_on_while_no_line_comes() -> None:
    clock = LogClock()
    assert clock.now(5.0) == 0.0
    clock.observe(START, 5.0)
    assert clock.now(5.0) == START
    assert clock.now(65.5) == START + 60.5
    clock.observe(START - 10, 66.0)
    assert clock.now(66.0) == START + 61


@pytest.mark.parametrize("lines", [2, 5, 10])
def test_a_log_too_short_for_a_majority_ends_with_its_last_line_however_long_the_gap(
    lines: int,
) -> None:
    seconds = [*(START + number for number in range(lines - 1)), FAR]
    accepted, newest, future = sifted(seconds, [1])
    assert (accepted, newest, future) == (Counter(seconds), FAR, 0)

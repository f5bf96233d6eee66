from hypothesis import given, settings
from hypothesis import strategies as st

from logmon_tui.fleet.ranges import MAX_GAPS, Ranges
from tests.effort import examples


def test_what_follows_makes_one_stretch() -> None:
    counted = Ranges()
    assert [counted.add(start, start + 10) for start in (0, 10, 20)] == [True] * 3
    assert counted.stretches == ((0, 30),)


def test_what_was_counted_does_not_count_again() -> None:
    counted = Ranges([(0, 30)])
    assert not counted.add(10, 20)
    assert not counted.add(20, 40)
    assert not counted.add(0, 30)
    assert counted.stretches == ((0, 30),)


def test_a_message_that_comes_late_fills_its_gap() -> None:
    counted = Ranges()
    assert counted.add(0, 10)
    assert counted.add(20, 30)
    assert counted.add(10, 20)
    assert counted.stretches == ((0, 30),)


def test_gaps_are_bounded() -> None:
    counted = Ranges()
    assert all(counted.add(start, start + 1) for start in range(0, 1_000, 2))
    assert len(counted.stretches) == MAX_GAPS
    assert counted.end == 999
    assert not any(counted.add(start, start + 1) for start in range(800))


@settings(max_examples=examples(200))
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=30).flatmap(
        lambda lengths: st.tuples(
            st.just(lengths), st.lists(st.integers(0, len(lengths) - 1), max_size=80)
        )
    )
)
def test_each_chunk_counts_once_in_any_order(case: tuple[list[int], list[int]]) -> None:
    lengths, order = case
    counted, seen = Ranges(), set()
    for chunk in order:
        start = sum(lengths[:chunk])
        assert counted.add(start, start + lengths[chunk]) is (chunk not in seen)
        seen.add(chunk)
        again = Ranges(counted.stretches)
        assert again.stretches == counted.stretches

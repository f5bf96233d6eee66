"""A ranking finds the least rank of many that change, and does not grow by the changes."""

from hypothesis import given
from hypothesis import strategies as st

from logmon_tui.alerts.evaluation.ranking import Ranking

NAMES = st.sampled_from([b"a", b"b", b"c", b"d", None])
CHANGES = st.lists(st.tuples(NAMES, st.sampled_from(["put", "discard", "pop"]), st.integers(0, 4)))


@given(CHANGES)
def test_the_least_rank_comes_first(changes: list[tuple[bytes | None, str, int]]) -> None:
    ranking, expected = Ranking(), dict[bytes | None, tuple[float, bytes]]()
    for name, change, value in changes:
        if change == "put":
            expected[name] = (value, name or b"")
            ranking.put(name, expected[name])
        elif change == "discard":
            expected.pop(name, None)
            ranking.discard(name)
        elif expected:
            first = min(expected, key=expected.__getitem__)
            assert ranking.pop() == first
            del expected[first]
        assert ranking.least() == min(expected.values(), default=None)
        assert len(ranking) == len(expected)
        assert (name in ranking) is (name in expected)


def test_a_rank_that_changes_often_takes_no_more_room() -> None:
    ranking = Ranking()
    for value in range(100_000):
        ranking.put(b"%d" % (value % 10), (-value, b""))

    assert len(ranking._heap) < 200
    assert ranking.least() == (-99_999, b"")

"""Tallies of numbers: the library and numpy give the same."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logmon_tui.native import tallies
from logmon_tui.native.library import is_native
from logmon_tui.native.tallies import tallied
from tests.effort import examples

NATIVE = pytest.mark.skipif(not is_native(), reason="the scanner was not compiled")
NUMBERS = st.one_of(st.integers(0, 20), st.integers(-(2**63), 2**63 - 1))


@pytest.fixture(params=[pytest.param(True, marks=NATIVE), False], ids=["library", "python"])
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the library does it."""
    monkeypatch.setattr(tallies, "is_native", lambda: request.param)
    return bool(request.param)


@pytest.mark.usefixtures("native")
@settings(max_examples=examples(200), deadline=None)
@given(rows=st.lists(st.tuples(NUMBERS, st.integers(-9, 2**40)), max_size=60))
@example(rows=[])
@example(rows=[(5, 1)])
def test_each_number_is_counted_and_weighed(rows: list[tuple[int, int]]) -> None:
    numbers, weights = (np.array([row[at] for row in rows], dtype=np.int64) for at in (0, 1))
    hits, sums = Counter(numbers.tolist()), Counter[int]()
    for number, weight in rows:
        sums[number] += weight
    for expected, given_weights in ((hits, None), (sums, weights)):
        found, counts = tallied(numbers, given_weights)
        assert found.tolist() == sorted(expected)
        assert counts.tolist() == [expected[number] for number in sorted(expected)]


@pytest.mark.usefixtures("native")
def test_columns_in_pieces_are_tallied() -> None:
    numbers = np.repeat(np.arange(200, dtype=np.int64), 3).reshape(200, 3)[:, 1]
    found, counts = tallied(numbers, numbers)
    assert found.tolist() == counts.tolist() == list(range(200))


def test_weights_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"length|broadcast"):
        tallied(np.arange(3), np.arange(2))
